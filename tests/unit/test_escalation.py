"""Whom an overdue note goes to and when: at each person's own working time, never on their holiday or at night."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.handover.escalation import CRITICAL_PATIENCE, Call, Chain, escalation, present
from kb.handover.models import NoteState, Part
from kb.models import Absence, Hours, Person, Profile
from kb.workers import Obstacle, Worker, Workers, stand_in_at
from kb.worktime import PresenceState, is_at_work

ANA, BEN, CLEO, DEE, EVE = (Person(number, name) for number, name in enumerate(["Ana", "Ben", "Cleo", "Dee", "Eve"], 1))
OFFICE: tuple[Hours, ...] = ((9 * 60, 17 * 60),) * 5 + (None, None)
NIGHTS: tuple[Hours, ...] = ((22 * 60, 6 * 60),) * 7
MANILA = Profile("Asia/Manila", "PH", "", OFFICE)
BERLIN = Profile("Europe/Berlin", "DE", "BE", OFFICE)
NEW_YORK = Profile("America/New_York", "US", "NY", OFFICE)
LONDON = Profile("Europe/London", "GB", "ENG", OFFICE)
HOUR = timedelta(hours=1)


def at(text: str, zone: str) -> datetime:
    """What the clocks of the zone show, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def berlin(text: str) -> datetime:
    return at(text, "Europe/Berlin")


def manila(text: str) -> datetime:
    return at(text, "Asia/Manila")


def new_york(text: str) -> datetime:
    return at(text, "America/New_York")


def away(first: str, last: str, stand_in: Person | None = None) -> Absence:
    return Absence(1, date.fromisoformat(first), date.fromisoformat(last), stand_in)


def working(*workers: tuple[Person, Profile] | tuple[Person, Profile, Absence]) -> Workers:
    return {person.id: Worker(person, profile, tuple(absences)) for person, profile, *absences in workers}


def calls(
    due: datetime, workers: Workers, chain: Chain | None = None, state: NoteState = NoteState.SUBMITTED, **more: object
) -> list[tuple[Part, Person, datetime]]:
    chain = chain or Chain([BEN], [CLEO], [ANA])
    found = escalation(state, due, due - 8 * HOUR, chain, workers, **more)  # type: ignore[arg-type]
    return [(call.part, call.person, call.when) for call in found]


USUAL = working((ANA, MANILA), (BEN, BERLIN), (CLEO, NEW_YORK))


@pytest.mark.parametrize(
    ("due", "backup", "lead"),
    [
        # Within the hours of both: at once, and two working hours later.
        ("2026-11-24T15:00", "2026-11-24T15:00", "2026-11-24T11:00"),
        # At night: when the day begins; what does not fit into a day goes on the next morning.
        ("2026-11-24T02:00", "2026-11-24T09:00", "2026-11-24T09:00"),
        ("2026-11-24T16:00", "2026-11-24T16:00", "2026-11-25T09:00"),
        # After work on Friday: on Monday, and never at the weekend.
        ("2026-11-20T18:30", "2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-21T11:00", "2026-11-23T09:00", "2026-11-23T09:00"),
        # Christmas Eve is none in Berlin, the two days after are: then comes a weekend.
        ("2026-12-24T17:00", "2026-12-28T09:00", "2026-12-28T09:00"),
        # Thanksgiving is for Cleo in New York what nobody else has.
        ("2026-11-26T10:00", "2026-11-26T10:00", "2026-11-27T09:00"),
    ],
)
def test_the_backup_then_the_lead_each_at_their_own_working_time(due: str, backup: str, lead: str) -> None:
    assert calls(berlin(due), USUAL) == [
        (Part.BACKUP, BEN, berlin(backup)),
        (Part.LEAD, CLEO, new_york(lead)),
    ]


@pytest.mark.parametrize(
    ("due", "called"),
    [
        # Clocks go forward in the night to Sunday 29 March, back in the night to 25 October: 09:00 is 09:00.
        ("2026-03-27T20:00", "2026-03-30T07:00"),
        ("2026-03-26T20:00", "2026-03-27T08:00"),
        ("2026-10-23T20:00", "2026-10-26T08:00"),
        ("2026-10-22T20:00", "2026-10-23T07:00"),
    ],
)
def test_a_change_of_clocks_does_not_move_the_morning(due: str, called: str) -> None:
    (call, _) = calls(berlin(due), USUAL)
    assert call[2] == datetime.fromisoformat(called).replace(tzinfo=UTC)


def test_working_time_is_counted_through_a_change_of_clocks() -> None:
    """In the night of 29 March, 02:00 to 03:00 does not exist: one hour after 01:30 it is 03:30."""
    workers = working((BEN, Profile("Europe/Berlin", "", "", NIGHTS)), (CLEO, Profile("UTC", "", "", ((0, 0),) * 7)))
    found = calls(berlin("2026-03-29T01:30"), workers, wait=HOUR)
    assert found == [
        (Part.BACKUP, BEN, berlin("2026-03-29T01:30")),
        (Part.LEAD, CLEO, berlin("2026-03-29T03:30")),
    ]


