"""How the screens name what handover notes have, and the colours of it."""

from __future__ import annotations

from datetime import datetime

from kb.handover.life import DONE, STATE_NAMES, STEP_NAMES, shown_state
from kb.handover.markdown import STATUS_NAMES
from kb.handover.models import Confidentiality, Note, NoteState, Priority, Status
from kb.models import SpaceKind
from kb.ui.markdown import escape

STATE = STATE_NAMES
STEP = STEP_NAMES
STATUS = STATUS_NAMES
PRIORITY = {priority: priority.capitalize() for priority in Priority}
CONFIDENTIALITY = {
    Confidentiality.INTERNAL: "Internal",
    Confidentiality.CONFIDENTIAL: "Confidential",
    Confidentiality.SHAREABLE: "Client may see it",
}

_STATE_LOOK = {
    NoteState.DRAFT: ("gray", "edit_note"),
    NoteState.SUBMITTED: ("blue", "outbox"),
    NoteState.QUESTIONS: ("orange", "help"),
    NoteState.READ_BACK: ("blue", "record_voice_over"),
    NoteState.ACKNOWLEDGED: ("green", "handshake"),
    NoteState.CLOSED: ("gray", "task_alt"),
    NoteState.RETURNED: ("orange", "undo"),
    NoteState.OVERDUE: ("red", "alarm"),
    NoteState.SUPERSEDED: ("gray", "history"),
    NoteState.CANCELLED: ("gray", "block"),
    NoteState.REOPENED: ("blue", "refresh"),
}
_STATUS_LOOK = {Status.STABLE: ("green", "check_circle"), Status.WATCH: ("orange", "visibility"),
                Status.CRITICAL: ("red", "error")}  # fmt: skip


_PRIORITY_LOOK = {
    Priority.CRITICAL: ("red", "error"),
    Priority.HIGH: ("orange", "priority_high"),
    Priority.NORMAL: ("gray", "drag_handle"),
    Priority.LOW: ("gray", "keyboard_arrow_down"),
}


def submitted_said(note: Note) -> str:
    """That a note was handed over, and who finds it: for a toast, which shows Markdown."""
    space, finds = note.page.space, "everybody can find it"
    if space.kind is not SpaceKind.OPEN:
        finds = "whom this space is shared with can find it"
    return f"Submitted as version {note.version}: {finds} in {escape(space.name)} now"


def priority_badge(priority: Priority) -> str:
    """How urgent an open item is, in Streamlit's Markdown."""
    colour, icon = _PRIORITY_LOOK[priority]
    return f":{colour}-badge[:material/{icon}: {PRIORITY[priority]}]"


def state_badge(state: NoteState, acknowledge_by: datetime | None, moment: datetime) -> str:
    """The state as people see it at ``moment``, in Streamlit's Markdown."""
    shown = shown_state(state, acknowledge_by, moment)
    colour, icon = _STATE_LOOK[shown]
    return f":{colour}-badge[:material/{icon}: {STATE[shown]}]"


def status_badge(status: Status, state: NoteState) -> str:
    """How things stand, in Streamlit's Markdown; quiet when the note's life is over."""
    colour, icon = _STATUS_LOOK[status]
    return f":{'gray' if state in DONE else colour}-badge[:material/{icon}: {STATUS[status]}]"
