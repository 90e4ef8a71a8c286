"""The pieces of text of a note, each with its place, and the note with other pieces in their places. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kb.handover.models import Answer, Header, NoteItem, NoteText, Row
from kb.handover.templates import HandoverTemplate, Section, SectionKind, item_fields
from kb.writings import Place, Written

_HEADER = {
    "title": "Title", "client": "Client or process", "sender": "From", "receiver": "To", "backup": "Backup receiver",
    "lead": "Lead",
}  # fmt: skip
_COMMON = ("title", "reference", "next_step", "owner")  # of an item; the other fields are its details
LINKS = "links"


def note_pieces(template: HandoverTemplate, text: NoteText) -> list[Written]:
    """Everything that was written freely, in the order of the note."""
    pieces = [Written((name, 0, ""), f"“{label}”", getattr(text.header, name)) for name, label in _HEADER.items()]
    pieces += [Written((LINKS, row, ""), "“Linked pages”", link) for row, link in enumerate(text.header.links, 1)]
    for section in template.sections:
        pieces += _of_section(section, text)
    return [piece for piece in pieces if piece.text]


def with_pieces(template: HandoverTemplate, text: NoteText, changed: Mapping[Place, str]) -> NoteText:
    """The note with these pieces instead of its own."""
    header: dict[str, Any] = {
        name: changed[name, 0, ""] for name in _HEADER if (name, 0, "") in changed
    }  # fmt: skip
    links = tuple(changed.get((LINKS, row, ""), link) for row, link in enumerate(text.header.links, 1))
    key = template.items_section.key
    return replace(
        text,
        header=_with_header(text.header, header, links),
        answers={place: _answer(place, answer, changed) for place, answer in text.answers.items()},
        items=tuple(_item(key, row, item, changed) for row, item in enumerate(text.items, 1)),
    )


def _of_section(section: Section, text: NoteText) -> Iterator[Written]:
    answer = text.answers.get(section.key, Answer())
    yield Written((section.key, 0, ""), f"“{section.title}”", answer.text)
    for row, cells in enumerate(answer.rows, 1):
        for field in section.fields:
            where = f"row {row} of “{section.title}”" if section.kind is SectionKind.TABLE else f"“{section.title}”"
            yield Written((section.key, row, field.key), f"“{field.title}” in {where}", cells.get(field.key, ""))
    if section.kind is not SectionKind.ITEMS:
        return
    for row, item in enumerate(text.items, 1):
        for field in item_fields(section):
            words = getattr(item, field.key) if field.key in _COMMON else item.details.get(field.key, "")
            yield Written((section.key, row, field.key), f"“{field.title}” of item {row}", words)


def _with_header(header: Header, changes: dict[str, Any], links: tuple[str, ...]) -> Header:
    # Whose name is masked is nobody's account any more.
    unnamed: dict[str, Any] = {
        f"{name}_id": None for name in changes if name in ("sender", "receiver", "backup", "lead")
    }
    return replace(header, **changes, **unnamed, links=links)


def _answer(place: str, answer: Answer, changed: Mapping[Place, str]) -> Answer:
    return replace(
        answer,
        text=changed.get((place, 0, ""), answer.text),
        rows=tuple(_row(place, row, cells, changed) for row, cells in enumerate(answer.rows, 1)),
    )


def _row(place: str, row: int, cells: Row, changed: Mapping[Place, str]) -> Row:
    return {key: changed.get((place, row, key), value) for key, value in cells.items()}


def _item(place: str, row: int, item: NoteItem, changed: Mapping[Place, str]) -> NoteItem:
    common: dict[str, Any] = {name: changed.get((place, row, name), getattr(item, name)) for name in _COMMON}
    return replace(item, **common, details=_row(place, row, item.details, changed))
