"""When a person works: their clock, whether they are at work, and working time to come. Pure.

A shift belongs to the day on which it begins: on a public holiday or an absence no shift begins, while the one of the
night before goes on to its end. All moments given and returned are aware; those returned are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.models import Absence, Hours, Person, Profile
from kb.public_holidays import holiday_name

DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60
HORIZON = timedelta(days=5 * 366)  # how far working time is looked for; beyond it something is set wrongly
JOINED = timedelta(days=7)  # spans that touch are told as one up to about this length; nobody asks for more
_REACH = 2 * DAY  # a shift of 24 hours that began the day before, and a zone that skipped a day


class NoWorkingTime(ValueError):
    """The person does not work in the foreseeable future; the message says why and what to do."""


class PresenceState(Enum):
    """Whether somebody is at work, or what keeps them from it."""

    AT_WORK = "at work"
    OUTSIDE_HOURS = "outside hours"
    DAY_OFF = "day off"  # no working hours on this weekday
    HOLIDAY = "public holiday"
    AWAY = "away"
    NOT_SET = "not set"  # no time zone, or no working hours


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is at work at a moment.

    ``until`` is the end of the work, ``next_start`` the next beginning of it (None where none is in sight);
    ``holiday`` is named in the language that was asked for; ``last_day`` and ``stand_in`` are those of an absence.
    """

    state: PresenceState
    until: datetime | None = None
    next_start: datetime | None = None
    holiday: str = ""
    last_day: date | None = None
    stand_in: Person | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time in UTC; the end is no longer part of it."""

    start: datetime
    end: datetime


def local_time(profile: Profile, moment: datetime) -> datetime:
    """The moment on the person's clock: an aware time of their zone, UTC where that is not set or unknown."""
    return _aware(moment).astimezone(zone_of(profile.zone))


def is_at_work(profile: Profile, absences: Sequence[Absence], moment: datetime, language: str = "") -> Presence:
    """Whether the person is at work at ``moment``, and if not, why.

    :param language: in which to name a public holiday; that of the profile when it is empty.
    """
    today = local_time(profile, moment).date()
    absence = absence_on(absences, today)
    if not profile.zone or not any(profile.hours):
        # Nothing is known of the hours; an absence is known all the same.
        if absence is None:
            return Presence(PresenceState.NOT_SET)
        return Presence(PresenceState.AWAY, last_day=absence.last_day, stand_in=absence.stand_in)
    span = next(_spans(profile, absences, moment), None)
    if span and span.start <= moment:
        return Presence(PresenceState.AT_WORK, until=span.end)
    next_start = span.start if span else None
    if absence:
        last, stand_in = absence.last_day, absence.stand_in
        return Presence(PresenceState.AWAY, next_start=next_start, last_day=last, stand_in=stand_in)
    holiday = holiday_name(profile.country, profile.region, language or profile.language, today)
    if holiday:
        return Presence(PresenceState.HOLIDAY, next_start=next_start, holiday=holiday)
    working_day = profile.hours[today.weekday()] is not None
    return Presence(PresenceState.OUTSIDE_HOURS if working_day else PresenceState.DAY_OFF, next_start=next_start)


def next_working_moment(profile: Profile, absences: Sequence[Absence], moment: datetime) -> datetime:
    """``moment`` when the person works then, else when their work next begins.

    :raises NoWorkingTime: when it does not within five years.
    """
    span = next(_spans(profile, absences, moment), None)
    if span is None:
        raise _no_working_time(profile)
    return max(span.start, _aware(moment))


def working_time_after(profile: Profile, absences: Sequence[Absence], moment: datetime, work: timedelta) -> datetime:
    """When the person has worked for ``work`` from ``moment`` on: off-hours, holidays and absences do not count.

    What ends with a shift is due at its end, not at the beginning of the next one.

    :raises NoWorkingTime: when they do not work that much within five years.
    :raises ValueError: when ``work`` is negative.
    """
    if work < timedelta():
        raise ValueError(f"Working time cannot be negative: {work}.")
    moment, left = _aware(moment), work
    for span in _spans(profile, absences, moment, ended_too=True):
        start = max(span.start, moment)
        if left <= span.end - start:
            return start + left
        left -= span.end - start
    raise _no_working_time(profile)


