"""The life of a handover note: its states and the steps between them. Pure."""

from __future__ import annotations

from datetime import datetime

from kb.handover.models import NoteState

_S = NoteState
# What a note may become. SUBMITTED to SUBMITTED is an edit: a new version, which needs a new acknowledgement.
TRANSITIONS: dict[NoteState, frozenset[NoteState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset(
        {
            _S.SUBMITTED, _S.QUESTIONS, _S.ACKNOWLEDGED, _S.CLOSED, _S.RETURNED, _S.OVERDUE, _S.SUPERSEDED,
            _S.CANCELLED,
        }
    ),
    _S.QUESTIONS: frozenset({_S.SUBMITTED, _S.ACKNOWLEDGED, _S.RETURNED, _S.OVERDUE, _S.SUPERSEDED, _S.CANCELLED}),
    _S.OVERDUE: frozenset(
        {_S.SUBMITTED, _S.QUESTIONS, _S.ACKNOWLEDGED, _S.CLOSED, _S.RETURNED, _S.SUPERSEDED, _S.CANCELLED}
    ),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.SUPERSEDED, _S.CANCELLED}),
    _S.ACKNOWLEDGED: frozenset({_S.SUBMITTED, _S.CLOSED, _S.SUPERSEDED}),
    _S.CLOSED: frozenset({_S.REOPENED}),
    _S.REOPENED: frozenset({_S.SUBMITTED, _S.CLOSED, _S.SUPERSEDED}),
    _S.SUPERSEDED: frozenset(),
    _S.CANCELLED: frozenset(),
}  # fmt: skip
DONE = (NoteState.CLOSED, NoteState.SUPERSEDED, NoteState.CANCELLED)
OPEN = tuple(state for state in NoteState if state not in DONE)


def may_become(state: NoteState, target: NoteState) -> bool:
    """Whether a note's life allows this step."""
    return target in TRANSITIONS[state]


def shown_state(state: NoteState, acknowledge_by: datetime | None, moment: datetime) -> NoteState:
    """The state that people see: a submitted note whose acknowledge-by has passed is overdue."""
    late = state is NoteState.SUBMITTED and acknowledge_by is not None and acknowledge_by < moment
    return NoteState.OVERDUE if late else state
