"""Pages that were written because of a handover note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kb.models import NoteOrigin, OriginCause, Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, now, to_text


@dataclass(frozen=True, slots=True)
class NotePage:
    """A page, and the words of the note that it came of."""

    slug: str
    title: str
    cause: OriginCause
    words: str


def add(db: Connection, page_id: int, origin: NoteOrigin, actor: Person) -> None:
    """Keep where a page came from."""
    db.execute(
        "INSERT INTO pages_from_notes(page_id, note_id, cause, words, person_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        [page_id, origin.note_id, str(origin.cause), origin.words, actor.id, to_text(now())],
    )


def of_note(db: Connection, note_id: int, viewer: Person) -> list[NotePage]:
    """The pages that came of a note, as far as ``viewer`` may see them, the first first."""
    rows = db.query(
        f"""SELECT pages.slug, pages.title, cause, words FROM pages_from_notes AS f JOIN pages ON pages.id = f.page_id
            WHERE f.note_id = ? AND {VISIBLE} ORDER BY f.page_id""",
        [note_id, *seen_by(viewer)],
    )
    return [NotePage(row["slug"], row["title"], OriginCause(row["cause"]), row["words"]) for row in rows]


def count(db: Connection, viewer: Person, since: datetime | None) -> dict[OriginCause, int]:
    """How many of the pages that ``viewer`` may see came of a note, by cause; since a moment or ever."""
    rows = db.query(
        f"""SELECT cause, count(*) AS number FROM pages_from_notes AS f JOIN pages ON pages.id = f.page_id
            WHERE f.at >= ? AND {VISIBLE} GROUP BY cause""",
        [to_text(since) if since else "", *seen_by(viewer)],
    )
    found = {row["cause"]: int(row["number"]) for row in rows}
    return {cause: found.get(str(cause), 0) for cause in OriginCause}
