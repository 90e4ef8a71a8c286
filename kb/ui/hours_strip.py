"""A day's working hours of two people as strips, on both clocks. Numbers and constants only, nothing people write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import streamlit as st

from kb.formats import Formats
from kb.models import Absence, Profile
from kb.worktime import Span, working_spans, zone_of

TICK_HOURS = 6
_Person = tuple[Profile, Sequence[Absence]]


def show_strip(their: _Person, mine: _Person, moment: datetime, reader: Formats) -> None:
    """Show today, as the reader's clock has it, with who works when."""
    first = datetime.combine(reader.on_clock(moment).date(), time(), reader.zone).astimezone(UTC)
    last = first + timedelta(hours=24)
    theirs = replace(reader, zone=zone_of(their[0].zone))
    strips = [
        _ticks("Their time", theirs, first),
        _strip("They work", theirs, working_spans(*their, first, last), first, moment),
        # Without a zone nothing is known of the reader's own hours.
        _strip("You work", reader, working_spans(*mine, first, last), first, moment) if mine[0].zone else "",
        _ticks("Your time", reader, first),
    ]
    st.html(f'<div class="strips">{"".join(strips)}</div>')


def _ticks(name: str, formats: Formats, first: datetime) -> str:
    marks = []
    for hour in range(0, 24 + TICK_HOURS, TICK_HOURS):
        shown = formats.time(formats.on_clock(first + timedelta(hours=hour)))
        edge = {0: "start", 24: "end"}.get(hour, "middle")
        marks.append(f'<span class="{edge}" style="left:{hour / 24:.2%}">{shown}</span>')
    return f'<div class="name">{name}</div><div class="ticks">{"".join(marks)}</div>'


def _strip(name: str, formats: Formats, spans: Sequence[Span], first: datetime, moment: datetime) -> str:
    said = ", ".join(
        f"{formats.time(formats.on_clock(span.start))} to {formats.time(formats.on_clock(span.end))}" for span in spans
    )
    bars = [
        f'<span class="bar" style="left:{_share(span.start - first)};width:{_share(span.end - span.start)}"></span>'
        for span in spans
    ]
    bars.append(f'<span class="now" style="left:{_share(moment - first)}"></span>')
    label = f"{name} today: {said or 'not at all'}"
    return f'<div class="name">{name}</div><div class="strip" role="img" aria-label="{label}">{"".join(bars)}</div>'


def _share(stretch: timedelta) -> str:
    """A stretch of time as a share of the strip, in CSS."""
    return f"{stretch / timedelta(hours=24):.2%}"
