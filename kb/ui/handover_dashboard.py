"""The screen "Handover dashboard": how handovers go, by client and team over time, and the notes behind each figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from kb.handover.measures import (
    LONG_PERIOD,
    MEASURES,
    Measure,
    NoteFacts,
    Point,
    Split,
    behind,
    largest_groups,
    reading,
    series,
)
from kb.handover.templates import TEMPLATES
from kb.note_measures import MeasureFilter, export_measures, measured_notes, narrowed
from kb.store.db import now
from kb.ui import handover_style, note_words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_charts import show_chart
from kb.ui.markdown import escape
from kb.ui.measure_words import of_all, of_one
from kb.ui.moments import beginning, day, day_here, number, reader, today
from kb.ui.words import counted

PERIODS = {"Last 4 weeks": 28, "Last 13 weeks": 91, "Last 12 months": 365}  # days
CHOSEN = "From and to"
MOST_GROUPS = 6  # lines that one can tell apart
PER_PAGE = 25
_MEASURES = {measure.key: measure for measure in MEASURES}
_KINDS = {template.key: template.name for template in TEMPLATES}


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Handover dashboard")
    handover_style.apply()
    st.title("Handover dashboard", anchor=False)
    store, person, moment = open_baton().store, acting_person(), now()
    with st.container(key="dashboard_filters", horizontal=True, vertical_alignment="bottom"):
        since, until = _period()
        everything = measured_notes(store, person, MeasureFilter(since, until))
        wanted = _filters(everything, since, until)
    notes = narrowed(everything, wanted)
    if not notes:
        _show_empty(everything)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{counted(len(notes), 'note')} first submitted from {day_here(since)} to "
            f"{day_here(until - timedelta(days=1))}, of those that you may see",
            width="stretch",
        )
        st.download_button(
            "Export as CSV",
            # Called by the click, not by showing the button: so the export is made, and noted, only then.
            lambda: export_measures(store, person, wanted).encode("utf-8-sig"),
            file_name=f"baton-handovers-{moment:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="export_measures",
        )
    _show_figures(notes, moment)
    # A fragment: to look at another measure, nothing has to be read again.
    st.fragment(_show_measure)(notes, moment, by_month=until - since >= LONG_PERIOD)


def _period() -> tuple[datetime, datetime]:
    """The first moment of the period, and the first one after it, on the reader's clock."""
    chosen = st.selectbox("Time", [*PERIODS, CHOSEN], index=1, key="dashboard_period", width=170)
    last = today()
    first = last - timedelta(days=PERIODS.get(chosen, 28) - 1)
    if chosen == CHOSEN:
        first = st.date_input("From", first, key="dashboard_since", format="YYYY-MM-DD", width=150) or first
        last = st.date_input("To", last, key="dashboard_until", format="YYYY-MM-DD", width=150) or last
    return beginning(first), beginning(max(first, last) + timedelta(days=1))


def _filters(notes: Sequence[NoteFacts], since: datetime, until: datetime) -> MeasureFilter:
    clients = sorted({note.client for note in notes if note.client}, key=str.casefold)
    teams = sorted({team for note in notes for team in note.teams}, key=str.casefold)
    client = _choose("Client", clients, "All clients", "dashboard_client")
    team = _choose("Receiving team", teams, "All teams", "dashboard_team")
    kind = st.selectbox(
        "Kind", ["", *_KINDS], format_func=lambda key: _KINDS.get(key, "All kinds"), key="dashboard_kind", width=190
    )
    return MeasureFilter(since, until, client, team, kind or "")


def _choose(label: str, names: Sequence[str], everything: str, key: str) -> str:
    options = ["", *names]
    if st.session_state.get(key) not in (None, *options):  # the period has no note of it any more
        st.session_state[key] = ""
    return st.selectbox(label, options, format_func=lambda name: name or everything, key=key, width=200) or ""


def _show_empty(everything: Sequence[NoteFacts]) -> None:
    if everything:
        st.info("No note fits these filters. Choose another client, team or kind.", icon=":material/filter_alt_off:")
        return
    st.info(
        "No note that you may see was submitted in this time. Choose a longer time, or "
        f"[write a handover note]({Screen.HANDOVERS}): it is measured from the moment it is submitted.",
        icon=":material/insights:",
    )


