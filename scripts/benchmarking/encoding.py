"""Baton's embedder against sentence-transformers as it comes (float32, batches of 32), on the same texts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarking.child import run_child

ROUNDS = 5  # alternating, so that another load on the machine hits both


@dataclass(frozen=True, slots=True)
class EncodeRate:
    """Medians over the rounds; ``agreement`` is the cosine between the two embeddings of a text."""

    texts: int
    baton_per_s: float
    plain_per_s: float
    ratio: float
    query_ms: float
    plain_query_ms: float
    agreement_min: float
    agreement_mean: float


def encode_rate(texts: Sequence[str], rounds: int = ROUNDS) -> EncodeRate:
    """Measure in a process of its own."""
    return EncodeRate(**run_child("benchmarking.encoding", {"texts": list(texts), "rounds": rounds}))


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Called in the child: the fields of :class:`EncodeRate`."""
    import torch
    from sentence_transformers import SentenceTransformer

    from index.embedder import PACKAGED_MODEL, ModelSpec, SentenceTransformerEmbedder, model_location

    texts = task["texts"]
    threads = torch.get_num_threads()
    baton = SentenceTransformerEmbedder(ModelSpec())
    plain = SentenceTransformer(model_location(PACKAGED_MODEL), device="cpu")

    def encode_plainly(these: Sequence[str]) -> Any:
        torch.set_num_threads(threads)
        return plain.encode(list(these), show_progress_bar=False, normalize_embeddings=True)

    agreement = (baton.encode_documents(texts) * encode_plainly(texts)).sum(axis=1)
    ours, theirs = _seconds(task["rounds"], lambda: baton.encode_documents(texts), lambda: encode_plainly(texts))
    queries = [text[:60] for text in texts[:100]]
    our_query, their_query = _seconds(
        task["rounds"],
        lambda: [baton.encode_queries([query]) for query in queries],
        lambda: [encode_plainly([query]) for query in queries],
    )
    return {
        "texts": len(texts),
        "baton_per_s": len(texts) / statistics.median(ours),
        "plain_per_s": len(texts) / statistics.median(theirs),
        "ratio": statistics.median(their / our for our, their in zip(ours, theirs, strict=True)),
        "query_ms": statistics.median(our_query) / len(queries) * 1000,
        "plain_query_ms": statistics.median(their_query) / len(queries) * 1000,
        "agreement_min": float(agreement.min()),
        "agreement_mean": float(agreement.mean()),
    }


def _seconds(rounds: int, first: Callable[[], object], second: Callable[[], object]) -> tuple[list[float], list[float]]:
    """How long each took, one after the other, again and again."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for seconds, run in zip(taken, (first, second), strict=True):
            started = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - started)
    return taken
