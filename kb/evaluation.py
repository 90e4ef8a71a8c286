"""How good search is, measured on judged queries in BEIR layout through the product's own save path and Retriever."""

from __future__ import annotations

import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.chunking import CHUNKER
from index.embedder import Embedder
from kb.indexing import Indexer
from kb.pages import MAX_TITLE, PageText, create_page, ensure_space
from kb.search import Retriever
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import SYSTEM
from kb.typos import SEED, misspelt

TOP_K = 100
COLLECTION = "A test collection, judged elsewhere"  # why its texts are taken as they are
MEASURES = ("nDCG@10", "recall@10", "recall@100", "MRR@10", "hit@1")

Run = dict[str, list[tuple[str, float]]]  # query id -> (corpus id, score), best first
Qrels = dict[str, dict[str, int]]  # query id -> corpus id -> grade


class CorpusError(ValueError):
    """The folder is no readable BEIR corpus; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query of the test set; ``style`` is "" where none is given."""

    id: str
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over the queries that have a relevant document, in all and by style; milliseconds per query.

    ``documents_per_s`` counts saving and embedding.
    """

    documents: int
    chunks: int
    queries: int
    measures: dict[str, float]
    by_style: dict[str, dict[str, float]]
    p50_ms: float
    p95_ms: float
    documents_per_s: float
    run: Run
    kept: float  # share of the judged queries that are taken for answered
    answered: float  # share of the judged queries for which an answer is shown above the results
    answered_well: float | None  # share of those whose answer is from a relevant document
    answered_in_vain: float | None  # share of the queries without a relevant document that are shown an answer
    flagged: float | None  # share of the queries without a relevant document that are said to have no good match


def evaluate(
    folder: Path,
    data: Path,
    embedder: Embedder,
    progress: Callable[[str, int, int], None],
    *,
    typos: bool = False,
    correct: bool = True,
) -> Evaluation:
    """Save the corpus as pages under ``data``, search every query, measure.

    :param data: an empty folder for the database.
    :param progress: told (what, done, total).
    :param typos: put one typing error into each query, the same in every run.
    :param correct: let search correct misspelt words.
    :raises CorpusError: when ``folder`` is not in BEIR layout.
    """
    queries, qrels = load_queries(folder), load_qrels(folder)
    store = Store.open(data / "baton.db")
    try:
        started = time.perf_counter()
        documents = _save_corpus(store, folder, embedder, progress)
        embedded = _embed(store, embedder, progress)
        rate = len(documents) / max(time.perf_counter() - started, 1e-9)
        retriever = Retriever(store, embedder)
        retriever.warm_up()
        run: Run = {}
        latencies = []
        good: dict[str, bool] = {}
        answered: set[str] = set()
        chance = random.Random(SEED)  # noqa: S311  no secret
        for done, query in enumerate(queries, start=1):
            text = misspelt(query.text, chance) if typos else query.text
            response = retriever.search(text, SYSTEM, top_k=TOP_K, correct=correct)
            latencies.append(response.elapsed_ms)
            good[query.id] = response.good_match
            answered |= {query.id} if response.answer else set()
            run[query.id] = [(documents[result.page.id], result.score) for result in response.results]
            progress("Searching", done, len(queries))
    finally:
        store.close()
    judged = [query for query in queries if any(grade > 0 for grade in qrels.get(query.id, {}).values())]
    per_query = {query.id: measure(run[query.id], qrels[query.id]) for query in judged}
    styles: dict[str, list[str]] = defaultdict(list)
    for query in judged:
        if query.style:
            styles[query.style].append(query.id)
    latencies.sort()
    answerable = {query.id for query in judged}
    unanswerable = [query.id for query in queries if query.id not in answerable]
    answered_well = [per_query[i]["hit@1"] > 0 for i in answered & answerable]
    return Evaluation(
        documents=len(documents),
        chunks=embedded,
        queries=len(judged),
        measures=_means([per_query[query.id] for query in judged]),
        by_style={style: _means([per_query[i] for i in ids]) for style, ids in sorted(styles.items())},
        p50_ms=latencies[len(latencies) // 2],
        p95_ms=latencies[int(len(latencies) * 0.95)],
        documents_per_s=rate,
        run=run,
        kept=_share(good[query] for query in answerable),
        answered=_share(query in answered for query in answerable),
        answered_well=_share(answered_well) if answered_well else None,
        answered_in_vain=_share(query in answered for query in unanswerable) if unanswerable else None,
        flagged=_share(not good[query] for query in unanswerable) if unanswerable else None,
    )


def measure(ranked: Sequence[tuple[str, float]], grades: Mapping[str, int]) -> dict[str, float]:
    """The measures of one query.

    :source: nDCG with gain = grade and log2 discount, as trec_eval's ndcg_cut and BEIR have it.
    """
    gains = [grades.get(document, 0) for document, _ in ranked]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    relevant = len(ideal)
    first = next((place for place, gain in enumerate(gains[:10], start=1) if gain > 0), None)
    return {
        "nDCG@10": _dcg(gains[:10]) / _dcg(ideal[:10]),
        "recall@10": sum(gain > 0 for gain in gains[:10]) / relevant,
        "recall@100": sum(gain > 0 for gain in gains[:100]) / relevant,
        "MRR@10": 1 / first if first else 0.0,
        "hit@1": float(bool(gains) and gains[0] > 0),
    }


def trec_lines(run: Run, tag: str = "baton") -> Iterator[str]:
    """The run in TREC's six columns: query, Q0, document, rank, score, tag."""
    for query, ranked in run.items():
        for rank, (document, score) in enumerate(ranked, start=1):
            yield f"{query} Q0 {document} {rank} {score:.6f} {tag}"


