"""The vectors of all chunks in memory, and whose chunks they are, kept in step with the store by its change log."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from index.embedder import Embeddings
from index.vectors import Ids, VectorIndex, at, grown
from kb.store import chunks
from kb.store.chunks import IndexState
from kb.store.db import Connection


class Mirrored:
    """The vectors of one model by chunk, and each page's mean. Safe to use from several threads."""

    def __init__(self, model: str, dimensions: int) -> None:
        self.model = model
        self.vectors = VectorIndex(dimensions)
        self._page_of = np.zeros(0, dtype=np.int64)  # by chunk id; 0 for an unknown one
        self._chunks_of: dict[int, set[int]] = defaultdict(set)
        self._means: dict[int, Embeddings] = {}  # of the pages that were asked for, until a chunk of theirs changes
        self._lock = threading.Lock()

    def replace(self, ids: Ids, page_ids: Sequence[int], embeddings: Embeddings) -> None:
        """Add chunks, or replace what they had.

        :param embeddings: float32 (n, dimensions), unit length.
        """
        self.vectors.replace(ids, embeddings)
        with self._lock:
            self._page_of = grown(self._page_of, int(ids.max()))
            self._page_of[ids] = page_ids
            for chunk, page in zip(ids.tolist(), page_ids, strict=True):
                self._chunks_of[page].add(chunk)
                self._means.pop(page, None)

    def remove(self, ids: Ids) -> None:
        """Forget these chunks; unknown ones are ignored."""
        self.vectors.remove(ids)
        with self._lock:
            known = ids[at(self._page_of, ids) > 0]
            for chunk, page in zip(known.tolist(), self._page_of[known].tolist(), strict=True):
                self._chunks_of[page].discard(chunk)
                self._means.pop(page, None)
            self._page_of[known] = 0

    def pages_of(self, ids: Ids) -> Ids:
        """The page of each chunk; 0 for an unknown one."""
        return at(self._page_of, ids)

    def page_cosines(self, query: Embeddings, page_ids: Sequence[int]) -> dict[int, float]:
        """The mean cosine of the query with each page's chunks; unknown pages are left out."""
        means = {page: mean for page in page_ids if (mean := self._mean(page)) is not None}
        return {page: float(mean @ query) for page, mean in means.items()}

    def _mean(self, page: int) -> Embeddings | None:
        with self._lock:
            held = self._means.get(page)
            ids = sorted(self._chunks_of.get(page, ())) if held is None else []
        if held is not None or not ids:
            return held
        embeddings, known = self.vectors.embeddings(np.array(ids, dtype=np.int64))
        if not known.any():
            return None
        mean: Embeddings = embeddings[known].mean(axis=0)
        with self._lock:
            if ids == sorted(self._chunks_of.get(page, ())):  # nobody changed it meanwhile
                self._means[page] = mean
        return mean


class VectorMirror:
    """One per process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._mirrored: Mirrored | None = None
        self._epoch = -1
        self._generation = -1
        self._catching_up = threading.Lock()

    def caught_up(self, db: Connection, state: IndexState) -> Mirrored | None:
        """The vectors as of the transaction's generation: what changed is applied, after a switch all are loaded.

        Another thread may be ahead of this transaction; then the vectors are newer, and an id that the transaction
        does not know is to be ignored.

        :return: None while no chunk has an embedding.
        """
        with self._catching_up:
            if state.epoch > self._epoch:
                self._load(db, state)
            elif state.epoch == self._epoch and state.generation > self._generation:
                self._apply_changes(db, state)
            return self._mirrored

    def _load(self, db: Connection, state: IndexState) -> None:
        ids, page_ids, embeddings = chunks.all_embeddings(db)
        self._mirrored = None
        if len(ids):
            # New beside the old one: searches under way keep theirs.
            self._mirrored = Mirrored(state.model, embeddings.shape[1])
            self._mirrored.replace(ids, page_ids, embeddings)
        self._epoch, self._generation = state.epoch, state.generation

    def _apply_changes(self, db: Connection, state: IndexState) -> None:
        if self._mirrored is None:
            return self._load(db, state)
        changed, gone = chunks.changes_since(db, self._generation)
        self._mirrored.remove(np.array(gone, dtype=np.int64))
        if changed:
            ids, embeddings = chunks.to_matrix([(chunk, blob) for chunk, _, blob in changed])
            self._mirrored.replace(ids, [page for _, page, _ in changed], embeddings)
        self._generation = state.generation
        return None
