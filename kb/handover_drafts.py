"""What a person has typed into the handover form and not yet saved. Every call takes the acting person.

Each opening of the form has a draft of its own, so two windows never write over each other's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from kb import kept_drafts, note_replacing
from kb.access import Ability, require
from kb.handover.json import text_from_json, text_to_json
from kb.handover.models import Header, Note, NoteText, PartyId, Step
from kb.handover.templates import HandoverTemplate
from kb.handover.text import NoteError
from kb.handover.times import known_zone, next_quarter
from kb.handovers import SPACE, is_next_of, page_title, read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.kept_drafts import DraftGone, Kept, new_key, times_of
from kb.models import Person
from kb.note_replacing import NOTHING, Replacing
from kb.note_steps import may_step
from kb.pages import PageNotFound
from kb.space_choice import SpaceChoice, chosen_space
from kb.store import drafts
from kb.store.db import Store

FORM = "handover"
USUAL_SPACE = SpaceChoice(SPACE)


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """The form's fields. ``base`` is the text that the edit of a saved note began with; None: a new note.

    ``home`` is the space that the saved note was in then: one that the writer left as it was follows the note.
    ``follows`` is the address of the note that this one was started from, and replaces unless ``leaves_old``.
    """

    key: str
    text: NoteText
    space: SpaceChoice = USUAL_SPACE
    slug: str = ""
    revision: int = 0
    version: int = 0
    base: NoteText | None = None
    home: int | None = None
    follows: str = ""
    leaves_old: bool = False
    times: int = 0  # how often it was kept; 0: not kept
    kept_at: datetime | None = None

    @property
    def is_blank(self) -> bool:
        """Whether losing it would lose nothing that was typed."""
        if self.base is not None:
            return self.text == self.base
        text = self.text
        times = Header(
            effective=text.header.effective, acknowledge_by=text.header.acknowledge_by, zone=text.header.zone
        )
        if text.header.sender_id:  # chosen, not typed; the form begins with one
            times = replace(times, sender=text.header.sender, sender_id=text.header.sender_id)
        return text == NoteText(text.template, text.template_version, times)


def new_draft(template: HandoverTemplate, zone: str, moment: datetime, sender: Person | None = None) -> NoteDraft:
    """The draft that a new note begins with: it takes effect at the next quarter of an hour. Not kept yet.

    :param sender: who hands over, unless the writer says otherwise.
    """
    soon = next_quarter(moment)
    header = Header(effective=soon, acknowledge_by=soon + timedelta(hours=1), zone=known_zone(zone))
    if sender is not None:
        header = replace(header, sender=sender.name, sender_id=PartyId(person=sender.id))
    return NoteDraft(new_key(), NoteText(template.key, template.version, header))


def edit_draft(note: Note, replacing: Replacing = NOTHING) -> NoteDraft:
    """The draft that an edit of a saved note begins with. Not kept yet.

    :param replacing: what was kept with a saved draft, see :func:`kept_replacing`.
    """
    draft = NoteDraft(new_key(), note.text, slug=note.page.slug)
    return rebased(replace(draft, follows=replacing.follows, leaves_old=replacing.leaves_old), note)


def kept_replacing(store: Store, actor: Person, note: Note) -> Replacing:
    """Which note a saved draft of the person was started from; nothing once it was submitted.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return note_replacing.kept(db, actor, note.page.id)


def replaced_by(store: Store, actor: Person, note: Note) -> Note | None:
    """The note that submitting this saved draft as it is replaces; None for none.

    :raises NotAllowed: when the person is disabled.
    """
    draft = edit_draft(note, kept_replacing(store, actor, note))
    return None if draft.leaves_old else replaceable(store, actor, draft)


def rebased(draft: NoteDraft, note: Note) -> NoteDraft:
    """The draft as an edit that begins with ``note`` as it is now: saving it puts it on top."""
    home = note.page.space
    space = SpaceChoice.of(home) if draft.space.id == draft.home else draft.space
    return replace(draft, space=space, home=home.id, revision=note.page.revision, version=note.version, base=note.text)


def keep_draft(store: Store, actor: Person, draft: NoteDraft) -> NoteDraft:
    """Keep the fields as they are now; a draft without anything typed is forgotten instead.

    :return: the draft with the moment when it was kept. It has a new key when another window continued, saved or
        discarded the draft meanwhile: neither text replaces the other.
    :raises NotAllowed: when the person may not write.
    """
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        kept = kept_drafts.keep(db, actor, _kept(draft), _content(draft), blank=draft.is_blank)
    return replace(draft, key=kept.key, times=kept.times, kept_at=kept.at)


