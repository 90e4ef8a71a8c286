"""Moments, dates and numbers as the reader's profile asks for: every screen formats here."""

from __future__ import annotations

from datetime import date, datetime, time

import streamlit as st

from kb.formats import Formats
from kb.models import Profile
from kb.store.db import now
from kb.worktime import zone_of


def follow(profile: Profile) -> None:
    """From here on, this session's screens show the clock and the language of this profile."""
    st.session_state["formats"] = formats_of(profile)


def formats_of(profile: Profile) -> Formats:
    """How the person of this session reads; where they set no zone, their browser's is taken."""
    return Formats(zone_of(profile.zone or st.context.timezone or ""), profile.language)


def reader() -> Formats:
    """How the person of this session reads."""
    formats: Formats | None = st.session_state.get("formats")
    return formats or formats_of(Profile())


def today() -> date:
    """The date on the reader's calendar."""
    return reader().on_clock(now()).date()


def clock(moment: datetime, now: datetime) -> str:
    """The time of day; with the date when that is another day: "14:32", "3 Nov 2026, 14:32"."""
    return reader().clock(moment, now)


def full(moment: datetime) -> str:
    """Date and time of day: "3 Nov 2026, 14:32"."""
    return reader().full(moment)


def day(when: date) -> str:
    """A date: "3 Nov 2026"; of a moment, as its own clock shows it."""
    return reader().day(when)


def day_here(moment: datetime) -> str:
    """The date of a moment on the reader's calendar: "3 Nov 2026"."""
    return reader().day(reader().on_clock(moment).date())


def elsewhere(moment: datetime, zone: str) -> str:
    """A moment on the clock of a zone, with the reader's: "21 Nov 2026, 06:00 Europe/Berlin (10:30 yours)"."""
    return reader().elsewhere(moment, zone_of(zone))


def on_clock_of(moment: datetime, zone: str) -> str:
    """A moment on the clock of a zone: "21 Nov 2026, 06:00 Europe/Berlin"."""
    there = moment.astimezone(zone_of(zone))
    return f"{reader().date_and_time(there)} {zone}"


def input_format() -> str:
    """The order of day, month and year for a date field."""
    return reader().input_format


def number(amount: int) -> str:
    """A whole number: "2,000"."""
    return reader().number(amount)


def beginning(of: date) -> datetime:
    """The first moment of a day on the reader's clock."""
    return datetime.combine(of, time(), reader().zone)
