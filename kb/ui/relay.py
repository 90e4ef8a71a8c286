"""The screen "Relay": handovers under way on one time-line, with the hours of the people on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from kb.formats import DEFAULT_LANGUAGE
from kb.relay import Lane, Relay, relay
from kb.store.db import now
from kb.ui import handover_style, note_words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import elsewhere, full, number, reader
from kb.ui.relay_chart import Window, chart, window_around
from kb.ui.words import counted


@dataclass(frozen=True, slots=True)
class Span:
    """How much is drawn: hours in all, how many of them are past, and the minutes between two marks."""

    hours: int
    before: int
    step: int


FURTHEST = 26 * 7 * 24  # hours from now, both ways: half a year
SHIFT = "relay_shift"  # hours that the time shown is moved by; negative: earlier
SPANS = {"24 hours": Span(24, 4, 180), "3 days": Span(72, 12, 720), "Week": Span(168, 24, 1440)}


def render() -> None:
    """Show the screen."""
    handover_style.apply()
    st.set_page_config(page_title="Relay · Baton")
    st.title("Relay", anchor=False)
    st.caption("Who hands over to whom, when it has to be acknowledged, and when both sides work.")
    with st.container(key="relay_filters", horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Time shown", list(SPANS), default="24 hours", key="relay_span", required=True, persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
        mine = st.checkbox("Only mine", key="relay_mine", persist_state="session")
    span, moment = SPANS[chosen or "24 hours"], now()
    window = window_around(moment, span.hours, span.before - _shift(), span.step)
    _show_moving(span, window, moment)
    language = reader().language or DEFAULT_LANGUAGE
    found = relay(open_baton().store, acting_person(), window.first, window.last, moment, language, mine=mine)
    if not found.lanes:
        st.success("No handover is under way in this time.", icon=":material/task_alt:")
        st.markdown(f"[See all handover notes]({Screen.HANDOVERS})")
        return
    st.caption(_how_many(found))
    addresses = [address(Screen.HANDOVER, slug=lane.slug) for lane in found.lanes]
    st.html(chart(found.lanes, window, reader(), moment, addresses))
    with st.expander("As a table", icon=":material/table_rows:", key="relay_table"):
        st.markdown(_table(found, moment))


def _shift() -> int:
    return int(st.session_state.get(SHIFT, 0))


def _show_moving(span: Span, window: Window, moment: datetime) -> None:
    """What time is shown, and the buttons that move it by half of that."""
    half, shift = span.hours // 2, _shift()
    with st.container(key="relay_moving", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Earlier", key="relay_earlier", icon=":material/chevron_left:", disabled=shift - half < -FURTHEST,
            on_click=_move, args=[-half], help=f"{_length(half)} earlier",
        )  # fmt: skip
        st.button("Now", key="relay_now", icon=":material/today:", disabled=not shift, on_click=_move, args=[-shift])
        st.button(
            "Later", key="relay_later", icon=":material/chevron_right:", icon_position="right",
            disabled=shift + half > FURTHEST, on_click=_move, args=[half], help=f"{_length(half)} later",
        )  # fmt: skip
        formats = reader()
        first, last = formats.on_clock(window.first), formats.on_clock(window.last)
        text = f"{_moment(first)} to {_moment(last)}"
        if not window.holds(moment):
            text += f". Now is {'after' if moment > window.last else 'before'} what is shown."
        st.caption(escape(text))


def _move(hours: int) -> None:
    st.session_state[SHIFT] = _shift() + hours


def _moment(local: datetime) -> str:
    return f"{reader().weekday_and_day(local.date())}, {reader().time(local)}"


def _length(hours: int) -> str:
    return counted(hours, "hour") if hours < 24 * 2 else f"{hours / 24:g} days"


def _how_many(found: Relay) -> str:
    if found.total == len(found.lanes):
        return counted(found.total, "handover") + " under way"
    return (
        f"The {number(len(found.lanes))} most urgent of {counted(found.total, 'handover')} under way. "
        "Narrow them, or see the list of handover notes for the others."
    )


def _table(found: Relay, moment: datetime) -> str:
    rows = [["Note", "From", "To", "Takes effect", "Acknowledge by", "Now"], ["---"] * 6]
    rows += [_row(lane, moment) for lane in found.lanes]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(lane: Lane, moment: datetime) -> list[str]:
    def on(moment: datetime | None, zone: str) -> str:
        if moment is None:
            return "not said yet"
        return escape(elsewhere(moment, zone) if zone else full(moment))

    state = note_words.state_badge(lane.state, lane.due, moment)
    turn = "**your turn**" if lane.my_turn else f"waits for {escape(lane.holder)}" if lane.holder else ""
    return [
        f"[{escape(lane.title)}](<{address(Screen.HANDOVER, slug=lane.slug)}>)",
        escape(lane.sender.name),
        escape(lane.receiver.name),
        on(lane.effective, lane.sender.zone),
        on(lane.due, lane.receiver.zone),
        f"{state} {turn}",
    ]
