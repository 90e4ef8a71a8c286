"""The life of a note at a glance: how far it has come, what happens next, and who has to act."""

from __future__ import annotations

import streamlit as st

from kb.handover.models import Note, NoteState, Part, Step
from kb.handover.turns import Stage, stage_of
from kb.note_parties import Standing
from kb.store.db import now
from kb.ui.context import acting_person
from kb.ui.markdown import escape
from kb.ui.time_words import overdue_said, stand_ins_said

READ_BACK_ANCHOR = "read-back"
QUESTIONS_ANCHOR = "questions"
_NAMES = {
    Stage.DRAFT: "Draft",
    Stage.SUBMITTED: "Submitted",
    Stage.READ_BACK: "Read back",
    Stage.ACKNOWLEDGED: "Acknowledged",
    Stage.CLOSED: "Closed",
}


def show_life(note: Note, standing: Standing, possible: frozenset[Step]) -> None:
    """Show the stages, and one sentence on what happens next."""
    stage = stage_of(note.state)
    if stage is None:
        return
    with st.container(key="note_life", gap="small"):
        st.markdown(" → ".join(_badge(each, stage, note.state) for each in Stage))
        sentence = _next(note, standing, possible)
        if standing.is_turn and note.state is not NoteState.DRAFT:
            st.info(sentence, icon=":material/front_hand:")
        elif sentence:
            st.markdown(f":material/hourglass_empty: {sentence}")
        if note.text.header.acknowledge_by and standing.calls:
            st.error(overdue_said(note.text.header.acknowledge_by, standing.calls, now()), icon=":material/alarm:")
        if away := stand_ins_said(standing.parties.stand_ins, acting_person()):
            st.markdown(f":material/swap_horiz: {away}")


def _badge(each: Stage, reached: Stage, state: NoteState) -> str:
    if each < reached or state is NoteState.CLOSED:
        return f":green-badge[:material/check: {_NAMES[each]}]"
    if each == reached:
        return f":blue-badge[:material/radio_button_checked: **{_NAMES[each]}**]"
    return f":gray-badge[{_NAMES[each]}]"


def _next(note: Note, standing: Standing, possible: frozenset[Step]) -> str:
    """What happens next, from where the reader stands."""
    receiver, holder = escape(note.text.header.receiver), escape(standing.holder)
    mine = standing.is_turn
    match note.state:
        case NoteState.SUBMITTED | NoteState.OVERDUE if not standing.parties.taking_over:
            return f"{receiver} has no account here that could read it back: close it when it is handed over."
        case NoteState.SUBMITTED | NoteState.OVERDUE if Step.READ_BACK in possible and not mine:
            return f"{holder} reads it back next. As the backup you [may read it back](#{READ_BACK_ANCHOR}) too."
        case NoteState.SUBMITTED | NoteState.OVERDUE if Step.READ_BACK in possible:
            return f"**Your turn:** read the note, ask what is unclear, then [read it back](#{READ_BACK_ANCHOR})."
        case NoteState.SUBMITTED | NoteState.OVERDUE:
            return f"{holder} reads it back next."
        case NoteState.QUESTIONS if mine:
            return f"**Your turn:** [answer the blocking question](#{QUESTIONS_ANCHOR})."
        case NoteState.QUESTIONS:
            return f"{holder} answers the blocking question next."
        case NoteState.READ_BACK if mine:
            return f"**Your turn:** [look at the read-back](#{READ_BACK_ANCHOR}), then confirm it or ask again."
        case NoteState.READ_BACK:
            return f"{holder} confirms the read-back next."
        case NoteState.RETURNED if Part.WRITER in standing.parts:
            return "**Your turn:** change what is asked for, then submit it again."
        case NoteState.RETURNED:
            return f"{holder} changes it and submits it again."
        case NoteState.ACKNOWLEDGED:
            return "It is handed over. Close it when nothing is left to do."
        case NoteState.REOPENED:
            return "It is open again. A new version has to be acknowledged again."
    return ""
