"""What a lead does with a definition, step by step. Pure; :mod:`kb.handover.template_rules` says what may be published.

The places of sections and fields are their keys, which never change: answers are kept by them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from kb.handover.definition import COMMON_KEYS, Definition, all_fields, definition_of
from kb.handover.templates import Field, FieldKind, Section, SectionKind, template_of
from kb.tidying import one_line

OWN = "own_"  # how the keys of a lead's own sections and fields begin, so that a later shipped one never meets them
Keyed = TypeVar("Keyed", Section, Field)


def shipped_definition(definition: Definition) -> Definition:
    """The shipped template that this is an adaptation of, in the version that it was compared with last."""
    return definition_of(template_of(definition.key, definition.shipped))


def newer_shipped(definition: Definition) -> Definition | None:
    """The shipped template where it has a newer version than the one that this was compared with."""
    newest = template_of(definition.key)
    return definition_of(newest) if newest.version > definition.shipped else None


def with_section(definition: Definition, key: str, **changes: Any) -> Definition:
    """The definition with a section changed."""
    return _with(definition, key, lambda section: replace(section, **changes))


def with_field(definition: Definition, section: str, key: str, **changes: Any) -> Definition:
    """The definition with a field of a section changed."""

    def changed(fields: Sequence[Field]) -> tuple[Field, ...]:
        return tuple(replace(field, **changes) if field.key == key else field for field in fields)

    return _with(definition, section, lambda one: replace(one, fields=changed(one.fields), common=changed(one.common)))


def moved_section(definition: Definition, key: str, by: int) -> Definition:
    """The definition with a section ``by`` places further down, or up where it is negative."""
    return replace(definition, sections=_moved(definition.sections, key, by))


def moved_field(definition: Definition, section: str, key: str, by: int) -> Definition:
    """The definition with a field ``by`` places further down; the fields that all open items have stay first."""
    return _with(
        definition,
        section,
        lambda one: replace(one, fields=_moved(one.fields, key, by), common=_moved(one.common, key, by)),
    )


def added_section(definition: Definition, title: str, kind: SectionKind) -> tuple[Definition, str]:
    """The definition with a section of the lead's own at its end.

    :return: the definition, and the section's key.
    """
    key = _free_key(title, [section.key for section in definition.sections])
    fields = (Field(_free_key("", ()), "", required=False),) if kind in (SectionKind.FACTS, SectionKind.TABLE) else ()
    section = Section(key, title, "", kind, fields, required=False)
    return replace(definition, sections=(*definition.sections, section)), key


def added_field(definition: Definition, section: str, title: str, kind: FieldKind) -> tuple[Definition, str]:
    """The definition with a field of the lead's own at the end of a section.

    :return: the definition, and the field's key.
    """
    key = _free_key(title, [field.key for field in all_fields(definition.section(section))])
    field = Field(key, title, kind)
    return _with(definition, section, lambda one: replace(one, fields=(*one.fields, field))), key


def without_section(definition: Definition, key: str) -> Definition:
    """The definition without a section: only where it was never published."""
    return replace(definition, sections=tuple(section for section in definition.sections if section.key != key))


def without_field(definition: Definition, section: str, key: str) -> Definition:
    """The definition without a field: only where it was never published."""
    return _with(
        definition, section, lambda one: replace(one, fields=tuple(field for field in one.fields if field.key != key))
    )


def taken_up(old: Definition, newest: Definition) -> Definition:
    """An older version as the next one: what came after it stays, hidden, since notes were written with it."""
    return replace(old, sections=_with_rest(old.sections, newest.sections), shipped=newest.shipped)


def with_news(definition: Definition, shipped: Definition) -> Definition:
    """The definition with what a newer shipped template has added; what the lead changed stays as it is.

    A new section or field comes after the one that it follows in the shipped template.
    """
    sections = list(_with_new(definition.sections, shipped.sections))
    by_key = {section.key: section for section in shipped.sections}
    for place, section in enumerate(sections):
        if section.key in by_key and section.kind is by_key[section.key].kind:
            news = _with_new(section.fields, by_key[section.key].fields)
            sections[place] = replace(section, fields=news)
    return replace(definition, sections=tuple(sections), shipped=shipped.shipped)


def compared_with(definition: Definition, shipped: Definition) -> Definition:
    """The definition as it is, once its lead has seen what the newer shipped template says."""
    return replace(definition, shipped=shipped.shipped)


def tidied(definition: Definition) -> Definition:
    """The definition as it is published: spaces tidied, empty options left out."""
    return replace(
        definition,
        name=one_line(definition.name),
        when=one_line(definition.when),
        sections=tuple(
            replace(
                section,
                title=one_line(section.title),
                help=one_line(section.help),
                fields=_tidy_fields(section.fields),
                common=_tidy_fields(section.common),
            )
            for section in definition.sections
        ),
    )


def _with(definition: Definition, key: str, change: Callable[[Section], Section]) -> Definition:
    sections = tuple(change(section) if section.key == key else section for section in definition.sections)
    return replace(definition, sections=sections)


def _moved(things: tuple[Keyed, ...], key: str, by: int) -> tuple[Keyed, ...]:
    place = next((place for place, thing in enumerate(things) if thing.key == key), None)
    if place is None:
        return things
    rest = [thing for thing in things if thing.key != key]
    rest.insert(max(0, min(place + by, len(rest))), things[place])
    return tuple(rest)


def _with_rest(old: tuple[Section, ...], newest: tuple[Section, ...]) -> tuple[Section, ...]:
    later = {section.key: section for section in newest}
    sections = []
    for section in old:
        known = {field.key for field in section.fields}
        rest = later[section.key].fields if section.key in later else ()
        added = tuple(replace(field, hidden=True) for field in rest if field.key not in known)
        sections.append(replace(section, fields=(*section.fields, *added)))
    known = {section.key for section in old}
    return (*sections, *(replace(section, hidden=True) for section in newest if section.key not in known))


def _with_new(things: tuple[Keyed, ...], shipped: tuple[Keyed, ...]) -> tuple[Keyed, ...]:
    found = list(things)
    before = ""
    for thing in shipped:
        if thing.key not in {known.key for known in found}:
            place = next((place for place, known in enumerate(found) if known.key == before), -1)
            found.insert(place + 1, thing)
        before = thing.key
    return tuple(found)


def _tidy_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(
        replace(
            field,
            title=one_line(field.title),
            options=tuple(dict.fromkeys(option for option in map(one_line, field.options) if option)),
        )
        for field in fields
    )


def _free_key(title: str, taken: Collection[str]) -> str:
    """A key that says what it stands for where the title has Latin letters, and that nothing else has."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = OWN + (re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:24].rstrip("_") or "1")
    key, number = name, 2
    while key in taken or key in COMMON_KEYS:
        key, number = f"{name}_{number}", number + 1
    return key