def working_spans(profile: Profile, absences: Sequence[Absence], first: datetime, last: datetime) -> list[Span]:
    """The working time between two moments, in order, cut at both: for drawing a time-line."""
    first, last = _aware(first), _aware(last)
    found = []
    for span in _spans(profile, absences, first, last - first):
        cut = Span(max(span.start, first), min(span.end, last))
        if cut.start < cut.end:
            found.append(cut)
    return found


def shift_starts(profile: Profile, absences: Sequence[Absence], first: datetime, last: datetime) -> list[datetime]:
    """When the person's shifts begin, from ``first`` to before ``last``: also those that follow one without a break."""
    first, last = _aware(first), _aware(last)
    return [span.start for span in _shifts(profile, absences, first, last - first) if first <= span.start < last]


def absence_on(absences: Sequence[Absence], day: date) -> Absence | None:
    """The absence that ``day`` belongs to; one that follows it without a gap and with the same stand-in extends it."""
    found = next((absence for absence in absences if absence.first_day <= day <= absence.last_day), None)
    if found is None:
        return None
    last = found.last_day
    for absence in sorted(absences, key=lambda absence: absence.first_day):
        if absence.first_day == last + DAY and absence.stand_in == found.stand_in:
            last = absence.last_day
    return Absence(found.id, found.first_day, last, found.stand_in)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The time zone with this name; UTC when there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=8192)  # lists of notes ask for the same days of the same people again and again
def moment_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the clocks of ``zone`` reach a minute of a day, in UTC.

    A time that they skip is the moment of the change; one that they show twice is the first.

    :param minute: of the day, from 0; more than a day's 1440 reach into the next.
    """
    days, minute = divmod(minute, MINUTES_A_DAY)
    local = datetime.combine(day + days * DAY, clock_time(minute // 60, minute % 60), zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _change_between(local.replace(fold=1).astimezone(UTC), moment, zone)


def length(hours: tuple[int, int]) -> int:
    """The minutes of a working day, on a day whose clocks do not change: 1 to 1440."""
    start, end = hours
    return (end - start) % MINUTES_A_DAY or MINUTES_A_DAY


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the clocks of the zone are put forward, to the second."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after


def _spans(
    profile: Profile,
    absences: Sequence[Absence],
    moment: datetime,
    reach: timedelta = HORIZON,
    *,
    ended_too: bool = False,
) -> Iterator[Span]:
    """The stretches of work that end after ``moment`` (``ended_too``: or at it), those that touch joined (see JOINED).

    Those within ``reach`` of the moment are whole and complete.
    """
    moment = _aware(moment)
    joined: Span | None = None
    for span in _shifts(profile, absences, moment, reach):
        if span.end < moment or (span.end == moment and not ended_too):
            continue
        if joined and span.start <= joined.end < moment + JOINED:
            joined = Span(joined.start, max(joined.end, span.end))
            continue
        if joined:
            yield joined
            span = Span(max(span.start, joined.end), max(span.end, joined.end))
        joined = span
    if joined:
        yield joined


def _shifts(profile: Profile, absences: Sequence[Absence], moment: datetime, reach: timedelta) -> Iterator[Span]:
    """The shifts that begin from shortly before ``moment`` on, by their beginning."""
    if not any(profile.hours):
        return
    zone = zone_of(profile.zone)
    first = moment.astimezone(zone).date() - _REACH
    for number in range((reach + 2 * _REACH).days + 1):
        day = first + number * DAY
        hours = _hours_on(profile, absences, day)
        if hours:
            start, end = moment_of(day, hours[0], zone), moment_of(day, hours[0] + length(hours), zone)
            if start < end:
                yield Span(start, end)


def _hours_on(profile: Profile, absences: Sequence[Absence], day: date) -> Hours:
    hours = profile.hours[day.weekday()]
    if hours is None or any(absence.first_day <= day <= absence.last_day for absence in absences):
        return None
    return None if holiday_name(profile.country, profile.region, profile.language, day) else hours


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"The moment {moment} has no time zone: say which clock shows it.")
    return moment.astimezone(UTC)


def _no_working_time(profile: Profile) -> NoWorkingTime:
    if not any(profile.hours):
        return NoWorkingTime("No working hours are set for this person: set them in the profile.")
    return NoWorkingTime(
        "This person works too little in the next five years: check the working hours and the absences in the profile."
    )
