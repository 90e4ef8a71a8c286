"""The full text's own tokenizer, for queries and for marking matched words.

FTS5 does not say how it splits and stems a text, so a private in-memory table is asked: exact by construction.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

TOKENIZE = "porter unicode61 remove_diacritics 2"  # as in migrations.m003_chunks_and_full_text
MARK_START, MARK_END = "\ue000", "\ue001"  # private-use characters: no text that people write holds them


# What unicode61 takes for a word: letters and digits of any script, with the accents that combine with them.
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text and the stem under which the full text knows it."""

    word: str
    stem: str


class Tokenizer:
    """Splits, folds and stems as ``chunks_fts`` does. Safe to use from several threads."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{TOKENIZE}')")
        self._db.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(texts, instance)")
        self._lock = threading.Lock()

    def terms(self, text: str) -> list[Term]:
        """The terms of a text in order, repeated ones included."""
        words = WORD.findall(_storable(text))
        with self._lock:
            self._db.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(words))
            try:
                rows = self._db.execute("SELECT doc, term FROM terms ORDER BY doc, offset").fetchall()
            finally:
                self._db.execute("DELETE FROM texts")
        return [Term(words[place], stem) for place, stem in rows]

    @lru_cache(maxsize=20_000)  # noqa: B019  there is one tokenizer a process
    def stem(self, word: str) -> str:
        """The stem of a single word; the word itself where the full text takes it for none."""
        return next((term.stem for term in self.terms(word)), word)

    def mark(self, texts: Iterable[str], match: str) -> list[str]:
        """The texts with every word that ``match`` (an FTS5 expression) finds between MARK_START and MARK_END."""
        texts = [_storable(text) for text in texts]
        if not match:
            return texts
        with self._lock:
            self._db.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(texts))
            try:
                rows = self._db.execute(
                    "SELECT rowid, highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?",
                    [MARK_START, MARK_END, match],
                )
                marked = dict(rows.fetchall())
            finally:
                self._db.execute("DELETE FROM texts")
        return [marked.get(place, text) for place, text in enumerate(texts)]


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """The tokenizer of this process: it has no state but its lock."""
    return Tokenizer()


def stemmed(text: str) -> str:
    """The stems of a text's words in a row: two texts with the same ones are the same to the full text."""
    return " ".join(term.stem for term in tokenizer().terms(text))


def match_any(words: Iterable[str]) -> str:
    """The FTS5 expression that finds any of the words; each is quoted, so none is ever read as syntax."""
    return " OR ".join('"' + word.replace('"', '""') + '"' for word in words)


def match_phrases(phrases: Iterable[str], columns: str) -> str:
    """The FTS5 expression that finds any of the phrases, each as words in a row.

    :param columns: those of ``chunks_fts`` to look into, as FTS5 writes them: "{title text}".
    :return: empty where no phrase has a word, since that would match nothing.
    """
    told = [_storable(phrase) for phrase in phrases if tokenizer().terms(phrase)]
    return f"{columns} : ({match_any(told)})" if told else ""


def _storable(text: str) -> str:
    # A lone surrogate cannot be stored as UTF-8, and SQLite's tokenizer ends a text at NUL.
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
