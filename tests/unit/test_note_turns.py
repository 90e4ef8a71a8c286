"""Whose turn it is on real notes: stand-ins of who is away, and whom an overdue note went to. With their rights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kb import handovers
from kb.access import NotAllowed
from kb.handover.models import Answer, Note, NoteFilter, NoteState, Part, PartyId, Step
from kb.handovers import find_notes, submit_note
from kb.indexing import Indexer
from kb.models import Space, SpaceKind
from kb.my_day import Task, waiting_for
from kb.note_endings import return_note
from kb.note_steps import note_standing, possible_steps
from kb.people import disable
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, note_read_backs, note_seals, read_back
from kb.sharing import share_space
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team
from kb.verification import verify_handovers
from tests.unit.crew import DUE, SUMMARY, Crew, SetClock, hand_over, off
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import berlin, manila, new_york


def waiting(store: Store, crew: Crew) -> set[str]:
    """For whom a note waits, as each of them sees their own list."""
    return {name for name, person in crew.items() if find_notes(store, person, NoteFilter(my_turn=True))[1]}


def held_by(store: Store, crew: Crew) -> str:
    (summary,), _ = find_notes(store, crew["Sam"], NoteFilter())
    return summary.waits_for


# ---- overdue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "holder", "whose_turn"),
    [
        (DUE, "Ana", {"Ana"}),  # not overdue before it has passed
        (DUE + timedelta(seconds=1), "Ben", {"Ana", "Ben"}),
        (berlin("2026-11-28T12:00"), "Ben", {"Ana", "Ben"}),
        # Half an hour of Ben's time on Friday, one and a half on Monday; Cleo begins at 09:00 in New York.
        (berlin("2026-11-30T10:29"), "Ben", {"Ana", "Ben"}),
        (new_york("2026-11-30T08:59"), "Ben", {"Ana", "Ben"}),
        (new_york("2026-11-30T09:00"), "Cleo", {"Ana", "Ben", "Cleo"}),
    ],
)
def test_an_overdue_note_goes_to_the_backup_and_then_to_the_lead(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock, moment: datetime, holder: str,
    whose_turn: set[str],
) -> None:  # fmt: skip
    set_clock(moment)
    assert (held_by(store, crew), waiting(store, crew)) == (holder, whose_turn)


@pytest.mark.parametrize(
    ("due", "called"),
    [
        ("2026-11-27T18:00", "2026-11-30T09:00"),  # the weekend
        ("2026-12-24T20:00", "2026-12-28T09:00"),  # Christmas, and the weekend after it
        ("2026-11-26T22:00", "2026-11-27T09:00"),  # the night
    ],
)
def test_an_overdue_note_reaches_the_backup_at_the_right_local_hour(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock, due: str, called: str
) -> None:
    note = hand_over(store, indexer, space, crew, acknowledge_by=berlin(due))
    set_clock(berlin(called) - timedelta(seconds=1))
    assert waiting(store, crew) == {"Ana"}
    assert not note_standing(store, crew["Ben"], note).is_turn
    set_clock(berlin(called))
    assert waiting(store, crew) == {"Ana", "Ben"}
    standing = note_standing(store, crew["Ben"], note)
    assert (standing.is_turn, standing.calls[0].when) == (True, berlin(called))


def test_a_backup_may_read_back_before_it_comes_to_them(store: Store, crew: Crew, handed_over: Note) -> None:
    assert Step.READ_BACK in possible_steps(store, crew["Ben"], handed_over)
    assert possible_steps(store, crew["Cleo"], handed_over) == {Step.ASK}


def test_the_lead_acts_as_receiver_once_it_came_to_them(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    set_clock(new_york("2026-11-30T09:00"))
    assert {Step.READ_BACK, Step.RETURN, Step.BLOCK} <= possible_steps(store, crew["Cleo"], handed_over)
    given = read_back(store, crew["Cleo"], handed_over, SUMMARY, {0})
    (waiting_for,) = note_read_backs(store, crew["Sam"], given)
    assert waiting_for.person == crew["Cleo"]
    with pytest.raises(NotAllowed):
        confirm(store, crew["Cleo"], given, waiting_for)
    done = confirm(store, crew["Sam"], given, waiting_for)
    assert done.state is NoteState.ACKNOWLEDGED
    assert verify_handovers(store).findings == ()
    assert waiting(store, crew) == set()


def test_the_lead_speaks_for_a_sender_who_does_not_answer(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    asked = ask(store, crew["Ana"], handed_over, "Which bank?", blocking=True)
    with store.atomic() as db:  # as if she had asked in time
        db.execute("UPDATE handover_events SET at = '2026-11-26T12:00:00Z'")
    set_clock(DUE + timedelta(seconds=1))
    assert (held_by(store, crew), waiting(store, crew)) == ("Sam", {"Sam"})
    set_clock(new_york("2026-11-30T09:00"))
    assert (held_by(store, crew), waiting(store, crew)) == ("Cleo", {"Sam", "Cleo"})
    assert Step.READ_BACK not in possible_steps(store, crew["Cleo"], asked)
    (thread,) = note_threads(store, crew["Cleo"], asked)
    assert answer(store, crew["Cleo"], asked, thread.id, "The blue one.").state is NoteState.SUBMITTED


def test_who_may_not_see_the_note_is_not_called(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, crew["Sam"], crew["Ana"], crew["Cleo"]], [])
    note = hand_over(store, indexer, space, crew)
    set_clock(new_york("2026-11-27T12:00"))
    assert [(call.part, call.person) for call in note_standing(store, crew["Cleo"], note).calls] == [
        (Part.LEAD, crew["Cleo"])
    ]
    assert waiting(store, crew) == {"Ana", "Cleo"}


def test_a_backup_who_left_is_passed_over(store: Store, crew: Crew, handed_over: Note, set_clock: SetClock) -> None:
    disable(store, LOCAL, crew["Ben"].id)
    set_clock(new_york("2026-11-27T12:00"))
    assert (held_by(store, crew), waiting(store, crew)) == ("Cleo", {"Ana", "Cleo"})


# ---- stand-ins ----------------------------------------------------------------------------------------------------


def test_a_stand_in_receives_while_the_absence_lasts(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    off(store, crew["Ana"], "2026-11-27", "2026-11-27", crew["Dee"])
    assert waiting(store, crew) == {"Ana"}
    with pytest.raises(NotAllowed, match="Only the receiver or the backup"):
        read_back(store, crew["Dee"], handed_over, SUMMARY, {0})
    set_clock(manila("2026-11-27T00:00"))
    assert (held_by(store, crew), waiting(store, crew)) == ("Dee", {"Ana", "Dee"})
    standing = note_standing(store, crew["Dee"], handed_over)
    assert [(one.part, one.person, one.instead_of, one.last_day) for one in standing.parties.stand_ins] == [
        (Part.RECEIVER, crew["Dee"], crew["Ana"], date(2026, 11, 27))
    ]
    asked = ask(store, crew["Dee"], handed_over, "Which bank?", blocking=True)
    answered = answer(store, crew["Sam"], asked, note_threads(store, crew["Dee"], asked)[0].id, "The blue one")
    given = read_back(store, crew["Dee"], answered, SUMMARY, {0})
    (own,) = note_read_backs(store, crew["Sam"], given)
    assert own.person == crew["Dee"]  # recorded as themselves
    confirm(store, crew["Sam"], given, own)
    assert len(note_seals(store, LOCAL, handed_over)) == 1
    assert verify_handovers(store).findings == ()


def test_when_the_absence_is_over_the_stand_in_has_no_part(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    off(store, crew["Ana"], "2026-11-27", "2026-11-27", crew["Dee"])
    set_clock(manila("2026-11-28T00:00"))
    assert Step.READ_BACK not in possible_steps(store, crew["Dee"], handed_over)


def test_a_stand_in_confirms_for_the_sender(store: Store, crew: Crew, handed_over: Note, set_clock: SetClock) -> None:
    off(store, crew["Sam"], "2026-11-27", "2026-12-03", crew["Dee"])
    set_clock(berlin("2026-11-27T10:00"))
    given = read_back(store, crew["Ana"], handed_over, SUMMARY, {0})
    assert (held_by(store, crew), waiting(store, crew)) == ("Dee", {"Sam", "Dee"})
    (waiting_for,) = note_read_backs(store, crew["Dee"], given)
    done = confirm(store, crew["Dee"], given, waiting_for)
    assert done.state is NoteState.ACKNOWLEDGED
    assert note_read_backs(store, crew["Sam"], done)[0].judge == crew["Dee"]


def test_a_sender_who_stands_in_for_the_receiver_does_not_hand_over_to_themselves(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    off(store, crew["Ana"], "2026-11-27", "2026-12-03", crew["Sam"])
    set_clock(berlin("2026-11-27T10:00"))
    with pytest.raises(NotAllowed):
        read_back(store, crew["Sam"], handed_over, SUMMARY, {0})
    assert (held_by(store, crew), waiting(store, crew)) == ("Ana", {"Ana"})


def test_who_stands_in_for_both_sides_receives_only(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    for name in ("Sam", "Ana"):
        off(store, crew[name], "2026-11-27", "2026-12-03", crew["Dee"])
    set_clock(berlin("2026-11-27T10:00"))
    assert note_standing(store, crew["Dee"], handed_over).parts == {Part.RECEIVER}
    given = read_back(store, crew["Dee"], handed_over, SUMMARY, {0})
    with pytest.raises(NotAllowed):
        confirm(store, crew["Dee"], given, note_read_backs(store, crew["Dee"], given)[0])


def test_a_stand_in_who_is_away_hands_on_and_one_who_may_not_see_the_note_has_no_part(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    note = hand_over(store, indexer, space, crew)
    off(store, crew["Ana"], "2026-11-27", "2026-11-27", crew["Dee"])
    off(store, crew["Dee"], "2026-11-26", "2026-11-30", crew["Eve"])
    set_clock(berlin("2026-11-27T10:00"))
    assert (held_by(store, crew), waiting(store, crew)) == ("Eve", {"Ana", "Eve"})
    members = [LOCAL, *(crew[name] for name in ("Sam", "Ana", "Ben", "Cleo", "Dee"))]
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, members, [])
    assert (held_by(store, crew), waiting(store, crew)) == ("Ana", {"Ana"})
    assert note_standing(store, crew["Ana"], note).parties.stand_ins == ()


def test_an_absent_backups_stand_in_is_called(store: Store, crew: Crew, handed_over: Note, set_clock: SetClock) -> None:
    off(store, crew["Ben"], "2026-11-27", "2026-12-04", crew["Dee"])
    set_clock(DUE + timedelta(minutes=1))
    assert (held_by(store, crew), waiting(store, crew)) == ("Dee", {"Ana", "Dee"})


def test_a_team_receives_as_each_of_its_members(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    team = save_team(store, LOCAL, "Day", "", None, [crew["Ana"], crew["Dee"]])
    note = hand_over(store, indexer, space, crew, receiver="Day", receiver_id=PartyId(team=team.id))
    off(store, crew["Ana"], "2026-11-27", "2026-12-04", crew["Eve"])
    set_clock(berlin("2026-11-27T10:00"))
    assert (held_by(store, crew), waiting(store, crew)) == ("Day", {"Ana", "Dee", "Eve"})
    assert read_back(store, crew["Eve"], note, SUMMARY, {0}).state is NoteState.READ_BACK


def test_a_note_without_accounts_waits_for_a_name(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    ids = dict.fromkeys(("receiver_id", "backup_id", "lead_id"))
    hand_over(store, indexer, space, crew, **ids)
    set_clock(datetime(2026, 12, 1, tzinfo=UTC))
    assert (held_by(store, crew), waiting(store, crew)) == ("Ana", set())


def test_a_critical_note_reaches_the_lead_sooner(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    text = shift_note().header.status
    note = hand_over(store, indexer, space, crew, status=type(text).CRITICAL, acknowledge_by=berlin("2026-11-27T15:30"))
    set_clock(berlin("2026-11-27T15:31"))
    assert [call.when for call in note_standing(store, crew["Ben"], note).calls] == [
        berlin("2026-11-27T15:30"), berlin("2026-11-27T16:00"),
    ]  # fmt: skip


def test_an_old_answer_of_the_clock_changes_nothing_that_is_stored(
    store: Store, crew: Crew, handed_over: Note, set_clock: SetClock
) -> None:
    """Nothing is written when a note escalates: an absence that is told late moves it on at once."""
    set_clock(DUE + timedelta(minutes=1))
    assert held_by(store, crew) == "Ben"
    off(store, crew["Ben"], "2026-11-26", "2026-12-04", crew["Dee"])
    assert held_by(store, crew) == "Dee"
    assert handovers.read_note(store, crew["Sam"], handed_over.page.slug) == replace(handed_over)


# ---- a returned note whose writer is away -------------------------------------------------------------------------


@pytest.fixture
def returned(store: Store, crew: Crew, handed_over: Note) -> Note:
    """A note that came back to Sam, for whom Dee, an author, stands in."""
    with store.atomic() as db:
        db.execute("UPDATE people SET role = 'author' WHERE name = 'Dee'")
    off(store, crew["Sam"], "2026-11-26", "2026-12-03", crew["Dee"])
    return return_note(store, crew["Ana"], handed_over, "Name the bank")


def test_the_stand_in_of_the_writer_changes_what_was_returned(
    store: Store, indexer: Indexer, crew: Crew, returned: Note, set_clock: SetClock
) -> None:
    dee = crew["Dee"]
    assert (held_by(store, crew), waiting(store, crew)) == ("Dee", {"Sam", "Dee"})
    assert [(one.task, one.slug, one.instead_of) for one in waiting_for(store, dee, berlin("2026-11-26T12:00"))] == [
        (Task.CHANGE, returned.page.slug, crew["Sam"])
    ]
    text = replace(returned.text, answers={**returned.text.answers, "staffing": Answer("The bank is Umbra.")})
    note = submit_note(store, indexer, dee, text, returned.page.space, returned)
    assert (note.version, note.state, note.page.owner) == (2, NoteState.SUBMITTED, crew["Sam"])
    assert Step.SUBMIT not in possible_steps(store, dee, note)  # a note that others read is its writer's
    # Sam still hands it over, and does not take over what Dee submitted.
    standing = note_standing(store, crew["Sam"], note)
    assert standing.parties.handing_over == {crew["Sam"]}
    note = read_back(store, crew["Ana"], note, SUMMARY, {0})
    confirm(store, dee, note, note_read_backs(store, dee, note)[0])
    assert verify_handovers(store).findings == ()


def test_nobody_else_changes_it(
    store: Store, indexer: Indexer, crew: Crew, returned: Note, set_clock: SetClock
) -> None:
    for name in ("Ana", "Ben", "Cleo", "Eve"):
        assert Step.SUBMIT not in possible_steps(store, crew[name], returned), name
        with pytest.raises(NotAllowed):
            submit_note(store, indexer, crew[name], returned.text, returned.page.space, returned)
    set_clock(berlin("2026-12-04T12:00"))  # Sam is back
    assert Step.SUBMIT not in possible_steps(store, crew["Dee"], returned)
    assert waiting(store, crew) == {"Sam"}


@pytest.mark.parametrize("deputy", ["Ana", "Ben", "Eve"])
def test_who_receives_it_or_may_only_read_does_not_change_it_for_the_writer(
    store: Store, crew: Crew, handed_over: Note, deputy: str
) -> None:
    with store.atomic() as db:
        db.execute("UPDATE people SET role = 'author' WHERE name IN ('Ana', 'Ben')")
    off(store, crew["Sam"], "2026-11-26", "2026-12-03", crew[deputy])
    note = return_note(store, crew["Ana"], handed_over, "Name the bank")
    assert Step.SUBMIT not in possible_steps(store, crew[deputy], note)
    assert waiting(store, crew) == {"Sam"}
    assert waiting_for(store, crew[deputy], berlin("2026-11-26T12:00")) == []


def test_who_stands_in_for_both_sides_does_not_change_it(store: Store, crew: Crew, returned: Note) -> None:
    off(store, crew["Ana"], "2026-11-26", "2026-12-03", crew["Dee"])
    assert Step.SUBMIT not in possible_steps(store, crew["Dee"], returned)
    assert waiting(store, crew) == {"Sam"}
