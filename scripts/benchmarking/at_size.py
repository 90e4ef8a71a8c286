"""One wiki, measured from the start of a process on: what the child of :mod:`benchmarking.sizes` does."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarking.measuring import MEGABYTE, latency, processor_ms, resident_mb
from benchmarking.permission import at_share, divide, milliseconds
from index.embedder import Embedder, Embeddings
from kb import search
from kb.application import Baton
from kb.handover.models import Answer, Header, NoteText
from kb.handovers import SPACE, save_note
from kb.models import Person
from kb.pages import ensure_space
from kb.settings import Encoder, Settings
from kb.status import index_status
from kb.store.db import Store
from kb.store.people import SYSTEM

NOTES = 20
WAIT_S = 120.0  # for the model; it needs some seconds
# What a search does, in order, and the function that does it.
STAGES = {
    "choose words": "lexical_query",
    "full text": "word_shares",
    "vectors": "_near",
    "ranking": "_ranked",
    "snippets": "_results",
}


class ModelMissing(RuntimeError):
    """No answer by meaning came in time."""


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Called in the child.

    :param task: ``data`` (a folder), ``encoder``, ``queries`` as [shape, text] pairs, ``started`` (seconds since 1970).
    """
    load = os.getloadavg()[0]
    settings = Settings(data=Path(task["data"]), encoder=Encoder(task["encoder"]))
    divided = time.time()
    people = _divided(settings)
    started = task["started"] + time.time() - divided  # which no installation does when it starts
    baton = Baton.open(settings)
    try:
        _first_answer(baton, task["queries"][0][1])
        first_answer_s = time.time() - started
        search_pid = baton.encoder.pid
        by_shape, processor = _latencies(baton, task["queries"])
        texts = [text for _, text in task["queries"]]
        shares = {
            share: at_share(
                baton.store,
                baton.retriever,
                viewer,
                texts,
                lambda text, person: milliseconds(lambda: baton.retriever.search(text, person)),
            )
            for share, viewer in people.items()
        }
        status = index_status(baton.store, baton.settings, baton.encoder, SYSTEM)
        measured = {
            "passages": status.chunks,
            "pages": sum(status.pages.values()),
            "database_mb": status.database_bytes / MEGABYTE,
            "first_answer_s": first_answer_s,
            "latency": asdict(latency([ms for taken in by_shape.values() for ms in taken])),
            "processor": asdict(latency(processor)),
            "by_shape": {shape: asdict(latency(taken)) for shape, taken in by_shape.items()},
            "by_share": {share: asdict(found) for share, found in shares.items()},
            "note_found": asdict(latency(_notes(baton))),
            "memory_mb": resident_mb(),
            "search_memory_mb": resident_mb(search_pid) if search_pid else 0.0,
            "load": load,
            "queries": len(task["queries"]),
        }
        # Last, because they are measured in this process, which then holds the vectors as well.
        by_stage = _stages(baton, task["queries"])
        return measured | {"by_stage": {stage: asdict(latency(taken)) for stage, taken in by_stage.items()}}
    finally:
        baton.close()


def _divided(settings: Settings) -> dict[str, Person]:
    """The people who may see a part of the wiki, for whom its pages are divided into spaces."""
    store = Store.open(settings.database)
    try:
        return divide(store)
    finally:
        store.close()


def _first_answer(baton: Baton, query: str) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if baton.retriever.search(query, SYSTEM).by_meaning:
            return
        time.sleep(0.02)
    raise ModelMissing(baton.encoder.failure or "The model did not load in time.")


def _latencies(baton: Baton, queries: Sequence[tuple[str, str]]) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds by shape of query; and processor time of this process and the one that searches together."""
    by_shape: dict[str, list[float]] = defaultdict(list)
    processor: list[float] = []
    for shape, text in queries:
        used, started = _processor_ms(baton), time.perf_counter()
        baton.retriever.search(text, SYSTEM)
        by_shape[shape].append((time.perf_counter() - started) * 1000)
        processor.append(_processor_ms(baton) - used)
    return by_shape, processor


def _stages(baton: Baton, queries: Sequence[tuple[str, str]]) -> dict[str, list[float]]:
    """Milliseconds by stage of a search."""
    by_stage: dict[str, list[float]] = defaultdict(list)
    here = search.Retriever(baton.store, baton.encoder)
    here.warm_up()
    for _, text in queries:
        with timed_stages(here, by_stage):
            here.search(text, SYSTEM)
    return by_stage


def _processor_ms(baton: Baton) -> float:
    return sum(processor_ms(pid) for pid in (os.getpid(), baton.encoder.pid) if pid is not None)


@contextmanager
def timed_stages(retriever: search.Retriever, taken: dict[str, list[float]]) -> Iterator[None]:
    """Within it, each stage of a search adds its milliseconds to ``taken``."""
    with ExitStack() as stack:
        for stage, name in STAGES.items():
            stack.enter_context(patch.object(search, name, _timed(getattr(search, name), taken[stage])))
        if retriever.embedder is not None:
            timed = _TimedEmbedder(retriever.embedder, taken["encode"])
            stack.enter_context(patch.object(retriever, "embedder", timed))
        yield


class _TimedEmbedder:
    def __init__(self, embedder: Embedder, taken: list[float]) -> None:
        self.spec = embedder.spec
        self.encode_queries: Callable[[Sequence[str]], Embeddings] = _timed(embedder.encode_queries, taken)
        self.encode_documents = embedder.encode_documents


def _timed(function: Callable[..., Any], taken: list[float]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            taken.append((time.perf_counter() - started) * 1000)

    return run


def _notes(baton: Baton) -> list[float]:
    """Milliseconds from the press on Save until a search holds the note, for several notes."""
    space = ensure_space(baton.store, SYSTEM, SPACE)
    taken = []
    for number in range(NOTES):
        code = f"BENCH-{4711 + number}"
        says = f"The upload of batch {code} stopped at noon. Restart it from the console, then tell the client. " * 4
        note = NoteText("shift", 1, Header(client=f"Client {number}"), {"big_picture": Answer(says)})
        started = time.perf_counter()
        saved = save_note(baton.store, baton.indexer, SYSTEM, note, space)
        while saved.page.slug not in [r.page.slug for r in baton.retriever.search(code, SYSTEM).results]:
            time.sleep(0.001)
        taken.append((time.perf_counter() - started) * 1000)
    return taken
