"""How handovers go: what is measured of each submitted note, and what that makes of many. Pure.

A measure takes some numbers from each note, none from notes that it does not concern, and makes one of them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from statistics import fmean, median

from kb.handover.life import DONE
from kb.handover.models import NoteState

_HOUR = timedelta(hours=1)
EARLY = timedelta(days=7)  # a note that is reopened this soon was closed too soon
LONG_PERIOD = timedelta(days=20 * 7)  # from here on months are drawn instead of weeks


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What is measured of a submitted note. Moments are in UTC; ``begun`` is when its first version was submitted.

    ``submitted`` and ``acknowledged`` are those of its present version; ``ended`` is when it was closed, cancelled or
    replaced. ``teams`` are those that receive it. ``answer_times`` tells of each answered question how long it waited.
    ``unowned`` counts open items without an owner, unless the note is over, ``carried_long`` those that were carried
    on more than twice, ``pages`` what was written because of it; of ``tasks``, regular duties, ``undocumented`` name no
    page.
    """

    slug: str
    title: str
    template: str
    client: str
    teams: tuple[str, ...]
    state: NoteState
    begun: datetime
    submitted: datetime
    acknowledge_by: datetime | None
    acknowledged: datetime | None = None
    ended: datetime | None = None
    returned: bool = False
    closed: bool = False
    reopened_early: bool = False
    questions: int = 0
    answer_times: tuple[timedelta, ...] = ()
    sections: int = 0
    answered: int = 0
    unowned: int = 0
    carried_long: int = 0
    pages: int = 0
    tasks: int = 0
    undocumented: int = 0


class Unit(StrEnum):
    """What a measure counts in."""

    SHARE = "% of notes"  # each note adds 100 or 0
    PERCENT = "%"
    HOURS = "hours"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure. ``values`` gives what a note adds at a moment; ``of_all`` makes one number of everything.

    ``more_is_better``: where the notes to look at first are those with the least.
    """

    key: str
    title: str
    about: str
    unit: Unit
    values: Callable[[NoteFacts, datetime], Sequence[float]]
    of_all: Callable[[Sequence[float]], float]
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a measure says of some notes: None where it concerns none of them. ``notes`` is how many it concerns."""

    value: float | None
    notes: int


@dataclass(frozen=True, slots=True)
class Point:
    """A reading of the notes of a group that began in the week or month from ``start`` on."""

    group: str
    start: date
    reading: Reading


# ---- the measures -------------------------------------------------------------------------------------------------


def _on_time(note: NoteFacts, moment: datetime) -> Sequence[float]:
    if note.acknowledge_by is None:
        return ()
    if note.acknowledged:
        return (100.0 * (note.acknowledged <= note.acknowledge_by),)
    if note.state in (NoteState.CANCELLED, NoteState.CLOSED):
        return ()  # nobody had to acknowledge it any more, or nobody who can sign in
    return (0.0,) if note.acknowledge_by < (note.ended or moment) else ()


def _time_to_acknowledge(note: NoteFacts, moment: datetime) -> Sequence[float]:
    return (_hours(note.acknowledged - note.submitted),) if note.acknowledged else ()


def _sections(note: NoteFacts, moment: datetime) -> Sequence[float]:
    return (100.0 * note.answered / note.sections,) if note.sections else ()


def _unowned(note: NoteFacts, moment: datetime) -> Sequence[float]:
    return () if note.state in DONE else (float(note.unowned),)


