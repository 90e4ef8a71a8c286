"""Moments as the reader's clock shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def clock(moment: datetime, now: datetime) -> str:
    """The time of day; with the date when that is another day: "14:32", "3 Nov 2026, 14:32"."""
    zone = _zone()
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return full(moment)


def full(moment: datetime) -> str:
    """Date and time of day: "3 Nov 2026, 14:32"."""
    local = moment.astimezone(_zone())
    return f"{local.day} {local:%b %Y, %H:%M}"


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), _zone())


def _zone() -> tzinfo:
    # The browser tells its zone; it may be one that this machine does not know.
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