def _show_figures(notes: Sequence[NoteFacts], moment: datetime) -> None:
    with st.container(key="dashboard_figures"):
        for measure in MEASURES:
            said = reading(measure, notes, moment)
            with st.container(border=True, gap="small"):
                st.metric(measure.title, of_all(measure, said.value), help=measure.about)
                st.caption(f"{counted(said.notes, 'note')}" if said.notes else "No note that it concerns yet")


def _show_measure(notes: Sequence[NoteFacts], moment: datetime, *, by_month: bool) -> None:
    """One measure in full."""
    acting_person()  # whose session may have ended meanwhile
    measure, split = _choice()
    _show_over_time(measure, notes, split, moment, by_month=by_month)
    _show_notes(measure, notes, moment)


def _choice() -> tuple[Measure, Split]:
    with st.container(key="dashboard_choice", horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Measure", list(_MEASURES), format_func=lambda key: _MEASURES[key].title, key="dashboard_measure", width=280
        )
        split = st.segmented_control(
            "By", list(Split), default=Split.NOTHING, key="dashboard_split", required=True,
            format_func=lambda split: split.capitalize(),
        )  # fmt: skip
    return _MEASURES[key], split or Split.NOTHING


def _show_over_time(
    measure: Measure, notes: Sequence[NoteFacts], split: Split, moment: datetime, *, by_month: bool
) -> None:
    st.header(f"{measure.title} over time", anchor="over-time")
    groups = largest_groups(notes, split, MOST_GROUPS + 1)
    shown_groups, left_out = groups[:MOST_GROUPS], len(groups) > MOST_GROUPS
    points = series(measure, notes, shown_groups, split, by_month=by_month, zone=reader().zone, moment=moment)
    every = "month" if by_month else "week"
    st.caption(
        f"{measure.about} Each point is a {every} in which notes were first submitted."
        + (f" The {MOST_GROUPS} groups with most notes are drawn; choose one above to see another." if left_out else "")
    )
    if not points:
        st.info("Nothing to draw yet: this measure concerns none of these notes.", icon=":material/show_chart:")
        return
    names = {group: _group_name(group, split) for group in shown_groups}
    show_chart(measure, points, names, by_month=by_month)
    with st.expander("The figures as a table", key="dashboard_points"):
        head = ["| From | Group | Figure | Notes |", "|---|---|---|---|"]
        st.markdown("\n".join([*head, *(_point_row(measure, point, names) for point in points)]))


def _group_name(group: str, split: Split) -> str:
    if split is Split.TEMPLATE:
        return _KINDS.get(group, group)
    return group or ("All notes" if split is Split.NOTHING else "No client")


def _point_row(measure: Measure, point: Point, names: dict[str, str]) -> str:
    cells = (
        day(point.start),
        escape(names[point.group]),
        of_all(measure, point.reading.value),
        number(point.reading.notes),
    )
    return f"| {' | '.join(cells)} |"


def _show_notes(measure: Measure, notes: Sequence[NoteFacts], moment: datetime) -> None:
    st.header("The notes behind it", anchor="notes")
    concerned = behind(measure, notes, moment)
    if not concerned:
        st.caption("None of these notes.")
        return
    pages = -(-len(concerned) // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{counted(len(concerned), 'note')}, those to look at first at the top", width="stretch")
        page = st.pagination(pages, key=f"dashboard_page_{measure.key}_{pages}") if pages > 1 else 1
    head = [
        f"| Note | {measure.title} | Client | Receiving team | State | First submitted |",
        "|---|---|---|---|---|---|",
    ]
    rows = [_note_row(measure, *each) for each in concerned[(page - 1) * PER_PAGE : page * PER_PAGE]]
    with st.container(key="table_dashboard"):
        st.markdown("\n".join([*head, *rows]))


def _note_row(measure: Measure, note: NoteFacts, value: float) -> str:
    cells = (
        f"[{escape(note.title)}](<{address(Screen.HANDOVER, slug=note.slug)}>)",
        of_one(measure, value),
        escape(note.client),
        escape(", ".join(note.teams)),
        note_words.STATE[note.state],
        day_here(note.begun),
    )
    return f"| {' | '.join(cells)} |"
