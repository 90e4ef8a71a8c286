"""A wiki with as many notes and items as wanted, indexed. The same each time but for the dates, which end today."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarking.corpus import Progress
from benchmarking.queries import SEED
from index.chunking import CHUNKER
from index.embedder import ModelSpec
from kb.guide_pages import load_guides
from kb.indexing import Indexer, write_embeddings
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import SYSTEM
from tests.clock import own_clock
from tests.load.screens.crew import add_crew
from tests.load.screens.history import DAYS, History, plans

DIMENSIONS = 384  # of the packaged model
BATCH = 4_096


def build(database: Path, notes: int, items: int, progress: Progress) -> None:
    """Make a new wiki at ``database``.

    Its embeddings are random unit vectors: what a search by meaning costs is the same, and the model would take an
    hour for as many passages.
    """
    chance = random.Random(SEED)
    store = Store.open(database)
    try:
        with store.atomic() as db:
            chunks.set_index_state(db, ModelSpec().to_json(), CHUNKER)
            db.execute("UPDATE people SET email = 'local@example.com' WHERE id = 1")
        load_guides(store, Indexer(store, None), SYSTEM)
        with own_clock() as clock:
            until = clock.moment
            clock.moment = until - timedelta(days=DAYS)
            crew = add_crew(store, chance, clock.moment.date(), DAYS + 60)
            history = History(store, crew, clock, chance)
            history.run(plans(chance, notes, items, until), until, lambda done: progress("Writing notes", done, notes))
        _embed(store, progress)
    finally:
        store.close()


def _embed(store: Store, progress: Callable[[str, int, int], None]) -> None:
    drawn = np.random.default_rng(SEED)
    with store.reading() as db:
        total = chunks.count_pending(db)
    done = 0
    while done < total:
        with store.atomic() as db:
            waiting = chunks.pending(db, BATCH)
            vectors = drawn.standard_normal((len(waiting), DIMENSIONS), dtype=np.float32)
            write_embeddings(db, waiting, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        done += len(waiting)
        progress("Indexing", done, total)
