"""What the index is made of and how far it is: for the screen, and for whoever looks after an installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from index.embedder import ModelSpec
from kb.access import Ability, require
from kb.indexing import configured_model
from kb.models import PageKind, Person
from kb.settings import Settings
from kb.store import chunks, pages
from kb.store.db import Store


class Model(Protocol):
    """The model as a process has it."""

    @property
    def ready(self) -> bool:
        """Whether it answers now."""

    @property
    def spec(self) -> ModelSpec:
        """Which one it is."""

    failure: str | None


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of the index at one moment; pages and chunks are those that the viewer may see."""

    configured: ModelSpec  # what the settings ask for
    active: ModelSpec  # what the index is made with
    loaded: ModelSpec  # what this process searches with
    model_ready: bool
    model_failure: str | None
    pages: dict[PageKind, int]
    chunks: int
    pending: int  # chunks that wait for their embedding
    generation: int
    rebuilt_at: datetime | None
    database_bytes: int

    @property
    def needs_rebuild(self) -> bool:
        """Whether the settings ask for another model than the index has."""
        return self.configured != self.active

    @property
    def changes_model(self) -> bool:
        """Whether a rebuild switched to another model, which this process has yet to load."""
        return self.loaded != self.active

    @property
    def busy(self) -> bool:
        """Whether the state is about to change by itself."""
        loading = not self.model_ready and self.model_failure is None
        return loading or self.changes_model or self.pending > 0


def index_status(store: Store, settings: Settings, model: Model, viewer: Person) -> IndexStatus:
    """The state of the index now.

    :raises NotAllowed: when ``viewer`` may not see it.
    """
    with store.reading() as db:
        require(db, viewer, Ability.SEE_INDEX)
        state = chunks.index_state(db)
        by_kind = pages.count_by_kind(db, viewer)
        total, pending = chunks.count_visible(db, viewer)
    configured = configured_model(settings)
    return IndexStatus(
        configured=configured,
        active=ModelSpec.from_json(state.model) if state.model else configured,
        loaded=model.spec,
        model_ready=model.ready,
        model_failure=model.failure,
        pages={kind: by_kind.get(kind, 0) for kind in PageKind},
        chunks=total,
        pending=pending,
        generation=state.generation,
        rebuilt_at=state.rebuilt_at,
        database_bytes=_size_on_disk(store.path),
    )


def _size_on_disk(database: Path) -> int:
    """The database with its write-ahead log, in bytes."""
    files = (database, database.with_name(database.name + "-wal"), database.with_name(database.name + "-shm"))
    return sum(file.stat().st_size for file in files if file.exists())
