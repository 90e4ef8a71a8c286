"""What every step of a note's life has in common: who may take it, on which note, and how it is kept."""

from __future__ import annotations

from dataclasses import replace

from kb.access import NotAllowed
from kb.handover.life import may_ever_take, may_take
from kb.handover.models import Note, NoteEvent, NoteState, Part, Step
from kb.handover.text import NoteError
from kb.handover.times import clock
from kb.models import Person
from kb.note_parties import Standing, standing_of
from kb.pages import GONE, PageNotFound
from kb.pages import require_seen as require_page_seen
from kb.store import audit, handovers, note_life, pages
from kb.store.db import Connection, Store

MAX_REASON = 500  # characters
_INFINITIVE = {
    Step.SUBMIT: "submit it",
    Step.ASK: "ask about it",
    Step.BLOCK: "ask a blocking question",
    Step.ANSWER: "answer",
    Step.READ_BACK: "read it back",
    Step.CONFIRM: "confirm the read-back",
    Step.DECLINE: "ask for another read-back",
    Step.RETURN: "return it",
    Step.CLOSE: "close it",
    Step.REOPEN: "reopen it",
    Step.CANCEL: "cancel it",
    Step.SUPERSEDE: "replace it",
    Step.PASS_ON: "pass it on",
}
_DONE = {
    Step.SUBMIT: "submitted this note",
    Step.BLOCK: "asked a blocking question about this note",
    Step.ANSWER: "answered the last blocking question",
    Step.READ_BACK: "read this note back",
    Step.CONFIRM: "confirmed the read-back of this note",
    Step.DECLINE: "asked for another read-back of this note",
    Step.RETURN: "returned this note",
    Step.CLOSE: "closed this note",
    Step.REOPEN: "reopened this note",
    Step.CANCEL: "cancelled this note",
    Step.SUPERSEDE: "replaced this note",
    Step.PASS_ON: "passed this note on",
}
_WHO = {
    Part.WRITER: "its writer",
    Part.SENDER: "the sender",
    Part.RECEIVER: "the receiver",
    Part.BACKUP: "the backup",
    Part.LEAD: "a lead",
    Part.CALLED: "the lead to whom it came because it is overdue",
}
_ANY_STATE = frozenset({Step.SUBMIT, Step.ASK, Step.ANSWER})  # taken on a text, whatever happened around it meanwhile


class WrongState(NoteError):
    """The note's state does not allow this step."""


class StaleNote(NoteError):
    """Somebody changed the note since it was read. Where that was its text, both are kept: ``current`` is theirs."""

    def __init__(self, current: Note, message: str = "") -> None:
        super().__init__(
            message
            or f"{current.page.updated_by.name} saved this note while you were writing. Nothing is lost: "
            "compare both and decide."
        )
        self.current = current


def begin(db: Connection, actor: Person, base: Note, step: Step) -> tuple[Note, Standing]:
    """The note as it is now, if ``actor`` may take the step on it, and what they are in it.

    :param base: the note as the person read it.
    :raises PageNotFound: when they may not see it.
    :raises NotAllowed: when they may not take the step, whatever the note's state, and it is as they read it.
    :raises StaleNote: when the note was changed or went a step further since it was read; says by whom and when.
    :raises WrongState: when its state does not allow the step.
    """
    current = saved(db, base.page.id)
    if not pages.may_be_seen(db, base.page.id, actor, in_trash=current.page.trashed_at is not None):
        raise PageNotFound(GONE)
    standing = standing_of(db, current, actor)
    rewritten = (current.page.revision, current.version) != (base.page.revision, base.version)
    gone_on = step not in _ANY_STATE and current.state is not base.state
    if not may_ever_take(step, standing.parts, standing.role):
        # A part can go meanwhile: who was called because the note was overdue is not called any more.
        if gone_on or (rewritten and step not in _ANY_STATE):
            raise StaleNote(current, _what_happened(db, current))
        raise NotAllowed(_who_may(current, standing, step))
    if current.page.trashed_at:
        raise WrongState("This note is in the trash: restore it from there first.")
    if rewritten:
        raise StaleNote(current)
    if gone_on:
        raise StaleNote(current, _what_happened(db, current))
    if not may_take(step, current.state, standing.parts, standing.role):
        if any(may_take(step, current.state, [part], standing.role) for part in Part):
            raise NotAllowed(_who_may(current, standing, step))
        raise WrongState(_cannot(current.state, step))
    return current, standing


