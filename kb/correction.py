"""A query -> the same query with its misspelt words corrected to words of the corpus."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Collection

from index.embedder import ModelSpec, token_counter
from kb.spelling import Vocabulary, in_the_case_of, is_correctable
from kb.store import chunks, words
from kb.store.db import Connection, Store
from kb.store.fulltext import WORD
from kb.store.visible import Visible, count_written, is_found
from kb.text import STOP_WORDS

MAX_CORRECTED = 8  # words of one query: a text in another language is not misspelt
LOAD_WHILE_ASKED_S = 0.1  # a vocabulary that takes longer to load is loaded beside the searches, which use the old one
LOAD_SHARE = 0.05  # of one core at most is spent on loading
CHUNKS_A_TYPO = 5_000  # a large corpus holds misspelt words too: for each of so many chunks, ask for one more
COUNT_TO = 10_001  # chunks; a count goes no further
MOST_ENOUGH = 5  # chunks that a word must stand in at most

# What stands between blanks and holds one of these is an address, a path, a name of a file or a code, or part of one.
_NOT_PROSE = re.compile(r"[\d@/\\_=]|\w\.\w")


class Speller:
    """Corrects queries with the corpus's own words. One per process; safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._vocabulary = Vocabulary(())
        self._state: tuple[int, int] | None = None
        self._loaded_at = 0.0
        self._load_s = 0.0
        self._loading = threading.Lock()

    def corrected(self, db: Connection, query: str, seen: Visible, known: Collection[str] = ()) -> str | None:
        """The query with its misspelt words corrected; None where there are none.

        A word is misspelt when no chunk in ``seen`` holds its stem, the embedding model does not know it as a word
        either, and a near word stands in enough chunks in ``seen``.

        :param known: casefolded words that are not to be corrected.
        """
        better: dict[str, str] = {}
        for word in _correctable_words(query):
            if word.casefold() in known or is_found(db, word, seen) or len(better) == MAX_CORRECTED:
                continue
            near = self._nearest(db, word, seen)
            if near is not None:
                better[word] = in_the_case_of(word, near)
        if not better:
            return None
        return WORD.sub(lambda found: better.get(found.group(), found.group()), query)

    def vocabulary(self, db: Connection) -> Vocabulary:
        """The corpus's words, loaded anew when some may have been added.

        Where loading takes long the present one is given meanwhile: it lacks the newest words, and of those that are
        gone none is suggested, because each is looked up before.
        """
        state = words.state(db)
        if state == self._state:
            return self._vocabulary
        if self._load_s <= LOAD_WHILE_ASKED_S:
            with self._loading:
                if state != self._state:
                    self._load(db)
        elif time.monotonic() - self._loaded_at > self._load_s / LOAD_SHARE and self._loading.acquire(blocking=False):
            threading.Thread(target=self._load_aside, name="vocabulary", daemon=True).start()
        return self._vocabulary

    def warm_up(self, db: Connection) -> None:
        """Load the vocabulary now, so that the first misspelt query need not."""
        with self._loading:
            self._load(db)

    def _nearest(self, db: Connection, word: str, seen: Visible) -> str | None:
        if token_counter(_model_name(db))(word) == 1:
            return None  # the model knows it: what it means is found, though in other words
        enough = _enough(seen.total)
        visible = None if seen.everything else lambda near: count_written(db, near, seen, COUNT_TO)
        found = self.vocabulary(db).near(word, enough, visible)
        # The vocabulary may be older: a word of it may be gone.
        return next((near.word for near in found if count_written(db, near.word, seen, enough) >= enough), None)

    def _load_aside(self) -> None:
        try:
            with self._store.reading() as db:
                self._load(db)
        finally:
            self._loading.release()

    def _load(self, db: Connection) -> None:
        started = time.monotonic()
        state = words.state(db)
        self._vocabulary = Vocabulary(words.vocabulary(db))
        self._state = state
        self._loaded_at = time.monotonic()
        self._load_s = self._loaded_at - started


def _correctable_words(query: str) -> list[str]:
    """The different words of a query that may be misspelt, in order."""
    prose = " ".join(part for part in query.split() if not _NOT_PROSE.search(part))
    found = dict.fromkeys(WORD.findall(prose))
    return [word for word in found if is_correctable(word) and word.casefold() not in STOP_WORDS]


def _enough(total: int) -> int:
    """In how many chunks a word must stand to be suggested."""
    return min(1 + total // CHUNKS_A_TYPO, MOST_ENOUGH)


def _model_name(db: Connection) -> str:
    model = chunks.index_state(db).model
    return ModelSpec.from_json(model).name if model else ModelSpec().name
