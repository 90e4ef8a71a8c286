"""Spaces as the store keeps them, and with whom they are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kb.models import Person, Space, SpaceKind
from kb.store.db import Connection, now, to_text

_SELECT = "SELECT id, slug, name, kind FROM spaces"
_SEEN = "id IN (SELECT space_id FROM space_readers WHERE person_id = ?)"


def all_spaces(db: Connection, viewer: Person) -> list[Space]:
    """Every space that ``viewer`` may see, by name."""
    return _spaces(db, f"{_SELECT} WHERE {_SEEN} ORDER BY name COLLATE NOCASE", [viewer.id])


def shared_with_team(db: Connection, team_id: int, viewer: Person) -> list[Space]:
    """The spaces that are shared with a team and that ``viewer`` may see, by name; open ones need no sharing."""
    sql = (
        f"{_SELECT} WHERE {_SEEN} AND kind != ? AND id IN (SELECT space_id FROM space_members WHERE team_id = ?) "
        "ORDER BY name COLLATE NOCASE"
    )
    return _spaces(db, sql, [viewer.id, str(SpaceKind.OPEN), team_id])


def is_let_into_one(db: Connection, team_id: int) -> bool:
    """Whether a space that is not open is shared with the team, whoever asks: for the rules."""
    sql = "SELECT 1 FROM space_members JOIN spaces ON spaces.id = space_id WHERE team_id = ? AND kind != ?"
    return db.execute(sql, [team_id, str(SpaceKind.OPEN)]).fetchone() is not None


def by_id(db: Connection, space_id: int) -> Space | None:
    """The space with this id, whoever asks: for the rules."""
    return next(iter(_spaces(db, f"{_SELECT} WHERE id = ?", [space_id])), None)


def by_slug(db: Connection, slug: str) -> Space | None:
    """The space with this slug, whoever asks: for the rules."""
    return next(iter(_spaces(db, f"{_SELECT} WHERE slug = ?", [slug])), None)


def by_name(db: Connection, name: str) -> Space | None:
    """The space with this name, whatever its case, whoever asks: for the rules."""
    return next(iter(_spaces(db, f"{_SELECT} WHERE name = ? COLLATE NOCASE", [name])), None)


def add(db: Connection, slug: str, name: str, kind: SpaceKind = SpaceKind.OPEN) -> Space:
    """Add a space.

    :raises sqlite3.IntegrityError: when the slug or the name is taken.
    """
    cursor = db.execute(
        "INSERT INTO spaces(slug, name, kind, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        [slug, name, str(kind), to_text(now())],
    )
    return Space(int(cursor.fetchone()[0]), slug, name, kind)


def set_kind(db: Connection, space_id: int, kind: SpaceKind) -> None:
    """Change who may see a space in principle."""
    db.execute("UPDATE spaces SET kind = ? WHERE id = ?", [str(kind), space_id])


def set_name(db: Connection, space_id: int, name: str) -> None:
    """Rename a space; its address stays."""
    db.execute("UPDATE spaces SET name = ? WHERE id = ?", [name, space_id])


def member_ids(db: Connection, space_id: int) -> tuple[list[int], list[int]]:
    """With whom the space is shared: ids of people, ids of teams."""
    rows = db.execute("SELECT person_id, team_id FROM space_members WHERE space_id = ?", [space_id]).fetchall()
    return [int(p) for p, _ in rows if p is not None], [int(t) for _, t in rows if t is not None]


def set_members(db: Connection, space_id: int, people: Sequence[int], teams: Sequence[int]) -> None:
    """Share the space with exactly these."""
    db.execute("DELETE FROM space_members WHERE space_id = ?", [space_id])
    db.conn.executemany(
        "INSERT INTO space_members(space_id, person_id, team_id) VALUES (?, ?, ?)",
        [(space_id, person, None) for person in people] + [(space_id, None, team) for team in teams],
    )


def _spaces(db: Connection, sql: str, parameters: Sequence[Any]) -> list[Space]:
    rows = db.query(sql, parameters)
    return [Space(row["id"], row["slug"], row["name"], SpaceKind(row["kind"])) for row in rows]
