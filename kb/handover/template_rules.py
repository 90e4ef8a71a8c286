"""What a definition must be like before notes can be written with it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.handover.definition import ALWAYS_ASKED, COMMON_KEYS, Definition, all_fields
from kb.handover.templates import Field, FieldKind, Section, SectionKind

MAX_NAME = 60  # characters of a template's name
MAX_TITLE = 80  # characters of a section's or field's name, and of an option
MAX_HELP = 200  # characters
MAX_SECTIONS = 40
MAX_FIELDS = 20  # of a section; more no table shows
MAX_OPTIONS = 30
DONE = "Done"  # the column that every table of open items has besides
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WITH_FIELDS = (SectionKind.FACTS, SectionKind.TABLE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a definition cannot be published. ``section`` is the key of the section to change; "" for the template."""

    section: str
    message: str


def problems(definition: Definition, published: Iterable[Definition] = ()) -> list[Problem]:
    """What has to be changed before the definition can be published, in reading order; empty when it is ready.

    :param published: the shipped template and the earlier versions: answers are kept by their keys and kinds.
    """
    found = [Problem("", message) for message in _of_template(definition)]
    for section in definition.sections:
        name = f"“{section.title}”" if section.title.strip() else "A section without a name"
        found += [Problem(section.key, f"{name}: {message}") for message in _of_section(section)]
    for earlier in published:
        found += [problem for problem in _against(definition, earlier) if problem not in found]
    return found


def _of_template(definition: Definition) -> Iterator[str]:
    if not definition.name.strip() or len(definition.name) > MAX_NAME:
        yield f"Give the template a name of 1 to {MAX_NAME} characters."
    if not definition.when.strip() or len(definition.when) > MAX_HELP:
        yield f"Say in 1 to {MAX_HELP} characters when the template is used."
    if len(definition.sections) > MAX_SECTIONS:
        number = len(definition.sections)
        yield f"The template has {number} sections; keep at most {MAX_SECTIONS}, hidden ones included."
    items = [section for section in definition.sections if section.kind is SectionKind.ITEMS]
    if len(items) != 1 or items[0].hidden:
        yield "The section of the open items has to be shown: what is left to do is what a note hands over."
    if duplicates := _twice(section.key for section in definition.sections):
        yield f"Two sections have the key {duplicates[0]!r}. Keys must be different."
    if duplicates := _twice(_folded(section.title) for section in definition.sections if not section.hidden):
        name = next(s.title for s in definition.sections if _folded(s.title) == duplicates[0])
        yield f"Two sections are called “{name}”. Give one of them another name."


def _of_section(section: Section) -> Iterator[str]:
    fields = all_fields(section)
    shown = [field for field in fields if not field.hidden]
    if not _KEY.fullmatch(section.key):
        yield f"its key {section.key!r} cannot be used: small letters, digits and _, at most 40."
    if not section.title.strip() or len(section.title) > MAX_TITLE:
        yield f"give it a name of 1 to {MAX_TITLE} characters."
    if len(section.help) > MAX_HELP:
        yield f"its help text has {len(section.help)} characters; shorten it to {MAX_HELP}."
    if section.kind in _WITH_FIELDS and not shown:
        yield "show at least one field, or hide the section."
    if section.kind is SectionKind.TEXT and fields:
        yield "a section of text has no fields."
    if len(fields) > MAX_FIELDS:
        yield f"it has {len(fields)} fields; keep at most {MAX_FIELDS}, hidden ones included."
    if duplicates := _twice(field.key for field in fields):
        yield f"two fields have the key {duplicates[0]!r}. Keys must be different."
    titles = [field.title for field in shown] + ([DONE] if section.kind is SectionKind.ITEMS else [])
    if duplicates := _twice(map(_folded, titles)):
        name = next(title for title in titles if _folded(title) == duplicates[0])
        yield f"two fields are called “{name}”. Give one of them another name."
    if section.kind is SectionKind.ITEMS:
        if {field.key for field in section.common} != COMMON_KEYS:
            yield "the fields that every open item has are not complete."
        for field in section.common:
            if field.hidden and field.key in ALWAYS_ASKED:
                yield f"“{field.title}” has to be shown: every open item has it."
    for field in fields:
        yield from _of_field(section, field)


def _of_field(section: Section, field: Field) -> Iterator[str]:
    name = f"“{field.title}”" if field.title.strip() else "a field"
    if not _KEY.fullmatch(field.key) or field.key == "done":
        yield f"the key {field.key!r} of {name} cannot be used."
    if not field.title.strip() or len(field.title) > MAX_TITLE:
        yield f"give every field a name of 1 to {MAX_TITLE} characters."
    if field.kind is FieldKind.LONG and section.kind is SectionKind.TABLE:
        yield f"{name} cannot have several lines in a table."
    if (field.kind is FieldKind.CHOICE) != bool(field.options):
        yield f"{name} needs options to choose from." if not field.options else f"{name} has options but is no choice."
    if len(field.options) > MAX_OPTIONS:
        yield f"{name} has {len(field.options)} options; keep at most {MAX_OPTIONS}."
    if any(not option.strip() or len(option) > MAX_TITLE for option in field.options):
        yield f"each option of {name} has 1 to {MAX_TITLE} characters."
    if duplicates := _twice(map(_folded, field.options)):
        yield f"{name} offers “{duplicates[0]}” twice."


def _against(definition: Definition, earlier: Definition) -> Iterator[Problem]:
    """What notes were written with has to stay, hidden or not, and to hold what it held."""
    sections = {section.key: section for section in definition.sections}
    for before in earlier.sections:
        section = sections.get(before.key)
        if section is None:
            yield Problem("", f"“{before.title}” was published: it can be hidden, not removed.")
            continue
        if section.kind is not before.kind:
            yield Problem(before.key, f"“{before.title}” was published: hide it and add another one of a new kind.")
        fields = {field.key: field for field in all_fields(section)}
        for field in all_fields(before):
            now = fields.get(field.key)
            if now is None:
                message = f"“{before.title}”: “{field.title}” was published: it can be hidden, not removed."
                yield Problem(before.key, message)
            elif now.kind is not field.kind:
                message = f"“{before.title}”: “{field.title}” was published: hide it and add another one of a new kind."
                yield Problem(before.key, message)
            elif field.key == "priority" and section.kind is SectionKind.ITEMS and now.options != field.options:
                yield Problem(before.key, f"“{before.title}”: the options of “{now.title}” stay as they are.")


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1 and name]


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()