def finish(
    db: Connection, actor: Person, note: Note, step: Step, state: NoteState, reason: str = "", *, detail: str = ""
) -> Note:
    """Keep the step, which leaves the note in this state, in its life and in the audit log.

    :param detail: what the audit log says besides the version, in the program's own words.
    :return: the note as it is now.
    """
    note_life.add(db, actor, note, step, state, reason)
    told = f"version {note.version}, {detail}" if detail else f"version {note.version}"
    audit.record(db, actor, f"note.{step.replace(' ', '_')}", "page", note.page.id, told)
    return replace(note, state=state)


def possible_steps(store: Store, viewer: Person, note: Note) -> frozenset[Step]:
    """The steps that the person may take now, for a screen to offer no more than that."""
    with store.reading() as db:
        if not pages.may_be_seen(db, note.page.id, viewer):
            return frozenset()
        standing = standing_of(db, note, viewer)
    return frozenset(step for step in Step if may_take(step, note.state, standing.parts, standing.role))


def may_step(store: Store, viewer: Person, note: Note, step: Step) -> bool:
    """Whether the person may take this step now."""
    return step in possible_steps(store, viewer, note)


def note_standing(store: Store, viewer: Person, note: Note) -> Standing:
    """What the viewer is in a note, and who else has a part in it.

    :raises PageNotFound: when they may not see it.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return standing_of(db, note, viewer)


def note_events(store: Store, viewer: Person, note: Note) -> list[NoteEvent]:
    """The steps of a note's life, the latest first.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return note_life.events(db, note.page.id)


def begun_by(store: Store, viewer: Person, note: Note) -> Person:
    """Who wrote the note's first text, whoever it was given to since.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return pages.first_author(db, note.page.id) or note.page.owner


def require_seen(db: Connection, viewer: Person, note: Note) -> None:
    """:raises PageNotFound: when the person may not see the note."""
    require_page_seen(db, viewer, note.page)


def saved(db: Connection, page_id: int) -> Note:
    """The note as it is now, whoever asks.

    :raises PageNotFound: when there is none.
    """
    note = handovers.by_page_id(db, page_id)
    if note is None:
        raise PageNotFound(GONE)
    return note


def reason_of(text: str, missing: str) -> str:
    """A reason on one line, cut to MAX_REASON characters.

    :param missing: what to say without one; "" where none is needed.
    :raises NoteError: when there is none.
    """
    reason = " ".join(text.replace("\x00", "").split())[:MAX_REASON]
    if missing and not reason:
        raise NoteError(missing)
    return reason


def _who_may(note: Note, standing: Standing, step: Step) -> str:
    """A sentence that says who may take the step."""
    if step in (Step.SUBMIT, Step.CANCEL):
        lead = ", or a lead," if step is Step.CANCEL and note.state is not NoteState.DRAFT else ","
        return f"Only {note.page.owner.name}, whose note this is{lead} may {_INFINITIVE[step]}."
    roles = [part for part in _WHO if part is not Part.WRITER]
    able = [part for part in roles if any(may_take(step, s, [part], standing.role) for s in NoteState)]
    names = [_WHO[part] for part in able] or ["an author who has a part in it"]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"Only {who} of this note may {_INFINITIVE[step]}."


def _cannot(state: NoteState, step: Step) -> str:
    if step is Step.SUBMIT:
        return f"This note is {state}: its text stays as it is."
    if step is Step.READ_BACK and state is NoteState.QUESTIONS:
        return "A blocking question is open: it has to be answered before the note is read back."
    words = {
        NoteState.READ_BACK: "waiting for the read-back to be confirmed",
        NoteState.QUESTIONS: "waiting for an answer",
    }
    return f"You cannot {_INFINITIVE[step]}: this note is {words.get(state, str(state))}."


def _what_happened(db: Connection, note: Note) -> str:
    last = note_life.events(db, note.page.id)[0]
    did = _DONE.get(last.step, f"made this note {last.state}") if last.step else f"made this note {last.state}"
    when = clock(last.at, note.text.header.zone)
    return f"{last.actor.name} {did} at {when}, after you opened it. Read it again, then decide."
