"""Embedding beside people who search: it uses what they leave of the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from index.embedder import Embedder, Embeddings, ModelSpec, SentenceTransformerEmbedder

LEAST_NICE = 19  # of all that wants a core, this comes last; what 10 would do is in docs/benchmark.md


class BackgroundEmbedder:
    """An embedder that gives way to everything else on the machine. Loads its model as it is made.

    Only embedding does, in a thread of its own and those that it starts: Linux keeps niceness by thread, and a new
    thread takes over that of its maker. Whoever calls stays as nice as they were, so that nobody who wants to save
    waits for a transaction that gets no core.

    :raises ModelUnavailable: when the model cannot be loaded.
    """

    def __init__(self, spec: ModelSpec, load: Callable[[ModelSpec], Embedder] | None = None) -> None:
        self.spec = spec
        self._thread = ThreadPoolExecutor(1, "background-embedder", initializer=os.nice, initargs=(LEAST_NICE,))
        self._embedder = self._thread.submit(load or _for_documents, spec).result()

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._thread.submit(self._embedder.encode_queries, texts).result()

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._thread.submit(self._embedder.encode_documents, texts).result()


def _for_documents(spec: ModelSpec) -> Embedder:
    return SentenceTransformerEmbedder(spec, record_queries=False)
