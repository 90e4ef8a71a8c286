"""Spaces as the store keeps them."""

from __future__ import annotations

from kb.models import Space
from kb.store.db import Connection, now, to_text


def all_spaces(db: Connection) -> list[Space]:
    """Every space, by name."""
    return [Space(**row) for row in db.query("SELECT id, slug, name FROM spaces ORDER BY name COLLATE NOCASE")]


def by_slug(db: Connection, slug: str) -> Space | None:
    """The space with this slug, if there is one."""
    rows = db.query("SELECT id, slug, name FROM spaces WHERE slug = ?", [slug])
    return next((Space(**row) for row in rows), None)


def by_name(db: Connection, name: str) -> Space | None:
    """The space with this name, whatever its case, if there is one."""
    rows = db.query("SELECT id, slug, name FROM spaces WHERE name = ? COLLATE NOCASE", [name])
    return next((Space(**row) for row in rows), None)


def add(db: Connection, slug: str, name: str) -> Space:
    """Add a space.

    :raises sqlite3.IntegrityError: when the slug or the name is taken.
    """
    cursor = db.execute(
        "INSERT INTO spaces(slug, name, created_at) VALUES (?, ?, ?) RETURNING id",
        [slug, name, to_text(now())],
    )
    return Space(cursor.fetchone()[0], slug, name)
