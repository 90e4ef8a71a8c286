"""The screen "Handover notes": open ones first, and where a note begins."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from kb.access import Ability
from kb.handover.life import DONE, OPEN, shown_state
from kb.handover.models import NoteFilter, NoteState, NoteSummary, Status
from kb.handover.templates import KIND_NAMES
from kb.handover.times import from_now
from kb.handover_drafts import unfinished_drafts
from kb.handovers import find_notes, note_clients
from kb.store.db import now
from kb.ui import handover_style, note_words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, can, open_baton
from kb.ui.handover_offers import offer_draft
from kb.ui.handover_start import show_templates
from kb.ui.markdown import escape
from kb.ui.moments import number, on_clock_of
from kb.ui.words import LONG_CLIENT, counted, shortened

PAGE_SIZE = 30  # notes shown first, and added by each "More"
SHOWN_DRAFTS = 3
STATES: dict[str, tuple[NoteState, ...]] = {
    "All, open first": (),
    "Open": OPEN,
    "Done": DONE,
    **{name: (state,) for state, name in note_words.STATE.items()},
}


def render() -> None:
    """Show the screen."""
    handover_style.apply()
    st.set_page_config(page_title="Handover notes · Baton")
    st.title("Handover notes", anchor=False)
    store, person = open_baton().store, acting_person()
    _, in_all = find_notes(store, person, NoteFilter(), limit=1)
    if writes := can(Ability.WRITE):
        with st.expander("Start a handover note", icon=":material/add:", expanded=not in_all, key="start_note"):
            show_templates()
    for draft in unfinished_drafts(store, person)[:SHOWN_DRAFTS]:
        offer_draft(draft)
    if not in_all:
        st.markdown(
            "There are no handover notes yet. A note hands work over: from one shift to the next, from one person to "
            f"another, from one team to another.{' Choose above what fits.' if writes else ''}"
        )
        return
    wanted = _filters(sorted(note_clients(store, person), key=str.casefold))
    limit = int(st.session_state.get("notes_shown", PAGE_SIZE))
    notes, total = find_notes(store, person, wanted, limit)
    if not notes:
        st.info("No note fits these filters.", icon=":material/filter_alt_off:")
        return
    _show_notes(notes, total)


def _filters(clients: list[str]) -> NoteFilter:
    with st.container(key="note_filters", horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Title, client or person", key="notes_text", type="search", live="250ms", persist_state="session",
            on_change=_first_ones, width=190,
        )  # fmt: skip
        state = st.selectbox(
            "State", list(STATES), key="notes_state", persist_state="session", on_change=_first_ones, width=150
        )
        names = {"": "All", **KIND_NAMES}
        template = st.selectbox(
            "Template", list(names), key="notes_template", format_func=names.__getitem__, persist_state="session",
            on_change=_first_ones, width=190,
        )  # fmt: skip
        client = st.selectbox(
            "Client or process", ["", *clients], key="notes_client", format_func=lambda name: name or "All",
            persist_state="session", on_change=_first_ones, width=150,
        )  # fmt: skip
        status = st.selectbox(
            "Overall status", [None, *Status], key="notes_status", persist_state="session", on_change=_first_ones,
            format_func=lambda status: note_words.STATUS[status] if status else "All", width=120,
        )  # fmt: skip
        my_turn = st.checkbox("Waits for me", key="notes_my_turn", persist_state="session", on_change=_first_ones)
        mine = st.checkbox("Only mine", key="notes_mine", persist_state="session", on_change=_first_ones)
    return NoteFilter(
        STATES[state or "All, open first"], template or "", client or "", status, mine, text or "", my_turn
    )


def _first_ones() -> None:
    st.session_state["notes_shown"] = PAGE_SIZE


def _more() -> None:
    st.session_state["notes_shown"] = st.session_state.get("notes_shown", PAGE_SIZE) + PAGE_SIZE


def _show_notes(notes: list[NoteSummary], total: int) -> None:
    moment = now()
    st.caption(counted(total, "note") if len(notes) == total else f"{number(len(notes))} of {counted(total, 'note')}")
    with st.container(key="notes", gap="small"):
        for note in notes:
            with st.container(border=True):
                st.markdown(_row(note, moment), anchors=False)
    if len(notes) < total:
        st.button("More notes", on_click=_more)


def _row(note: NoteSummary, moment: datetime) -> str:
    badges = [note_words.state_badge(note.state, note.acknowledge_by, moment)]
    if note.state is not NoteState.DRAFT and note.state not in DONE:
        badges.append(note_words.status_badge(note.status, note.state))
    if note.my_turn:
        badges.append(":blue-badge[:material/front_hand: Your turn]")
    elif note.waits_for:
        badges.append(f":gray-badge[Waits for {escape(note.waits_for[:40])}]")
    if note.open_items and note.state not in DONE:
        critical = f", {note.critical_items} critical" if note.critical_items else ""
        colour = "red" if note.critical_items else "gray"
        badges.append(f":{colour}-badge[{counted(note.open_items, 'open item')}{critical}]")
    parties = " → ".join(escape(name) for name in (note.sender, note.receiver) if name)
    facts = [KIND_NAMES[note.template], escape(shortened(note.client, LONG_CLIENT)), parties]
    return "\n\n".join(
        [
            f"## [{escape(note.title)}](<{address(Screen.HANDOVER, slug=note.slug)}>)",
            " ".join(badges),
            f":small[{' · '.join(fact for fact in facts if fact)}]",
            f":small[{_times(note, moment)}]",
        ]
    )


def _times(note: NoteSummary, moment: datetime) -> str:
    parts = []
    if note.effective:
        parts.append(f"Takes effect {escape(on_clock_of(note.effective, note.zone))}")
    if note.acknowledge_by and note.state not in DONE:
        by, away = escape(on_clock_of(note.acknowledge_by, note.zone)), from_now(note.acknowledge_by, moment)
        when = f"acknowledge by {by}, {away}"
        late = shown_state(note.state, note.acknowledge_by, moment) is NoteState.OVERDUE
        parts.append(f":red[**{when}**]" if late else when)
    return " · ".join(parts) or "No times yet"
