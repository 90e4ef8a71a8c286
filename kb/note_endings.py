"""How a note goes back to its writer, ends, and begins again. Steps take the acting person and the note as read.

Each takes a reason, and ``private_reason``: why personal data or a secret in that reason has to stay. They raise
PrivateDataFound when it holds such data and no reason was ever given for it at this note.
"""

from __future__ import annotations

from kb import private_data
from kb.handover.life import TARGETS
from kb.handover.models import Note, Step
from kb.models import Person
from kb.note_steps import begin, finish, reason_of, saved
from kb.store.db import Store


def return_note(store: Store, actor: Person, note: Note, reason: str, *, private_reason: str = "") -> Note:
    """Give a note back to its writer to be changed: submitting it again makes the next version.

    :raises NoteError: without a reason, when its state does not allow it, or the person does not receive it.
    """
    return _end(store, actor, note, Step.RETURN, reason_of(reason, "Say what has to be changed."), private_reason)


def cancel_note(store: Store, actor: Person, note: Note, reason: str, *, private_reason: str = "") -> Note:
    """End a note that shall not be followed; it stays readable.

    :raises NoteError: without a reason, when its state does not allow it, or it is somebody else's.
    """
    return _end(store, actor, note, Step.CANCEL, reason_of(reason, "Say why the note is cancelled."), private_reason)


def close_note(store: Store, actor: Person, note: Note, reason: str = "", *, private_reason: str = "") -> Note:
    """Close an acknowledged note when nothing is left to do, or by hand one that nobody here can acknowledge.

    :raises NoteError: when its state does not allow it, or the person has no part in it.
    """
    return _end(store, actor, note, Step.CLOSE, reason_of(reason, ""), private_reason)


def reopen_note(store: Store, actor: Person, note: Note, reason: str, *, private_reason: str = "") -> Note:
    """Take up a closed note again. What was acknowledged stays so; a new version has to be acknowledged again.

    :raises NoteError: without a reason, when its state does not allow it, or the person has no part in it.
    """
    return _end(store, actor, note, Step.REOPEN, reason_of(reason, "Say why the note is reopened."), private_reason)


def _end(store: Store, actor: Person, note: Note, step: Step, reason: str, private_reason: str) -> Note:
    examined = private_data.examine(store, private_data.of_words("your reason", reason), private_reason)
    with store.atomic() as db:
        current, _ = begin(db, actor, note, step)
        examined.require_reason(db, actor, current.page.id)
        finish(db, actor, current, step, TARGETS[step], reason)
        return saved(db, current.page.id)
