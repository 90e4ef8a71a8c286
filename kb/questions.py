"""Questions about a note: threads that its sender answers. Every write takes the acting person and the note as read."""

from __future__ import annotations

from kb import private_data
from kb.handover.models import Note, NoteState, Step
from kb.handover.text import NoteError
from kb.handover.threads import Thread, blocked, threads_of
from kb.models import Person
from kb.note_steps import StaleNote, begin, finish, require_seen, saved
from kb.store import questions
from kb.store.db import Connection, Store

MAX_POST = 10_000  # characters


def note_threads(store: Store, viewer: Person, note: Note) -> list[Thread]:
    """Everything that was asked and answered about a note, of all its versions, the oldest first.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return threads_of(questions.of_note(db, note.page.id))


def ask(
    store: Store,
    actor: Person,
    note: Note,
    text: str,
    *,
    blocking: bool = False,
    thread: int | None = None,
    private_reason: str = "",
) -> Note:
    """Ask the sender something.

    :param blocking: whether the note cannot be read back before this is answered.
    :param thread: the thread to ask on in; None begins one.
    :param private_reason: why personal data or a secret in the text has to stay.
    :raises PrivateDataFound: when it holds such data and no reason was ever given for it at this note.
    :raises StaleNote: when the note has a newer version.
    :raises NoteError: without a text, when the note's state does not allow it, or the person has no part in it.
    """
    return _post(store, actor, note, Step.BLOCK if blocking else Step.ASK, text, thread, private_reason)


def answer(store: Store, actor: Person, note: Note, thread: int, text: str, *, private_reason: str = "") -> Note:
    """Answer a question. The answer to the last blocking one lets the note be read back.

    :param private_reason: as for :func:`ask`.
    :raises PrivateDataFound: likewise.
    :raises StaleNote: when the note has a newer version.
    :raises NoteError: without a text, when the note's state does not allow it, or the person does not hand it over.
    """
    return _post(store, actor, note, Step.ANSWER, text, thread, private_reason)


def _post(
    store: Store, actor: Person, note: Note, step: Step, text: str, thread: int | None, private_reason: str
) -> Note:
    what = "your answer" if step is Step.ANSWER else "your question"
    text = _checked(text, f"Write {what}.")
    examined = private_data.examine(store, private_data.of_words(what, text), private_reason)
    with store.atomic() as db:
        # Others may ask at the same moment: only what this very step needs is compared with the note as it was read.
        current = _begun(db, actor, note, step)
        posts = questions.of_note(db, current.page.id)
        if thread is not None and thread not in {post.thread for post in posts}:
            raise NoteError("There is no such question at this note.")
        examined.require_reason(db, actor, current.page.id)
        questions.add(
            db, actor, current, text, thread=thread, is_answer=step is Step.ANSWER, blocking=step is Step.BLOCK
        )
        finish(db, actor, current, step, _state_after(db, current, step))
        return saved(db, current.page.id)


def _begun(db: Connection, actor: Person, note: Note, step: Step) -> Note:
    try:
        current, _ = begin(db, actor, note, step)
    except StaleNote as stale:
        newer = stale.current
        if newer.version == note.version:
            raise
        raise StaleNote(
            newer,
            f"{newer.page.updated_by.name} submitted version {newer.version} of this note while you were writing. Your "
            "text is still here: read the new version, then send it again if it still fits.",
        ) from stale
    return current


def _state_after(db: Connection, note: Note, step: Step) -> NoteState:
    if step is Step.BLOCK:
        return NoteState.QUESTIONS
    if note.state is NoteState.QUESTIONS and not blocked(questions.of_note(db, note.page.id)):
        return NoteState.SUBMITTED
    return note.state


def _checked(text: str, missing: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise NoteError(missing)
    if len(text) > MAX_POST:
        raise NoteError(f"This has {len(text):,} characters; shorten it to {MAX_POST:,}.")
    return text
