"""The rules of handover notes: their life, what a submitted one must say, saving. Every write takes the acting person.

A note's text lives in its page, whose body follows from it, so that it is found, revised and trashed like any page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.access import Ability, NotAllowed, may, require, require_space
from kb.handover.gate import Missing, missing
from kb.handover.life import DONE, may_become
from kb.handover.markdown import note_markdown
from kb.handover.models import (
    Answer,
    Header,
    Note,
    NoteEvent,
    NoteFilter,
    NoteState,
    NoteSummary,
    NoteText,
)
from kb.handover.templates import HandoverTemplate, template_of
from kb.handover.text import NoteError, tidied
from kb.handover.times import to_local
from kb.indexing import Indexer, write_chunks
from kb.models import PageKind, Person, Space
from kb.pages import GONE, MAX_TITLE, STANDARD_SPACES, PageNotFound, PageText, checked, free_slug, link_targets, tag_of
from kb.store import audit, handovers, pages
from kb.store.db import Connection, Store, now

SPACE = STANDARD_SPACES[2]  # where notes live unless the writer chooses another space
MAX_REASON = 500  # characters


class WrongState(NoteError):
    """The note's state does not allow this step."""


class StaleNote(NoteError):
    """Somebody saved the note since this edit began. Both texts are kept: ``current`` is theirs."""

    def __init__(self, current: Note) -> None:
        super().__init__(
            f"{current.page.updated_by.name} saved this note while you were writing. Nothing is lost: "
            "compare both and decide."
        )
        self.current = current


class NotReady(NoteError):
    """The note cannot be submitted yet; ``missing`` says why, in reading order."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__("Not submitted yet: " + " ".join(gap.message for gap in missing))
        self.missing = tuple(missing)


# ---- what a note says ---------------------------------------------------------------------------------------------


def page_title(template: HandoverTemplate, header: Header) -> str:
    """The note's title: the writer's own, or the one that follows from the other fields."""
    return header.title or proposed_title(template, header)


def proposed_title(template: HandoverTemplate, header: Header) -> str:
    """A title made of the header: "Shift handover: ACME, 21 Nov, night → day"."""
    when = to_local(header.effective, header.zone) if header.effective else None
    parties = " → ".join(part for part in (header.sender, header.receiver) if part)
    parts = [header.client, f"{when.day} {when:%b}" if when else "", parties]
    about = ", ".join(part for part in parts if part)
    title = f"{template.subject}: {about}" if about else template.subject
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def page_text(template: HandoverTemplate, text: NoteText) -> PageText:
    """The page that a note is read and found by."""
    tags = (f"{template.key}-handover", tag_of(text.header.client))
    return checked(PageText(page_title(template, text.header), note_markdown(template, text), tags))


def next_note(old: Note, begun: NoteText) -> NoteText:
    """A new note of the same client that goes on where ``old`` ended.

    What is already written in ``begun`` stays. Open items that are not done, and answers that are still true, come
    from ``old``; its receiver hands over now.
    """
    template = template_of(begun.template, begun.template_version)
    header, before = begun.header, old.text.header
    carried = {
        section.key: old.text.answers[section.key]
        for section in template.sections
        if section.carries and section.key in old.text.answers
    }
    return replace(
        begun,
        header=replace(
            header,
            client=header.client or before.client,
            sender=header.sender or before.receiver,
            lead=header.lead or before.lead,
            backup=header.backup or before.backup,
            status=before.status,
            confidentiality=before.confidentiality,
            links=header.links or before.links,
        ),
        answers={**carried, **{key: answer for key, answer in begun.answers.items() if answer != Answer()}},
        items=begun.items or tuple(item for item in old.text.items if not item.done),
    )


# ---- the life of a note -------------------------------------------------------------------------------------------


def may_edit(store: Store, note: Note, actor: Person) -> bool:
    """Whether this person may change the note's text now."""
    return note.page.owner == actor and _may_take(store, note, actor, NoteState.SUBMITTED)


def may_cancel(store: Store, note: Note, actor: Person) -> bool:
    """Whether this person may cancel the note now."""
    return note.page.owner == actor and _may_take(store, note, actor, NoteState.CANCELLED)


