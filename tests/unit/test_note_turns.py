"""Whose turn it is on real notes: stand-ins of who is away, and whom an overdue note went to. With their rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kb import handovers, note_parties, profiles
from kb.access import NotAllowed
from kb.handover.models import Note, NoteFilter, NoteState, Part, PartyId, Step
from kb.handovers import find_notes, submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space, SpaceKind
from kb.note_steps import note_standing, possible_steps
from kb.people import disable
from kb.profiles import add_absence, save_profile
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, note_read_backs, note_seals, read_back
from kb.sharing import share_space
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team
from kb.verification import verify_handovers
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import BERLIN, MANILA, NEW_YORK, berlin, manila, new_york

SUMMARY = "I call the bank about the refund batch and tell Ana."
SUBMITTED_AT = berlin("2026-11-26T12:00")  # a Thursday
DUE = berlin("2026-11-27T16:30")  # half an hour before Berlin's weekend

SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Makes it a moment for the rules of notes: ``set_clock(berlin("2026-11-27T17:00"))``."""

    def to(moment: datetime) -> None:
        for module in (handovers, note_parties, profiles):
            monkeypatch.setattr(module, "now", lambda: moment)

    to(SUBMITTED_AT)
    return to


@pytest.fixture
def cast(store: Store, set_clock: SetClock) -> dict[str, Person]:
    """Sam hands over to Ana in Manila; Ben in Berlin is the backup, Cleo in New York the lead; Dee and Eve stand by."""
    with store.atomic() as db:
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = 1")
        found = {
            name: people.add(db, name, f"{name}@example.com", role)
            for name, role in [
                ("Sam", Role.AUTHOR),
                *((name, Role.READER) for name in ("Ana", "Ben", "Cleo", "Dee", "Eve")),
            ]
        }
    zones = {"Sam": BERLIN, "Ana": MANILA, "Ben": BERLIN, "Cleo": NEW_YORK, "Dee": BERLIN, "Eve": BERLIN}
    for name, profile in zones.items():
        save_profile(store, LOCAL, found[name].id, profile)
    return found


@pytest.fixture
def note(store: Store, indexer: Indexer, space: Space, cast: dict[str, Person]) -> Note:
    return hand_over(store, indexer, space, cast)


def hand_over(store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], **changes: object) -> Note:
    named = {"sender": "Sam", "receiver": "Ana", "backup": "Ben", "lead": "Cleo"}
    ids = {f"{part}_id": PartyId(cast[name].id) for part, name in named.items()}
    text = shift_note(**(named | ids | {"effective": SUBMITTED_AT, "acknowledge_by": DUE} | changes))
    return submit_note(store, indexer, cast["Sam"], text, space)


def off(store: Store, person: Person, first: str, last: str, stand_in: Person | None = None) -> None:
    add_absence(store, LOCAL, person.id, date.fromisoformat(first), date.fromisoformat(last), stand_in)


def waiting(store: Store, cast: dict[str, Person]) -> set[str]:
    """For whom a note waits, as each of them sees their own list."""
    return {name for name, person in cast.items() if find_notes(store, person, NoteFilter(my_turn=True))[1]}


def held_by(store: Store, cast: dict[str, Person]) -> str:
    (summary,), _ = find_notes(store, cast["Sam"], NoteFilter())
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
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock, moment: datetime, holder: str,
    whose_turn: set[str],
) -> None:  # fmt: skip
    set_clock(moment)
    assert (held_by(store, cast), waiting(store, cast)) == (holder, whose_turn)


@pytest.mark.parametrize(
    ("due", "called"),
    [
        ("2026-11-27T18:00", "2026-11-30T09:00"),  # the weekend
        ("2026-12-24T20:00", "2026-12-28T09:00"),  # Christmas, and the weekend after it
        ("2026-11-26T22:00", "2026-11-27T09:00"),  # the night
    ],
)
def test_an_overdue_note_reaches_the_backup_at_the_right_local_hour(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock, due: str, called: str
) -> None:
    note = hand_over(store, indexer, space, cast, acknowledge_by=berlin(due))
    set_clock(berlin(called) - timedelta(seconds=1))
    assert waiting(store, cast) == {"Ana"}
    assert not note_standing(store, cast["Ben"], note).is_turn
    set_clock(berlin(called))
    assert waiting(store, cast) == {"Ana", "Ben"}
    standing = note_standing(store, cast["Ben"], note)
    assert (standing.is_turn, standing.calls[0].when) == (True, berlin(called))


def test_a_backup_may_read_back_before_it_comes_to_them(store: Store, cast: dict[str, Person], note: Note) -> None:
    assert Step.READ_BACK in possible_steps(store, cast["Ben"], note)
    assert possible_steps(store, cast["Cleo"], note) == {Step.ASK}


