"""Who is compared, each in a process of its own: :func:`measure` indexes texts, asks queries, and tells what it cost.

A contender imports what it needs and nothing of the others.
"""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarking.measuring import latency, resident_mb

TOP_K = 100  # documents of a ranking, as recall@100 needs
OVER_FETCH = 3  # chunks asked for per document: several of one document collapse

Search = Callable[[str], list[tuple[str, float]]]  # query -> (id of a text, score), best first


@dataclass(frozen=True, slots=True)
class Contender:
    """``package`` is what pip calls it; ``by_chunk``: it is given Baton's heading chunks instead of whole documents."""

    name: str
    package: str
    by_chunk: bool = False

    @property
    def installed(self) -> bool:
        """Whether it can be measured here."""
        return not self.package or importlib.util.find_spec(self.package) is not None


BATON = Contender("Baton", "")
PEERS = (
    Contender("txtai hybrid, whole pages", "txtai"),
    Contender("txtai hybrid, Baton's chunks", "txtai", by_chunk=True),
    Contender("Chroma dense, whole pages", "chromadb"),
    Contender("Chroma dense, Baton's chunks", "chromadb", by_chunk=True),
)


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Called in the child.

    :param task: ``package``, ``folder`` (BEIR), ``model`` (a folder), ``texts`` as [document, text] pairs, ``queries``
        as [id, text] pairs.
    :return: ``run`` as ranked [document, score] pairs by query, ``p50_ms``, ``p95_ms``, ``documents_per_s`` (texts
        read to answers possible), ``memory_mb``, ``version``.
    """
    if not task["package"]:
        return _baton(Path(task["folder"]))
    return _peer(task, {"txtai": _txtai, "chromadb": _chroma}[task["package"]])


def _baton(folder: Path) -> dict[str, Any]:
    from index.embedder import SentenceTransformerEmbedder
    from kb.evaluation import evaluate
    from kb.indexing import configured_model
    from kb.settings import Settings

    embedder = SentenceTransformerEmbedder(configured_model(Settings()))
    with tempfile.TemporaryDirectory(prefix="baton-benchmark-") as data:
        found = evaluate(folder, Path(data), embedder, lambda what, done, total: None)
    return {
        "run": found.run,
        "p50_ms": found.p50_ms,
        "p95_ms": found.p95_ms,
        "documents_per_s": found.documents_per_s,
        "memory_mb": resident_mb(),
        "version": "this one",
    }


def _peer(task: dict[str, Any], build: Callable[[str, Sequence[str], int], Search]) -> dict[str, Any]:
    owners, texts = zip(*task["texts"], strict=True)
    documents = len(set(owners))
    build(task["model"], texts[:2], 1)("warm up")  # imports and the model are loaded before the clock starts
    started = time.perf_counter()
    search = build(task["model"], texts, TOP_K if documents == len(texts) else TOP_K * OVER_FETCH)
    seconds = time.perf_counter() - started
    run, milliseconds = {}, []
    for query_id, query in task["queries"]:
        started = time.perf_counter()
        ranked = best_per_document((owners[int(place)], score) for place, score in search(query))[:TOP_K]
        milliseconds.append((time.perf_counter() - started) * 1000)
        run[query_id] = ranked
    taken = latency(milliseconds)
    return {
        "run": run,
        "p50_ms": taken.p50,
        "p95_ms": taken.p95,
        "documents_per_s": documents / seconds,
        "memory_mb": resident_mb(),
        "version": version(task["package"]),
    }


def best_per_document(ranked: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Each document once, at the place of its best chunk."""
    best: dict[str, float] = {}
    for document, score in ranked:
        best.setdefault(document, score)
    return list(best.items())


def _txtai(model: str, texts: Sequence[str], limit: int) -> Search:
    from txtai import Embeddings

    embeddings = Embeddings(path=model, hybrid=True)
    embeddings.index((str(place), text, None) for place, text in enumerate(texts))
    return lambda query: [(place, float(score)) for place, score in embeddings.search(query, limit)]


def _chroma(model: str, texts: Sequence[str], limit: int) -> Search:
    import chromadb
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False, allow_reset=True))
    client.reset()
    collection = client.create_collection(
        "corpus",
        embedding_function=SentenceTransformerEmbeddingFunction(model_name=model),
        configuration={"hnsw": {"space": "cosine"}},
    )
    size = client.get_max_batch_size()
    for start in range(0, len(texts), size):
        batch = list(texts[start : start + size])
        collection.add(ids=[str(start + place) for place in range(len(batch))], documents=batch)

    def search(query: str) -> list[tuple[str, float]]:
        found = collection.query(query_texts=[query], n_results=min(limit, len(texts)), include=["distances"])
        return [(place, 1 - distance) for place, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    return search
