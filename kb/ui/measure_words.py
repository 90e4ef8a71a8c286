"""How the figures of the handover dashboard read."""

from __future__ import annotations

from kb.handover.measures import Measure, Unit
from kb.ui.moments import reader

NOTHING = "–"  # where a measure concerns no note

_SHARES = {
    "on_time": ("On time", "Late"),
    "returned": ("Returned", "Not returned"),
    "reopened": ("Reopened", "Stayed closed"),
}


def of_all(measure: Measure, value: float | None) -> str:
    """What a measure says of many notes: "83 %", "3 h 20 min", "1.4"."""
    if value is None:
        return NOTHING
    match measure.unit:
        case Unit.SHARE | Unit.PERCENT:
            return f"{reader().number(round(value))} %"
        case Unit.HOURS:
            return duration(value)
        case _:
            return reader().number(round(value)) if value == round(value) else reader().decimal(value)


def of_one(measure: Measure, value: float) -> str:
    """What a measure says of one note."""
    if measure.unit is Unit.SHARE:
        return _SHARES[measure.key][not value]
    return of_all(measure, value)


def duration(hours: float) -> str:
    """A span of time in its two largest units: "25 min", "3 h 20 min", "2 days 4 h"."""
    minutes = round(hours * 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h{f' {minutes % 60} min' if minutes % 60 else ''}"
    days, rest = divmod(round(hours), 24)
    return f"{reader().number(days)} days{f' {rest} h' if rest else ''}"
