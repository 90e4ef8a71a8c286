"""A handover note to take along: as Markdown, HTML or PDF. Every export takes the acting person and is audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlencode

from kb.handover.models import Note, Part, ReadBack
from kb.handover.seal import sealed_read_back
from kb.handover.threads import threads_of
from kb.models import PICTURES, PageKind, Person
from kb.note_steps import require_seen, saved
from kb.note_templates import template_in
from kb.pages import slug_of
from kb.paper.html import paper_html
from kb.paper.markdown import paper_markdown
from kb.paper.note import Paper, Record, note_paper
from kb.paper.pdf import paper_pdf
from kb.paper.pictures import MAX_PICTURES, ROOM, Picture, on_paper
from kb.paper.tree import Linked
from kb.store import attachments, audit, note_life, pages, parties, profiles, questions, read_backs, seals
from kb.store.db import Connection, Store

MAX_NAME = 70  # characters of a file name that come from the title, of up to 3 bytes; file systems take 255


class Form(StrEnum):
    """What a note can be taken along as; the value is the file name's ending."""

    PDF = "pdf"
    HTML = "html"
    MARKDOWN = "md"


MEDIA_TYPES = {Form.PDF: "application/pdf", Form.HTML: "text/html", Form.MARKDOWN: "text/markdown"}
_WRITERS: dict[Form, Callable[[Paper], bytes]] = {
    Form.PDF: paper_pdf,
    Form.HTML: lambda paper: paper_html(paper).encode(),
    Form.MARKDOWN: lambda paper: paper_markdown(paper).encode(),
}


@dataclass(frozen=True, slots=True)
class ExportedNote:
    """A file with a note in it."""

    name: str
    media_type: str
    content: bytes


def export_note(store: Store, actor: Person, note: Note, form: Form, public_url: str = "") -> ExportedNote:
    """The note as it is now, with its questions, read-backs and proof, as a file. The export is audited.

    :param public_url: where people reach Baton, for links to its pages; "" leaves those pages' names.
    :raises PageNotFound: when the person may not see the note.
    """
    pictures = {} if form is Form.MARKDOWN else _pictures(store, actor, note)
    with store.reading() as db:
        require_seen(db, actor, note)
        current = saved(db, note.page.id)
        paper = note_paper(replace(_record(db, actor, current, public_url), pictures=pictures))
    content = _WRITERS[form](paper)  # outside any transaction: a long note takes some seconds
    with store.atomic() as db:
        require_seen(db, actor, note)
        audit.record(db, actor, "note.exported", "page", note.page.id, f"{form}, version {current.version}")
    return ExportedNote(file_name(current, form), MEDIA_TYPES[form], content)


def file_name(note: Note, form: Form) -> str:
    """A name that every file system takes and that tells which note it is: "shift-handover-acme-version-2.pdf"."""
    name = slug_of(note.page.title)[:MAX_NAME].strip("-")
    return f"{name}-{f'version-{note.version}' if note.version else 'draft'}.{form}"


def _record(db: Connection, viewer: Person, note: Note, public_url: str) -> Record:
    given, proofs = read_backs.of_note(db, note.page.id), seals.of_note(db, note.page.id)
    return Record(
        note=note,
        template=template_in(db, note.text.template, note.text.template_version),
        events=note_life.events(db, note.page.id),
        threads=threads_of(questions.of_note(db, note.page.id)),
        read_backs=given,
        seals=proofs,
        zones=_zones(db, note, sealed_read_back(given, proofs, note.version)),
        linked=_linked(db, viewer, public_url),
    )


def _pictures(store: Store, viewer: Person, note: Note) -> dict[str, Picture]:
    """The attached pictures of a note's text that the viewer may see, by their address in it, as far as there is room.

    :raises PageNotFound: when they may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        body = saved(db, note.page.id).page.body
    drawn: dict[str, Picture] = {}
    room = ROOM
    for found in attachments.ADDRESS.finditer(body):
        address, sha256 = found.group(), found.group(1)
        if address in drawn or len(drawn) == MAX_PICTURES:
            continue
        with store.reading() as db:  # one after the other: each may be large
            file = attachments.by_sha256(db, sha256, viewer)
        shown = on_paper(file.content) if file and file.media_type in PICTURES else None
        if shown and len(shown.content) <= room:
            drawn[address] = shown
            room -= len(shown.content)
    return drawn


def _zones(db: Connection, note: Note, accepted: ReadBack | None) -> tuple[str, ...]:
    """The clocks of who hands over and of who takes over. Of a team, that of whoever read the note back."""
    people = parties.of_pages(db, [note.page.id])[note.page.id]
    senders, receivers = people.with_part(Part.SENDER)[:1], people.with_part(Part.RECEIVER)
    taking = (accepted.person,) if accepted else (receivers if len(receivers) == 1 else ())
    found = [profiles.profile(db, person.id).zone for person in (*senders, *taking)]
    return tuple(zone for zone in (note.text.header.zone, *found) if zone)


def _linked(db: Connection, viewer: Person, public_url: str) -> Linked:
    def linked(name: str) -> tuple[str, str]:
        page = pages.by_slug(db, name, viewer) or pages.by_title(db, name, viewer)
        if page is None:
            return name, ""
        path = "handover" if page.kind is PageKind.HANDOVER else "page"
        return page.title, f"{public_url}/{path}?{urlencode({'slug': page.slug})}" if public_url else ""

    return linked
