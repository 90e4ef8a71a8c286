"""What a note says that somebody has to do, each of which a page should describe. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.handover.models import Answer, NoteItem, NoteText, Row
from kb.handover.templates import (
    ITEM_NEXT_STEP,
    ITEM_REFERENCE,
    Field,
    FieldKind,
    HandoverTemplate,
    Section,
    SectionKind,
)

MAX_WORDS = 300  # characters of a task or an item that a page is looked for by
_LINK = re.compile(r"\[\[([^\[\]|#]+)[^\[\]]*\]\]")


@dataclass(frozen=True, slots=True)
class Task:
    """A responsibility or an open item.

    :ivar words: as the note says it.
    :ivar named: the pages that the note itself names for it, by address or title.
    :ivar facts: (name, value) of what else the note says of it.
    """

    section: str
    words: str
    named: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def tasks_of(template: HandoverTemplate, text: NoteText) -> list[Task]:
    """Responsibilities and open items that are not done, in the order of the note; each wording once.

    A responsibility is a row of any table that has a place for the page that describes it.
    """
    found: dict[str, Task] = {}
    for section in template.sections:
        if section.kind is SectionKind.ITEMS:
            tasks = [_of_item(section, item) for item in text.items if not item.done]
        else:
            tasks = _of_rows(section, text.answers.get(section.key, Answer()))
        for task in tasks:
            if task.words:
                found.setdefault(task.words.casefold(), task)
    return list(found.values())


def _of_rows(section: Section, answer: Answer) -> list[Task]:
    names = [field for field in section.fields if field.kind is FieldKind.TEXT and field.required]
    pages = [field for field in section.fields if field.kind is FieldKind.PAGE and not field.required]
    if section.kind is not SectionKind.TABLE or not names or not pages:
        return []
    name, page = names[0], pages[0]
    return [
        Task(
            section.key,
            _words(row.get(name.key, "")),
            _named(row.get(page.key, "")),
            _facts([field for field in section.fields if field not in (name, page)], row),
        )
        for row in answer.rows
    ]


def _of_item(section: Section, item: NoteItem) -> Task:
    said = "\n".join([item.title, item.next_step, *item.details.values()])
    facts = [(ITEM_REFERENCE.title, item.reference), (ITEM_NEXT_STEP.title, item.next_step)]
    facts = [(name, value) for name, value in facts if value]
    named = tuple(dict.fromkeys(link.strip() for link in _LINK.findall(said) if link.strip()))
    return Task(section.key, _words(item.title), named, (*facts, *_facts(section.fields, item.details)))


def _facts(fields: Sequence[Field], row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((field.title, row[field.key]) for field in fields if row.get(field.key))


def _named(cell: str) -> tuple[str, ...]:
    linked = _LINK.findall(cell)
    return tuple(dict.fromkeys(name.strip() for name in linked or cell.split(",") if name.strip()))


def _words(text: str) -> str:
    return " ".join(_LINK.sub(lambda link: link[1], text).split())[:MAX_WORDS]
