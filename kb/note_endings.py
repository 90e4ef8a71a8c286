"""How a note goes back to its writer, ends, and begins again. Steps take the acting person and the note as read."""

from __future__ import annotations

from kb.handover.life import TARGETS
from kb.handover.models import Note, Step
from kb.models import Person
from kb.note_steps import begin, finish, reason_of, saved
from kb.store.db import Store


def return_note(store: Store, actor: Person, note: Note, reason: str) -> Note:
    """Give a note back to its writer to be changed: submitting it again makes the next version.

    :raises NoteError: without a reason, when its state does not allow it, or the person does not receive it.
    """
    return _end(store, actor, note, Step.RETURN, reason_of(reason, "Say what has to be changed."))


def cancel_note(store: Store, actor: Person, note: Note, reason: str) -> Note:
    """End a note that shall not be followed; it stays readable.

    :raises NoteError: without a reason, when its state does not allow it, or it is somebody else's.
    """
    return _end(store, actor, note, Step.CANCEL, reason_of(reason, "Say why the note is cancelled."))


def close_note(store: Store, actor: Person, note: Note, reason: str = "") -> Note:
    """Close an acknowledged note when nothing is left to do, or by hand one that nobody here can acknowledge.

    :raises NoteError: when its state does not allow it, or the person has no part in it.
    """
    return _end(store, actor, note, Step.CLOSE, reason_of(reason, ""))


def reopen_note(store: Store, actor: Person, note: Note, reason: str) -> Note:
    """Take up a closed note again. What was acknowledged stays so; a new version has to be acknowledged again.

    :raises NoteError: without a reason, when its state does not allow it, or the person has no part in it.
    """
    return _end(store, actor, note, Step.REOPEN, reason_of(reason, "Say why the note is reopened."))


def _end(store: Store, actor: Person, note: Note, step: Step, reason: str) -> Note:
    with store.atomic() as db:
        current, _ = begin(db, actor, note, step)
        finish(db, actor, current, step, TARGETS[step], reason)
        return saved(db, current.page.id)
