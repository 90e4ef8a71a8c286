"""Nearest neighbours with stable ids. The only module that touches faiss."""

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

LARGEST_CODE = 127  # of a number that is rounded to eight bits
HEADROOM = 1.25  # for numbers of later vectors over the largest of those that are there
# So many times as many as are wanted, and some more, are compared as they are: rounding moves a cosine by about 0.001.
# The 500 nearest of 47,000 beginnings of real passages are then those with the highest cosines, for each of 200.
COMPARED_AGAIN, SOME_MORE = 1.25, 25
# Places are given out in order. All vectors move together, which takes a third of a second for 100,000, when the free
# places have run out, or those of vectors that are gone are as many as an eighth of all.
FREE_SHARE = GONE_SHARE = 1 / 8
FREE_PLACES = 1024  # at least
BLOCK = 8192  # vectors that are rounded together

_NOTHING = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)


class VectorIndex:
    """Chunk ids and their embeddings in memory, searched by inner product.

    A query is compared with all of them, rounded to eight bits, which takes half the time, and then with the nearest as
    they are: the cosines of what is found are exact, and so is its order.

    Safe to use from several threads.
    """

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._places = np.zeros(1, dtype=np.int64)  # by id: ids are small and dense, as SQLite gives them; 0 if unknown
        self._lock = threading.Lock()
        self._begin(0, largest=1.0)

    def __len__(self) -> int:
        return self._taken - 1 - self._gone

    def replace(self, ids: Ids, embeddings: Embeddings) -> None:
        """Add the embeddings, or replace those that the ids had.

        :param ids: from 1.
        :param embeddings: float32 (n, dimensions), unit length.
        :raises ValueError: when the shape does not fit.
        """
        if embeddings.shape != (len(ids), self.dimensions):
            raise ValueError(f"embeddings are {embeddings.shape}, wanted {(len(ids), self.dimensions)}")
        if not len(ids):
            return
        with self._lock:
            self._forget(ids)
            largest = _largest(embeddings)
            if self._taken + len(ids) > len(self._ids) or largest * self._scale > LARGEST_CODE:
                self._move(len(ids), largest)
            self._take(ids, embeddings)

    def remove(self, ids: Ids) -> None:
        """Forget these ids; unknown ones are ignored."""
        with self._lock:
            self._forget(ids)
            if self._gone > self._taken * GONE_SHARE:
                self._move(0, 0.0)

    def search(self, query: Embeddings, top_k: int, allowed: NDArray[np.bool_] | None = None) -> tuple[Ids, Embeddings]:
        """The nearest chunks of a query.

        :param query: float32 (dimensions,), unit length.
        :param allowed: which ids may be found, a mask by id; None allows all. Applied before ``top_k``.
        :return: at most ``top_k`` ids, best first, and their cosines, float32 in [-1, 1].
        """
        if allowed is not None and not allowed.any():
            return _NOTHING
        with self._lock:
            places = self._roughly_nearest(query, int(top_k * COMPARED_AGAIN) + SOME_MORE, allowed)
            ids, vectors = self._ids[places], self._vectors[places]
        cosines = vectors @ query
        best = np.lexsort((ids, -cosines))[:top_k]
        return ids[best], cosines[best]

    def embeddings(self, ids: Ids) -> tuple[Embeddings, NDArray[np.bool_]]:
        """The embeddings of chunks.

        :return: float32 (n, dimensions) in the order of ``ids``, zeros for unknown ones; and which are known.
        """
        with self._lock:
            places = at(self._places, ids)
            return self._vectors[places], places > 0

    def ids(self) -> set[int]:
        """Every id that is held."""
        with self._lock:
            return set(np.flatnonzero(self._places).tolist())

    def _roughly_nearest(self, query: Embeddings, wanted: int, allowed: NDArray[np.bool_] | None) -> Ids:
        """The places of the nearest by rounded numbers, in any order."""
        parameters = None
        if allowed is not None or self._gone:
            held = self._ids[: self._taken] > 0
            if allowed is not None:
                held &= at(allowed, self._ids[: self._taken])
            # A bit for each place: as quick for one of a hundred as for all but a few.
            selector = faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))  # type: ignore[arg-type,call-arg]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        _use_one_core()
        # On a scale of its own, which changes no order: beyond eight bits FAISS would begin again at the other end.
        rounded = np.rint(query * np.float32(LARGEST_CODE / (_largest(query) or 1.0)))
        _, found = self._rounded.search(rounded.reshape(1, -1), min(wanted, self._taken), params=parameters)
        places: Ids = found[0]
        return places[places > 0]  # FAISS fills up with -1 when fewer are allowed

    def _forget(self, ids: Ids) -> None:
        places = at(self._places, ids)
        places = places[places > 0]
        self._places[self._ids[places]] = 0
        self._ids[places] = 0
        self._gone += len(places)

    def _begin(self, vectors: int, largest: float) -> None:
        """Hold nothing, with room for so many vectors and some more."""
        room = 1 + vectors + max(int(vectors * FREE_SHARE), FREE_PLACES)
        # By place, zeros where none is. The first place is nobody's: unknown ids lead there.
        self._ids = np.zeros(room, dtype=np.int64)
        self._vectors = np.zeros((room, self.dimensions), dtype=np.float32)
        self._scale = LARGEST_CODE / (HEADROOM * largest)
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._rounded = faiss.IndexScalarQuantizer(self.dimensions, kind, faiss.METRIC_INNER_PRODUCT)
        self._rounded.add(self._vectors[:1])
        self._taken = 1
        self._gone = 0

    def _move(self, more: int, largest: float) -> None:
        """Give everything that is held a new place, with room for more."""
        held = np.flatnonzero(self._ids[: self._taken])
        ids, vectors = self._ids[held], self._vectors[held]
        largest = max(largest, _largest(vectors))
        self._begin(len(ids) + more, largest or 1.0)
        self._take(ids, vectors)

    def _take(self, ids: Ids, embeddings: Embeddings) -> None:
        end = self._taken + len(ids)
        self._ids[self._taken : end] = ids
        self._vectors[self._taken : end] = embeddings
        for first in range(0, len(ids), BLOCK):
            self._rounded.add(np.rint(embeddings[first : first + BLOCK] * np.float32(self._scale)))
        self._places = grown(self._places, int(ids.max(initial=0)))
        self._places[ids] = np.arange(self._taken, end)
        self._taken = end


def _largest(numbers: Embeddings) -> float:
    """The largest number, whatever its sign."""
    return max(float(numbers.max(initial=0.0)), -float(numbers.min(initial=0.0)))  # abs() would copy all of them


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
