"""Adapted templates as the store keeps them: rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.handover.definition import FIRST_ADAPTED, Definition, definition_from, template_from, to_json
from kb.handover.templates import HandoverTemplate
from kb.models import Person, Space, SpaceKind
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose notes begin with a template: those for ``clients``, of a team's members, or of all, where both are empty.

    ``space``: whoever sees it is offered the template, and nobody else hears of it.
    """

    space: Space
    clients: tuple[str, ...] = ()
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A version of an adapted template. ``version`` is the one that notes name; ``number`` counts within it, from 1."""

    version: int
    adaptation: int
    number: int
    definition: Definition
    audience: Audience
    retired: bool
    changes: tuple[str, ...]
    author: Person
    at: datetime


def template(db: Connection, key: str, version: int) -> HandoverTemplate | None:
    """The template that notes of this version are written with, whoever asks."""
    sql = "SELECT definition FROM handover_templates WHERE version = ? AND key = ?"
    row = db.execute(sql, [version, key]).fetchone()
    return template_from(row[0], version) if row else None


def add(
    db: Connection,
    actor: Person,
    definition: Definition,
    audience: Audience,
    changes: tuple[str, ...],
    before: Published | None,
    *,
    retired: bool = False,
) -> int:
    """Add a version: of the adaptation that ``before`` is the newest of, or of a new one.

    :return: its version, as notes name it.
    """
    (version,) = db.execute(
        "SELECT coalesce(max(version), ?) + 1 FROM handover_templates", [FIRST_ADAPTED - 1]
    ).fetchone()
    db.execute(
        "INSERT INTO handover_templates(version, key, adaptation, number, shipped, name, definition, space_id, "
        "clients, team_id, retired, changes, author_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            version, definition.key, before.adaptation if before else version, before.number + 1 if before else 1,
            definition.shipped, definition.name, json.dumps(to_json(definition), ensure_ascii=False),
            audience.space.id, json.dumps(audience.clients, ensure_ascii=False), audience.team, retired,
            json.dumps(changes, ensure_ascii=False), actor.id, to_text(now()),
        ],
    )  # fmt: skip
    return int(version)


def newest(db: Connection, viewer: Person, key: str = "") -> list[Published]:
    """The newest version of each adaptation of a template whose space ``viewer`` sees, latest first.

    :param key: "" is for all.
    """
    rows = db.query(
        f"""{_SELECT} WHERE {_SEEN} AND (? = '' OR t.key = ?) AND t.number = (
                SELECT max(number) FROM handover_templates AS all_of_it WHERE all_of_it.adaptation = t.adaptation)
            ORDER BY t.version DESC""",
        [viewer.id, key, key],
    )
    return [_published(row) for row in rows]


def names(db: Connection, wanted: Iterable[int], viewer: Person) -> dict[int, str]:
    """What these versions are called, as far as ``viewer`` sees their space."""
    sql = f"SELECT t.version, t.name FROM handover_templates AS t WHERE t.version IN ({_LISTED}) AND {_SEEN}"
    return {int(version): name for version, name in db.execute(sql, [json.dumps(list(wanted)), viewer.id])}


def written_with(db: Connection) -> list[tuple[str, int]]:
    """Key and version of every template that a note was written with."""
    return db.execute("SELECT DISTINCT template, template_version FROM handovers").fetchall()


def versions(db: Connection, adaptation: int) -> list[Published]:
    """Every version of an adaptation, the newest first, whoever asks: for the rules."""
    rows = db.query(f"{_SELECT} WHERE t.adaptation = ? ORDER BY t.number DESC", [adaptation])
    return [_published(row) for row in rows]


def adaptation_of(db: Connection, version: int) -> int | None:
    """The adaptation that a version belongs to."""
    row = db.execute("SELECT adaptation FROM handover_templates WHERE version = ?", [version]).fetchone()
    return int(row[0]) if row else None


_SELECT = """
    SELECT t.*, people.name AS author, spaces.slug AS space_slug, spaces.name AS space_name, spaces.kind AS space_kind
    FROM handover_templates AS t JOIN people ON people.id = t.author_id JOIN spaces ON spaces.id = t.space_id"""
_LISTED = "SELECT value FROM json_each(?)"
_SEEN = "t.space_id IN (SELECT space_id FROM space_readers WHERE person_id = ?)"


def _published(row: dict[str, Any]) -> Published:
    space = Space(row["space_id"], row["space_slug"], row["space_name"], SpaceKind(row["space_kind"]))
    return Published(
        version=row["version"],
        adaptation=row["adaptation"],
        number=row["number"],
        definition=definition_from(row["definition"]),
        audience=Audience(space, tuple(json.loads(row["clients"])), row["team_id"]),
        retired=bool(row["retired"]),
        changes=tuple(json.loads(row["changes"])),
        author=Person(row["author_id"], row["author"]),
        at=to_moment(row["at"]),
    )
