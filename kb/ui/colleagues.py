"""The screen "Colleagues": everybody with their local time, and who is at work now."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from kb.formats import Formats
from kb.profiles import Colleague, colleagues
from kb.store.db import now
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import reader
from kb.ui.person_links import person_link
from kb.ui.presence import presence_of, say
from kb.ui.words import counted
from kb.worktime import Presence, PresenceState, local_time

PAGE_SIZE = 50  # people shown first, and added by each "More"


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Colleagues")
    st.title("Colleagues", anchor=False)
    moment, formats = now(), reader()
    everybody = colleagues(open_baton().store, acting_person())
    wanted = _filtered(everybody)
    # Reckoned for those only that a name or a team has left.
    shown = [(one, presence_of(one, moment, formats)) for one in wanted]
    if st.session_state.get("colleagues_at_work"):
        shown = [(one, presence) for one, presence in shown if presence.state is PresenceState.AT_WORK]
    if not shown:
        st.info("Nobody fits. Clear a filter to see more people.", icon=":material/filter_alt_off:")
        return
    _show(shown, moment, formats)
    if len(everybody) == 1:
        st.caption("You are alone here yet.")


def _filtered(everybody: list[Colleague]) -> list[Colleague]:
    """Show the filters, and leave out whom they leave out, but for who is at work."""
    with st.container(key="colleague_filters", horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Name or team", key="colleagues_text", type="search", live="250ms", persist_state="session",
            on_change=_first_ones, width=240,
        )  # fmt: skip
        teams = sorted({team for one in everybody for team in one.teams}, key=str.casefold)
        team = st.selectbox(
            "Team", ["", *teams], key="colleagues_team", format_func=lambda name: name or "All",
            persist_state="session", on_change=_first_ones, width=200,
        )  # fmt: skip
        st.checkbox("At work now", key="colleagues_at_work", persist_state="session", on_change=_first_ones)
    words = (text or "").casefold().split()
    return [
        one
        for one in everybody
        if (not team or team in one.teams)
        and all(word in " ".join([one.person.name, *one.teams]).casefold() for word in words)
    ]


def _show(shown: list[tuple[Colleague, Presence]], moment: datetime, formats: Formats) -> None:
    limit = int(st.session_state.get("colleagues_shown", PAGE_SIZE))
    at_work = sum(presence.state is PresenceState.AT_WORK for _, presence in shown)
    people = "1 person" if len(shown) == 1 else f"{formats.number(len(shown))} people"
    st.caption(f"{people}, {formats.number(at_work)} at work now")
    rows = [["Name", "Local time", "Now", "Team"], ["---"] * 4]
    rows += [_row(one, presence, moment, formats) for one, presence in shown[:limit]]
    with st.container(key="colleagues"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
    if limit < len(shown):
        st.button(f"{counted(len(shown) - limit, 'more colleague')}", on_click=_more)


def _row(one: Colleague, presence: Presence, moment: datetime, formats: Formats) -> list[str]:
    said = say(presence, one.profile, moment, formats)
    clock = "–"
    if one.profile.zone:
        there = local_time(one.profile, moment)
        # The weekday where it is another one than here.
        other_day = there.date() != formats.on_clock(moment).date()
        day = f"{formats.weekday_and_day(there.date())}, " if other_day else ""
        clock = f"{day}{formats.time(there)} :small[{escape(one.profile.zone)}]"
    presence_said = f"{said.badge} :small[{said.more}]" if said.more else said.badge
    return [person_link(one.person), clock, presence_said, ", ".join(escape(team) for team in one.teams)]


def _first_ones() -> None:
    st.session_state["colleagues_shown"] = PAGE_SIZE


def _more() -> None:
    st.session_state["colleagues_shown"] = st.session_state.get("colleagues_shown", PAGE_SIZE) + PAGE_SIZE
