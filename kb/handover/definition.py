"""An adapted template as its lead writes it: every section and field, also the hidden ones. Pure.

A definition is kept as JSON and never changes once it is published: what a note was written with stays readable.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from kb.handover.templates import (
    ITEM_FIELDS,
    ITEM_NEXT_STEP,
    ITEM_OWNER,
    ITEM_PRIORITY,
    ITEM_TITLE,
    Field,
    FieldKind,
    HandoverTemplate,
    Section,
    SectionKind,
    template_of,
)

FIRST_ADAPTED = 1_001  # adapted templates have this version or a later one, shipped ones an earlier one
# What the gate, the read-back and the lists of actions ask of every open item.
ALWAYS_ASKED = frozenset(field.key for field in (ITEM_TITLE, ITEM_NEXT_STEP, ITEM_OWNER, ITEM_PRIORITY))
COMMON_KEYS = frozenset(field.key for field in ITEM_FIELDS)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a lead made of a shipped template. ``key`` is that template's, ``shipped`` its version."""

    key: str
    shipped: int
    name: str
    when: str
    sections: tuple[Section, ...]

    def section(self, key: str) -> Section:
        """The section with this key.

        :raises KeyError: when there is none.
        """
        return {section.key: section for section in self.sections}[key]


def is_adapted(version: int) -> bool:
    """Whether this version of a template was published by a lead."""
    return version >= FIRST_ADAPTED


def all_fields(section: Section) -> tuple[Field, ...]:
    """The fields of a definition's section: the common ones of open items first, hidden ones among them."""
    return (*section.common, *section.fields)


def definition_of(shipped: HandoverTemplate) -> Definition:
    """A shipped template as the beginning of an adapted one."""
    sections = tuple(
        replace(section, common=ITEM_FIELDS) if section.kind is SectionKind.ITEMS else section
        for section in shipped.sections
    )
    return Definition(shipped.key, shipped.version, shipped.name, shipped.when, sections)


def as_template(definition: Definition, version: int) -> HandoverTemplate:
    """The template that notes are written with: what is hidden is set apart."""
    sections = [_shown(section) for section in definition.sections]
    return HandoverTemplate(
        definition.key,
        version,
        definition.name,
        template_of(definition.key).subject,
        definition.when,
        tuple(section for section in sections if not section.hidden),
        tuple(section for section in sections if section.hidden),
    )


def _shown(section: Section) -> Section:
    return replace(
        section,
        fields=tuple(field for field in section.fields if not field.hidden),
        hidden_fields=tuple(field for field in section.fields if field.hidden),
    )


# ---- as JSON ------------------------------------------------------------------------------------------------------


def to_json(definition: Definition) -> dict[str, Any]:
    """The definition as JSON values; what has its usual value is left out."""
    return {
        "key": definition.key,
        "shipped": definition.shipped,
        "name": definition.name,
        "when": definition.when,
        "sections": [_section_to_json(section) for section in definition.sections],
    }


def from_json(values: Mapping[str, Any]) -> Definition:
    """The definition that :func:`to_json` wrote."""
    sections = tuple(_section_from_json(section) for section in values["sections"])
    return Definition(values["key"], values["shipped"], values["name"], values["when"], sections)


# Kept in the process: a published text never changes, and another text is another key.
@lru_cache(maxsize=512)
def definition_from(text: str) -> Definition:
    """The definition that a stored text holds."""
    return from_json(json.loads(text))


@lru_cache(maxsize=512)
def template_from(text: str, version: int) -> HandoverTemplate:
    """The template that a stored definition gives."""
    return as_template(definition_from(text), version)


def _section_to_json(section: Section) -> dict[str, Any]:
    values = _said(section, ("fields", "common", "hidden_fields"))
    for name, kept in (("fields", section.fields), ("common", section.common)):
        if kept:
            values[name] = [_said(field) for field in kept]
    return values


def _said(thing: Section | Field, but: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass whose values are not the usual ones; enums as their text."""
    return {
        place.name: value
        for place in fields(thing)
        if place.name not in but and (value := getattr(thing, place.name)) != place.default
    }


def _section_from_json(values: Mapping[str, Any]) -> Section:
    section = Section(
        **{name: value for name, value in values.items() if name not in ("kind", "fields", "common")},
        kind=SectionKind(values.get("kind", SectionKind.TEXT)),
    )
    return replace(
        section,
        fields=_fields_from_json(values.get("fields", ())),
        common=_fields_from_json(values.get("common", ())),
    )


def _fields_from_json(values: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(
        Field(
            **{
                **field,
                "kind": FieldKind(field.get("kind", FieldKind.TEXT)),
                "options": tuple(field.get("options", ())),
            }
        )
        for field in values
    )
