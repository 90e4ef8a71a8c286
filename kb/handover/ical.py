"""Dates as an iCalendar file (RFC 5545), for the calendar programs that people have anyway. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar

PRODUCT = "-//Baton//Handover dates//EN"
HALF_AN_HOUR = timedelta(minutes=30)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # RFC 5545, 3.1: no control characters but tab and line break
REFRESH = timedelta(hours=1)  # how often a calendar is asked to fetch again


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is due: at a moment, or on a day. ``uid`` stays the same as long as it is the same thing."""

    uid: str
    due: datetime | date
    summary: str
    description: str
    url: str


def calendar_file(entries: Iterable[Entry], moment: datetime) -> bytes:
    """The entries as a calendar; what is due at a moment ends then, and reminds half an hour before.

    :param moment: when it is made, in UTC.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Baton")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH))  # the same for older programs
    for entry in entries:
        calendar.add_component(_event(entry, moment))
    return bytes(calendar.to_ical())


def _event(entry: Entry, moment: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", moment.astimezone(UTC))
    if isinstance(entry.due, datetime):
        due = entry.due.astimezone(UTC)
        event.add("dtstart", due - HALF_AN_HOUR)
        event.add("dtend", due)
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _allowed(entry.summary))
        alarm.add("trigger", timedelta(0))
        event.add_component(alarm)
    else:
        event.add("dtstart", entry.due)
        event.add("dtend", entry.due + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # a due date takes nobody's time
    event.add("summary", _allowed(entry.summary))
    event.add("description", _allowed(entry.description))
    event.add("url", entry.url)
    return event


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub(" ", text.replace("\r\n", "\n"))