def find_draft(store: Store, actor: Person, key: str) -> NoteDraft | None:
    """The person's draft under this key, if it is kept.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        found = drafts.get(db, actor, FORM, key)
    return _draft(found) if found else None


def unfinished_drafts(store: Store, actor: Person, slug: str | None = None) -> list[NoteDraft]:
    """The person's drafts of one note, with "" of new notes, with None of all; the latest first.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        found = drafts.all_of(db, actor, FORM)
    return [draft for draft in map(_draft, found) if slug is None or draft.slug == slug]


def drop_draft(store: Store, actor: Person, draft: NoteDraft) -> None:
    """Forget a draft of the person.

    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        drafts.drop(db, actor, FORM, draft.key)


def save_draft(
    store: Store, indexer: Indexer, actor: Person, draft: NoteDraft, *, submit: bool, private_reason: str = ""
) -> Note:
    """Save the draft as a note, or submit it. The draft ends in the same transaction, so that it is saved once.

    :param private_reason: why personal data or a secret in the text has to stay.
    :raises DraftGone: when another window saved or discarded it; kept once more, it can be saved.
    :raises PrivateDataFound: when it holds such data and no reason was given.
    :raises NotReady: when a note to submit lacks something.
    :raises StaleNote: when somebody saved the note since the edit began.
    :raises PageNotFound: when the note went to the trash since.
    :raises NoteError: when a rule forbids it.
    """
    if draft.is_blank and not draft.slug and not submit:
        raise NoteError("Nothing is written yet: there is nothing to save.")
    if draft.times and find_draft(store, actor, draft.key) is None:
        raise DraftGone
    draft = keep_draft(store, actor, draft)
    base = None
    if draft.slug:
        # The note as it is now, with the marks of the one that the edit began with: they tell a stale edit.
        note = read_note(store, actor, draft.slug)
        base = replace(note, page=replace(note.page, revision=draft.revision), version=draft.version)
    space = chosen_space(store, actor, draft.space)
    kept = _kept(draft)
    if submit:
        old = None if draft.leaves_old else replaceable(store, actor, draft)
        return submit_note(
            store, indexer, actor, draft.text, space, base, old, private_reason=private_reason, ends=kept
        )
    replacing = Replacing(draft.follows, draft.leaves_old)
    return save_note(
        store, indexer, actor, draft.text, space, base, replacing=replacing, private_reason=private_reason, ends=kept
    )


def as_new_note(store: Store, actor: Person, draft: NoteDraft) -> NoteDraft:
    """Turn the draft of an edit into one of a new note.

    :raises NotAllowed: when the person may not write.
    """
    new = NoteDraft(new_key(), draft.text, draft.space)
    new = keep_draft(store, actor, new)
    drop_draft(store, actor, draft)
    return new


def replaceable(store: Store, actor: Person, draft: NoteDraft) -> Note | None:
    """The note that the draft was started from, if submitting it may replace that; else None."""
    if not draft.follows:
        return None
    try:
        old = read_note(store, actor, draft.follows)
    except PageNotFound:
        return None
    return old if is_next_of(old, draft.text) and may_step(store, actor, old, Step.SUPERSEDE) else None


def draft_title(template: HandoverTemplate, draft: NoteDraft) -> str:
    """What the note would be called."""
    return page_title(template, draft.text.header)


def _kept(draft: NoteDraft) -> Kept:
    return Kept(FORM, draft.key, draft.times, draft.kept_at)


def _content(draft: NoteDraft) -> dict[str, Any]:
    return {
        "text": text_to_json(draft.text),
        "space": asdict(draft.space),
        "home": draft.home,
        "follows": draft.follows,
        "leaves_old": draft.leaves_old,
        "slug": draft.slug,
        "revision": draft.revision,
        "version": draft.version,
        "base": text_to_json(draft.base) if draft.base else None,
    }


def _draft(stored: drafts.Draft) -> NoteDraft:
    content: Mapping[str, Any] = stored.content
    return NoteDraft(
        key=stored.key,
        text=text_from_json(content["text"]),
        space=SpaceChoice.of_content(content["space"]),
        home=content.get("home"),
        follows=content.get("follows", ""),
        leaves_old=content.get("leaves_old", False),
        slug=content["slug"],
        revision=content["revision"],
        version=content["version"],
        base=text_from_json(content["base"]) if content["base"] else None,
        times=times_of(stored),
        kept_at=stored.saved_at,
    )
