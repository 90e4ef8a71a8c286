"""The screen "My profile": name, place, working hours, absences, and how dates are shown."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kb.access import RuleError
from kb.formats import DEFAULT_LANGUAGE
from kb.people import change_account
from kb.profiles import Colleague, ProfileError, colleague, may_edit, save_profile
from kb.store.db import StoreError
from kb.ui.addresses import Screen
from kb.ui.calendar_address import show_calendar_address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.profile_absences import show_absences
from kb.ui.profile_fields import ProfileFields
from kb.ui.runs import hold
from kb.ui.toasts import toast_next

PROBLEM = "profile_problem"


def render() -> None:
    """Show the person's own profile; administrators see anybody's whom the address names."""
    store, person = open_baton().store, acting_person()
    wanted = st.query_params.get("id", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else person.id
    try:
        shown = colleague(store, person, number)
    except ProfileError:
        shown = None
    if shown is None or not may_edit(store, person, number):
        st.title("Profile not found", anchor=False)
        st.markdown(f"[Open your own profile]({Screen.PROFILE}), or [see all colleagues]({Screen.COLLEAGUES}).")
        return
    own = shown.person == person
    st.set_page_config(page_title="My profile" if own else f"Profile of {shown.person.name}")
    st.title("My profile" if own else f"Profile of {escape(shown.person.name)}", anchor=False)
    st.markdown(f"[See it as your colleagues do](</colleague?id={number}>)")
    fields = ProfileFields(number)
    fields.fill(shown.profile, own=own)
    with st.container(key="profile"):
        _show_name(shown, fields)
        st.header("Where you work" if own else "Where they work", anchor=False)
        fields.show_place()
        st.header("Working hours", anchor=False)
        fields.show_hours()
        st.header("Dates and numbers", anchor=False)
        fields.show_language()
        _show_save(shown, fields)
        st.header("Absences", anchor=False)
        show_absences(shown)
        if own:
            show_calendar_address()


def _show_name(shown: Colleague, fields: ProfileFields) -> None:
    hold(fields.key("name"), shown.person.name)
    # The account that Baton begins with gets its name when it signs up.
    st.text_input(
        "Name", key=fields.key("name"), max_chars=80, width=380, disabled=not shown.email,
        help=None if shown.email else "It is given when the first administrator signs up.",
    )  # fmt: skip


def _show_save(shown: Colleague, fields: ProfileFields) -> None:
    name = " ".join((fields.value("name") or "").split())
    # No language is the default one: that alone is nothing to save.
    kept = replace(shown.profile, language=shown.profile.language or DEFAULT_LANGUAGE)
    changed = fields.typed() != kept or name != shown.person.name
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(escape(problem), icon=":material/error:")
    with st.container(key="save_profile_row", horizontal=True, vertical_alignment="center"):
        st.button(
            "Save", key="save_profile", type="primary", icon=":material/check:", disabled=not changed,
            on_click=_save, args=[shown, fields],
        )  # fmt: skip
        st.caption("Not saved yet" if changed else "Everything is saved")


def _save(shown: Colleague, fields: ProfileFields) -> None:
    store, person = open_baton().store, acting_person()
    name = " ".join((fields.value("name") or "").split())
    try:
        if name != shown.person.name:
            change_account(store, person, shown.person.id, name, shown.email)
        save_profile(store, person, shown.person.id, fields.typed())
    except (RuleError, StoreError) as error:
        st.session_state[PROBLEM] = str(error)
    else:
        toast_next("Profile saved")
