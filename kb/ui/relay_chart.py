"""The time-line of handovers as HTML: a lane for each note, with the hours of both sides above and below its bar. Pure.

Not an image: text stays text at every width, and links stay links. Everything that people wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

from kb.formats import Formats
from kb.handover.models import Part
from kb.relay import Band, BandKind, Lane, Side
from kb.worktime import DAY, moment_of, zone_of

MOST_ZONES = 4  # further clocks above the lanes
_KIND = {BandKind.WORK: "work", BandKind.HOLIDAY: "holiday", BandKind.AWAY: "away"}


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is drawn; ``step`` is how far the marks are apart on the reader's clock, in minutes."""

    first: datetime
    last: datetime
    step: int

    def share(self, moment: datetime) -> float:
        """Where a moment lies, from 0 at the beginning to 1 at the end; what lies outside is at the edge."""
        return min(1.0, max(0.0, (moment - self.first) / (self.last - self.first)))

    def holds(self, moment: datetime) -> bool:
        """Whether the moment is drawn."""
        return self.first <= moment <= self.last


def chart(lanes: Sequence[Lane], window: Window, formats: Formats, present: datetime, addresses: Sequence[str]) -> str:
    """The whole time-line.

    :param formats: the reader's clock and language.
    :param addresses: where each lane's note is read.
    :return: HTML that holds nothing which people wrote unescaped.
    """
    marks = list(_marks(window, formats))
    others = [(city(zone), replace(formats, zone=zone_of(zone))) for zone in _zones(lanes, formats)]
    axes = [
        _axis("Your time", formats, marks, window, dated=True),
        *(_axis(name, there, marks, window, dated=False) for name, there in others),
    ]
    rows = [_lane(lane, window, formats, present, address) for lane, address in zip(lanes, addresses, strict=True)]
    return (
        f'<div class="relay"><div class="axes" aria-hidden="true">{"".join(axes)}</div>'
        f'<ol class="lanes">{"".join(rows)}</ol>{_legend()}</div>'
    )


def city(zone: str) -> str:
    """The place of an IANA zone: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


def said(lane: Lane, formats: Formats) -> str:
    """The lane in one sentence, for a screen reader."""
    told = [
        f"{lane.title}: from {lane.sender.name} to {lane.receiver.name}{_deputies(lane)}",
        f"takes effect {_on_clock(lane.effective, lane.sender, formats)}",
    ]
    if lane.due:
        told.append(f"acknowledge by {_on_clock(lane.due, lane.receiver, formats)}")
    if lane.overdue:
        told.append("overdue")
    told.append("your turn" if lane.my_turn else f"waits for {lane.holder}" if lane.holder else "")
    return ", ".join(part for part in told if part)


def _marks(window: Window, formats: Formats) -> Iterable[datetime]:
    """Equal steps of the reader's clock, from midnight on."""
    day = formats.on_clock(window.first).date()
    while True:
        for minute in range(0, 24 * 60, window.step):
            moment = moment_of(day, minute, formats.zone)
            if moment > window.last:
                return
            if moment >= window.first:
                yield moment
        day += DAY


def _zones(lanes: Sequence[Lane], formats: Formats) -> list[str]:
    """The zones that most lanes are in, but the reader's."""
    counted: dict[str, int] = {}
    for lane in lanes:
        for zone in {lane.sender.zone, lane.receiver.zone} - {"", formats.zone.key}:
            counted[zone] = counted.get(zone, 0) + 1
    return sorted(counted, key=lambda zone: (-counted[zone], zone))[:MOST_ZONES]


def _axis(name: str, formats: Formats, marks: Sequence[datetime], window: Window, *, dated: bool) -> str:
    ticks = []
    for mark in marks:
        local = formats.on_clock(mark)
        midnight = dated and local.hour == local.minute == 0
        text = formats.weekday_and_day(local.date()) if midnight else formats.time(local)
        share = window.share(mark)
        edge = " start" if share < 0.04 else " end" if share > 0.96 else ""
        ticks.append(
            f'<span class="tick{" day" if midnight else ""}{edge}" style="left:{share:.2%}">{escape(text)}</span>'
        )
    return f'<div class="name">{escape(name)}</div><div class="ticks">{"".join(ticks)}</div>'


def _lane(lane: Lane, window: Window, formats: Formats, present: datetime, address: str) -> str:
    due = lane.due
    times = f"{_short(lane.effective, lane.sender, formats, present)}"
    if due:
        times += f" → {_short(due, lane.receiver, formats, present)}"
    return (
        f'<li class="lane"><div class="what"><a href="{escape(address)}">{escape(lane.title)}</a>'
        f'<div class="who">{escape(lane.sender.name)} → {escape(lane.receiver.name)}{escape(_deputies(lane))}</div>'
        f'<div class="times">{escape(times)}</div>{_turn(lane)}</div>'
        f'<div class="track" role="img" aria-label="{escape(said(lane, formats))}">'
        f"{_strip(lane.sender, window, formats)}{_bar(lane, window, formats, present)}"
        f"{_strip(lane.receiver, window, formats)}{_now(window, present)}</div></li>"
    )


