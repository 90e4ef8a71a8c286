"""A note's text as it is kept: spaces tidied, empty rows left out, limits kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kb.handover.leftovers import leftover_fields, leftover_sections
from kb.handover.models import NAMED, Answer, Header, NoteItem, NoteText, Part, Party, Row
from kb.handover.templates import FieldKind, HandoverTemplate, Section, SectionKind
from kb.handover.times import known_zone
from kb.pages import PageError
from kb.tidying import one_line, storable, storable_lines

MAX_LINE = 120  # characters of a name in the header
MAX_CELL = 4_000  # characters of a table's cell
MAX_SECTION = 100_000  # characters of a section's text
MAX_ROWS = 500  # rows of a table, and open items
MAX_LINKS = 50
_PARTS = {Part.SENDER: "From", Part.RECEIVER: "To", Part.BACKUP: "Backup receiver", Part.LEAD: "Lead"}


class NoteError(PageError):
    """A note cannot be saved or changed like this; the message says why and what to do."""


def tidied(template: HandoverTemplate, text: NoteText) -> NoteText:
    """The text as it is kept. What the template does not ask for, or no longer, stays after what it asks for.

    :raises NoteError: when something is too long.
    """
    items = tuple(item for item in (_tidy_item(template, item) for item in text.items) if _says_something(item))
    if len(items) > MAX_ROWS:
        raise NoteError(f"The note has {len(items)} open items; keep at most {MAX_ROWS}.")
    answers = {}
    for section in template.sections:
        answer = _tidy_answer(section, text.answers.get(section.key, Answer()), has_items=bool(items))
        if answer != Answer():
            answers[section.key] = answer
    for section in leftover_sections(template, text):
        answer = _tidy_answer(section, replace(text.answers[section.key], nothing=False), has_items=False)
        if answer != Answer():
            answers[section.key] = answer
    return replace(text, header=_tidy_header(text.header), answers=answers, items=items)


def _tidy_header(header: Header) -> Header:
    links = tuple(dict.fromkeys(link for link in (one_line(name) for name in header.links) if link))
    if len(links) > MAX_LINKS:
        raise NoteError(f"The note has {len(links)} linked pages; keep at most {MAX_LINKS}.")
    parties = {}
    for part in NAMED:
        name = _named(_PARTS[part], header.party(part).name)
        parties[part] = Party(name, header.party(part).id if name else None)
    return replace(
        header,
        title=one_line(header.title),
        client=_named("Client or process", header.client),
        zone=known_zone(header.zone),
        links=links,
    ).with_parties(parties)


def _tidy_answer(section: Section, answer: Answer, *, has_items: bool) -> Answer:
    text = ""
    rows: tuple[Row, ...] = ()
    if section.kind is SectionKind.TEXT:
        text = storable_lines(answer.text).strip("\n").rstrip()
        if len(text) > MAX_SECTION:
            raise NoteError(f"“{section.title}” has {len(text):,} characters; shorten it to {MAX_SECTION:,}.")
    elif section.kind is not SectionKind.ITEMS:
        most = 1 if section.kind is SectionKind.FACTS else MAX_ROWS
        tidy = (_tidy_row(section, row) for row in answer.rows)
        rows = tuple(row for row in tidy if row)
        if len(rows) > most:
            raise NoteError(f"“{section.title}” has {len(rows)} rows; keep at most {most}.")
    says_something = bool(text or rows or (section.kind is SectionKind.ITEMS and has_items))
    return Answer(text, rows, nothing=answer.nothing and section.may_be_none and not says_something)


def _tidy_item(template: HandoverTemplate, item: NoteItem) -> NoteItem:
    section = template.items_section
    return replace(
        item,
        title=_cell(section.title, item.title),
        reference=_cell(section.title, item.reference),
        next_step=_cell(section.title, item.next_step),
        owner=_cell(section.title, item.owner),
        details=_tidy_row(section, item.details),
    )


def _says_something(item: NoteItem) -> bool:
    return bool(item.title or item.reference or item.next_step or item.owner or item.due or item.details)


def _tidy_row(section: Section, row: Mapping[str, str]) -> dict[str, str]:
    """The row without empty fields."""
    cells = {
        field.key: (storable(value).strip() if field.kind is FieldKind.LONG else _cell(section.title, value))
        for field in (*section.fields, *leftover_fields(section, [row]))
        if (value := row.get(field.key) or "")
    }
    return {key: value for key, value in cells.items() if value}


def _named(name: str, value: str) -> str:
    value = one_line(value)
    if len(value) > MAX_LINE:
        raise NoteError(f"“{name}” has {len(value)} characters; shorten it to {MAX_LINE}.")
    return value


def _cell(section: str, value: str) -> str:
    value = one_line(value)
    if len(value) > MAX_CELL:
        raise NoteError(f"A field of “{section}” has {len(value):,} characters; shorten it to {MAX_CELL:,}.")
    return value
