"""What several unit tests begin with: a crew in three time zones, and a clock that can be set."""

from __future__ import annotations

from datetime import datetime

import pytest

from kb import handovers, note_parties, note_receiver, profiles
from kb.handover.models import Note
from kb.indexing import Indexer
from kb.models import Space
from kb.store.db import Store
from tests.unit.crew import SUBMITTED_AT, Crew, SetClock, add_crew, hand_over


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Makes it a moment for the rules of notes: ``set_clock(berlin("2026-11-27T17:00"))``."""

    def to(moment: datetime) -> None:
        for module in (handovers, note_parties, note_receiver, profiles):
            monkeypatch.setattr(module, "now", lambda: moment)

    to(SUBMITTED_AT)
    return to


@pytest.fixture
def crew(store: Store, set_clock: SetClock) -> Crew:
    """Sam, Ana, Ben, Cleo, Dee and Eve."""
    return add_crew(store)


@pytest.fixture
def handed_over(store: Store, indexer: Indexer, space: Space, crew: Crew) -> Note:
    """A note from Sam to Ana, with a backup and a lead."""
    return hand_over(store, indexer, space, crew)