def _deputies(lane: Lane) -> str:
    """Who stands in for whom hands over or takes over: " (Ben stands in for Ana)"."""
    sides = (Part.SENDER, Part.RECEIVER)
    told = dict.fromkeys(
        f"{one.person.name} stands in for {one.instead_of.name}" for one in lane.stand_ins if one.part in sides
    )
    return f" ({', '.join(told)})" if told else ""


def _turn(lane: Lane) -> str:
    kind, text = ("mine", "Your turn") if lane.my_turn else ("", f"Waits for {lane.holder}" if lane.holder else "")
    late = '<span class="late">Overdue</span> ' if lane.overdue else ""
    return f'<div class="turn {kind}">{late}{escape(text)}</div>'


def _strip(side: Side, window: Window, formats: Formats) -> str:
    theirs = replace(formats, zone=zone_of(side.zone)) if side.zone else formats
    unknown = "" if side.zone else ' title="Working hours are not known"'
    bands = "".join(_band(band, side.name, window, theirs) for band in side.bands)
    return f'<div class="strip{"" if side.zone else " unknown"}"{unknown}>{bands}</div>'


def _band(band: Band, name: str, window: Window, theirs: Formats) -> str:
    first, last = theirs.on_clock(band.first), theirs.on_clock(band.last)
    if band.kind is BandKind.WORK:
        told = f"{name} works {theirs.time(first)} to {theirs.time(last)} their time"
    elif band.kind is BandKind.HOLIDAY:
        told = f"{theirs.weekday_and_day(first.date())}: public holiday for {name} ({band.name})"
    else:
        told = f"{name} is away"
    place = _place(band.first, band.last, window)
    return f'<span class="band {_KIND[band.kind]}" title="{escape(told)}" style="{place}"></span>'


def _bar(lane: Lane, window: Window, formats: Formats, present: datetime) -> str:
    due = lane.due or present
    parts = []
    if due > window.first:
        parts.append(f'<span class="bar" style="{_place(lane.effective, due, window)}"></span>')
    if lane.overdue and present > window.first:
        parts.append(f'<span class="bar over" style="{_place(due, present, window)}"></span>')
    if lane.due and window.holds(lane.due):
        told = f"Acknowledge by {_on_clock(lane.due, lane.receiver, formats)}"
        parts.append(f'<span class="due" title="{escape(told)}" style="left:{window.share(lane.due):.2%}"></span>')
    for call in lane.calls:
        if window.holds(call.when):
            told = f"To the {call.part} {call.person.name}: {formats.near(call.when, present)}"
            parts.append(
                f'<span class="call" title="{escape(told)}" style="left:{window.share(call.when):.2%}">▲</span>'
            )
    return f'<div class="bars">{"".join(parts)}</div>'


def _now(window: Window, present: datetime) -> str:
    return f'<span class="now" style="left:{window.share(present):.2%}"></span>' if window.holds(present) else ""


def _legend() -> str:
    kinds = [
        ("work", "working hours (above: who hands over, below: who takes over)"), ("holiday", "public holiday"),
        ("away", "away"), ("bar", "takes effect until acknowledge by"), ("bar over", "overdue"), ("now", "now"),
    ]  # fmt: skip
    keys = "".join(f'<li><span class="key {kind}"></span>{text}</li>' for kind, text in kinds)
    return f'<ul class="legend" aria-label="What the colours mean">{keys}<li>▲ goes to the backup or lead</li></ul>'


def _place(first: datetime, last: datetime, window: Window) -> str:
    left, right = window.share(first), window.share(last)
    return f"left:{left:.2%};width:{right - left:.2%}"


def _on_clock(moment: datetime, side: Side, formats: Formats) -> str:
    return formats.elsewhere(moment, zone_of(side.zone)) if side.zone else formats.full(moment)


def _short(moment: datetime, side: Side, formats: Formats, present: datetime) -> str:
    if not side.zone:
        return formats.near(moment, present)
    there = replace(formats, zone=zone_of(side.zone))
    return f"{there.near(moment, present)} {city(side.zone)}"


def window_around(present: datetime, hours: int, before: int, step: int) -> Window:
    """A window that begins on a full hour.

    :param before: how many hours before the present; negative: after it.
    """
    first = present.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=before)
    return Window(first, first + timedelta(hours=hours), step)
