"""The screen "Actions": every open item of the notes that one may see, by urgent and important."""

from __future__ import annotations

from datetime import date

import streamlit as st

from kb.action_lists import DONE_FOR, action_choices, done_actions, open_actions
from kb.handover import eisenhower
from kb.handover.actions import NOBODY, ActionFilter, Quadrant, Shelf
from kb.store.db import now
from kb.ui import action_card, focus_timer, handover_style
from kb.ui.action_words import ICON, MEANING, QUADRANT
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton
from kb.ui.moments import day, number, reader, today
from kb.ui.problems import show_problem
from kb.ui.words import counted

PAGE_SIZE = 6  # items of a quadrant shown first, and added by each "More"
DONE_SIZE = 25
OPEN, DONE = "Open", "Done lately"
_GRID = ((Quadrant.DO_NOW, Quadrant.PLAN), (Quadrant.HAND_ON, Quadrant.LATER))  # a phone stacks them in this order
_FILTERS = ("actions_mine", "actions_client", "actions_owner", "actions_overdue")


def render() -> None:
    """Show the screen."""
    handover_style.apply()
    st.set_page_config(page_title="Actions · Baton")
    st.title("Actions", anchor=False)
    with st.container(key="actions_said"):  # a place of its own, so that what comes and goes moves no field
        show_problem()
        action_card.show_just_done()
    focus_timer.show()
    view, wanted = _filters(*action_choices(open_baton().store, acting_person()))
    if view == DONE:
        _show_done(wanted)
    else:
        _show_open(wanted)


def _filters(owners: list[str], clients: list[str]) -> tuple[str, ActionFilter]:
    with st.container(key="action_filters", horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "Show", [OPEN, DONE], key="actions_view", default=OPEN, required=True, persist_state="session",
            label_visibility="collapsed", on_change=_first_ones,
        )  # fmt: skip
        mine = st.checkbox("Only mine", key="actions_mine", persist_state="session", on_change=_first_ones)
        overdue = st.checkbox("Overdue", key="actions_overdue", persist_state="session", on_change=_first_ones)
        client = st.selectbox(
            "Client or process", ["", *clients], key="actions_client", persist_state="session",
            format_func=lambda name: name or "All", on_change=_first_ones, width=190,
        )  # fmt: skip
        owner = st.selectbox(
            "Owner", ["", NOBODY, *owners], key="actions_owner", persist_state="session",
            format_func=lambda name: {"": "All", NOBODY: "Nobody yet"}.get(name, name), on_change=_first_ones,
            width=190,
        )  # fmt: skip
    return view or OPEN, ActionFilter(mine, client or "", owner or "", overdue)


def _show_open(wanted: ActionFilter) -> None:
    limits = {place: int(st.session_state.get(_shown(place), PAGE_SIZE)) for place in Quadrant}
    box = open_actions(open_baton().store, acting_person(), wanted, limits, reader().zone.key)
    if not box.total:
        _show_nothing(wanted)
        return
    st.caption(counted(box.total, "open item"))
    with st.container(key="eisenhower"):
        for row in _GRID:
            for place, column in zip(row, st.columns(2, gap="medium"), strict=True):
                with column:
                    _show_quadrant(place, box.shelves[place])
    _explain(box.urgent_until)


def _show_quadrant(place: Quadrant, shelf: Shelf) -> None:
    with st.container(key=f"quadrant_{place.name.lower()}", gap="small"):
        st.markdown(f"## {ICON[place]} {QUADRANT[place]} :gray[{number(shelf.total)}]", anchors=False)
        st.caption(MEANING[place])
        moment, present = now(), today()
        for action in shelf.actions:
            action_card.show(action, moment, present)
        if not shelf.total:
            st.markdown(":gray[Nothing here.]")
        elif len(shelf.actions) < shelf.total:
            rest = number(shelf.total - len(shelf.actions))
            st.button(f"More of “{QUADRANT[place]}” ({rest})", key=f"more_{place}", on_click=_more, args=[place])


def _show_done(wanted: ActionFilter) -> None:
    limit = int(st.session_state.get("actions_done_shown", DONE_SIZE))
    store, person, zone = open_baton().store, acting_person(), reader().zone.key
    done, total = done_actions(store, person, wanted, limit, zone)
    if not done:
        st.info(f"Nothing was done in the last {DONE_FOR.days} days that fits.", icon=":material/task_alt:")
        return
    st.caption(f"{counted(total, 'item')} done in the last {DONE_FOR.days} days, the latest first")
    for action in done:
        action_card.show_done(action)
    if len(done) < total:
        st.button("More", on_click=_more_done)


def _show_nothing(wanted: ActionFilter) -> None:
    if wanted != ActionFilter():
        st.info("No open item fits these filters.", icon=":material/filter_alt_off:")
        st.button("Show all", on_click=_show_all, icon=":material/filter_alt_off:")
        return
    st.success("Nothing is open.", icon=":material/task_alt:")
    st.markdown(
        f"Every item that a [handover note]({Screen.HANDOVERS}) leaves open comes here when the note is submitted, and "
        "stays until somebody marks it done."
    )


def _explain(until: date) -> None:
    hours = int(eisenhower.WORK_AHEAD.total_seconds() // 3_600)
    with st.expander("How the items are sorted", icon=":material/help:", type="compact"):
        st.markdown(
            f"- **Important**: its priority is high or critical, or its note's overall status is critical.\n"
            f"- **Urgent**: it is overdue, due today, or due before you have worked {hours} more hours by the working "
            f"hours, holidays and absences of [your profile]({Screen.PROFILE}), which is now until {day(until)}. A "
            "critical item without a due date is urgent until somebody gives it one.\n"
            "- Within a field, what is due first stands first."
        )


def _shown(place: Quadrant) -> str:
    return f"actions_shown_{place}"


def _more(place: Quadrant) -> None:
    st.session_state[_shown(place)] = int(st.session_state.get(_shown(place), PAGE_SIZE)) + PAGE_SIZE


def _more_done() -> None:
    st.session_state["actions_done_shown"] = int(st.session_state.get("actions_done_shown", DONE_SIZE)) + DONE_SIZE


def _first_ones() -> None:
    for key in [_shown(place) for place in Quadrant] + ["actions_done_shown"]:
        st.session_state.pop(key, None)


def _show_all() -> None:
    for key in _FILTERS:
        st.session_state[key] = False if key in ("actions_mine", "actions_overdue") else ""
    _first_ones()
