"""The vectors of all chunks in memory, kept in step with the store by its change log."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from index.vectors import VectorIndex
from kb.store import chunks
from kb.store.chunks import IndexState
from kb.store.db import Connection


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The vectors, and the model that they are of."""

    vectors: VectorIndex
    model: str


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
        ids, embeddings = chunks.all_embeddings(db)
        self._mirrored = None
        if len(ids):
            # A new index beside the old one: searches under way keep theirs.
            vectors = VectorIndex(embeddings.shape[1])
            vectors.replace(ids, embeddings)
            self._mirrored = Mirrored(vectors, state.model)
        self._epoch, self._generation = state.epoch, state.generation

    def _apply_changes(self, db: Connection, state: IndexState) -> None:
        if self._mirrored is None:
            return self._load(db, state)
        changed, gone = chunks.changes_since(db, self._generation)
        self._mirrored.vectors.remove(np.array(gone, dtype=np.int64))
        if changed:
            self._mirrored.vectors.replace(*chunks.to_matrix(changed))
        self._generation = state.generation
        return None
