"""How Baton answers as a wiki grows: latency by shape of query and by stage, start, a saved note, memory, disk."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarking.child import run_child
from benchmarking.corpus import GrowingWiki, Progress
from benchmarking.measuring import Latency
from benchmarking.permission import AtShare
from benchmarking.queries import Passage, draw_queries
from index.embedder import Embedder, ModelSpec
from index.onnx_export import export
from kb.guide_pages import load_guides
from kb.indexing import HEADING_SEPARATOR, Indexer
from kb.pages import PageText
from kb.settings import Encoder, Settings
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import SYSTEM

QUERIES_EACH = 50  # of every shape
DATABASE = "baton.db"


@dataclass(frozen=True, slots=True)
class AtSize:
    """What was measured in a fresh process on a wiki of ``passages``. Latencies in milliseconds, memory in MB."""

    passages: int
    pages: int
    database_mb: float
    first_answer_s: float  # process start to the first answer by meaning
    latency: Latency
    processor: Latency  # time that the cores worked for a search, both processes together
    by_shape: dict[str, Latency]
    by_stage: dict[str, Latency]
    by_share: dict[str, AtShare]  # of the wiki that a person may see
    note_found: Latency  # a handover note saved, then found by the next search
    memory_mb: float
    search_memory_mb: float
    load: float  # processes that wanted a core before; above the number of cores every time is too long
    queries: int


def measure_sizes(
    sizes: Sequence[int],
    texts: Iterator[PageText],
    embedder: Embedder,
    progress: Progress,
    encoder: Encoder = Encoder.TORCH,
) -> Iterator[AtSize]:
    """Grow one wiki, and measure at each size on a copy, in a process of its own.

    :param encoder: what runs the model where queries are embedded.
    :raises ExportFailed: when ``encoder`` cannot be used here.
    :raises CorpusTooSmall: when the texts do not suffice for the next size; those before it were measured.
    """
    with tempfile.TemporaryDirectory(prefix="baton-benchmark-") as folder:
        store = Store.open(Path(folder, DATABASE))
        try:
            wiki = GrowingWiki(store, embedder, texts, progress)
            # As every installation has them; loaded by the measured process, they would be embedded beside its queries.
            load_guides(store, Indexer(store, None), SYSTEM)
            for size in sorted(sizes):
                wiki.grow(size)
                yield _measured(store, encoder)
        finally:
            store.close()


def passages_of(store: Store) -> list[Passage]:
    """What queries are drawn from."""
    with store.reading() as db:
        return [
            Passage(chunk.headings.rpartition(HEADING_SEPARATOR)[2] or chunk.title, chunk.text)
            for chunk in chunks.all_chunks(db)
        ]


def _measured(store: Store, encoder: Encoder) -> AtSize:
    with tempfile.TemporaryDirectory(prefix="baton-benchmark-") as data:
        # A copy: measuring writes notes, which the larger wikis shall not hold.
        copy_database(store.path, Path(data, DATABASE))
        if exports := Settings(data=Path(data), encoder=encoder).exports:
            export(ModelSpec(), exports)  # as scripts/start.sh does before it serves
        queries = draw_queries(passages_of(store), QUERIES_EACH)
        answer = run_child(
            "benchmarking.at_size",
            {"data": data, "encoder": encoder, "queries": [(query.shape, query.text) for query in queries]},
        )
    return at_size(answer)


def at_size(answer: Mapping[str, Any]) -> AtSize:
    """What the child told."""
    latencies = {name: Latency(**answer[name]) for name in ("latency", "processor", "note_found")}
    groups = {
        name: {part: Latency(**taken) for part, taken in answer[name].items()} for name in ("by_shape", "by_stage")
    }
    shares = {
        share: AtShare(**{**found, "latency": Latency(**found["latency"])})
        for share, found in answer["by_share"].items()
    }
    return AtSize(**{**answer, **latencies, **groups, "by_share": shares})


def copy_database(database: Path, target: Path) -> None:
    """Copy a database as it is now, also while somebody writes to it."""
    source, copy = sqlite3.connect(database), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