def test_the_lead_acts_as_receiver_once_it_came_to_them(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    set_clock(new_york("2026-11-30T09:00"))
    assert {Step.READ_BACK, Step.RETURN, Step.BLOCK} <= possible_steps(store, cast["Cleo"], note)
    given = read_back(store, cast["Cleo"], note, SUMMARY, {0})
    (waiting_for,) = note_read_backs(store, cast["Sam"], given)
    assert waiting_for.person == cast["Cleo"]
    with pytest.raises(NotAllowed):
        confirm(store, cast["Cleo"], given, waiting_for)
    done = confirm(store, cast["Sam"], given, waiting_for)
    assert done.state is NoteState.ACKNOWLEDGED
    assert verify_handovers(store).findings == ()
    assert waiting(store, cast) == set()


def test_the_lead_speaks_for_a_sender_who_does_not_answer(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    asked = ask(store, cast["Ana"], note, "Which bank?", blocking=True)
    with store.atomic() as db:  # as if she had asked in time
        db.execute("UPDATE handover_events SET at = '2026-11-26T12:00:00Z'")
    set_clock(DUE + timedelta(seconds=1))
    assert (held_by(store, cast), waiting(store, cast)) == ("Sam", {"Sam"})
    set_clock(new_york("2026-11-30T09:00"))
    assert (held_by(store, cast), waiting(store, cast)) == ("Cleo", {"Sam", "Cleo"})
    assert Step.READ_BACK not in possible_steps(store, cast["Cleo"], asked)
    (thread,) = note_threads(store, cast["Cleo"], asked)
    assert answer(store, cast["Cleo"], asked, thread.id, "The blue one.").state is NoteState.SUBMITTED


def test_who_may_not_see_the_note_is_not_called(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock
) -> None:
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, cast["Sam"], cast["Ana"], cast["Cleo"]], [])
    note = hand_over(store, indexer, space, cast)
    set_clock(new_york("2026-11-27T12:00"))
    assert [(call.part, call.person) for call in note_standing(store, cast["Cleo"], note).calls] == [
        (Part.LEAD, cast["Cleo"])
    ]
    assert waiting(store, cast) == {"Ana", "Cleo"}


