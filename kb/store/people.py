"""People as the store keeps them."""

from __future__ import annotations

from kb.models import Person
from kb.store.db import Connection

LOCAL = Person(id=1, name="local")  # made by the first migration; acts until people can sign in


def all_people(db: Connection) -> list[Person]:
    """Everybody, by name."""
    return [Person(row["id"], row["name"]) for row in db.query("SELECT id, name FROM people ORDER BY name")]
