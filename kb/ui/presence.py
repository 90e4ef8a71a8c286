"""How the screens say whether somebody is at work, on their clock and the reader's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kb.formats import DEFAULT_LANGUAGE, Formats
from kb.models import Absence, Profile, Role
from kb.profiles import Colleague
from kb.ui.markdown import escape
from kb.worktime import JOINED, Presence, PresenceState, is_at_work, length, local_time, zone_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROLES: dict[Role, str] = {role: role.capitalize() for role in Role if role is not Role.SYSTEM}
_COLOURS = {
    PresenceState.AT_WORK: "green",
    PresenceState.OUTSIDE_HOURS: "gray",
    PresenceState.DAY_OFF: "gray",
    PresenceState.HOLIDAY: "violet",
    PresenceState.AWAY: "orange",
    PresenceState.NOT_SET: "gray",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Presence in Streamlit's Markdown: a badge, and what there is to say besides, or ""."""

    badge: str
    more: str


def presence_of(colleague: Colleague, moment: datetime, reader: Formats) -> Presence:
    """Whether the colleague is at work, with holidays named in the reader's language."""
    return is_at_work(colleague.profile, colleague.absences, moment, reader.language or DEFAULT_LANGUAGE)


def say(presence: Presence, profile: Profile, moment: datetime, reader: Formats) -> Said:
    """Presence for people: "At work", "until 18:00 their time (14:30 yours)"."""
    theirs = replace(reader, zone=zone_of(profile.zone))
    back = ""
    if presence.next_start:
        back = f"back {both_clocks(presence.next_start, moment, theirs, reader)}"
    text, more = "", back
    if presence.state is PresenceState.AT_WORK and presence.until:
        text = "At work"
        more = "around the clock"
        if presence.until - moment < JOINED:
            more = f"until {both_clocks(presence.until, moment, theirs, reader)}"
    elif presence.state is PresenceState.AWAY and presence.last_day:
        text = f"Away until {theirs.short_day(presence.last_day)}"
        stand_in = f"{escape(presence.stand_in.name)} stands in" if presence.stand_in else "nobody stands in"
        more = "; ".join(part for part in (stand_in, back) if part)
    elif presence.state is PresenceState.HOLIDAY:
        text = f"Public holiday: {escape(presence.holiday)}"
    elif presence.state is PresenceState.DAY_OFF:
        text = "Weekend" if local_time(profile, moment).weekday() >= WEEKDAYS.index("Saturday") else "Day off"
    elif presence.state is PresenceState.OUTSIDE_HOURS:
        text = "Outside working hours"
    else:
        text = "Working hours not set" if profile.zone else "Time zone not set"
    return Said(f":{_COLOURS[presence.state]}-badge[{text}]", more)


def weekly_hours(profile: Profile, reader: Formats) -> list[tuple[str, str]]:
    """The working hours as (days, hours), equal days in a row together: ("Monday to Friday", "09:00 to 17:00")."""
    groups: list[tuple[int, int]] = []
    for day, hours in enumerate(profile.hours):
        if groups and profile.hours[groups[-1][0]] == hours:
            groups[-1] = (groups[-1][0], day)
        else:
            groups.append((day, day))
    return [(_days(first, last), hours_said(profile.hours[first], reader)) for first, last in groups]


def hours_said(hours: tuple[int, int] | None, reader: Formats) -> str:
    """One day's hours: "09:00 to 17:00", "22:00 to 06:00, the next day", "no work"."""
    if hours is None:
        return "no work"
    if length(hours) == 1440 and hours[0] == 0:
        return "all day"
    start, end = (reader.time(datetime(2000, 1, 1, minute // 60 % 24, minute % 60).time()) for minute in hours)
    into_next = hours[0] + length(hours) > 1440
    return f"{start} to {end}{', the next day' if into_next else ''}"


def days_said(absence: Absence, reader: Formats) -> str:
    """The days of an absence: "3 Nov 2026", "3 Nov 2026 to 7 Nov 2026"."""
    first, last = absence.first_day, absence.last_day
    if first == last:
        return reader.day(first)
    return f"{reader.day(first)} to {reader.day(last)}"


def both_clocks(wanted: datetime, now: datetime, theirs: Formats, reader: Formats) -> str:
    """A moment on both clocks: "18:00 their time (14:30 yours)"; once where they show the same."""
    there, here = theirs.near(wanted, now), reader.near(wanted, now)
    if there == here:
        return there
    if theirs.on_clock(wanted).date() == reader.on_clock(wanted).date():
        here = reader.time(reader.on_clock(wanted))
    return f"{there} their time ({here} yours)"


def _days(first: int, last: int) -> str:
    return WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]} to {WEEKDAYS[last]}"