def test_a_backup_who_left_is_passed_over(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    disable(store, LOCAL, cast["Ben"].id)
    set_clock(new_york("2026-11-27T12:00"))
    assert (held_by(store, cast), waiting(store, cast)) == ("Cleo", {"Ana", "Cleo"})


# ---- stand-ins ----------------------------------------------------------------------------------------------------


def test_a_stand_in_receives_while_the_absence_lasts(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    off(store, cast["Ana"], "2026-11-27", "2026-11-27", cast["Dee"])
    assert waiting(store, cast) == {"Ana"}
    with pytest.raises(NotAllowed, match="Only the receiver or the backup"):
        read_back(store, cast["Dee"], note, SUMMARY, {0})
    set_clock(manila("2026-11-27T00:00"))
    assert (held_by(store, cast), waiting(store, cast)) == ("Dee", {"Ana", "Dee"})
    standing = note_standing(store, cast["Dee"], note)
    assert [(one.part, one.person, one.instead_of, one.last_day) for one in standing.parties.stand_ins] == [
        (Part.RECEIVER, cast["Dee"], cast["Ana"], date(2026, 11, 27))
    ]
    asked = ask(store, cast["Dee"], note, "Which bank?", blocking=True)
    answered = answer(store, cast["Sam"], asked, note_threads(store, cast["Dee"], asked)[0].id, "The blue one")
    given = read_back(store, cast["Dee"], answered, SUMMARY, {0})
    (own,) = note_read_backs(store, cast["Sam"], given)
    assert own.person == cast["Dee"]  # recorded as themselves
    confirm(store, cast["Sam"], given, own)
    assert len(note_seals(store, LOCAL, note)) == 1
    assert verify_handovers(store).findings == ()


def test_when_the_absence_is_over_the_stand_in_has_no_part(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    off(store, cast["Ana"], "2026-11-27", "2026-11-27", cast["Dee"])
    set_clock(manila("2026-11-28T00:00"))
    assert Step.READ_BACK not in possible_steps(store, cast["Dee"], note)


def test_a_stand_in_confirms_for_the_sender(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    off(store, cast["Sam"], "2026-11-27", "2026-12-03", cast["Dee"])
    set_clock(berlin("2026-11-27T10:00"))
    given = read_back(store, cast["Ana"], note, SUMMARY, {0})
    assert (held_by(store, cast), waiting(store, cast)) == ("Dee", {"Sam", "Dee"})
    (waiting_for,) = note_read_backs(store, cast["Dee"], given)
    done = confirm(store, cast["Dee"], given, waiting_for)
    assert done.state is NoteState.ACKNOWLEDGED
    assert note_read_backs(store, cast["Sam"], done)[0].judge == cast["Dee"]


def test_a_sender_who_stands_in_for_the_receiver_does_not_hand_over_to_themselves(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    off(store, cast["Ana"], "2026-11-27", "2026-12-03", cast["Sam"])
    set_clock(berlin("2026-11-27T10:00"))
    with pytest.raises(NotAllowed):
        read_back(store, cast["Sam"], note, SUMMARY, {0})
    assert (held_by(store, cast), waiting(store, cast)) == ("Ana", {"Ana"})


def test_who_stands_in_for_both_sides_receives_only(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    for name in ("Sam", "Ana"):
        off(store, cast[name], "2026-11-27", "2026-12-03", cast["Dee"])
    set_clock(berlin("2026-11-27T10:00"))
    assert note_standing(store, cast["Dee"], note).parts == {Part.RECEIVER}
    given = read_back(store, cast["Dee"], note, SUMMARY, {0})
    with pytest.raises(NotAllowed):
        confirm(store, cast["Dee"], given, note_read_backs(store, cast["Dee"], given)[0])


def test_a_stand_in_who_is_away_hands_on_and_one_who_may_not_see_the_note_has_no_part(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock
) -> None:
    note = hand_over(store, indexer, space, cast)
    off(store, cast["Ana"], "2026-11-27", "2026-11-27", cast["Dee"])
    off(store, cast["Dee"], "2026-11-26", "2026-11-30", cast["Eve"])
    set_clock(berlin("2026-11-27T10:00"))
    assert (held_by(store, cast), waiting(store, cast)) == ("Eve", {"Ana", "Eve"})
    members = [LOCAL, *(cast[name] for name in ("Sam", "Ana", "Ben", "Cleo", "Dee"))]
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, members, [])
    assert (held_by(store, cast), waiting(store, cast)) == ("Ana", {"Ana"})
    assert note_standing(store, cast["Ana"], note).parties.stand_ins == ()


def test_an_absent_backups_stand_in_is_called(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    off(store, cast["Ben"], "2026-11-27", "2026-12-04", cast["Dee"])
    set_clock(DUE + timedelta(minutes=1))
    assert (held_by(store, cast), waiting(store, cast)) == ("Dee", {"Ana", "Dee"})


def test_a_team_receives_as_each_of_its_members(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock
) -> None:
    team = save_team(store, LOCAL, "Day", "", None, [cast["Ana"], cast["Dee"]])
    note = hand_over(store, indexer, space, cast, receiver="Day", receiver_id=PartyId(team=team.id))
    off(store, cast["Ana"], "2026-11-27", "2026-12-04", cast["Eve"])
    set_clock(berlin("2026-11-27T10:00"))
    assert (held_by(store, cast), waiting(store, cast)) == ("Day", {"Ana", "Dee", "Eve"})
    assert read_back(store, cast["Eve"], note, SUMMARY, {0}).state is NoteState.READ_BACK


def test_a_note_without_accounts_waits_for_a_name(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock
) -> None:
    ids = dict.fromkeys(("receiver_id", "backup_id", "lead_id"))
    hand_over(store, indexer, space, cast, **ids)
    set_clock(datetime(2026, 12, 1, tzinfo=UTC))
    assert (held_by(store, cast), waiting(store, cast)) == ("Ana", set())


def test_a_critical_note_reaches_the_lead_sooner(
    store: Store, indexer: Indexer, space: Space, cast: dict[str, Person], set_clock: SetClock
) -> None:
    text = shift_note().header.status
    note = hand_over(store, indexer, space, cast, status=type(text).CRITICAL, acknowledge_by=berlin("2026-11-27T15:30"))
    set_clock(berlin("2026-11-27T15:31"))
    assert [call.when for call in note_standing(store, cast["Ben"], note).calls] == [
        berlin("2026-11-27T15:30"), berlin("2026-11-27T16:00"),
    ]  # fmt: skip


def test_an_old_answer_of_the_clock_changes_nothing_that_is_stored(
    store: Store, cast: dict[str, Person], note: Note, set_clock: SetClock
) -> None:
    """Nothing is written when a note escalates: an absence that is told late moves it on at once."""
    set_clock(DUE + timedelta(minutes=1))
    assert held_by(store, cast) == "Ben"
    off(store, cast["Ben"], "2026-11-26", "2026-12-04", cast["Dee"])
    assert held_by(store, cast) == "Dee"
    assert handovers.read_note(store, cast["Sam"], note.page.slug) == replace(note)
