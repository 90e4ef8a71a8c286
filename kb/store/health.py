"""Whether the database answers, and how far its index is: a few reads, cheap enough for every few seconds."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import dataclass

from kb.store import chunks
from kb.store.db import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The database at one moment."""

    latency_ms: float
    generation: int
    epoch: int
    pending: int  # chunks that wait for their embedding


def database_state(store: Store) -> DatabaseState | None:
    """:return: None when the database cannot be read; the log says why."""
    started = time.perf_counter()
    try:
        # The file itself: a connection goes on reading one that was deleted.
        store.path.stat()
        with store.reading() as db:
            state = chunks.index_state(db)
            pending = chunks.count_pending(db)
    except (OSError, sqlite3.Error):
        log.exception("The database cannot be read.")
        return None
    return DatabaseState((time.perf_counter() - started) * 1000, state.generation, state.epoch, pending)
