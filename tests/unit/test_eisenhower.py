"""Urgent and important: one rule, stated once and obeyed by the lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from kb.handover.actions import Quadrant
from kb.handover.eisenhower import quadrant_of, urgent_until
from kb.handover.models import Priority, Status
from kb.models import Absence, Profile

OFFICE = Profile(zone="Europe/Berlin", country="DE")  # Monday to Friday, 9 to 17


def berlin(day: int, hour: int, month: int = 11) -> datetime:
    """A moment of 2026 on Berlin's winter clock."""
    return datetime(2026, month, day, hour - 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (berlin(23, 8), date(2026, 11, 25)),  # Monday before work: 8 + 8 + 8 hours end with Wednesday
        (berlin(23, 10), date(2026, 11, 25)),  # 7 + 8 + 8, Thursday would be more
        (berlin(25, 10), date(2026, 11, 29)),  # Wednesday: until Friday evening, and the weekend after it
        (berlin(27, 18), date(2026, 12, 2)),  # Friday evening: Monday, Tuesday, Wednesday
        (berlin(22, 12), date(2026, 11, 25)),  # Sunday
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), date(2026, 11, 25)),  # Sunday in UTC, already Monday in Berlin
        (berlin(22, 12, month=12), date(2026, 12, 27)),  # before Christmas: 25 and 26 December are no work
    ],
)
def test_urgent_is_what_is_due_within_24_hours_of_ones_own_work(moment: datetime, last: date) -> None:
    assert urgent_until(OFFICE, [], moment) == last


def test_an_absence_puts_off_the_end_but_not_for_ever() -> None:
    away = Absence(1, date(2026, 11, 24), date(2026, 11, 25))
    assert urgent_until(OFFICE, [away], berlin(23, 10)) == date(2026, 11, 29)
    long = Absence(1, date(2026, 11, 23), date(2027, 1, 31))
    assert urgent_until(OFFICE, [long], berlin(23, 10)) == date(2026, 12, 7)


def test_who_has_no_working_hours_has_until_today() -> None:
    assert urgent_until(replace(OFFICE, hours=(None,) * 7), [], berlin(23, 10)) == date(2026, 11, 23)


def test_night_shifts_count_where_they_lie() -> None:
    nights = Profile(zone="Asia/Manila", hours=((22 * 60, 6 * 60),) * 7)
    # Monday 20:00 in Manila: 2 hours before midnight each day, 6 after it: 2, 10, 18; with Thursday 26.
    assert urgent_until(nights, [], datetime(2026, 11, 23, 12, tzinfo=UTC)) == date(2026, 11, 25)


def test_the_clock_change_moves_no_day() -> None:
    assert urgent_until(OFFICE, [], datetime(2026, 10, 24, 12, tzinfo=UTC)) == date(2026, 10, 28)


UNTIL = date(2026, 11, 25)
NOW_OR_PAST = (date(2026, 11, 1), UNTIL)
DUES = (*NOW_OR_PAST, date(2026, 11, 26), None)


def test_every_priority_status_and_date_has_its_quadrant() -> None:
    for priority, status, due in product(Priority, Status, DUES):
        important = priority in (Priority.HIGH, Priority.CRITICAL) or status is Status.CRITICAL
        urgent = due in NOW_OR_PAST or (due is None and priority is Priority.CRITICAL)
        wanted = {
            (True, True): Quadrant.DO_NOW,
            (True, False): Quadrant.PLAN,
            (False, True): Quadrant.HAND_ON,
            (False, False): Quadrant.LATER,
        }[important, urgent]
        assert quadrant_of(priority, status, due, UNTIL) is wanted, (priority, status, due)
