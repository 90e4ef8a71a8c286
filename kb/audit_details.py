"""Whom and what the details of the audit log's lines name by id, and the details with names instead. Pure.

The log keeps ids: a name may change, and what is called so may be for few eyes only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Subject = tuple[str, int | str]  # kind and id; an item's id is the text that follows it through versions and notes
Names = Mapping[Subject, str]


@dataclass(frozen=True, slots=True)
class Reference:
    """An id in a detail, at these characters; ``end`` is exclusive."""

    subject: Subject
    start: int
    end: int


_PEOPLE = re.compile(r"\b(?:members|people) \[([\d, ]*)\]")
_TEAMS = re.compile(r"\bteams \[([\d, ]*)\]")
_LISTS = {"team.created": ("person",), "team.changed": ("person",), "space.shared": ("person", "team")}
_OWNERS = re.compile(r"owner (\d+) to (\d+)")
_NAMED = re.compile(r"\b(?P<kind>person|team) (?P<id>\d+)")
_ITEM = re.compile(r"(item) (\S+)")


def references(action: str, detail: str) -> list[Reference]:
    """The ids in the detail of a line, in their order; numbers of versions and the like are none."""
    return sorted(_references(action, detail), key=lambda found: found.start)


def with_names(action: str, detail: str, names: Names) -> str:
    """The detail with names for the ids whose name is known; others are left as they are."""
    parts, end = [], 0
    for found in references(action, detail):
        name = names.get(found.subject)
        kind, number = found.subject
        if name is not None:
            told = f"“{name}”" if kind == "item" else name
        else:
            told = str(number) if kind == "item" else f"{kind} {number}"
        parts += [detail[end : found.start], told]
        end = found.end
    told = "".join([*parts, detail[end:]])
    return _without_brackets(told) if action in _LISTS else told


def _references(action: str, detail: str) -> Iterator[Reference]:
    for kind in _LISTS.get(action, ()):
        pattern = _PEOPLE if kind == "person" else _TEAMS
        for listed in pattern.finditer(detail):
            for number in re.finditer(r"\d+", listed.group(1)):
                start = listed.start(1) + number.start()
                yield Reference((kind, int(number.group())), start, start + len(number.group()))
    if action == "page.reassigned" and (owners := _OWNERS.fullmatch(detail)):
        for group in (1, 2):
            yield Reference(("person", int(owners.group(group))), *owners.span(group))
    if action in ("note.pass_on", "note.submit"):
        for named in _NAMED.finditer(detail):
            yield Reference((named["kind"], int(named["id"])), *named.span())
    if action.startswith("action.") and (item := _ITEM.fullmatch(detail)):
        yield Reference(("item", item.group(2)), *item.span(2))


def _without_brackets(detail: str) -> str:
    """Lists as people write them: "members Ana, Ben", "teams none"."""
    detail = re.sub(r"\b(members|people|teams) \[\]", r"\1 none", detail)
    return re.sub(r"\b(members|people|teams) \[(.*?)\](?=, teams|$)", r"\1 \2", detail)
