"""Acknowledge-by in the handover form: a suggestion with its reason, one click to take it, and a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from kb.deadlines import AtThatTime, deadline_advice
from kb.formats import DEFAULT_LANGUAGE
from kb.handover.deadlines import Suggestion
from kb.handover.times import to_local
from kb.store.db import now
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_form import NoteForm
from kb.ui.markdown import escape
from kb.ui.moments import reader
from kb.ui.time_words import length_said, obstacles_said, on_both_clocks
from kb.worktime import PresenceState, zone_of


def show_deadline(form: NoteForm) -> None:
    """Show when the receiver could acknowledge, and whether they are at work at the time that was chosen.

    What the writer chose stays as it is until they take the suggestion.
    """
    header, moment = form.draft.text.header, now()
    if header.receiver_id is None:
        return
    language = reader().language or DEFAULT_LANGUAGE
    advice = deadline_advice(open_baton().store, acting_person(), header, form.template.key, moment, language)
    if advice.outside:
        st.warning(_outside(advice.outside, header.acknowledge_by or moment), icon=":material/bedtime:")
    suggestion = advice.suggestion
    if suggestion is None:
        return
    if suggestion.when == header.acknowledge_by:
        st.caption(f":material/check: Acknowledge by: {_reason(suggestion, moment)}")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Acknowledge by {escape(_short(suggestion, moment))}",
            key="take_deadline",
            icon=":material/event_available:",
            on_click=_take,
            args=[form, suggestion],
        )
        st.caption(_reason(suggestion, moment), width="stretch")


def _take(form: NoteForm, suggestion: Suggestion) -> None:
    st.session_state[form.key("acknowledge_by")] = to_local(suggestion.when, form.draft.text.header.zone)
    form.keep()


def _short(suggestion: Suggestion, moment: datetime) -> str:
    return on_both_clocks(suggestion.when, suggestion.zone, moment)


def _reason(suggestion: Suggestion, moment: datetime) -> str:
    """Why then: "1 hour of Ana's working time. Fri 25 Dec is a public holiday for Ana (…); Ana starts …"."""
    name = escape(suggestion.receiver.name)
    said = f"{length_said(suggestion.work)} of {name}'s working time."
    why = obstacles_said(
        suggestion.obstacles, suggestion.instead_of or suggestion.receiver, suggestion.receiver, reader()
    )
    if why:
        said += f" {why}; {name} starts {on_both_clocks(suggestion.starts, suggestion.zone, moment)}."
    return said


def _outside(at: AtThatTime, chosen: datetime) -> str:
    name = escape(at.person.name)
    formats = reader()
    there = formats.near(chosen, now()) if not at.zone else replace(formats, zone=zone_of(at.zone)).near(chosen, now())
    match at.presence.state:
        case PresenceState.HOLIDAY:
            why = f"a public holiday for {name} ({escape(at.presence.holiday)})"
        case PresenceState.AWAY:
            last = f" until {formats.short_day(at.presence.last_day)}" if at.presence.last_day else ""
            why = f"in the absence of {name}{last}, and nobody stands in"
        case PresenceState.DAY_OFF:
            why = f"not a working day for {name}"
        case _:
            why = f"outside the working hours of {name}"
    return f"The chosen time to acknowledge is {there} for {name}: {why}. You can keep it."
