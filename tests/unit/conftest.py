"""What several unit tests begin with: a crew in three time zones, and a clock that can be set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.handover.models import Note
from kb.indexing import Indexer
from kb.models import Space
from kb.store.db import Store
from tests.clock import own_clock
from tests.unit.crew import SUBMITTED_AT, Crew, SetClock, add_crew, hand_over


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """Makes it a moment: ``set_clock(berlin("2026-11-27T17:00"))``."""
    with own_clock(SUBMITTED_AT) as clock:
        yield clock.set


@pytest.fixture
def crew(store: Store, set_clock: SetClock) -> Crew:
    """Sam, Ana, Ben, Cleo, Dee and Eve."""
    return add_crew(store)


@pytest.fixture
def handed_over(store: Store, indexer: Indexer, space: Space, crew: Crew) -> Note:
    """A note from Sam to Ana, with a backup and a lead."""
    return hand_over(store, indexer, space, crew)
