"""Whose turn it is in a note's life, and how far the note has come. Pure."""

from __future__ import annotations

from enum import IntEnum

from kb.handover.models import NoteState, Part

TURNS = {
    NoteState.DRAFT: Part.WRITER,
    NoteState.RETURNED: Part.WRITER,
    NoteState.SUBMITTED: Part.RECEIVER,
    NoteState.OVERDUE: Part.RECEIVER,
    NoteState.QUESTIONS: Part.SENDER,
    NoteState.READ_BACK: Part.SENDER,
}


class Stage(IntEnum):
    """The way of a note that goes well; the number is how far it has come."""

    DRAFT = 0
    SUBMITTED = 1
    READ_BACK = 2
    ACKNOWLEDGED = 3
    CLOSED = 4


_STAGES = {
    NoteState.DRAFT: Stage.DRAFT,
    NoteState.RETURNED: Stage.DRAFT,
    NoteState.SUBMITTED: Stage.SUBMITTED,
    NoteState.OVERDUE: Stage.SUBMITTED,
    NoteState.QUESTIONS: Stage.SUBMITTED,
    NoteState.READ_BACK: Stage.READ_BACK,
    NoteState.ACKNOWLEDGED: Stage.ACKNOWLEDGED,
    NoteState.REOPENED: Stage.ACKNOWLEDGED,
    NoteState.CLOSED: Stage.CLOSED,
}


def stage_of(state: NoteState) -> Stage | None:
    """How far the note has come; None where it was cancelled or replaced."""
    return _STAGES.get(state)


def is_turn_of(state: NoteState, parts: frozenset[Part], *, called: bool = False) -> bool:
    """Whether somebody with these parts has to act now.

    :param called: whether the note went to them because it is overdue: then it is the backup's turn too.
    """
    turn = TURNS.get(state)
    return turn in parts or (turn is Part.RECEIVER and Part.BACKUP in parts and called)
