"""The lead whom an overdue note came to names another receiver."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.access import NotAllowed
from kb.handover.models import Note, NoteState, Party, PartyId, Step
from kb.handover.text import NoteError
from kb.handovers import NotReady, read_note
from kb.indexing import Indexer
from kb.models import Person, SpaceKind
from kb.my_day import Task, changes_for, count_changes, waiting_for
from kb.note_receiver import name_receiver
from kb.note_steps import StaleNote, note_events, possible_steps
from kb.private_data import PrivateDataFound
from kb.read_backs import confirm, note_read_backs, read_back
from kb.sharing import share_space
from kb.store import audit
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.verification import verify_handovers
from tests.unit.crew import DUE, SUMMARY, Crew, SetClock
from tests.unit.test_escalation import new_york

CALLED = new_york("2026-11-30T09:00")
BY = CALLED + timedelta(hours=3)
WHY = "Ana is ill"


def party(person: Person) -> Party:
    return Party(person.name, PartyId(person.id))


@pytest.fixture
def called(handed_over: Note, set_clock: SetClock) -> Note:
    """The note, overdue, on the day that it came to Cleo."""
    set_clock(CALLED)
    return handed_over


def test_the_note_goes_to_the_new_receiver_who_is_told(
    store: Store, indexer: Indexer, crew: Crew, called: Note
) -> None:
    dee = crew["Dee"]
    assert (waiting_for(store, dee, CALLED), count_changes(store, dee, CALLED)) == ([], 0)
    note = name_receiver(store, indexer, crew["Cleo"], called, party(dee), BY, WHY)
    header = note.text.header
    assert (note.version, note.state, header.receiver, header.receiver_id) == (
        2,
        NoteState.SUBMITTED,
        "Dee",
        PartyId(dee.id),
    )
    assert (header.acknowledge_by, header.backup, note.page.owner) == (BY, "Ben", crew["Sam"])
    assert (note.text.answers, note.text.items) == (called.text.answers, called.text.items)
    assert note_events(store, LOCAL, note)[0].reason == "To Dee instead of Ana: Ana is ill"
    assert [(one.task, one.slug, one.overdue) for one in waiting_for(store, dee, CALLED)] == [
        (Task.READ_BACK, note.page.slug, False)
    ]
    assert [change.step for change in changes_for(store, dee, CALLED)] == [Step.PASS_ON, Step.SUBMIT]
    assert Step.PASS_ON in [change.step for change in changes_for(store, crew["Sam"], CALLED)]
    assert possible_steps(store, crew["Ana"], note) == frozenset()
    with store.reading() as db:
        (line,) = audit.find(db, AuditFilter(actions=("note.pass_on",)), 10)
    assert (line.actor, line.detail) == (
        crew["Cleo"],
        f"version 2, receiver person {crew['Ana'].id} to person {dee.id}",
    )
    note = read_back(store, dee, note, SUMMARY, {0})
    done = confirm(store, crew["Sam"], note, note_read_backs(store, dee, note)[0])
    assert done.state is NoteState.ACKNOWLEDGED
    assert verify_handovers(store).findings == ()


def test_only_the_lead_whom_it_came_to_and_only_then(
    store: Store, indexer: Indexer, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    dee = party(crew["Dee"])
    set_clock(DUE + timedelta(seconds=1))  # it is with Ben
    for name in ("Sam", "Ana", "Ben", "Cleo", "Eve"):
        with pytest.raises(NotAllowed, match="the lead to whom it came because it is overdue"):
            name_receiver(store, indexer, crew[name], handed_over, dee, BY, WHY)
    set_clock(CALLED)
    for name in ("Sam", "Ana", "Ben", "Eve"):
        with pytest.raises(NotAllowed):
            name_receiver(store, indexer, crew[name], handed_over, dee, BY, WHY)
    assert name_receiver(store, indexer, crew["Cleo"], handed_over, dee, BY, WHY).version == 2
    # It is not overdue any more.
    with pytest.raises(NotAllowed):
        name_receiver(
            store, indexer, crew["Cleo"], read_note(store, LOCAL, handed_over.page.slug), party(crew["Ana"]), BY, WHY
        )


def test_who_is_named_can_take_it_over(store: Store, indexer: Indexer, crew: Crew, called: Note) -> None:
    cleo = crew["Cleo"]
    for receiver, why in (
        (Party("Somebody"), "with an account"),
        (party(crew["Ana"]), "its receiver already"),
        (party(crew["Sam"]), "Nobody hands over to themselves"),
    ):
        with pytest.raises(NoteError, match=why):
            name_receiver(store, indexer, cleo, called, receiver, BY, WHY)
    with pytest.raises(NotReady, match="has passed already"):
        name_receiver(store, indexer, cleo, called, party(crew["Dee"]), CALLED - timedelta(hours=1), WHY)
    with pytest.raises(NoteError, match="Say why"):
        name_receiver(store, indexer, cleo, called, party(crew["Dee"]), BY, " ")
    with pytest.raises(PrivateDataFound):
        name_receiver(store, indexer, cleo, called, party(crew["Dee"]), BY, "Card 4111 1111 1111 1111")
    share_space(
        store,
        LOCAL,
        called.page.space,
        SpaceKind.RESTRICTED,
        [crew[name] for name in ("Sam", "Ana", "Ben", "Cleo")],
        [],
    )
    with pytest.raises(NoteError, match="Dee may not see the space"):
        name_receiver(store, indexer, cleo, called, party(crew["Dee"]), BY, WHY)
    assert read_note(store, LOCAL, called.page.slug).version == 1


def test_who_was_called_may_not_pass_on_what_was_read_back_meanwhile(
    store: Store, indexer: Indexer, crew: Crew, called: Note
) -> None:
    read_back(store, crew["Ana"], called, SUMMARY, {0})
    with pytest.raises(StaleNote, match="Ana read this note back at"):
        name_receiver(store, indexer, crew["Cleo"], called, party(crew["Dee"]), BY, WHY)


def test_of_two_who_pass_it_on_the_second_is_told_of_the_first(
    store: Store, indexer: Indexer, crew: Crew, called: Note
) -> None:
    name_receiver(store, indexer, crew["Cleo"], called, party(crew["Dee"]), BY, WHY)
    with pytest.raises(StaleNote, match="Cleo passed this note on at"):
        name_receiver(store, indexer, crew["Cleo"], called, party(crew["Eve"]), BY, WHY)
