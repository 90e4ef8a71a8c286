"""Whom each step of a note's life is told, at the bell, in My day and in digests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from kb.agenda import agenda
from kb.handover.models import Note, Part, Party, PartyId, Step
from kb.handovers import read_note, submit_note
from kb.indexing import Indexer
from kb.models import Role, Space
from kb.my_day import awaited_by, changes_for, count_changes, mark_seen, waiting_for
from kb.note_endings import cancel_note, close_note, reopen_note, return_note
from kb.note_receiver import name_receiver
from kb.note_steps import note_events
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, decline, note_read_backs, read_back
from kb.store import people, teams
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.crew import SUMMARY, Crew, SetClock, off
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import manila, new_york

CALLED = new_york("2026-11-30T09:00")  # when the note, overdue, has come to Cleo
BY = CALLED + timedelta(hours=3)
EVERYBODY = ("Sam", "Ana", "Ben", "Cleo", "Dee", "Eve")


@dataclass(frozen=True)
class World:
    """A note from Sam to Ana, with Ben as the backup and Cleo as the lead."""

    store: Store
    indexer: Indexer
    space: Space
    crew: Crew
    set_clock: SetClock
    note: Note

    def asked(self, name: str = "Ana", *, blocking: bool = False) -> Note:
        return ask(self.store, self.crew[name], self.note, "Which bank?", blocking=blocking)

    def answered(self, note: Note) -> Note:
        (thread,) = note_threads(self.store, LOCAL, note)
        return answer(self.store, self.crew["Sam"], note, thread.id, "Contoso")

    def read_back(self, name: str = "Ana") -> Note:
        return read_back(self.store, self.crew[name], self.note, SUMMARY, {0})

    def confirmed(self, note: Note) -> Note:
        return confirm(self.store, self.crew["Sam"], note, note_read_backs(self.store, LOCAL, note)[0])

    def declined(self, note: Note) -> Note:
        given = note_read_backs(self.store, LOCAL, note)[0]
        return decline(self.store, self.crew["Sam"], note, given, "And the cards?")

    def closed(self) -> Note:
        return close_note(self.store, self.crew["Sam"], self.confirmed(self.read_back()))

    def submitted_again(self, **changes: object) -> Note:
        header = replace(self.note.text.header, **changes)
        text = replace(self.note.text, header=header)
        return submit_note(self.store, self.indexer, self.crew["Sam"], text, self.space, self.note)

    def passed_on(self, to: Party) -> Note:
        self.set_clock(CALLED)
        return name_receiver(self.store, self.indexer, self.crew["Cleo"], self.note, to, BY, "Ana is ill")

    def superseded(self) -> Note:
        # A note to Dee alone, so that whom the old one named hear of it from the old one.
        text = replace(self.note.text, header=self.note.text.header.with_parties({Part.RECEIVER: self.party("Dee")}))
        submit_note(self.store, self.indexer, self.crew["Sam"], text, self.space, None, self.note)
        return read_note(self.store, LOCAL, self.note.page.slug)

    def told(self, step: Step, moment: datetime = CALLED) -> dict[str, bool]:
        """Who is told this step of the note, each with whether they have no part in it any more."""
        return {
            name: one.left
            for name in EVERYBODY
            for one in changes_for(self.store, self.crew[name], moment)
            if (one.slug, one.step) == (self.note.page.slug, step)
        }

    def party(self, name: str) -> Party:
        return Party(name, PartyId(self.crew[name].id))


@pytest.fixture
def world(store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock, handed_over: Note) -> World:
    return World(store, indexer, space, crew, set_clock, handed_over)


Take = Callable[[World], object]
OTHERS_OF_SAM, OTHERS_OF_ANA, OTHERS_OF_CLEO = (
    {name for name in ("Sam", "Ana", "Ben", "Cleo") if name != actor} for actor in ("Sam", "Ana", "Cleo")
)
STEPS: dict[Step, tuple[Take, set[str]]] = {
    Step.SUBMIT: (lambda w: None, OTHERS_OF_SAM),
    Step.ASK: (lambda w: w.asked(), OTHERS_OF_ANA),
    Step.BLOCK: (lambda w: w.asked(blocking=True), OTHERS_OF_ANA),
    Step.ANSWER: (lambda w: w.answered(w.asked()), OTHERS_OF_SAM),
    Step.READ_BACK: (lambda w: w.read_back(), OTHERS_OF_ANA),
    Step.CONFIRM: (lambda w: w.confirmed(w.read_back()), OTHERS_OF_SAM),
    Step.DECLINE: (lambda w: w.declined(w.read_back()), OTHERS_OF_SAM),
    Step.RETURN: (lambda w: return_note(w.store, w.crew["Ana"], w.note, "The SLA clock"), OTHERS_OF_ANA),
    Step.CLOSE: (lambda w: w.closed(), OTHERS_OF_SAM),
    Step.REOPEN: (lambda w: reopen_note(w.store, w.crew["Ana"], w.closed(), "It is back"), OTHERS_OF_ANA),
    Step.CANCEL: (lambda w: cancel_note(w.store, w.crew["Sam"], w.note, "A mistake"), OTHERS_OF_SAM),
    Step.SUPERSEDE: (lambda w: w.superseded(), OTHERS_OF_SAM),
    Step.PASS_ON: (lambda w: w.passed_on(w.party("Dee")), {"Sam", "Ana", "Ben", "Dee"}),
}


def test_every_step_of_the_life_is_here() -> None:
    assert set(STEPS) == set(Step)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_step_is_told_to_everybody_it_concerns_and_to_nobody_else(world: World, step: Step) -> None:
    take, expected = STEPS[step]
    take(world)
    assert set(world.told(step)) == expected


def test_the_former_receiver_is_told_and_nothing_waits_for_them_any_more(world: World) -> None:
    ana, dee, slug = world.crew["Ana"], world.crew["Dee"], world.note.page.slug
    for one in changes_for(world.store, ana, CALLED)[:1]:
        mark_seen(world.store, ana, one.id)
    assert [one.slug for one in waiting_for(world.store, ana, CALLED)] == [slug]
    note = world.passed_on(world.party("Dee"))
    (change,) = changes_for(world.store, ana, CALLED)
    assert (change.step, change.left, change.reason) == (Step.PASS_ON, True, "To Dee instead of Ana: Ana is ill")
    assert count_changes(world.store, ana, CALLED) == 1
    assert agenda(world.store, ana, CALLED).day.changes == (change,)
    assert (waiting_for(world.store, ana, CALLED), awaited_by(world.store, ana, CALLED)) == ([], [])
    assert world.told(Step.PASS_ON) == {"Sam": False, "Ana": True, "Ben": False, "Dee": False}
    # What follows is Dee's.
    read_back(world.store, dee, note, SUMMARY, {0})
    assert [one.step for one in changes_for(world.store, ana, CALLED)] == [Step.PASS_ON]
    assert note_events(world.store, LOCAL, note)[0].actor == dee
    mark_seen(world.store, ana, change.id)
    assert count_changes(world.store, ana, CALLED) == 0


def test_the_members_of_a_team_are_told_that_it_is_theirs_no_longer(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    with store.atomic() as db:
        team = teams.save(db, None, "Night", "", None)
        teams.set_members(db, team, [crew["Ana"].id, crew["Eve"].id])
    text = shift_note(
        sender="Sam", sender_id=PartyId(crew["Sam"].id), receiver="Night", receiver_id=PartyId(team=team),
        lead="Cleo", lead_id=PartyId(crew["Cleo"].id), effective=CALLED - timedelta(days=5),
        acknowledge_by=CALLED - timedelta(days=4),
    )  # fmt: skip
    set_clock(CALLED - timedelta(days=5, hours=1))
    world = World(store, indexer, space, crew, set_clock, submit_note(store, indexer, crew["Sam"], text, space))
    world.passed_on(world.party("Dee"))
    assert world.told(Step.PASS_ON) == {"Sam": False, "Ana": True, "Dee": False, "Eve": True}


def test_who_stands_in_for_the_former_receiver_is_told(world: World) -> None:
    off(world.store, world.crew["Ana"], "2026-11-30", "2026-12-01", world.crew["Eve"])
    world.passed_on(world.party("Dee"))
    assert world.told(Step.PASS_ON, manila("2026-12-01T09:00"))["Eve"] is True


def test_an_edit_that_names_others_is_told_to_whom_it_named_before(world: World) -> None:
    crew = world.crew
    note = world.submitted_again(
        receiver="Dee", receiver_id=PartyId(crew["Dee"].id), backup="Ana", backup_id=PartyId(crew["Ana"].id)
    )
    assert note.version == 2
    latest = {
        name: [(one.version, one.left) for one in changes_for(world.store, crew[name], CALLED)] for name in EVERYBODY
    }
    assert latest == {
        "Sam": [],
        "Ana": [(2, False), (1, False)],  # who is the backup now
        "Ben": [(2, True)],
        "Cleo": [(2, False), (1, False)],
        "Dee": [(2, False), (1, False)],
        "Eve": [],
    }


def test_who_asked_hears_the_answer_also_without_a_part(world: World) -> None:
    with world.store.atomic() as db:
        people.set_role(db, world.crew["Eve"].id, Role.LEAD)
    world.answered(world.asked("Eve"))
    assert "Eve" in world.told(Step.ANSWER)
    assert "Eve" not in world.told(Step.SUBMIT)


def test_who_read_back_as_a_stand_in_hears_the_verdict_also_afterwards(world: World) -> None:
    off(world.store, world.crew["Ana"], "2026-11-26", "2026-11-27", world.crew["Eve"])
    world.set_clock(manila("2026-11-27T09:00"))
    note = world.read_back("Eve")
    world.set_clock(manila("2026-12-01T09:00"))  # Ana is back
    world.declined(note)
    assert world.told(Step.DECLINE, manila("2026-12-01T09:00")) == {
        "Ana": False, "Ben": False, "Cleo": False, "Eve": False,
    }  # fmt: skip
