"""The absences of a profile: those to come, and a row to add one."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from kb.access import RuleError
from kb.models import Absence, Person
from kb.people import colleagues
from kb.profiles import LONGEST_ABSENCE, Colleague, add_absence, remove_absence
from kb.store.db import StoreError, now
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import input_format, reader
from kb.ui.person_links import person_link
from kb.ui.presence import days_said
from kb.ui.toasts import toast_next
from kb.worktime import local_time

PROBLEM, FIRST, LAST, STAND_IN = "absence_problem", "absence_first", "absence_last", "absence_stand_in"


def show_absences(shown: Colleague) -> None:
    """Show what is planned, and how to plan more."""
    st.caption("Colleagues see the days and who stands in. Baton does not ask why.")
    for absence in shown.absences:
        with st.container(
            key=f"absence_{absence.id}", border=True, horizontal=True, vertical_alignment="center", wrap=False
        ):
            days = escape(days_said(absence, reader()))
            stand_in = f"{person_link(absence.stand_in)} stands in" if absence.stand_in else "Nobody stands in"
            st.markdown(f"**{days}**  \n:small[{stand_in}]", width="stretch")
            st.button(
                "Remove", key=f"remove_absence_{absence.id}", icon=":material/delete:", type="tertiary",
                help=f"Remove the absence {days_said(absence, reader())}",
                on_click=_remove, args=[shown, absence],
            )  # fmt: skip
    if not shown.absences:
        st.markdown("No absences planned.")
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(escape(problem), icon=":material/error:")
    today = local_time(shown.profile, now()).date()
    latest = today + 2 * LONGEST_ABSENCE
    with st.container(key="new_absence", horizontal=True, vertical_alignment="bottom"):
        st.date_input(
            "First day", None, key=FIRST, min_value=today - timedelta(days=366), max_value=latest,
            format=input_format(), width=150,
        )  # fmt: skip
        st.date_input(
            "Last day", None, key=LAST, min_value=today, max_value=latest, format=input_format(), width=150,
            help="The last day away. Empty for one day.",
        )  # fmt: skip
        others = [person for person in colleagues(open_baton().store, acting_person()) if person != shown.person]
        st.selectbox(
            "Stand-in", [None, *others], key=STAND_IN, width=240,
            format_func=lambda person: person.name if person else "Nobody",
            help="Receives what is meant for the person who is away.",
        )  # fmt: skip
        st.button("Add absence", key="add_absence", icon=":material/add:", on_click=_add, args=[shown])


def _add(shown: Colleague) -> None:
    first, last = st.session_state.get(FIRST), st.session_state.get(LAST)
    stand_in = st.session_state.get(STAND_IN)
    if first is None:
        st.session_state[PROBLEM] = "Choose the first day."
        return
    if not isinstance(stand_in, Person | None):  # somebody was renamed meanwhile, and the list is another one
        st.session_state[PROBLEM] = "Choose the stand-in again."
        return
    try:
        add_absence(open_baton().store, acting_person(), shown.person.id, first, last or first, stand_in)
    except (RuleError, StoreError) as error:
        st.session_state[PROBLEM] = str(error)
        return
    st.session_state[FIRST] = st.session_state[LAST] = st.session_state[STAND_IN] = None
    toast_next("Absence added")


def _remove(shown: Colleague, absence: Absence) -> None:
    try:
        remove_absence(open_baton().store, acting_person(), shown.person.id, absence)
    except (RuleError, StoreError) as error:
        st.session_state[PROBLEM] = str(error)
    else:
        toast_next("Absence removed")