MEASURES = (
    Measure(
        "on_time", "Acknowledged on time",
        "Of the notes whose acknowledge-by has passed, or that are acknowledged: those that were in time.",
        Unit.SHARE, _on_time, fmean, more_is_better=True,
    ),
    Measure(
        "time_to_acknowledge", "Time to acknowledge",
        "From submitting a version to its acknowledgement: half of the notes take less.",
        Unit.HOURS, _time_to_acknowledge, median,
    ),
    Measure(
        "sections", "Sections complete", "Sections with an answer, “None” included, on average.",
        Unit.PERCENT, _sections, fmean, more_is_better=True,
    ),
    Measure(
        "questions", "Questions per note", "What receivers asked, on average.",
        Unit.NUMBER, lambda note, moment: (float(note.questions),), fmean,
    ),
    Measure(
        "time_to_answer", "Time to answer", "From a question to the next answer to it: half of them wait less.",
        Unit.HOURS, lambda note, moment: [_hours(waited) for waited in note.answer_times], median,
    ),
    Measure(
        "returned", "Returned for rework", "Notes that a receiver returned at least once.",
        Unit.SHARE, lambda note, moment: (100.0 * note.returned,), fmean,
    ),
    Measure(
        "reopened", "Reopened within 7 days", "Of the notes that were closed: those reopened so soon.",
        Unit.SHARE, lambda note, moment: (100.0 * note.reopened_early,) if note.closed else (), fmean,
    ),
    Measure(
        "unowned", "Open items without an owner", "On notes that are neither closed nor replaced nor cancelled.",
        Unit.NUMBER, _unowned, sum,
    ),
    Measure(
        "carried", "Items carried more than twice", "Open items that came through more than two notes into this one.",
        Unit.NUMBER, lambda note, moment: (float(note.carried_long),), sum,
    ),
    Measure(
        "pages", "Pages created from notes", "Pages that came of a solved problem or an undocumented task.",
        Unit.NUMBER, lambda note, moment: (float(note.pages),), sum, more_is_better=True,
    ),
    Measure(
        "undocumented", "Tasks without a how-to page", "Responsibilities and processes for which a note names no page.",
        Unit.NUMBER, lambda note, moment: (float(note.undocumented),) if note.tasks else (), sum,
    ),
)  # fmt: skip


def reading(measure: Measure, notes: Iterable[NoteFacts], moment: datetime) -> Reading:
    """What the measure says of these notes."""
    values, concerned = list[float](), 0
    for note in notes:
        if given := measure.values(note, moment):
            values += given
            concerned += 1
    return Reading(measure.of_all(values) if values else None, concerned)


def behind(measure: Measure, notes: Iterable[NoteFacts], moment: datetime) -> list[tuple[NoteFacts, float]]:
    """The notes that the measure concerns, each with what it says of it alone: those to look at first come first."""
    given = ((note, measure.values(note, moment)) for note in notes)
    found = [(note, measure.of_all(values)) for note, values in given if values]
    return sorted(found, key=lambda pair: pair[1] if measure.more_is_better else -pair[1])


# ---- over time and by group ---------------------------------------------------------------------------------------


class Split(StrEnum):
    """What notes are told apart by."""

    NOTHING = "all notes"
    CLIENT = "client"
    TEAM = "receiving team"
    TEMPLATE = "kind of note"


def groups_of(note: NoteFacts, split: Split) -> tuple[str, ...]:
    """The groups that a note belongs to: of teams it may be several, or none."""
    match split:
        case Split.CLIENT:
            return (note.client,)
        case Split.TEAM:
            return note.teams
        case Split.TEMPLATE:
            return (note.template,)
        case _:
            return ("",)


def largest_groups(notes: Iterable[NoteFacts], split: Split, most: int) -> list[str]:
    """The names of the groups with the most notes, the largest first."""
    sizes: dict[str, int] = {}
    for note in notes:
        for group in groups_of(note, split):
            sizes[group] = sizes.get(group, 0) + 1
    return sorted(sizes, key=lambda group: (-sizes[group], group.casefold()))[:most]


def series(
    measure: Measure, notes: Iterable[NoteFacts], groups: Sequence[str], split: Split, *, by_month: bool, zone: tzinfo,
    moment: datetime,
) -> list[Point]:  # fmt: skip
    """A point for each group and each week or month in which notes of it began that the measure concerns.

    :param zone: whose calendar the weeks and months are of.
    """
    cells: dict[tuple[str, date], list[NoteFacts]] = {}
    for note in notes:
        start = first_day(note.begun.astimezone(zone).date(), by_month=by_month)
        for group in groups_of(note, split):
            cells.setdefault((group, start), []).append(note)
    points = [
        Point(group, start, reading(measure, cells[group, start], moment))
        for group in groups
        for start in sorted(start for name, start in cells if name == group)
    ]
    return [point for point in points if point.reading.notes]


def first_day(day: date, *, by_month: bool) -> date:
    """The first day of the month, or the Monday of the week."""
    return day.replace(day=1) if by_month else day - timedelta(days=day.weekday())


def _hours(span: timedelta) -> float:
    return span / _HOUR
