"""Read-backs: a receiver says what they understood, the sender confirms it, and the version is sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from kb import private_data
from kb.access import NotAllowed
from kb.handover.models import Note, NoteState, NoteText, Priority, ReadBack, Seal, Step, Verdict
from kb.handover.text import NoteError
from kb.models import Person
from kb.note_steps import StaleNote, begin, finish, reason_of, require_seen, saved
from kb.sealing import seal_version
from kb.store import drafts, read_backs, seals
from kb.store.db import Connection, Store
from kb.tidying import storable_lines

FORM = "read_back"
MIN_SUMMARY = 20  # characters; less cannot say what has to be done
MAX_SUMMARY = 20_000  # characters


@dataclass(frozen=True, slots=True)
class ReadBackDraft:
    """What a receiver has typed and ticked of a version's read-back and not yet given."""

    summary: str = ""
    ticked: tuple[int, ...] = ()
    kept_at: datetime | None = None
    version: int = 0


def critical_items(text: NoteText) -> list[int]:
    """The positions of the items that a receiver has to tick one by one: critical ones that are not done."""
    return [place for place, item in enumerate(text.items) if item.priority is Priority.CRITICAL and not item.done]


def pending_read_back(found: Iterable[ReadBack], note: Note) -> ReadBack | None:
    """The read-back of this version that the sender has to say something to."""
    if note.state is not NoteState.READ_BACK:
        return None
    return next((given for given in found if given.version == note.version and given.verdict is None), None)


def note_read_backs(store: Store, viewer: Person, note: Note) -> list[ReadBack]:
    """The read-backs of all versions of a note, the latest first.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return read_backs.of_note(db, note.page.id)


def note_seals(store: Store, viewer: Person, note: Note) -> list[Seal]:
    """The proofs of a note's acknowledged versions, the latest first.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return seals.of_note(db, note.page.id)


def read_back(
    store: Store, actor: Person, note: Note, summary: str, ticked: Collection[int], *, private_reason: str = ""
) -> Note:
    """Say in one's own words what was understood. The first receiver who does takes the note over.

    :param ticked: the positions of the items that are understood; every critical one has to be among them.
    :param private_reason: why personal data or a secret in the summary has to stay.
    :raises PrivateDataFound: when it holds such data and no reason was ever given for it at this note.
    :raises StaleNote: when another receiver was faster, or the note has a newer version.
    :raises NoteError: when something is missing, the state does not allow it, or the person does not receive it.
    """
    summary = storable_lines(summary).strip()
    if len(summary) < MIN_SUMMARY:
        raise NoteError("Say in your own words what you take over: a sentence or more.")
    if len(summary) > MAX_SUMMARY:
        raise NoteError(f"Your summary has {len(summary):,} characters; shorten it to {MAX_SUMMARY:,}.")
    examined = private_data.examine(store, private_data.of_words("your read-back", summary), private_reason)
    with store.atomic() as db:
        current, _ = begin(db, actor, note, Step.READ_BACK)
        critical = critical_items(current.text)
        left = [current.text.items[place].title for place in critical if place not in set(ticked)]
        if left:
            raise NoteError(f"Tick each critical item that you understood. Not ticked yet: {', '.join(left)}.")
        examined.require_reason(db, actor, current.page.id)
        read_backs.add(db, actor, current, summary, critical)
        finish(db, actor, current, Step.READ_BACK, NoteState.READ_BACK)
        for version in range(1, current.version + 1):
            drafts.drop(db, actor, FORM, _key(current, version))
        return saved(db, current.page.id)


def confirm(store: Store, actor: Person, note: Note, given: ReadBack) -> Note:
    """Confirm a read-back: the version is acknowledged, frozen and sealed.

    :raises StaleNote: when another read-back waits, or none does.
    :raises NoteError: when the state does not allow it, or the person does not hand the note over.
    """
    with store.atomic() as db:
        current = _judged(db, actor, note, given, Step.CONFIRM, Verdict.CONFIRMED, "")
        finish(db, actor, current, Step.CONFIRM, NoteState.ACKNOWLEDGED)
        seal_version(db, current)
        return saved(db, current.page.id)


def decline(store: Store, actor: Person, note: Note, given: ReadBack, remark: str, *, private_reason: str = "") -> Note:
    """Ask for another read-back, and say what is missing from this one.

    :param private_reason: why personal data or a secret in the remark has to stay.
    :raises PrivateDataFound: when it holds such data and no reason was ever given for it at this note.
    :raises StaleNote: when another read-back waits, or none does.
    :raises NoteError: without a remark, when the state does not allow it, or the person does not hand the note over.
    """
    remark = reason_of(remark, "Say what is missing or misunderstood.")
    examined = private_data.examine(store, private_data.of_words("your remark", remark), private_reason)
    with store.atomic() as db:
        current = _judged(db, actor, note, given, Step.DECLINE, Verdict.DECLINED, remark)
        examined.require_reason(db, actor, current.page.id)
        finish(db, actor, current, Step.DECLINE, NoteState.SUBMITTED, remark)
        return saved(db, current.page.id)


def _judged(
    db: Connection, actor: Person, note: Note, given: ReadBack, step: Step, verdict: Verdict, remark: str
) -> Note:
    current, _ = begin(db, actor, note, step)
    waiting = pending_read_back(read_backs.of_note(db, current.page.id), current)
    if waiting is None or waiting.id != given.id:
        raise StaleNote(current, "Another read-back came meanwhile. Read it, then decide.")
    if waiting.person == actor:
        raise NotAllowed("Somebody else has to confirm what you read back.")
    read_backs.judge(db, actor, waiting.id, verdict, remark)
    return current


# ---- while it is written ------------------------------------------------------------------------------------------


def keep_read_back(store: Store, actor: Person, note: Note, summary: str, ticked: Collection[int]) -> ReadBackDraft:
    """Keep what is typed and ticked so far of this version; nothing at all is forgotten.

    Also while the note cannot be read back: whatever came in between, the text stays.

    :raises PageNotFound: when the person may not see the note.
    """
    summary = storable_lines(summary)[:MAX_SUMMARY]
    with store.atomic() as db:
        require_seen(db, actor, note)
        if not summary.strip() and not ticked:
            drafts.drop(db, actor, FORM, _key(note, note.version))
            return ReadBackDraft()
        kept = drafts.keep(db, actor, FORM, _key(note, note.version), {"summary": summary, "ticked": sorted(ticked)})
    return ReadBackDraft(summary, tuple(sorted(ticked)), kept, note.version)


def kept_read_back(store: Store, actor: Person, note: Note) -> ReadBackDraft:
    """What the person has typed and ticked of this version so far.

    :raises PageNotFound: when they may not see the note.
    """
    with store.reading() as db:
        require_seen(db, actor, note)
        return _kept(db, actor, note, note.version)


def last_kept_summary(store: Store, actor: Person, note: Note) -> ReadBackDraft:
    """What the person has written of the newest version that they wrote something of.

    :raises PageNotFound: when they may not see the note.
    """
    with store.reading() as db:
        require_seen(db, actor, note)
        found = (_kept(db, actor, note, version) for version in range(note.version, 0, -1))
        return next((kept for kept in found if kept.summary.strip()), ReadBackDraft())


def _kept(db: Connection, actor: Person, note: Note, version: int) -> ReadBackDraft:
    kept = drafts.get(db, actor, FORM, _key(note, version))
    if kept is None:
        return ReadBackDraft()
    return ReadBackDraft(kept.content["summary"], tuple(kept.content["ticked"]), kept.saved_at, version)


def _key(note: Note, version: int) -> str:
    return f"{note.page.id}.{version}"
