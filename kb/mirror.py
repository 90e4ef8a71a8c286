"""Where all chunks are, and their vectors, in memory: kept in step with the store by its change log."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from index.embedder import Embeddings
from index.vectors import Ids, VectorIndex, at, grown
from kb.store import access, chunks
from kb.store.chunks import IndexState, PlacedChunk
from kb.store.db import Connection
from kb.store.scope import Scope, chunks_with_phrases, page_ids
from kb.store.visible import Mask, Visible, hidden_one_by_one


class Places:
    """The page and the space of each chunk, embedded or not. Safe to use from several threads."""

    def __init__(self) -> None:
        self._page_of = np.zeros(0, dtype=np.int64)  # by chunk id; 0 for an unknown one
        self._space_of = np.zeros(0, dtype=np.int64)
        self._chunks_of: dict[int, set[int]] = defaultdict(set)
        self._lock = threading.Lock()

    def put(self, placed: Sequence[PlacedChunk]) -> None:
        """Add chunks, or say anew where they are."""
        if not placed:
            return
        ids = np.array([chunk.id for chunk in placed], dtype=np.int64)
        with self._lock:
            self._page_of = grown(self._page_of, int(ids.max()))
            self._space_of = grown(self._space_of, int(ids.max()))
            self._page_of[ids] = [chunk.page_id for chunk in placed]
            self._space_of[ids] = [chunk.space_id for chunk in placed]
            for chunk in placed:
                self._chunks_of[chunk.page_id].add(chunk.id)

    def remove(self, ids: Ids) -> None:
        """Forget these chunks; unknown ones are ignored."""
        with self._lock:
            known = ids[at(self._page_of, ids) > 0]
            for chunk, page in zip(known.tolist(), self._page_of[known].tolist(), strict=True):
                self._chunks_of[page].discard(chunk)
            self._page_of[known] = self._space_of[known] = 0

    def pages_of(self, ids: Ids) -> Ids:
        """The page of each chunk; 0 for an unknown one."""
        return at(self._page_of, ids)

    def chunks_of(self, page: int) -> list[int]:
        """The chunks of a page."""
        with self._lock:
            return sorted(self._chunks_of.get(page, ()))

    def in_spaces(self, spaces: Iterable[int]) -> Mask:
        """The chunks in any of these spaces."""
        return self._among(self._space_of, spaces)

    def of_pages(self, pages: Iterable[int]) -> Mask:
        """The chunks of any of these pages."""
        return self._among(self._page_of, pages)

    def known(self) -> int:
        """How many chunks there are."""
        with self._lock:
            return int(np.count_nonzero(self._page_of))

    def _among(self, values: Ids, wanted: Iterable[int]) -> Mask:
        chosen = np.array(list(wanted), dtype=np.int64)
        with self._lock:
            largest = max(int(values.max(initial=0)), int(chosen.max(initial=0)))
            is_wanted = np.zeros(largest + 1, dtype=np.bool_)
            is_wanted[chosen] = True
            is_wanted[0] = False  # which unknown chunks have
            mask: Mask = is_wanted[values]
            return mask


class Mirrored:
    """The chunks of one epoch: where they are, and the vectors that one model gave them."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.places = Places()
        self.vectors: VectorIndex | None = None  # None while no chunk has an embedding
        self._means: dict[int, Embeddings] = {}  # of the pages that were asked for, until a chunk of theirs changes
        self._lock = threading.Lock()

    def put(self, placed: Sequence[PlacedChunk]) -> None:
        """Add chunks, or replace what is known of them."""
        self.places.put(placed)
        pending = [chunk.id for chunk in placed if chunk.embedding is None]
        ids, embeddings = chunks.to_matrix([(c.id, c.embedding) for c in placed if c.embedding is not None])
        if len(ids) and self.vectors is None:
            vectors = VectorIndex(embeddings.shape[1])
            vectors.replace(ids, embeddings)
            self.vectors = vectors
        elif self.vectors is not None:
            self.vectors.remove(np.array(pending, dtype=np.int64))
            if len(ids):
                self.vectors.replace(ids, embeddings)
        self._forget_means({chunk.page_id for chunk in placed})

    def remove(self, ids: Ids) -> None:
        """Forget these chunks; unknown ones are ignored."""
        pages = set(self.places.pages_of(ids).tolist())
        self.places.remove(ids)
        if self.vectors is not None:
            self.vectors.remove(ids)
        self._forget_means(pages)

    def seen(self, db: Connection, scope: Scope) -> Visible:
        """What the scope's viewer may see, whatever the filters."""
        mask = self.places.in_spaces(access.readable_spaces(db, scope.viewer))
        hidden = hidden_one_by_one(db, scope.viewer)
        mask[hidden[hidden < len(mask)]] = False
        return Visible(mask, everything=int(np.count_nonzero(mask)) == self.places.known())

    def allowed(self, db: Connection, scope: Scope, seen: Visible) -> Visible:
        """What a search in the scope may find: what is seen and fits the filters."""
        if not scope.narrowed:
            return seen
        mask = self.places.of_pages(page_ids(db, scope))
        for holding in chunks_with_phrases(db, scope):
            held = np.zeros(len(mask), dtype=np.bool_)
            held[[chunk for chunk in holding if chunk < len(held)]] = True
            mask &= held
        mask[len(seen.mask) :] = False
        mask[: len(seen.mask)] &= seen.mask[: len(mask)]
        return Visible(mask)

    def page_cosines(self, query: Embeddings, page_ids: Sequence[int]) -> dict[int, float]:
        """The mean cosine of the query with each page's chunks; unknown pages are left out."""
        means = {page: mean for page in page_ids if (mean := self._mean(page)) is not None}
        return {page: float(mean @ query) for page, mean in means.items()}

    def _mean(self, page: int) -> Embeddings | None:
        with self._lock:
            held = self._means.get(page)
        ids = self.places.chunks_of(page) if held is None else []
        if held is not None or not ids or self.vectors is None:
            return held
        embeddings, known = self.vectors.embeddings(np.array(ids, dtype=np.int64))
        if not known.any():
            return None
        mean: Embeddings = embeddings[known].mean(axis=0)
        with self._lock:
            if ids == self.places.chunks_of(page):  # nobody changed it meanwhile
                self._means[page] = mean
        return mean

    def _forget_means(self, pages: Iterable[int]) -> None:
        with self._lock:
            for page in pages:
                self._means.pop(page, None)


class Mirror:
    """One per process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._mirrored = Mirrored("")
        self._epoch = -1
        self._generation = -1
        self._catching_up = threading.Lock()

    def caught_up(self, db: Connection, state: IndexState) -> Mirrored:
        """The chunks as of the transaction's generation: what changed is applied, after a switch all are loaded.

        Another thread may be ahead of this transaction; then this is newer, and an id that the transaction does not
        know is to be ignored.
        """
        with self._catching_up:
            if state.epoch > self._epoch:
                # New beside the old one: searches under way keep theirs.
                self._mirrored = Mirrored(state.model)
                self._mirrored.put(chunks.all_placed(db))
                self._epoch, self._generation = state.epoch, state.generation
            elif state.epoch == self._epoch and state.generation > self._generation:
                changed, gone = chunks.changes_since(db, self._generation)
                self._mirrored.remove(np.array(gone, dtype=np.int64))
                self._mirrored.put(changed)
                self._generation = state.generation
            return self._mirrored
