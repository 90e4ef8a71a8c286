"""People in three time zones who hand over to each other, and the fixtures that make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from kb.handover.models import Note, PartyId
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space
from kb.profiles import add_absence, save_profile
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import BERLIN, MANILA, NEW_YORK, berlin

SUMMARY = "I call the bank about the refund batch and tell Ana."
SUBMITTED_AT = berlin("2026-11-26T12:00")  # a Thursday
DUE = berlin("2026-11-27T16:30")  # half an hour before Berlin's weekend

SetClock = Callable[[datetime], None]
Crew = dict[str, Person]


def add_crew(store: Store) -> Crew:
    """Sam hands over to Ana in Manila; Ben in Berlin is the backup, Cleo in New York the lead; Dee and Eve stand by."""
    names = ("Ana", "Ben", "Cleo", "Dee", "Eve")
    with store.atomic() as db:
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = 1")
        found = {"Sam": people.add(db, "Sam", "Sam@example.com", Role.AUTHOR)}
        found |= {name: people.add(db, name, f"{name}@example.com", Role.READER) for name in names}
    zones = {"Sam": BERLIN, "Ana": MANILA, "Ben": BERLIN, "Cleo": NEW_YORK, "Dee": BERLIN, "Eve": BERLIN}
    for name, profile in zones.items():
        save_profile(store, LOCAL, found[name].id, profile)
    return found


def hand_over(store: Store, indexer: Indexer, space: Space, crew: Crew, **changes: object) -> Note:
    """A note from Sam to Ana, submitted; ``changes`` are fields of its header."""
    named = {"sender": "Sam", "receiver": "Ana", "backup": "Ben", "lead": "Cleo"}
    ids = {f"{part}_id": PartyId(crew[name].id) for part, name in named.items()}
    text = shift_note(**(named | ids | {"effective": SUBMITTED_AT, "acknowledge_by": DUE} | changes))
    return submit_note(store, indexer, crew["Sam"], text, space)


def off(store: Store, person: Person, first: str, last: str, stand_in: Person | None = None) -> None:
    """Let somebody be away on these days."""
    add_absence(store, LOCAL, person.id, date.fromisoformat(first), date.fromisoformat(last), stand_in)
