"""The lines of the handover dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from kb.handover.measures import Measure, Point, Unit
from kb.ui.measure_words import of_all
from kb.ui.moments import day

# Told apart also by who sees few colours (Okabe and Ito 2008), on a light and on a dark ground; and by their marks.
_COLOURS = ["#0b8a8a", "#d55e00", "#3f7fca", "#b8860b", "#a5518f", "#5b8c3a"]
_MARKS = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_AXIS = {Unit.SHARE: "% of notes", Unit.PERCENT: "%", Unit.HOURS: "hours", Unit.NUMBER: "number"}


def show_chart(measure: Measure, points: Sequence[Point], names: Mapping[str, str], *, by_month: bool) -> None:
    """Draw a line for each group.

    :param names: what the groups are called; their order is that of the key.
    """
    values: list[dict[str, Any]] = [
        {
            "start": f"{point.start}T00:00:00",  # without a zone: the day as it stands, wherever the browser is
            "group": names[point.group],
            "figure": point.reading.value,
            "said": of_all(measure, point.reading.value),
            "notes": point.reading.notes,
            "when": day(point.start),
        }
        for point in points
    ]
    starts = sorted({point.start for point in points})
    percent = measure.unit in (Unit.SHARE, Unit.PERCENT)
    order = [name for group, name in names.items() if any(point.group == group for point in points)]
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(point=alt.OverlayMarkDef(size=70, filled=True), strokeWidth=2)
        .encode(
            x=alt.X(
                "start:T",
                title="Month" if by_month else "Week from",
                # As many ticks as there is room for, and none twice.
                axis=alt.Axis(
                    format="%b %Y" if by_month else "%-d %b", labelOverlap=True, grid=False,
values=[alt.DateTime(year=at.year, month=at.month, date=at.day) for at in starts],
                ),
            ),
            y=alt.Y(
                "figure:Q",
                title=_AXIS[measure.unit],
                scale=alt.Scale(domain=[0, 100]) if percent else alt.Scale(domainMin=0, nice=True),
                axis=alt.Axis(tickCount=5, tickMinStep=1 if measure.of_all is sum else alt.Undefined),
            ),
            color=alt.Color(
                "group:N", title=None, sort=order, scale=alt.Scale(domain=order, range=_COLOURS[: len(order)]),
                legend=alt.Legend(orient="bottom", columns=2, labelLimit=160) if len(order) > 1 else None,
            ),
            shape=alt.Shape(
                "group:N", sort=order, scale=alt.Scale(domain=order, range=_MARKS[: len(order)]),
                legend=None if len(order) == 1 else alt.Legend(orient="bottom", columns=2, labelLimit=160, title=None),
            ),
            tooltip=[
                alt.Tooltip("group:N", title="Group"),
                alt.Tooltip("when:N", title="Month from" if by_month else "Week from"),
                alt.Tooltip("said:N", title=measure.title),
                alt.Tooltip("notes:Q", title="Notes"),
            ],
        )
        .properties(height=300, description=f"{measure.title} over time; the figures are in the table below.")
    )  # fmt: skip
    st.altair_chart(chart, width="stretch", key="dashboard_chart")
