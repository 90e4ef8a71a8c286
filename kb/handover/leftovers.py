"""What a note says that its template no longer asks for, after it moved to another version: kept, and shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.handover.models import NoteText, Row
from kb.handover.templates import Field, FieldKind, HandoverTemplate, Section, SectionKind

NO_LONGER = "no longer asked for"


def leftover_sections(template: HandoverTemplate, text: NoteText) -> list[Section]:
    """The sections that the note answers and its template does not ask for, with the fields that its rows have."""
    asked = {section.key for section in template.sections}
    hidden = {section.key: section for section in template.hidden}
    found = []
    for key, answer in text.answers.items():
        if key in asked or not (answer.text or answer.rows):
            continue
        kind = SectionKind.TABLE if answer.rows else SectionKind.TEXT
        section = replace(hidden.get(key, Section(key, _name(key), "")), kind=kind)
        known = {field.key: field for field in (*section.fields, *section.hidden_fields)}
        fields = [known.get(name, Field(name, _name(name))) for name in _names(answer.rows)]
        found.append(replace(section, fields=tuple(_as_cell(field) for field in fields), hidden_fields=()))
    return found


def leftover_fields(section: Section, rows: Iterable[Row]) -> tuple[Field, ...]:
    """The fields that these rows fill in and the section does not ask for; their names say so."""
    asked = {field.key for field in section.fields}
    hidden = {field.key: field for field in section.hidden_fields}
    return tuple(
        replace(field, title=f"{field.title} ({NO_LONGER})", required=False, hidden=False)
        for name in _names(rows)
        if name not in asked
        for field in [hidden.get(name, Field(name, _name(name)))]
    )


def with_leftovers(section: Section, rows: Sequence[Row]) -> Section:
    """The section with the fields that its rows fill in and it does not ask for, as the last ones."""
    fields = leftover_fields(section, rows)
    return replace(section, fields=(*section.fields, *fields)) if fields else section


def says_more_than(template: HandoverTemplate, text: NoteText) -> bool:
    """Whether something of the note would no longer be asked for with this template."""
    if leftover_sections(template, text):
        return True
    for section in template.sections:
        rows = text.answers[section.key].rows if section.key in text.answers else ()
        if section.kind is SectionKind.ITEMS:
            rows = tuple(item.details for item in text.items)
        if leftover_fields(section, rows):
            return True
    return False


def _as_cell(field: Field) -> Field:
    return replace(field, kind=FieldKind.TEXT) if field.kind is FieldKind.LONG else field


def _names(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name, value in row.items() if value))


def _name(key: str) -> str:
    """A name made of a key: "own_weather_report" is "Weather report"."""
    return key.removeprefix("own_").replace("_", " ").strip().capitalize() or key