def may_close(store: Store, note: Note, actor: Person) -> bool:
    """Whether this person may close the note by hand now: who sees it and writes, until receivers have accounts."""
    return _may_take(store, note, actor, NoteState.CLOSED)


def _may_take(store: Store, note: Note, actor: Person, target: NoteState) -> bool:
    if not may_become(note.state, target):
        return False
    with store.reading() as db:
        return may(db, actor, Ability.WRITE) and pages.may_be_seen(db, note.page.id, actor)


def save_note(
    store: Store, indexer: Indexer, actor: Person, text: NoteText, space: Space, base: Note | None = None
) -> Note:
    """Save a draft: found by the next search of its writer, and of nobody else.

    :param base: the draft as the edit began with it; None makes a new one.
    :raises StaleNote: when somebody saved ``base`` since.
    :raises NoteError: when the text breaks a rule, the note is no draft any more, or it is somebody else's.
    """
    if base is not None and base.state is not NoteState.DRAFT:
        raise WrongState("This note was submitted before: submit it again, which makes a new version.")
    return _write(store, indexer, actor, text, space, base, NoteState.DRAFT)


def submit_note(
    store: Store, indexer: Indexer, actor: Person, text: NoteText, space: Space, base: Note | None = None
) -> Note:
    """Hand a note over: everybody may see it, and its text is frozen as the next version.

    :param base: the note as the edit began with it; None submits a new one at once.
    :raises NotReady: when something is missing.
    :raises StaleNote: when somebody saved ``base`` since.
    :raises NoteError: when the text breaks a rule, the note's life is over, or it is somebody else's.
    """
    template = template_of(text.template, text.template_version)
    gaps = missing(template, tidied(template, text), now())
    if gaps:
        raise NotReady(gaps)
    return _write(store, indexer, actor, text, space, base, NoteState.SUBMITTED)


def cancel_note(store: Store, actor: Person, note: Note, reason: str) -> Note:
    """End a note that shall not be followed; it stays readable.

    :raises NoteError: without a reason, when its life does not allow it, or it is somebody else's.
    """
    if not reason.strip():
        raise NoteError("Say why the note is cancelled.")
    return _end(store, actor, note, NoteState.CANCELLED, reason)


def close_note(store: Store, actor: Person, note: Note, reason: str = "") -> Note:
    """Close a note by hand.

    :raises NoteError: when its life does not allow it.
    """
    return _end(store, actor, note, NoteState.CLOSED, reason)


def _write(
    store: Store, indexer: Indexer, actor: Person, text: NoteText, space: Space, base: Note | None, target: NoteState
) -> Note:
    template = template_of(text.template, text.template_version)
    text = tidied(template, text)
    if text.header.title == proposed_title(template, text.header):
        text = replace(text, header=replace(text.header, title=""))
    page = page_text(template, text)
    prepared = indexer.prepare(page.title, page.body, page.tags, page.keywords)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        require_space(db, actor, space)
        if base is None:
            page_id, revision, version = _add(db, actor, text, page, space, target), 1, 0
        else:
            current = _current(db, base, actor)
            if not may_become(current.state, NoteState.SUBMITTED):
                raise WrongState(f"This note is {current.state}: its text stays as it is.")
            if current.state is target and (current.text, current.page.space) == (text, space):
                return current
            page_id, version = current.page.id, current.version
            revision = _replace(db, actor, current, text, page, space, target)
        if target is NoteState.SUBMITTED:
            handovers.set_state(db, page_id, target, actor, version=version + 1, revision=revision)
        write_chunks(db, page_id, revision, prepared)
        audit.record(db, actor, f"note.{target}", "page", page_id, f"revision {revision}")
        return _saved(db, page_id)


def _add(db: Connection, actor: Person, text: NoteText, page: PageText, space: Space, target: NoteState) -> int:
    new = pages.NewPage(
        free_slug(db, page.title), PageKind.HANDOVER, space, page.title, page.body, page.tags, page.keywords,
        private=target is NoteState.DRAFT,
    )  # fmt: skip
    page_id = pages.add(db, new, actor, _summary(target, 1), link_targets(page.body))
    handovers.add(db, page_id, text)
    return page_id


