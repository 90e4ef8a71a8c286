"""The pieces of text that a lead writes into a template, each with its place, and the template with others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kb.handover.definition import Definition, all_fields
from kb.handover.templates import Field, Section
from kb.writings import Place, Written

# No key of a field begins so: what a place says of the template or a section itself.
_NAME, _HELP, _WHEN, _CLIENT = "#name", "#help", "#when", "#client"


def template_pieces(definition: Definition, clients: Sequence[str]) -> list[Written]:
    """Everything that was written freely, in the order of the form; what is hidden, too."""
    pieces = [
        Written(("", 0, _NAME), "“Name of the template”", definition.name),
        Written(("", 0, _WHEN), "“When it is used”", definition.when),
        *(Written(("", row, _CLIENT), "“Clients or processes”", client) for row, client in enumerate(clients, 1)),
    ]
    for section in definition.sections:
        pieces += _of_section(section)
    return [piece for piece in pieces if piece.text]


def with_template_pieces(
    definition: Definition, clients: Sequence[str], changed: Mapping[Place, str]
) -> tuple[Definition, tuple[str, ...]]:
    """The template, and the clients that it is for, with these pieces instead of their own."""
    return replace(
        definition,
        name=changed.get(("", 0, _NAME), definition.name),
        when=changed.get(("", 0, _WHEN), definition.when),
        sections=tuple(_with(section, changed) for section in definition.sections),
    ), tuple(changed.get(("", row, _CLIENT), client) for row, client in enumerate(clients, 1))


def _of_section(section: Section) -> Iterator[Written]:
    where = f"“{section.title}”"
    yield Written((section.key, 0, _NAME), "the name of a section", section.title)
    yield Written((section.key, 0, _HELP), f"the help text of {where}", section.help)
    for field in all_fields(section):
        yield Written((section.key, 0, field.key), f"the name of a field of {where}", field.title)
        for row, option in enumerate(field.options, 1):
            yield Written((section.key, row, field.key), f"the options of “{field.title}” of {where}", option)


def _with(section: Section, changed: Mapping[Place, str]) -> Section:
    return replace(
        section,
        title=changed.get((section.key, 0, _NAME), section.title),
        help=changed.get((section.key, 0, _HELP), section.help),
        fields=tuple(_with_field(section.key, field, changed) for field in section.fields),
        common=tuple(_with_field(section.key, field, changed) for field in section.common),
    )


def _with_field(section: str, field: Field, changed: Mapping[Place, str]) -> Field:
    return replace(
        field,
        title=changed.get((section, 0, field.key), field.title),
        options=tuple(changed.get((section, row, field.key), option) for row, option in enumerate(field.options, 1)),
    )