def test_a_critical_note_goes_on_after_half_an_hour() -> None:
    found = calls(berlin("2026-11-24T15:00"), USUAL, wait=CRITICAL_PATIENCE)
    assert [when for _, _, when in found] == [berlin("2026-11-24T15:00"), berlin("2026-11-24T15:30")]


def test_a_backup_who_is_away_is_passed_to_the_stand_in_and_theirs() -> None:
    workers = working(
        (BEN, BERLIN, away("2026-11-23", "2026-11-27", DEE)),
        (DEE, MANILA, away("2026-11-24", "2026-11-24", EVE)),
        (EVE, LONDON),
        (CLEO, NEW_YORK),
    )
    assert calls(berlin("2026-11-24T07:00"), workers) == [
        (Part.BACKUP, EVE, at("2026-11-24T09:00", "Europe/London")),
        (Part.LEAD, CLEO, at("2026-11-24T14:00", "Europe/London")),
    ]
    # The day after, Dee is back and Ben is not.
    assert calls(berlin("2026-11-25T02:00"), workers)[0] == (Part.BACKUP, DEE, manila("2026-11-25T09:00"))


def test_who_is_away_without_a_stand_in_is_passed_over() -> None:
    workers = working((BEN, BERLIN, away("2026-11-23", "2026-11-27")), (CLEO, NEW_YORK))
    assert calls(berlin("2026-11-24T16:00"), workers) == [(Part.LEAD, CLEO, new_york("2026-11-24T10:00"))]


def test_stand_ins_in_a_ring_are_nobody() -> None:
    workers = working(
        (BEN, BERLIN, away("2026-11-23", "2026-11-27", DEE)), (DEE, BERLIN, away("2026-11-23", "2026-11-27", BEN))
    )
    # Nobody else is left: whoever of them is back first.
    assert calls(berlin("2026-11-24T16:00"), workers) == [(Part.BACKUP, BEN, berlin("2026-11-30T09:00"))]


def test_an_absence_that_begins_before_the_backup_is_at_work_again_counts() -> None:
    """Overdue on Friday evening, away from Monday on: nobody is called on the first day of a holiday."""
    workers = working((BEN, BERLIN, away("2026-11-23", "2026-11-27", DEE)), (DEE, LONDON), (CLEO, NEW_YORK))
    (first, _) = escalation(NoteState.SUBMITTED, berlin("2026-11-20T18:00"), berlin("2026-11-20T09:00"),
                            Chain([BEN], [CLEO], [ANA]), workers)  # fmt: skip
    assert (first.person, first.instead_of, first.when) == (DEE, BEN, at("2026-11-23T09:00", "Europe/London"))
    assert first.why[0] == Obstacle(PresenceState.AWAY, date(2026, 11, 23), date(2026, 11, 27), "", DEE)


def test_why_somebody_is_called_no_earlier_is_told() -> None:
    (first, _) = escalation(NoteState.SUBMITTED, berlin("2026-12-24T17:00"), berlin("2026-12-24T09:00"),
                            Chain([BEN], [CLEO], [ANA]), USUAL, language="en_US")  # fmt: skip
    assert [(why.state, why.first_day.day, why.last_day.day, why.holiday) for why in first.why] == [
        (PresenceState.HOLIDAY, 25, 25, "Christmas Day"),
        (PresenceState.DAY_OFF, 26, 27, ""),
    ]


def test_of_a_team_the_earliest_is_called() -> None:
    workers = working((BEN, BERLIN), (DEE, MANILA), (CLEO, NEW_YORK))
    chain = Chain([BEN, DEE], [CLEO], [ANA])
    assert calls(berlin("2026-11-24T01:00"), workers, chain)[0] == (Part.BACKUP, DEE, manila("2026-11-24T09:00"))
    assert calls(berlin("2026-11-24T12:00"), workers, chain)[0] == (Part.BACKUP, BEN, berlin("2026-11-24T12:00"))


def test_of_a_team_somebody_at_work_comes_before_who_is_back_earlier_from_an_absence() -> None:
    thursdays = Profile("Europe/Berlin", hours=(None, None, None, OFFICE[0], None, None, None))
    workers = working((BEN, thursdays), (DEE, MANILA, away("2026-11-24", "2026-11-24")), (ANA, MANILA))
    chain = Chain([DEE, BEN], [], [ANA])
    assert calls(manila("2026-11-24T08:00"), workers, chain) == [(Part.BACKUP, BEN, berlin("2026-11-26T09:00"))]


def test_whom_it_waits_for_already_is_not_called_as_somebodys_stand_in() -> None:
    workers = working((BEN, BERLIN, away("2026-11-23", "2026-11-27", ANA)), (DEE, BERLIN), (ANA, MANILA))
    chain = Chain([BEN, DEE], [], [ANA])
    assert calls(berlin("2026-11-24T03:00"), workers, chain) == [(Part.BACKUP, DEE, berlin("2026-11-24T09:00"))]


