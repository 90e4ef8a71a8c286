"""Whether this process can do its work, for whoever watches it: figures only, nothing secret and nothing personal."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kb import VERSION
from kb.store.db import Store
from kb.store.health import DatabaseState, database_state

_STARTED = time.monotonic()


class Encoder(Protocol):
    """The model as a process has it."""

    @property
    def ready(self) -> bool:
        """Whether it answers now."""

    failure: str | None


class Status(StrEnum):
    """OK; DEGRADED: the model cannot be loaded, search goes by words alone; UNAVAILABLE: nothing can be read."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Health:
    """This process at one moment. ``database`` is None when it cannot be read."""

    uptime_s: float
    model_ready: bool
    model_failed: bool
    database: DatabaseState | None

    @property
    def status(self) -> Status:
        """What to make of it in a word."""
        if self.database is None:
            return Status.UNAVAILABLE
        return Status.DEGRADED if self.model_failed else Status.OK

    def as_json(self) -> dict[str, object]:
        """What ``/healthz`` answers."""
        state = self.database
        return {
            "status": self.status,
            "model_ready": self.model_ready,
            "process": {"version": VERSION, "uptime_s": round(self.uptime_s)},
            "database": {"ok": state is not None, "latency_ms": round(state.latency_ms, 2) if state else None},
            "encoder": {"ready": self.model_ready, "failed": self.model_failed},
            "index": {"generation": state.generation, "epoch": state.epoch, "pending": state.pending}
            if state
            else None,
        }


def health(store: Store, encoder: Encoder) -> Health:
    """The health of this process now."""
    # Why the model failed names folders, so only that it did is told; the log has the rest.
    ready, failed = encoder.ready, encoder.failure is not None
    return Health(time.monotonic() - _STARTED, ready, failed and not ready, database_state(store))
