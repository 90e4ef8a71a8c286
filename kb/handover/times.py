"""Moments as people read and write them: a time zone's clock, UTC beside it, and how far away. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The names of the time zones that people choose from: UTC, then Area/City in alphabetical order."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in areas))


def known_zone(name: str | None) -> str:
    """``name`` if it is a time zone, else UTC."""
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return name or "UTC"


def to_utc(local: datetime, zone: str) -> datetime:
    """The moment at which the clocks of ``zone`` show ``local`` (naive).

    A time that the clocks skip counts as if they had not been put forward; one that they show twice is the first.
    See :func:`clock_change`, which tells the writer.
    """
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def to_local(moment: datetime, zone: str) -> datetime:
    """What the clocks of ``zone`` show at ``moment``, as a naive time."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def next_quarter(moment: datetime) -> datetime:
    """The moment (aware) when it is on a quarter of an hour, else the next quarter."""
    quarter, start = timedelta(minutes=15), datetime.min.replace(tzinfo=UTC)
    return start + -(-(moment - start) // quarter) * quarter


def clock_change(local: datetime, zone: str) -> str:
    """A sentence for the writer when ``local`` is skipped or shown twice by the clocks of ``zone``; else ""."""
    shown = to_local(to_utc(local, zone), zone)
    if shown != local:
        return f"{local:%H:%M} does not exist that day (clocks go forward): {shown:%H:%M} is meant."
    at = local.replace(tzinfo=ZoneInfo(zone))
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        return f"{local:%H:%M} comes twice that day (clocks go back): the first one is meant."
    return ""


def day(moment: datetime) -> str:
    """A date as people read it: 21 Nov 2026."""
    return f"{moment.day} {moment:%b %Y}"


def local_clock(moment: datetime, zone: str) -> str:
    """A moment on the clock of its zone: "21 Nov 2026, 06:00 Europe/Berlin"."""
    local = to_local(moment, zone)
    return f"{day(local)}, {local:%H:%M} {zone}"


def clock(moment: datetime, zone: str) -> str:
    """A moment on the clock of its zone, with UTC: "21 Nov 2026, 06:00 Europe/Berlin (05:00 UTC)"."""
    local, utc = to_local(moment, zone), moment.astimezone(UTC)
    shown = local_clock(moment, zone)
    if zone == "UTC":
        return shown
    other_day = "" if local.date() == utc.date() else f"{utc.day} {utc:%b}, "
    return f"{shown} ({other_day}{utc:%H:%M} UTC)"


def clocks(moment: datetime, zones: Iterable[str]) -> str:
    """A moment on the clocks of several people: "21 Nov 2026, 06:00 Europe/Berlin, 10:30 Asia/Kolkata (05:00 UTC)".

    A zone that is named twice, and UTC, are told once; where none is left, UTC alone.
    """
    names = list(dict.fromkeys(known_zone(zone) for zone in zones if zone and known_zone(zone) != "UTC"))
    if not names:
        return local_clock(moment, "UTC")
    first, *others = names
    shown = local_clock(moment, first)
    date = to_local(moment, first).date()
    for zone in (*others, "UTC"):
        there = to_local(moment, zone)
        time = f"{there:%H:%M} {zone}" if there.date() == date else f"{there.day} {there:%b}, {there:%H:%M} {zone}"
        shown += f" ({time})" if zone == "UTC" else f", {time}"
    return shown


def from_now(moment: datetime, now: datetime) -> str:
    """How far away a moment is: "in 2 h", "3 days ago"."""
    distance = abs(moment - now)
    if distance < timedelta(minutes=1):
        return "now"
    if distance < timedelta(hours=1):
        amount = f"{distance // timedelta(minutes=1)} min"
    elif distance < timedelta(days=2):
        amount = f"{distance // timedelta(hours=1)} h"
    else:
        amount = f"{distance.days} days"
    return f"in {amount}" if moment > now else f"{amount} ago"
