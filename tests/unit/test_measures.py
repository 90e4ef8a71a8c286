"""The measures of handovers: what each note adds, what that makes of many, and how it is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kb.handover.measures import (
    MEASURES,
    Measure,
    NoteFacts,
    Point,
    Reading,
    Split,
    Unit,
    behind,
    first_day,
    largest_groups,
    reading,
    series,
)
from kb.handover.models import NoteState
from kb.ui.measure_words import duration, of_one

BEGUN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)  # a Monday
NOW = BEGUN + timedelta(days=20)
HOUR = timedelta(hours=1)
NOTE = NoteFacts(
    "note", "Note", "shift", "ACME", ("Night",), NoteState.SUBMITTED, BEGUN, BEGUN, acknowledge_by=BEGUN + 2 * HOUR,
    sections=10, answered=8,
)  # fmt: skip
BY_KEY = {measure.key: measure for measure in MEASURES}


def acknowledged(after: timedelta, **changes: object) -> NoteFacts:
    note = replace(NOTE, state=NoteState.ACKNOWLEDGED, acknowledged=BEGUN + after)
    return replace(note, **changes)  # type: ignore[arg-type]


def measure(key: str) -> Measure:
    return BY_KEY[key]


@pytest.mark.parametrize(
    ("note", "adds"),
    [
        (acknowledged(2 * HOUR), [100.0]),
        (acknowledged(2 * HOUR + timedelta(seconds=1)), [0.0]),
        (replace(NOTE, acknowledge_by=NOW), []),  # there is still time
        (replace(NOTE, acknowledge_by=NOW - HOUR), [0.0]),
        (replace(NOTE, acknowledge_by=None), []),
        (replace(NOTE, state=NoteState.SUPERSEDED, ended=BEGUN + HOUR), []),
        (replace(NOTE, state=NoteState.SUPERSEDED, ended=BEGUN + 3 * HOUR), [0.0]),
        (replace(NOTE, state=NoteState.CANCELLED, ended=BEGUN + 3 * HOUR), []),
        (replace(NOTE, state=NoteState.CLOSED, ended=BEGUN + 3 * HOUR), []),  # by hand: to somebody without an account
        (acknowledged(3 * HOUR, state=NoteState.CLOSED), [0.0]),
    ],
)
def test_who_is_on_time(note: NoteFacts, adds: list[float]):
    assert list(measure("on_time").values(note, NOW)) == adds


def test_the_time_to_acknowledge_is_that_of_the_present_version_and_half_take_less():
    edited = acknowledged(5 * HOUR, submitted=BEGUN + 4 * HOUR)
    notes = [edited, acknowledged(2 * HOUR), acknowledged(9 * HOUR), NOTE]
    assert reading(measure("time_to_acknowledge"), notes, NOW) == Reading(2.0, 3)


def test_averages_shares_and_sums():
    notes = [
        replace(NOTE, questions=3, answer_times=(HOUR, 3 * HOUR), returned=True, unowned=2, tasks=4, undocumented=1),
        replace(NOTE, answered=10, closed=True, reopened_early=True, state=NoteState.REOPENED, unowned=1),
        replace(NOTE, answered=9, closed=True, state=NoteState.CLOSED, unowned=5, tasks=2, answer_times=(8 * HOUR,)),
        replace(NOTE, sections=0, answered=0),  # of a template that nobody knows any more
    ]
    assert {
        key: reading(measure(key), notes, NOW) for key in BY_KEY if "acknowledge" not in key and key != "on_time"
    } == {
        "sections": Reading(90.0, 3),
        "questions": Reading(0.75, 4),
        "time_to_answer": Reading(3.0, 2),
        "returned": Reading(25.0, 4),
        "reopened": Reading(50.0, 2),
        "unowned": Reading(3.0, 3),
        "undocumented": Reading(1.0, 2),
    }


def test_where_a_measure_concerns_no_note_it_says_nothing():
    assert [reading(each, [], NOW) for each in MEASURES] == [Reading(None, 0)] * len(MEASURES)


def test_the_notes_to_look_at_first_come_first():
    late, early = acknowledged(3 * HOUR, slug="late"), acknowledged(HOUR, slug="early")
    order = {key: [note.slug for note, _ in behind(measure(key), [early, late], NOW)] for key in BY_KEY}
    assert order["on_time"] == order["time_to_acknowledge"] == ["late", "early"]
    assert order["time_to_answer"] == []
    assert [value for _, value in behind(measure("time_to_acknowledge"), [early, late], NOW)] == [3.0, 1.0]


def test_points_are_of_the_week_or_month_on_the_readers_calendar():
    sunday_night = replace(NOTE, begun=datetime(2026, 11, 1, 23, 30, tzinfo=UTC), returned=True)
    drawn = {"by_month": False, "moment": NOW, "groups": [""], "split": Split.NOTHING}
    utc = series(measure("returned"), [NOTE, sunday_night], zone=UTC, **drawn)
    assert utc == [
        Point("", date(2026, 10, 26), Reading(100.0, 1)),
        Point("", date(2026, 11, 2), Reading(0.0, 1)),
    ]
    berlin = series(measure("returned"), [NOTE, sunday_night], zone=ZoneInfo("Europe/Berlin"), **drawn)
    assert berlin == [Point("", date(2026, 11, 2), Reading(50.0, 2))]
    assert first_day(date(2026, 11, 22), by_month=True) == date(2026, 11, 1)


def test_a_note_counts_in_each_of_its_teams_and_in_none_without_one():
    both, none = replace(NOTE, teams=("Day", "Night")), replace(NOTE, teams=())
    notes = [NOTE, both, none]
    assert largest_groups(notes, Split.TEAM, 5) == ["Night", "Day"]
    points = series(measure("questions"), notes, ["Night", "Day"], Split.TEAM, by_month=True, zone=UTC, moment=NOW)
    assert [(point.group, point.reading.notes) for point in points] == [("Night", 2), ("Day", 1)]


def test_a_group_without_a_figure_has_no_point():
    drawn = {"by_month": False, "zone": UTC, "moment": NOW, "split": Split.CLIENT}
    assert series(measure("reopened"), [NOTE], groups=["ACME"], **drawn) == []


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.0, "0 min"), (0.99, "59 min"), (1.0, "1 h"), (3.34, "3 h 20 min"), (47.5, "47 h 30 min"), (52.0, "2 days 4 h"),
     (72.0, "3 days")],
)  # fmt: skip
def test_spans_of_time_are_told_in_two_units(hours: float, said: str):
    assert duration(hours) == said


def test_every_measure_has_words_for_one_note():
    assert {each.key: of_one(each, 100.0) for each in MEASURES if each.unit is Unit.SHARE} == {
        "on_time": "On time", "returned": "Returned", "reopened": "Reopened",
    }  # fmt: skip
    assert of_one(measure("on_time"), 0.0) == "Late"
    assert of_one(measure("sections"), 87.5) == "88 %"
