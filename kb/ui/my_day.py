"""The screen "My day": what waits for the person, what they wait for, and what changed since they last looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import streamlit as st

from kb.access import Ability
from kb.handover.models import Step
from kb.handover.templates import KIND_NAMES
from kb.handover.times import from_now
from kb.my_day import MOST_CHANGES, MyDay, Task, Waiting, is_soon, mark_seen, my_day
from kb.store.db import now
from kb.store.seen_steps import SeenStep
from kb.ui import handover_style, note_words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, can, open_baton
from kb.ui.handover_life import QUESTIONS_ANCHOR, READ_BACK_ANCHOR
from kb.ui.markdown import escape
from kb.ui.moments import clock, number, reader, today
from kb.ui.person_links import person_link
from kb.ui.time_words import PART
from kb.ui.toasts import toast_next
from kb.ui.words import LONG_CLIENT, counted, shortened

Row = TypeVar("Row")

PAGE_SIZE = 20  # rows shown first of each part, and added by each "More"
_DO = {
    Task.READ_BACK: ":blue-badge[:material/record_voice_over: Read it back]",
    Task.ANSWER: ":blue-badge[:material/help: Answer]",
    Task.CONFIRM: ":blue-badge[:material/handshake: Confirm the read-back]",
    Task.CHANGE: ":orange-badge[:material/undo: Change and submit again]",
    Task.FINISH: ":gray-badge[:material/edit_note: Finish the draft]",
}
_DOES = {
    Task.READ_BACK: "reads it back",
    Task.ANSWER: "answers",
    Task.CONFIRM: "confirms the read-back",
}
_ANCHORS = {Task.READ_BACK: READ_BACK_ANCHOR, Task.CONFIRM: READ_BACK_ANCHOR, Task.ANSWER: QUESTIONS_ANCHOR}


def render() -> None:
    """Show the screen."""
    handover_style.apply()
    st.set_page_config(page_title="My day · Baton")
    moment = now()
    day = my_day(open_baton().store, acting_person(), moment)
    st.title("My day", anchor=False)
    st.caption(_head(day))
    with st.container(key="my_day"):
        work, news = st.columns([7, 5], gap="large")
        with work:
            _show_waiting(day.waiting, moment)
            _show_awaited(day.awaited, moment)
        with news:
            _show_changes(day.changes, moment)


def _head(day: MyDay) -> str:
    told = [reader().weekday_and_day(today())]
    if day.stands_in_for:
        names = " and ".join(escape(person.name) for person in day.stands_in_for)
        told.append(f"You stand in for {names}: what waits for them waits for you.")
    return " · ".join(told)


def _show_waiting(waiting: Sequence[Waiting], moment: datetime) -> None:
    late = sum(one.overdue for one in waiting)
    st.header(_titled("Waits for me", len(waiting)), anchor="waits-for-me")
    if not waiting:
        st.success("Nothing waits for you.", icon=":material/task_alt:")
        links = [f"[See all handover notes]({Screen.HANDOVERS})"]
        if can(Ability.WRITE):
            links.insert(0, f"[Hand something over]({Screen.HANDOVER_EDIT})")
        st.markdown(" · ".join(links))
        return
    if late:
        st.caption(f"{counted(late, 'note')} overdue")
    for one in _first(waiting, "waiting"):
        with st.container(border=True):
            st.markdown(_waiting_row(one, moment), anchors=False)
    _offer_more(waiting, "waiting")


def _show_awaited(awaited: Sequence[Waiting], moment: datetime) -> None:
    st.header(_titled("I wait for", len(awaited)), anchor="i-wait-for")
    if not awaited:
        st.caption("You wait for nobody.")
        return
    for one in _first(awaited, "awaited"):
        with st.container(border=True):
            st.markdown(_awaited_row(one, moment), anchors=False)
    _offer_more(awaited, "awaited")


def _show_changes(changes: Sequence[SeenStep], moment: datetime) -> None:
    st.header(_titled("What changed", len(changes), most=MOST_CHANGES), anchor="what-changed")
    if not changes:
        st.caption("Nothing new in the notes that you take part in.")
        return
    st.button(
        "I have seen these", icon=":material/done_all:", key="mark_seen", on_click=_mark_seen, args=[changes[0].id]
    )
    for change in _first(changes, "changes"):
        st.markdown(_change(change, moment), anchors=False)
    _offer_more(changes, "changes")


def _mark_seen(event_id: int) -> None:
    mark_seen(open_baton().store, acting_person(), event_id)
    toast_next("Seen")


def _waiting_row(one: Waiting, moment: datetime) -> str:
    badges = [_DO[one.task], *_urgency(one, moment)]
    if one.went_to:
        badges.append(f":violet-badge[:material/alarm: Came to you as the {PART[one.went_to]}]")
    if one.instead_of:
        badges.append(f":violet-badge[:material/swap_horiz: You stand in for {escape(one.instead_of.name)}]")
    who = f"From {escape(one.who)}" if one.who else ""
    return _row(one, badges, [who, *_facts(one)], moment)


def _awaited_row(one: Waiting, moment: datetime) -> str:
    # A returned note waits for its writer, who is never the one that waits.
    does = _DOES.get(one.task, "changes it")
    badges = [f":gray-badge[:material/hourglass_empty: {escape(one.who[:40])} {does}]", *_urgency(one, moment)]
    went = f"with the {PART[one.went_to]}" if one.went_to else ""
    return _row(one, badges, [went, *_facts(one)], moment)


def _row(one: Waiting, badges: Sequence[str], facts: Sequence[str], moment: datetime) -> str:
    times = []
    if one.due:
        times.append(f"acknowledge by {clock(one.due, moment)}")
    times.append(f"{'kept' if one.task is Task.FINISH else 'since'} {clock(one.since, moment)}")
    return "\n\n".join(
        [
            f"### [{escape(one.title)}](<{_address(one)}>)",
            " ".join(badges),
            f":small[{' · '.join(fact for fact in [*facts, *times] if fact)}]",
        ]
    )


def _urgency(one: Waiting, moment: datetime) -> list[str]:
    if one.due is None:
        return []
    away = from_now(one.due, moment)
    if one.overdue:
        return [f":red-badge[:material/alarm: Overdue, {away}]"]
    return [f":orange-badge[:material/schedule: Due {away}]"] if is_soon(one, moment) else []


def _facts(one: Waiting) -> list[str]:
    return [KIND_NAMES[one.template], escape(shortened(one.client, LONG_CLIENT))]


def _address(one: Waiting) -> str:
    if one.draft or not one.slug:
        return address(Screen.HANDOVER_EDIT, slug=one.slug, template=one.template, draft=one.draft)
    return address(Screen.HANDOVER, _ANCHORS.get(one.task, ""), slug=one.slug)


def _change(change: SeenStep, moment: datetime) -> str:
    what = note_words.STEP[change.step] if change.step else note_words.STATE[change.state]
    if change.step is Step.SUBMIT:
        what += f" version {change.version}"
    reason = f"  \n{escape(change.reason)}" if change.reason else ""
    left = "  \n:small[You have no part in it any more.]" if change.left else ""
    link = address(Screen.HANDOVER, slug=change.slug)
    return (
        f"**{what}** by {person_link(change.actor)} :small[{clock(change.at, moment)}]  \n"
        f"[{escape(change.title)}](<{link}>){reason}{left}"
    )


def _titled(title: str, amount: int, most: int = 0) -> str:
    if not amount:
        return title
    return f"{title} :gray-badge[{number(amount)}{' or more' if amount == most else ''}]"


def _first(rows: Sequence[Row], part: str) -> Sequence[Row]:
    return rows[: int(st.session_state.get(f"my_day_{part}", PAGE_SIZE))]


def _offer_more(rows: Sequence[object], part: str) -> None:
    key = f"my_day_{part}"
    shown = int(st.session_state.get(key, PAGE_SIZE))
    if len(rows) > shown:
        st.button(f"{number(len(rows) - shown)} more", key=f"{key}_more", on_click=_more, args=[key])


def _more(key: str) -> None:
    st.session_state[key] = st.session_state.get(key, PAGE_SIZE) + PAGE_SIZE