def _replace(
    db: Connection, actor: Person, current: Note, text: NoteText, page: PageText, space: Space, target: NoteState
) -> int:
    handovers.set_text(db, current.page.id, text)
    if space != current.page.space:
        pages.set_space(db, current.page.id, space)
    return pages.update(
        db,
        current.page,
        actor,
        title=page.title,
        body=page.body,
        tags=page.tags,
        keywords=page.keywords,
        summary=_summary(target, current.version + 1),
        links=link_targets(page.body),
        private=target is NoteState.DRAFT,
    )


def _summary(target: NoteState, version: int) -> str:
    return f"Submitted as version {version}" if target is NoteState.SUBMITTED else "Draft saved"


def _end(store: Store, actor: Person, note: Note, target: NoteState, reason: str) -> Note:
    with store.atomic() as db:
        current = _current(db, note, actor, by_writer=target is NoteState.CANCELLED)
        if not may_become(current.state, target):
            raise WrongState(f"This note is {current.state}: it cannot be {target} now.")
        handovers.set_state(
            db, current.page.id, target, actor,
            version=current.version, revision=current.page.revision, reason=" ".join(reason.split())[:MAX_REASON],
        )  # fmt: skip
        audit.record(db, actor, f"note.{target}", "page", current.page.id)
        return _saved(db, current.page.id)


def _current(db: Connection, base: Note, actor: Person, *, by_writer: bool = True) -> Note:
    """The note as it is now, if ``actor`` may act on it and nobody saved it since ``base`` was read."""
    require(db, actor, Ability.WRITE)
    current = _saved(db, base.page.id)
    if not pages.may_be_seen(db, base.page.id, actor, in_trash=current.page.trashed_at is not None):
        raise PageNotFound(GONE)
    if current.page.owner != actor and by_writer:
        raise NotAllowed(f"Only {current.page.owner.name}, who wrote this note, may do that.")
    if current.page.trashed_at:
        raise WrongState("This note is in the trash: restore it from there first.")
    if current.page.revision != base.page.revision or current.version != base.version:
        raise StaleNote(current)
    return current


def _saved(db: Connection, page_id: int) -> Note:
    note = handovers.by_page_id(db, page_id)
    if note is None:
        raise PageNotFound(GONE)
    return note


# ---- reading ------------------------------------------------------------------------------------------------------


def read_note(store: Store, viewer: Person, slug: str) -> Note:
    """The note at an address.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        note = handovers.by_slug(db, slug, viewer)
    if note is None:
        raise PageNotFound(f"There is no handover note at {slug!r}.")
    return note


def note_events(store: Store, viewer: Person, note: Note) -> list[NoteEvent]:
    """The steps of a note's life, the latest first.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        if not pages.may_be_seen(db, note.page.id, viewer):
            raise PageNotFound(GONE)
        return handovers.events(db, note.page.id)


def find_notes(store: Store, viewer: Person, wanted: NoteFilter, limit: int = 50) -> tuple[list[NoteSummary], int]:
    """The notes that pass the filter, and how many there are in all: overdue first, open ones by time, done ones last.

    :param limit: how many of them at most.
    """
    moment = now()
    with store.reading() as db:
        found = handovers.find(db, viewer, wanted, moment, DONE, limit)
        return found, len(found) if len(found) < limit else handovers.count(db, viewer, wanted, moment)


def note_clients(store: Store, viewer: Person) -> list[str]:
    """The clients that handover notes were written for, the last used first."""
    with store.reading() as db:
        return handovers.clients(db, viewer)


def last_note(store: Store, viewer: Person, template: str, client: str) -> Note | None:
    """The note of this template and client that was submitted last."""
    with store.reading() as db:
        return handovers.latest_submitted(db, viewer, template, " ".join(client.split()))


def linkable_pages(store: Store, viewer: Person, limit: int = 500) -> dict[str, str]:
    """Address -> title of the pages that changed last, for choosing linked pages."""
    with store.reading() as db:
        return dict(handovers.titles(db, viewer, limit))
