"""The life of a handover note: its states, the steps between them, and who may take which. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from kb.handover.models import NoteState, Part, Step
from kb.models import Role

_S = NoteState
# What a note may become. SUBMITTED to SUBMITTED is an edit: a new version, which needs a new acknowledgement.
TRANSITIONS: dict[NoteState, frozenset[NoteState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset(
        {
            _S.SUBMITTED, _S.QUESTIONS, _S.READ_BACK, _S.CLOSED, _S.RETURNED, _S.OVERDUE, _S.SUPERSEDED, _S.CANCELLED,
        }
    ),
    _S.QUESTIONS: frozenset({_S.QUESTIONS, _S.SUBMITTED, _S.RETURNED, _S.OVERDUE, _S.SUPERSEDED, _S.CANCELLED}),
    _S.READ_BACK: frozenset({_S.ACKNOWLEDGED, _S.SUBMITTED, _S.OVERDUE, _S.SUPERSEDED, _S.CANCELLED}),
    _S.OVERDUE: frozenset(
        {_S.SUBMITTED, _S.QUESTIONS, _S.READ_BACK, _S.CLOSED, _S.RETURNED, _S.SUPERSEDED, _S.CANCELLED}
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
UNACKNOWLEDGED = (_S.SUBMITTED, _S.QUESTIONS, _S.READ_BACK)  # overdue once acknowledge-by has passed

# Where a step leads. ASK leads nowhere; ANSWER leads to SUBMITTED when it answers the last blocking question.
TARGETS = {
    Step.SUBMIT: _S.SUBMITTED,
    Step.BLOCK: _S.QUESTIONS,
    Step.READ_BACK: _S.READ_BACK,
    Step.CONFIRM: _S.ACKNOWLEDGED,
    Step.DECLINE: _S.SUBMITTED,
    Step.RETURN: _S.RETURNED,
    Step.CLOSE: _S.CLOSED,
    Step.REOPEN: _S.REOPENED,
    Step.CANCEL: _S.CANCELLED,
    Step.SUPERSEDE: _S.SUPERSEDED,
    Step.PASS_ON: _S.SUBMITTED,
}
STATE_NAMES = {
    NoteState.DRAFT: "Draft",
    NoteState.SUBMITTED: "Submitted",
    NoteState.QUESTIONS: "Questions",
    NoteState.READ_BACK: "Read back",
    NoteState.ACKNOWLEDGED: "Acknowledged",
    NoteState.CLOSED: "Closed",
    NoteState.RETURNED: "Returned",
    NoteState.OVERDUE: "Overdue",
    NoteState.SUPERSEDED: "Superseded",
    NoteState.CANCELLED: "Cancelled",
    NoteState.REOPENED: "Reopened",
}
STEP_NAMES = {  # what it was, once it was done
    Step.SUBMIT: "Submitted",
    Step.ASK: "Asked",
    Step.BLOCK: "Blocking question",
    Step.ANSWER: "Answered",
    Step.READ_BACK: "Read back",
    Step.CONFIRM: "Acknowledged",
    Step.DECLINE: "Asked to read back again",
    Step.RETURN: "Returned",
    Step.CLOSE: "Closed",
    Step.REOPEN: "Reopened",
    Step.CANCEL: "Cancelled",
    Step.SUPERSEDE: "Replaced",
    Step.PASS_ON: "Passed on",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may take a step: whoever has one of the parts and at least the role, while the note is in one of the states.

    Whom a note names may act on it whatever their role; making and ending notes takes an author.
    """

    step: Step
    states: frozenset[NoteState]
    parts: frozenset[Part]
    least: Role = Role.READER


_WAITING = frozenset({_S.SUBMITTED, _S.OVERDUE})
_ALIVE = frozenset(OPEN) - {_S.DRAFT}
_RECEIVING = frozenset({Part.RECEIVER, Part.BACKUP})
_ALL = frozenset({Part.SENDER, Part.LEAD}) | _RECEIVING

RULES = (
    Rule(Step.SUBMIT, frozenset(OPEN), frozenset({Part.WRITER}), Role.AUTHOR),
    Rule(Step.ASK, _ALIVE, _RECEIVING | {Part.LEAD}),
    Rule(Step.BLOCK, _WAITING | {_S.QUESTIONS}, _RECEIVING),
    Rule(Step.ANSWER, _ALIVE, frozenset({Part.SENDER})),
    Rule(Step.READ_BACK, _WAITING, _RECEIVING),
    Rule(Step.CONFIRM, frozenset({_S.READ_BACK}), frozenset({Part.SENDER})),
    Rule(Step.DECLINE, frozenset({_S.READ_BACK}), frozenset({Part.SENDER})),
    Rule(Step.RETURN, _WAITING | {_S.QUESTIONS}, _RECEIVING),
    Rule(Step.CLOSE, frozenset({_S.ACKNOWLEDGED, _S.REOPENED}), _ALL),
    # Nobody who can sign in may acknowledge it, so it is handed over outside Baton and closed by hand.
    Rule(Step.CLOSE, _WAITING | {_S.ACKNOWLEDGED, _S.REOPENED}, frozenset({Part.WITNESS}), Role.AUTHOR),
    Rule(Step.REOPEN, frozenset({_S.CLOSED}), _ALL),
    Rule(Step.CANCEL, frozenset({_S.DRAFT}), frozenset({Part.WRITER}), Role.AUTHOR),
    Rule(
        Step.CANCEL,
        _ALIVE - {_S.ACKNOWLEDGED, _S.REOPENED},
        frozenset({Part.WRITER, Part.LEAD}),
        Role.AUTHOR,
    ),
    Rule(Step.PASS_ON, _WAITING, frozenset({Part.CALLED})),
    Rule(Step.SUPERSEDE, _ALIVE, _ALL | {Part.WITNESS}, Role.AUTHOR),
)


def may_become(state: NoteState, target: NoteState) -> bool:
    """Whether a note's life allows this step."""
    return target in TRANSITIONS[state]


def may_take(step: Step, state: NoteState, parts: Collection[Part], role: Role) -> bool:
    """Whether somebody with these parts and this role may take the step in this state."""
    return any(rule.step is step and state in rule.states and _fits(rule, parts, role) for rule in RULES)


def may_ever_take(step: Step, parts: Collection[Part], role: Role) -> bool:
    """Whether they may take the step in some state."""
    return any(rule.step is step and _fits(rule, parts, role) for rule in RULES)


def shown_state(state: NoteState, acknowledge_by: datetime | None, moment: datetime) -> NoteState:
    """The state that people see: a note that is not acknowledged when its acknowledge-by has passed is overdue."""
    late = state in UNACKNOWLEDGED and acknowledge_by is not None and acknowledge_by < moment
    return NoteState.OVERDUE if late else state


def _fits(rule: Rule, parts: Collection[Part], role: Role) -> bool:
    return role.reaches(rule.least) and not rule.parts.isdisjoint(parts)
