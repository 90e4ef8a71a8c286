"""Which shipped guide text each guide page was last given."""

from __future__ import annotations

from dataclasses import dataclass

from kb.store.db import Connection


@dataclass(frozen=True, slots=True)
class LoadedGuide:
    """A guide page, and the shipped text that it was last given."""

    slug: str
    page_id: int
    loaded_hash: str
    loaded_revision: int
    declined_hash: str | None


def all_loaded(db: Connection) -> dict[str, LoadedGuide]:
    """Every loaded guide by its shipped slug."""
    return {row["slug"]: LoadedGuide(**row) for row in db.query("SELECT * FROM shipped_guides")}


def by_page(db: Connection, page_id: int) -> LoadedGuide | None:
    """What the page was loaded from, if it is a shipped guide."""
    rows = db.query("SELECT * FROM shipped_guides WHERE page_id = ?", [page_id])
    return next((LoadedGuide(**row) for row in rows), None)


def set_loaded(db: Connection, slug: str, page_id: int, loaded_hash: str, loaded_revision: int) -> None:
    """Record that the page now holds this shipped text."""
    db.execute(
        "INSERT OR REPLACE INTO shipped_guides VALUES (?, ?, ?, ?, NULL)", [slug, page_id, loaded_hash, loaded_revision]
    )


def set_declined(db: Connection, slug: str, declined_hash: str) -> None:
    """Record that somebody chose not to take this shipped text."""
    db.execute("UPDATE shipped_guides SET declined_hash = ? WHERE slug = ?", [declined_hash, slug])
