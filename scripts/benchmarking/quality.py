"""Baton and its peers on judged queries, side by side: same texts, same queries, same model, one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarking.child import run_child
from benchmarking.contenders import BATON, PEERS, Contender
from index.embedder import PACKAGED_MODEL, model_location
from kb.evaluation import load_qrels, load_queries, load_rows, measure
from kb.indexing import chunk_page, embedded_text

MEASURES = ("nDCG@10", "recall@100")


@dataclass(frozen=True, slots=True)
class Quality:
    """What one contender reached on one corpus. Rates are documents a second, from texts to the first answer."""

    corpus: str
    contender: str
    version: str
    ndcg_10: float
    recall_100: float
    documents_per_s: float
    p50_ms: float
    p95_ms: float
    memory_mb: float


def compare(folder: Path, peers: bool, progress: Callable[[str, int, int], None]) -> list[Quality]:
    """Measure Baton, and with ``peers`` those that are installed.

    :raises CorpusError: when ``folder`` is not in BEIR layout.
    """
    chosen = [BATON, *(peer for peer in PEERS if peers and peer.installed)]
    found = []
    for done, contender in enumerate(chosen):
        progress(f"{folder.name}: comparing", done, len(chosen))
        found.append(_measured(folder, contender))
    progress(f"{folder.name}: comparing", len(chosen), len(chosen))
    return found


def missing_peers() -> list[str]:
    """The packages of the peers that are not installed."""
    return sorted({peer.package for peer in PEERS if not peer.installed})


def texts_of(rows: Sequence[tuple[str, str, str]], *, by_chunk: bool) -> list[tuple[str, str]]:
    """What a peer is given of documents, as (document, text).

    :param rows: (document, title, text).
    """
    if not by_chunk:
        return [(document, f"{title}\n{text}".strip()) for document, title, text in rows]
    return [
        (document, embedded_text(chunk))
        for document, title, text in rows
        for chunk in chunk_page(title, text, (), (), PACKAGED_MODEL)
    ]


def passages(folder: Path, count: int) -> list[str]:
    """The first passages of a corpus, as Baton embeds them.

    :raises CorpusError: when ``folder`` is not in BEIR layout.
    """
    return [text for _, text in texts_of(_documents(folder), by_chunk=True)][:count]


def _measured(folder: Path, contender: Contender) -> Quality:
    queries, qrels = load_queries(folder), load_qrels(folder)
    task = {
        "package": contender.package,
        "folder": str(folder.resolve()),
        "model": model_location(PACKAGED_MODEL),
        "texts": texts_of(_documents(folder), by_chunk=contender.by_chunk) if contender.package else [],
        "queries": [(query.id, query.text) for query in queries],
    }
    answer = run_child("benchmarking.contenders", task)
    judged = [query.id for query in queries if any(grade > 0 for grade in qrels.get(query.id, {}).values())]
    reached = [measure(answer["run"][query], qrels[query]) for query in judged]
    ndcg, recall = (sum(values[name] for values in reached) / len(reached) for name in MEASURES)
    return Quality(
        corpus=folder.name,
        contender=contender.name,
        version=answer["version"],
        ndcg_10=ndcg,
        recall_100=recall,
        documents_per_s=answer["documents_per_s"],
        p50_ms=answer["p50_ms"],
        p95_ms=answer["p95_ms"],
        memory_mb=answer["memory_mb"],
    )


def _documents(folder: Path) -> list[tuple[str, str, str]]:
    return [
        (str(row["_id"]), " ".join(str(row.get("title") or "").split()), str(row["text"]))
        for row in load_rows(folder / "corpus.jsonl")
    ]
