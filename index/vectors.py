"""Exact nearest neighbours with stable ids. The only module that touches faiss."""

from __future__ import annotations

import threading
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from index.embedder import Embeddings

Ids = NDArray[np.int64]

# One core for a query: thread pools of FAISS and of numpy's BLAS would fight with the other sessions' for two cores.
threadpool_limits(1, user_api="blas")


_NOTHING = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)


class VectorIndex:
    """Chunk ids and their embeddings in memory, searched by inner product: all of them, so ranks are reproducible.

    Safe to use from several threads.
    """

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        # float16 halves the memory that a search reads and takes two thirds of the time. It moves cosines by 0.0002 at
        # most: the same 100 nearest of 82,000 real passages. What is stored stays float32.
        halves = faiss.ScalarQuantizer.QT_fp16
        self._index = faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimensions, halves, faiss.METRIC_INNER_PRODUCT))
        self._held = np.zeros(0, dtype=np.bool_)  # by id: ids are small and dense, as SQLite gives them
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def replace(self, ids: Ids, embeddings: Embeddings) -> None:
        """Add the embeddings, or replace those that the ids had.

        :param embeddings: float32 (n, dimensions), unit length.
        :raises ValueError: when the shape does not fit.
        """
        if embeddings.shape != (len(ids), self.dimensions):
            raise ValueError(f"embeddings are {embeddings.shape}, wanted {(len(ids), self.dimensions)}")
        if not len(ids):
            return
        with self._lock:
            again = ids[at(self._held, ids)]
            if len(again):
                # IndexIDMap2 would keep both: an id that is added again has to go first.
                self._index.remove_ids(faiss.IDSelectorBatch(again))
            self._index.add_with_ids(embeddings, ids)
            self._held = grown(self._held, int(ids.max()))
            self._held[ids] = True

    def remove(self, ids: Ids) -> None:
        """Forget these ids; unknown ones are ignored."""
        with self._lock:
            known = ids[at(self._held, ids)]
            if len(known):
                self._index.remove_ids(faiss.IDSelectorBatch(known))
                self._held[known] = False

    def search(self, query: Embeddings, top_k: int, allowed: NDArray[np.bool_] | None = None) -> tuple[Ids, Embeddings]:
        """The nearest chunks of a query.

        :param query: float32 (dimensions,), unit length.
        :param allowed: which ids may be found, a mask by id; None allows all. Applied before ``top_k``.
        :return: at most ``top_k`` ids, best first, and their cosines, float32 in [-1, 1].
        """
        if allowed is not None and not allowed.any():
            return _NOTHING
        parameters = None
        if allowed is not None:
            # A bit for each id: as quick for one of a hundred as for all but a few.
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[arg-type,call-arg]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        _use_one_core()
        with self._lock:
            top_k = min(top_k, self._index.ntotal)
            if not top_k:
                return _NOTHING
            scores, ids = self._index.search(query.reshape(1, -1), top_k, params=parameters)
        found = ids[0] != -1  # with which FAISS fills up when fewer are allowed
        return ids[0][found], scores[0][found]

    def embeddings(self, ids: Ids) -> tuple[Embeddings, NDArray[np.bool_]]:
        """The embeddings of chunks.

        :return: float32 (n, dimensions) in the order of ``ids``, zeros for unknown ones; and which are known.
        """
        found = np.zeros((len(ids), self.dimensions), dtype=np.float32)
        _use_one_core()
        with self._lock:
            known = at(self._held, ids)
            if known.any():
                found[known] = self._index.reconstruct_batch(ids[known])
        return found, known

    def ids(self) -> set[int]:
        """Every id that is held."""
        with self._lock:
            return set(np.flatnonzero(self._held).tolist())


def _use_one_core() -> None:
    # OpenMP keeps this number for each thread, and Streamlit runs each search in a new one: without it every search
    # makes further threads for FAISS, which wait for each other and take twice the processor time.
    faiss.omp_set_num_threads(1)


def grown(values: NDArray[Any], largest: int) -> NDArray[Any]:
    """``values``, with room for an entry at ``largest``; what is new is zero."""
    if largest < len(values):
        return values
    longer = np.zeros(max(largest + 1, 2 * len(values)), dtype=values.dtype)
    longer[: len(values)] = values
    return longer


def at(values: NDArray[Any], ids: Ids) -> NDArray[Any]:
    """The entries of these ids; zero for those beyond."""
    found = np.zeros(len(ids), dtype=values.dtype)
    inside = ids < len(values)
    found[inside] = values[ids[inside]]
    return found
