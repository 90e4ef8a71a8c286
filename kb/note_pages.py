"""Pages that come of handover notes: drafted with a click, linked back, counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kb.access import Ability, require
from kb.drafts import Draft, keep_draft, new_draft, unfinished_drafts
from kb.handover.how_to import Task, tasks_of
from kb.handover.models import Note
from kb.handover.page_texts import page_title, search_phrases, solved_body, source_of, task_body
from kb.handover.solved import Solved, solved_in
from kb.handover.text import NoteError
from kb.handover.times import to_local
from kb.models import NoteOrigin, OriginCause, Person, SpaceKind
from kb.note_steps import require_seen, saved
from kb.note_templates import template_of
from kb.pages import PageText, tag_of
from kb.space_choice import SpaceChoice
from kb.store import note_pages
from kb.store.db import Store
from kb.store.note_pages import NotePage

CHANGED = "The note says something else now: read it again."


def pages_of_note(store: Store, viewer: Person, note: Note) -> list[NotePage]:
    """The pages that came of a note, as far as ``viewer`` may see them.

    :raises PageNotFound: when they may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        return note_pages.of_note(db, note.page.id, viewer)


def count_pages_from_notes(store: Store, viewer: Person, since: datetime | None = None) -> dict[OriginCause, int]:
    """How many pages came of notes, by why; of those that ``viewer`` may see, since a moment or ever.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        return note_pages.count(db, viewer, since)


def draft_solution(store: Store, actor: Person, note: Note, solved: Solved) -> Draft:
    """A page draft that tells how a problem of the note was solved, found later by the note's own wording.

    A second call for the same problem gives the draft of the first, as long as that is not saved.

    :raises PageNotFound: when ``actor`` may not see the note.
    :raises NoteError: when the note does not say this (any more).
    :raises NotAllowed: when they may not write.
    """
    current = _current(store, actor, note)
    if solved not in solved_in(template_of(store, current.text.template, current.text.template_version), current.text):
        raise NoteError(CHANGED)
    text = PageText(
        page_title(solved.words), solved_body(solved, _source(current)), _tags(current), search_phrases(solved)
    )
    return _drafted(store, actor, current, NoteOrigin(current.page.id, OriginCause.SOLVED, solved.words), text)


def draft_how_to(store: Store, actor: Person, note: Note, task: Task) -> Draft:
    """A page draft for a responsibility or an open item of the note that no page describes.

    :raises PageNotFound: when ``actor`` may not see the note.
    :raises NoteError: when the note does not say this (any more).
    :raises NotAllowed: when they may not write.
    """
    current = _current(store, actor, note)
    if task not in tasks_of(template_of(store, current.text.template, current.text.template_version), current.text):
        raise NoteError(CHANGED)
    text = PageText(_task_title(task), task_body(task, _source(current)), _tags(current))
    return _drafted(store, actor, current, NoteOrigin(current.page.id, OriginCause.UNDOCUMENTED, task.words), text)


def draft_unsaved_how_to(store: Store, actor: Person, task: Task, space: SpaceChoice | None = None) -> Draft:
    """The same for a note that is still being written: it has no address yet that the page could link to.

    :raises NotAllowed: when the person may not write.
    """
    text = PageText(_task_title(task), task_body(task, ""))
    return keep_draft(store, actor, replace(new_draft(store, actor, space=space), text=text))


def _current(store: Store, actor: Person, note: Note) -> Note:
    with store.reading() as db:
        require_seen(db, actor, note)
        require(db, actor, Ability.WRITE)
        return saved(db, note.page.id)


def _drafted(store: Store, actor: Person, note: Note, origin: NoteOrigin, text: PageText) -> Draft:
    for draft in unfinished_drafts(store, actor):
        if draft.origin == origin:
            return draft
    # What few may read goes nowhere else by default; the writer can choose another space.
    space = None if note.page.space.kind is SpaceKind.OPEN else SpaceChoice.of(note.page.space)
    return keep_draft(store, actor, replace(new_draft(store, actor, space=space), text=text, origin=origin))


def _task_title(task: Task) -> str:
    """The title that the note names for the page, where it names one that is not there; else the task."""
    return page_title(task.named[0] if task.named else task.words)


def _tags(note: Note) -> tuple[str, ...]:
    client = tag_of(note.text.header.client)
    return (client,) if client else ()


def _source(note: Note) -> str:
    header = note.text.header
    when = to_local(header.effective, header.zone) if header.effective else None
    return source_of(note.page.slug, note.page.title, f"{when.day} {when:%b %Y}" if when else "")
