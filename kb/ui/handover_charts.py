"""The lines of the handover dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kb.handover.measures import Measure, Point, Unit
from kb.ui.measure_words import of_all
from kb.ui.moments import day

# Told apart also by who sees few colours, on a light and on a dark ground; and by their marks.
_COLOURS = ["#0b8a8a", "#d55e00", "#3f7fca", "#b8860b", "#a5518f", "#5b8c3a"]
_MARKS = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_AXIS = {Unit.SHARE: "% of notes", Unit.PERCENT: "%", Unit.HOURS: "hours", Unit.NUMBER: "number"}


def show_chart(measure: Measure, points: Sequence[Point], names: Mapping[str, str], *, by_month: bool) -> None:
    """Draw a line for each group.

    :param names: what the groups are called; their order is that of the key.
    """
    # As plain Vega-Lite: importing Altair takes a second, which the first visitor would wait for.
    st.vega_lite_chart(line_chart(measure, points, names, by_month=by_month), width="stretch", key="dashboard_chart")


def line_chart(
    measure: Measure, points: Sequence[Point], names: Mapping[str, str], *, by_month: bool
) -> dict[str, Any]:
    """The chart in Vega-Lite's words, with its data inside."""
    since = "Month" if by_month else "Week from"
    order = [name for group, name in names.items() if any(point.group == group for point in points)]
    percent = measure.unit in (Unit.SHARE, Unit.PERCENT)
    whole = {"tickMinStep": 1} if measure.of_all is sum else {}
    key = {"orient": "bottom", "columns": 2, "labelLimit": 160, "title": None} if len(order) > 1 else None

    def told_apart(by: Sequence[str]) -> dict[str, Any]:
        scale = {"domain": order, "range": by[: len(order)]}
        return {"field": "group", "type": "nominal", "title": None, "scale": scale, "legend": key}

    return {
        "description": f"{measure.title} over time; the figures are in the table below.",
        "height": 300 + (60 + 15 * len(order) if key else 0),  # pixels; the key takes of it
        "data": {"values": [_value(measure, point, names) for point in points]},
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 70, "filled": True}},
        "encoding": {
            "x": {
                "field": "start",
                "type": "temporal",
                "title": since,
                "axis": {
                    "format": "%b %Y" if by_month else "%-d %b",
                    "labelOverlap": True,
                    "grid": False,
                    "values": [
                        {"year": start.year, "month": start.month, "date": start.day}
                        for start in sorted({point.start for point in points})
                    ],
                },
            },
            "y": {
                "field": "figure",
                "type": "quantitative",
                "title": _AXIS[measure.unit],
                "scale": {"domain": [0, 100]} if percent else {"domainMin": 0, "nice": True},
                "axis": {"tickCount": 5, **whole},
            },
            "color": told_apart(_COLOURS),
            "shape": told_apart(_MARKS),
            "tooltip": [
                {"field": "group", "type": "nominal", "title": "Group"},
                {"field": "when", "type": "nominal", "title": since},
                {"field": "said", "type": "nominal", "title": measure.title},
                {"field": "notes", "type": "quantitative", "title": "Notes"},
            ],
        },
    }


def _value(measure: Measure, point: Point, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "start": f"{point.start}T00:00:00",  # without a zone: the day as it stands, wherever the browser is
        "group": names[point.group],
        "figure": point.reading.value,
        "said": of_all(measure, point.reading.value),
        "notes": point.reading.notes,
        "when": day(point.start),
    }