def test_a_note_that_waits_for_its_sender_goes_to_the_lead_alone() -> None:
    """Ana has two hours of her time to answer; the backup, who could do nothing, is not called."""
    workers = working((ANA, MANILA), (BEN, BERLIN), (CLEO, NEW_YORK))
    for state in (NoteState.QUESTIONS, NoteState.READ_BACK):
        found = calls(manila("2026-11-24T16:00"), workers, Chain([BEN], [CLEO], [ANA]), state)
        # One hour on Tuesday, one on Wednesday: 10:00 in Manila is 21:00 the evening before in New York.
        assert found == [(Part.LEAD, CLEO, new_york("2026-11-25T09:00"))]


def test_an_answer_after_the_time_gives_no_call_before_it() -> None:
    answered = berlin("2026-11-24T15:20")
    found = escalation(NoteState.SUBMITTED, berlin("2026-11-24T10:00"), answered, Chain([BEN], [], [ANA]), USUAL)
    assert [call.when for call in found] == [answered]


@pytest.mark.parametrize(
    ("chain", "called"),
    [
        (Chain(), []),
        (Chain([], [CLEO], [ANA]), [CLEO]),
        (Chain([BEN], [], [ANA]), [BEN]),
        (Chain([ANA], [CLEO], [ANA]), [CLEO]),  # the receiver has it already
        (Chain([BEN], [BEN], [ANA]), [BEN]),
        (Chain([EVE], [CLEO], [ANA]), [CLEO]),  # Eve is unknown: she left
        (Chain([BEN], [CLEO], [BEN, ANA]), [BEN, CLEO]),  # one of the team, by name
    ],
)
def test_who_is_called_at_all(chain: Chain, called: list[Person]) -> None:
    assert [person for _, person, _ in calls(berlin("2026-11-24T15:00"), USUAL, chain)] == called


def test_hours_that_are_not_known_are_no_reason_to_wait_and_no_hours_are() -> None:
    unknown = working((BEN, Profile()), (CLEO, NEW_YORK))
    assert calls(berlin("2026-11-22T03:00"), unknown)[0] == (Part.BACKUP, BEN, berlin("2026-11-22T03:00"))
    never = working((BEN, Profile("Europe/Berlin", hours=(None,) * 7)), (CLEO, NEW_YORK))
    assert calls(berlin("2026-11-24T15:00"), never) == [(Part.LEAD, CLEO, berlin("2026-11-24T15:00"))]


def test_the_present_call_is_the_last_one_that_has_happened() -> None:
    first = Call(berlin("2026-11-23T09:00"), Part.BACKUP, BEN)
    second = Call(berlin("2026-11-23T11:00"), Part.LEAD, CLEO)
    moments = [berlin(f"2026-11-23T{time}") for time in ("08:59", "09:00", "10:59", "11:00")]
    assert [present([first, second], moment) for moment in moments] == [None, first, first, second]


def test_a_stand_in_receives_for_the_days_of_the_absence_on_the_clock_of_who_is_away() -> None:
    workers = working((ANA, MANILA, away("2026-11-24", "2026-11-24", BEN)), (BEN, BERLIN))
    moments = ["2026-11-23T16:59", "2026-11-23T17:00", "2026-11-24T16:59", "2026-11-24T17:00"]  # in Berlin
    assert [stand_in_at(workers, ANA, berlin(moment)) for moment in moments] == [ANA, BEN, BEN, ANA]


@given(
    due=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    profiles=st.lists(st.sampled_from([MANILA, BERLIN, NEW_YORK, LONDON, Profile("Asia/Kolkata", "IN", "", NIGHTS)]),
                      min_size=4, max_size=4),
    days=st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 9), st.sampled_from([None, BEN, CLEO, DEE, EVE])),
                  min_size=4, max_size=4),
    state=st.sampled_from([NoteState.SUBMITTED, NoteState.QUESTIONS, NoteState.READ_BACK]),
)  # fmt: skip
def test_nobody_is_ever_called_when_they_are_not_at_work(
    due: datetime, profiles: list[Profile], days: list[tuple[int, int, Person | None]], state: NoteState
) -> None:
    workers = {}
    for person, profile, (first, length, stand_in) in zip((BEN, CLEO, DEE, EVE), profiles, days, strict=True):
        begins = due.date() + timedelta(days=first)
        absence = Absence(1, begins, begins + timedelta(days=length), stand_in if stand_in != person else None)
        workers[person.id] = Worker(person, profile, (absence,))
    found = escalation(state, due, due, Chain([BEN, DEE], [CLEO], [EVE]), workers)
    assert [call.when for call in found] == sorted(call.when for call in found)
    for call in found:
        worker = workers[call.person.id]
        assert call.when >= due
        assert is_at_work(worker.profile, worker.absences, call.when).state is PresenceState.AT_WORK
