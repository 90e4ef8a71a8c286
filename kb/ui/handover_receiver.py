"""Naming another receiver of an overdue note, for the lead whom it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import streamlit as st

from kb.deadlines import deadline_advice
from kb.formats import DEFAULT_LANGUAGE
from kb.handover.models import Note, Part, Party, Step
from kb.handover.text import NoteError
from kb.handover.times import next_quarter, to_local, to_utc
from kb.note_parties import choices
from kb.note_receiver import name_receiver
from kb.note_steps import MAX_REASON
from kb.people import colleagues
from kb.store.db import now
from kb.teams import all_teams
from kb.ui.acting import show_refused
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_fields import party_name
from kb.ui.markdown import escape
from kb.ui.moments import input_format, reader
from kb.ui.private_words import PrivateWords, Sending

UNKNOWN_HOURS = timedelta(hours=1)  # to acknowledge, for somebody whose working hours nobody knows


def show_pass_on(note: Note, possible: frozenset[Step]) -> None:
    """Show the form to whoever may name another receiver now; nothing to others."""
    place = f"pass_on_{note.page.id}"
    show_refused(place)
    if Step.PASS_ON not in possible:
        return
    baton, person = open_baton(), acting_person()
    key = f"{place}_{note.version}"
    header = note.text.header
    taken = (header.receiver_id, header.sender_id)
    parties = choices(colleagues(baton.store, person), all_teams(baton.store, person))
    with st.expander("Name another receiver", icon=":material/person_add:", key=f"{key}_fold"):
        st.markdown(
            f"It is overdue and came to you as its lead. Whom you name gets it instead of {escape(header.receiver)} "
            "and is told. The text stays the same; it becomes the next version."
        )
        st.selectbox(
            "New receiver", [party for party in parties if party.id not in taken], key=f"{key}_receiver", index=None,
            format_func=party_name, placeholder="Choose a person or a team", on_change=_suggest, args=[note, key],
        )  # fmt: skip
        st.datetime_input(
            "Acknowledge by, on your clock", value=None, key=f"{key}_by", format=input_format(),
            help="Proposed within the working hours of whom you name.",
        )  # fmt: skip
        st.text_area("Why?", key=f"{key}_reason", max_chars=MAX_REASON, height=90)

        def pass_on(private_reason: str) -> Note:
            receiver, by = st.session_state[f"{key}_receiver"], st.session_state[f"{key}_by"]
            if receiver is None or by is None:
                raise NoteError("Choose who takes over, and by when.")
            return name_receiver(
                baton.store, baton.indexer, person, note, receiver, to_utc(by, reader().zone.key),
                st.session_state[f"{key}_reason"] or "", private_reason=private_reason,
            )  # fmt: skip

        words = PrivateWords(f"{key}_reason", "your reason")
        sending = Sending(words, place, pass_on, "Passed on: the new receiver finds it in My day and at the bell")
        sending.show_private()
        sending.button("Pass the note on", key=f"{key}_send", type="primary", icon=":material/forward:")


def _suggest(note: Note, key: str) -> None:
    receiver: Party | None = st.session_state[f"{key}_receiver"]
    if receiver is not None:
        st.session_state[f"{key}_by"] = to_local(_acknowledge_by(note, receiver), reader().zone.key)


def _acknowledge_by(note: Note, receiver: Party) -> datetime:
    moment = now()
    header = replace(note.text.header.with_parties({Part.RECEIVER: receiver}), acknowledge_by=None)
    advice = deadline_advice(
        open_baton().store, acting_person(), header, note.text.template, moment, reader().language or DEFAULT_LANGUAGE
    )
    begins = max(next_quarter(moment), header.effective or moment)
    return advice.suggestion.when if advice.suggestion else begins + UNKNOWN_HOURS
