"""Who may see what, as SQL: one place for every list, search and count."""

from __future__ import annotations

from kb.models import Person, Role
from kb.store.db import Connection

# The rule of who may see a page. Takes the parameters of `seen_by`.
VISIBLE = (
    "pages.trashed_at IS NULL AND (pages.private_to IS NULL OR pages.private_to = ?) "
    "AND pages.space_id IN (SELECT space_id FROM space_readers WHERE person_id = ?)"
)
# The same for pages in the trash.
VISIBLE_IN_TRASH = VISIBLE.replace("trashed_at IS NULL", "trashed_at IS NOT NULL")
# The ids of the pages that VISIBLE leaves out whatever their space: few, and found by index. Takes the viewer's id.
FEW_HIDDEN = """
    SELECT id FROM pages WHERE trashed_at IS NOT NULL
    UNION ALL SELECT id FROM pages WHERE private_to IS NOT NULL AND private_to != ?
"""


def seen_by(viewer: Person) -> list[int]:
    """The parameters of VISIBLE and its companions."""
    return [viewer.id, viewer.id]


def role_of(db: Connection, person: Person) -> Role | None:
    """The person's role now; None for one who is unknown or disabled."""
    row = db.execute("SELECT role FROM people WHERE id = ? AND disabled_at IS NULL", [person.id]).fetchone()
    return Role(row[0]) if row else None


def readable_spaces(db: Connection, person: Person) -> list[int]:
    """The ids of the spaces that the person may see."""
    rows = db.execute("SELECT DISTINCT space_id FROM space_readers WHERE person_id = ?", [person.id])
    return [int(row[0]) for row in rows]


def sees_space(db: Connection, person: Person, space_id: int) -> bool:
    """Whether the person may see a space."""
    sql = "SELECT 1 FROM space_readers WHERE person_id = ? AND space_id = ?"
    return db.execute(sql, [person.id, space_id]).fetchone() is not None


def readers(db: Connection, space_id: int) -> set[int]:
    """The ids of everybody who may see a space."""
    return {int(row[0]) for row in db.execute("SELECT person_id FROM space_readers WHERE space_id = ?", [space_id])}