def load_queries(folder: Path) -> list[JudgedQuery]:
    """The queries of ``queries.jsonl``."""
    return [
        JudgedQuery(row["_id"], row["text"], (row.get("metadata") or {}).get("style", ""))
        for row in load_rows(folder / "queries.jsonl")
    ]


def load_qrels(folder: Path) -> Qrels:
    """The grades of ``qrels/test.tsv``."""
    path = folder / "qrels" / "test.tsv"
    qrels: Qrels = defaultdict(dict)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: a BEIR folder holds qrels/test.tsv.") from error
    for line in lines[1:]:
        if line.strip():
            query, document, grade = line.split("\t")
            qrels[query][document] = int(grade)
    return dict(qrels)


def load_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of ``corpus.jsonl`` or ``queries.jsonl``."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError as error:
                        raise CorpusError(f"{path}, line {number} is not JSON: {error}") from error
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: a BEIR folder holds corpus.jsonl and queries.jsonl.") from error


def _save_corpus(
    store: Store, folder: Path, embedder: Embedder, progress: Callable[[str, int, int], None]
) -> dict[int, str]:
    with store.atomic() as db:
        chunks.set_index_state(db, embedder.spec.to_json(), CHUNKER)
    space = ensure_space(store, SYSTEM, "Corpus")
    # Embeddings follow in large batches: the same rows as when each page is embedded at its save, sooner.
    indexer = Indexer(store, None)
    rows = list(load_rows(folder / "corpus.jsonl"))
    documents = {}
    for done, row in enumerate(rows, start=1):
        title = " ".join(str(row.get("title") or "").split())[:MAX_TITLE] or "Untitled"
        page = create_page(store, indexer, SYSTEM, space, PageText(title, str(row["text"])), private_reason=COLLECTION)
        documents[page.id] = str(row["_id"])
        progress("Saving", done, len(rows))
    return documents


def _embed(store: Store, embedder: Embedder, progress: Callable[[str, int, int], None]) -> int:
    indexer = Indexer(store, embedder)
    with store.reading() as db:
        total = chunks.count_pending(db)
    done = 0
    while embedded := indexer.embed_pending(batch=512):
        done += embedded
        progress("Embedding", done, total)
    return done


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _share(facts: Iterable[bool]) -> float:
    held = list(facts)
    return sum(held) / max(len(held), 1)


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) if rows else 0.0 for name in MEASURES}
