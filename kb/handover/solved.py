"""What a note tells of problems that were solved: the wording, the cause, and what fixed them. Pure.

:func:`solved_in` is the one place that knows where notes keep that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.handover.models import Answer, NoteItem, NoteText
from kb.handover.templates import Field, HandoverTemplate, SectionKind

# Keys of fields that say what went wrong, whichever template has them.
_PROBLEM = ("situation", "state", "background", "tried", "stuck", "blocker")


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem that was solved, as the note words it. Empty texts were not said.

    :ivar words: what the item or row is called.
    :ivar problem: (name, value) of what else was said about it.
    """

    words: str
    reference: str = ""
    problem: tuple[tuple[str, str], ...] = ()
    cause: str = ""
    fix: str = ""
    follow_up: str = ""


def solved_in(template: HandoverTemplate, text: NoteText) -> list[Solved]:
    """Done items, then rows of any table that has a field for the fix; in the order of the note."""
    fields = template.items_section.fields
    found = [_of_item(fields, item) for item in text.items if item.done]
    for section in template.sections:
        if section.kind is SectionKind.TABLE and any(field.key == "fix" for field in section.fields):
            name = section.fields[0].key
            rows = text.answers.get(section.key, Answer()).rows
            found += [
                Solved(row.get(name, ""), "", (), row.get("cause", ""), row.get("fix", ""), row.get("follow_up", ""))
                for row in rows
            ]
    return [one for one in found if one.words.strip()]


def _of_item(fields: tuple[Field, ...], item: NoteItem) -> Solved:
    """A done item: what was to be done next is what was done."""
    return Solved(item.title, item.reference, _problem(fields, item.details), "", item.next_step)


def _problem(fields: tuple[Field, ...], details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    titles = {field.key: field.title for field in fields}
    return tuple((titles[key], details[key]) for key in _PROBLEM if key in titles and details.get(key))
