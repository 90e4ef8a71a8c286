"""The full text's own tokenizer, for queries and for marking matched words.

FTS5 does not say how it splits and stems a text, so a private in-memory table is asked: exact by construction.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

TOKENIZE = "porter unicode61 remove_diacritics 2"  # as in migrations.m003_chunks_and_full_text
MARK_START, MARK_END = "\ue000", "\ue001"  # private-use characters: no text that people write holds them


# What unicode61 takes for a word: letters and digits of any script, with the accents that combine with them.
WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_WORDS_APART = re.compile(f"({WORD.pattern})")  # what it splits alternates: between words, word, between words, ...
# Words whose stems are kept, about 20 MB: a look-up in SQLite takes a thousand times as long as one in memory, and the
# other threads of the process wait for Python each time that it ends.
KNOWN_WORDS = 100_000
LONGEST_KNOWN = 40  # characters; what is longer is no word that comes again
SURE_LETTERS = 3  # at the beginning of a stem; its last two may stand for other letters of the word

Stems = tuple[str, ...]  # of one word: nearly always one


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
        self._known: dict[str, Stems] = {}

    def terms(self, text: str) -> list[Term]:
        """The terms of a text in order, repeated ones included."""
        words = WORD.findall(_storable(text))
        stems = self._stems(words)
        return [Term(word, stem) for word in words for stem in stems[word]]

    @lru_cache(maxsize=20_000)  # noqa: B019  there is one tokenizer a process
    def stem(self, word: str) -> str:
        """The stem of a single word; the word itself where the full text takes it for none."""
        return next((term.stem for term in self.terms(word)), word)

    def mark(self, texts: Sequence[str], phrases: Iterable[str]) -> list[str]:
        """The texts with the words between MARK_START and MARK_END that full text finds for any of the phrases.

        A phrase of several words is marked where they stand in a row; what overlaps is marked as one.
        """
        wanted = [WORD.findall(_storable(phrase)) for phrase in phrases]
        split = [_WORDS_APART.split(_storable(text)) for text in texts]
        stems = self._stems(word for words in wanted for word in words)
        alike = _alike(stems.values())
        stems |= self._stems(word for parts in split for word in dict.fromkeys(parts[1::2]) if alike(word))
        opened_by: dict[Stems, list[list[Stems]]] = defaultdict(list)
        for words in wanted:
            if words and all(stems[word] for word in words):
                opened_by[stems[words[0]]].append([stems[word] for word in words])
        for parts in split:
            words = parts[1::2]
            for first, end in _runs([stems.get(word, ()) for word in words], opened_by):
                parts[2 * first + 1] = MARK_START + parts[2 * first + 1]
                parts[2 * end - 1] += MARK_END
        return ["".join(parts) for parts in split]

    def _stems(self, words: Iterable[str]) -> dict[str, Stems]:
        """The stems of each different word."""
        known = self._known
        different = dict.fromkeys(words)
        new = [word for word in different if word not in known]
        looked_up = self._looked_up(new) if new else {}
        stems = {word: looked_up[word] if word in looked_up else known[word] for word in different}
        if len(known) + len(new) > KNOWN_WORDS:
            self._known = known = {}  # a new one: other threads go on to read theirs
        known.update({word: found for word, found in looked_up.items() if len(word) <= LONGEST_KNOWN})
        return stems

    def _looked_up(self, words: Sequence[str]) -> dict[str, Stems]:
        with self._lock:
            self._db.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(words))
            try:
                rows = self._db.execute("SELECT doc, term FROM terms ORDER BY doc, offset").fetchall()
            finally:
                self._db.execute("DELETE FROM texts")
        stems: dict[str, Stems] = dict.fromkeys(words, ())
        for place, stem in rows:
            stems[words[place]] += (stem,)
        return stems


def _alike(wanted: Iterable[Stems]) -> Callable[[str], bool]:
    """Whether a word may have one of these stems, which saves the others the look-up: nearly all.

    Porter's stemmer changes the ends of words only, and folding changes no more than the case of ASCII letters.
    """
    beginnings = tuple({stem[: max(1, min(SURE_LETTERS, len(stem) - 2))] for stems in wanted for stem in stems})
    return lambda word: not word.isascii() or word.lower().startswith(beginnings)


def _runs(text: Sequence[Stems], opened_by: Mapping[Stems, Sequence[Sequence[Stems]]]) -> list[tuple[int, int]]:
    """Where in a text phrases stand, as places of its words: the first, and the one after the last."""
    runs: list[tuple[int, int]] = []
    for first, stems in enumerate(text):
        if stems not in opened_by:
            continue
        ends = [first + len(phrase) for phrase in opened_by[stems] if text[first : first + len(phrase)] == phrase]
        if ends and runs and first < runs[-1][1]:
            runs[-1] = runs[-1][0], max(*ends, runs[-1][1])
        elif ends:
            runs.append((first, max(ends)))
    return runs


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """The tokenizer of this process, for all its threads."""
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
