"""By when to ask for an acknowledgement: working time of who receives it, and why then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kb.handover.deadlines import nobody_works, suggest, time_to_acknowledge
from kb.handover.models import Status
from kb.models import Person, Profile
from kb.workers import Obstacle
from kb.worktime import PresenceState
from tests.unit.test_escalation import ANA, BEN, BERLIN, DEE, HOUR, MANILA, NIGHTS, at, away, berlin, manila, working

WORKERS = working((ANA, MANILA), (BEN, BERLIN))
AWAY, DAY_OFF, HOLIDAY = PresenceState.AWAY, PresenceState.DAY_OFF, PresenceState.HOLIDAY


def obstacles_of(found: tuple[Obstacle, ...]) -> list[tuple[PresenceState, date, date, str]]:
    return [(one.state, one.first_day, one.last_day, one.holiday) for one in found]


def test_how_much_working_time_there_is() -> None:
    wanted = {
        ("shift", Status.WATCH): 60, ("shift", Status.CRITICAL): 15, ("role", Status.STABLE): 480,
        ("client", Status.CRITICAL): 120,
    }  # fmt: skip
    assert {key: time_to_acknowledge(*key) // timedelta(minutes=1) for key in wanted} == wanted


@pytest.mark.parametrize(
    ("moment", "when"),
    [
        ("2026-11-24T10:00", "2026-11-24T11:00"),
        ("2026-11-24T16:00", "2026-11-24T17:00"),  # what ends with the day is due at its end
        ("2026-11-24T16:30", "2026-11-25T09:30"),
        ("2026-11-24T03:00", "2026-11-24T10:00"),
    ],
)
def test_an_hour_of_the_receivers_working_time(moment: str, when: str) -> None:
    found = suggest(WORKERS, [BEN], berlin(moment), HOUR)
    assert found
    assert (found.when, found.receiver, found.obstacles) == (berlin(when), BEN, ())


def test_a_holiday_and_the_weekend_after_it_are_told() -> None:
    found = suggest(WORKERS, [BEN], berlin("2026-12-25T08:00"), HOUR, "en_US")
    assert found
    assert (found.starts, found.when) == (berlin("2026-12-28T09:00"), berlin("2026-12-28T10:00"))
    assert obstacles_of(found.obstacles) == [
        (HOLIDAY, date(2026, 12, 25), date(2026, 12, 25), "Christmas Day"),
        (DAY_OFF, date(2026, 12, 26), date(2026, 12, 27), ""),
    ]


def test_a_day_of_work_over_a_change_of_clocks_ends_at_the_usual_time() -> None:
    found = suggest(WORKERS, [BEN], berlin("2026-03-27T13:00"), 8 * HOUR)
    assert found
    assert found.when == berlin("2026-03-30T13:00")
    nights = working((BEN, Profile("Europe/Berlin", "", "", NIGHTS)))
    found = suggest(nights, [BEN], berlin("2026-03-28T22:00"), 7 * HOUR)
    assert found
    assert found.when == berlin("2026-03-29T06:00")


def test_for_somebody_away_it_is_the_stand_ins_time() -> None:
    workers = working((ANA, MANILA, away("2026-11-23", "2026-12-03", BEN)), (BEN, BERLIN))
    found = suggest(workers, [ANA], manila("2026-11-24T09:00"), HOUR)
    assert found
    assert (found.receiver, found.instead_of, found.when) == (BEN, ANA, berlin("2026-11-24T10:00"))
    assert obstacles_of(found.obstacles) == [(AWAY, date(2026, 11, 23), date(2026, 12, 3), "")]
    # The stand-in is away too, and nobody stands in for them: it waits until Ana is back.
    workers = working(
        (ANA, MANILA, away("2026-11-23", "2026-12-03", BEN)), (BEN, BERLIN, away("2026-11-20", "2026-12-20"))
    )
    found = suggest(workers, [ANA], manila("2026-11-24T09:00"), HOUR)
    assert found
    assert (found.receiver, found.instead_of, found.when) == (ANA, None, manila("2026-12-04T10:00"))


def test_of_a_team_it_is_the_member_who_begins_first() -> None:
    workers = working((ANA, MANILA), (BEN, BERLIN), (DEE, Profile()))
    found = suggest(workers, [BEN, ANA, DEE], at("2026-11-24T20:00", "UTC"), HOUR)
    assert found
    assert (found.receiver, found.when) == (ANA, manila("2026-11-25T10:00"))
    found = suggest(workers, [BEN, ANA, DEE], at("2026-11-24T10:00", "UTC"), HOUR)
    assert found
    assert (found.receiver, found.when) == (BEN, berlin("2026-11-24T12:00"))


def test_nothing_is_suggested_for_hours_that_nobody_knows() -> None:
    assert suggest(working((ANA, Profile())), [ANA], manila("2026-11-24T10:00"), HOUR) is None
    assert suggest({}, [Person(9, "Who")], manila("2026-11-24T10:00"), HOUR) is None
    assert suggest(WORKERS, [], manila("2026-11-24T10:00"), HOUR) is None


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-24T12:00", None),
        ("2026-11-24T17:00", None),  # the end of the day is within it
        ("2026-11-24T17:02", PresenceState.OUTSIDE_HOURS),
        ("2026-11-21T12:00", DAY_OFF),
        ("2026-12-25T12:00", HOLIDAY),
    ],
)
def test_a_time_outside_the_receivers_hours_is_told(moment: str, state: PresenceState | None) -> None:
    found = nobody_works(WORKERS, [BEN], berlin(moment))
    assert (found and (found[0].person, found[1].state)) == (state and (BEN, state))


def test_a_team_is_there_as_long_as_one_of_it_is() -> None:
    assert nobody_works(WORKERS, [ANA, BEN], berlin("2026-11-24T12:00")) is None
    found = nobody_works(WORKERS, [ANA, BEN], berlin("2026-11-24T22:00"))
    assert found
    assert (found[0].person, found[1].next_start) == (ANA, manila("2026-11-25T09:00"))
    assert nobody_works(working((ANA, Profile())), [ANA], berlin("2026-11-22T03:00")) is None
