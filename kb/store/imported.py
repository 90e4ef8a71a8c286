"""Which pages earlier imports brought, and where those are now.

A page keeps the path of its file. Moved to another space it keeps "/7/path", where 7 is the space that it was imported
into: no path begins so, and a file of the same name in the other space's own import is another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.models import Page, Space
from kb.store.db import Connection

_MOVED = re.compile(r"/(\d+)/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ImportedSource:
    """What is known of a file that was imported before. ``space_id`` is where its page is now."""

    page_id: int
    slug: str
    source: str
    source_hash: str
    trashed: bool
    space_id: int


def imported_sources(db: Connection, space: Space) -> dict[str, ImportedSource]:
    """What earlier imports into the space brought, by source path, wherever it was moved since.

    Of two pages of one source the one in the space counts.
    """
    moved = f"/{space.id}/"
    rows = db.execute(
        """SELECT id, slug, source, source_hash, trashed_at IS NOT NULL, space_id FROM pages
           WHERE space_id = ? AND source NOT LIKE '/%' OR substr(source, 1, ?) = ? ORDER BY space_id = ?, id""",
        [space.id, len(moved), moved, space.id],
    )
    found = (
        ImportedSource(page_id, slug, source.removeprefix(moved), source_hash or "", bool(trashed), place)
        for page_id, slug, source, source_hash, trashed, place in rows
    )
    return {one.source: one for one in found}


def move_page(db: Connection, page: Page, space: Space) -> None:
    """Move a page to another space, where an import into the space that brought it still finds it."""
    source = page.source
    if source is not None:
        moved = _MOVED.fullmatch(source)
        origin, path = (int(moved[1]), moved[2]) if moved else (page.space.id, source)
        source = path if origin == space.id else f"/{origin}/{path}"
        taken = db.execute("SELECT 1 FROM pages WHERE space_id = ? AND source = ?", [space.id, source]).fetchone()
        if taken:  # two pages of one file: the import goes on with the other
            source = None
    db.execute("UPDATE pages SET space_id = ?, source = ? WHERE id = ?", [space.id, source, page.id])
