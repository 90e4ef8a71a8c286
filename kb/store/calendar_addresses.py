"""The personal addresses at which calendar programs read people's dates: only the hash of each token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """When a person's address was made, and when a calendar last read it."""

    made_at: datetime
    read_at: datetime | None


def of_person(db: Connection, person_id: int) -> CalendarAddress | None:
    """The person's address, if they have one."""
    row = db.execute("SELECT made_at, read_at FROM calendar_addresses WHERE person_id = ?", [person_id]).fetchone()
    return CalendarAddress(to_moment(row[0]), to_moment(row[1]) if row[1] else None) if row else None


def set_token(db: Connection, person_id: int, token_hash: str) -> None:
    """Give the person this address; an earlier one no longer works."""
    db.execute(
        "INSERT OR REPLACE INTO calendar_addresses(person_id, token_hash, made_at) VALUES (?, ?, ?)",
        [person_id, token_hash, to_text(now())],
    )


def remove(db: Connection, person_id: int) -> bool:
    """Take the person's address away.

    :return: whether there was one.
    """
    return db.execute("DELETE FROM calendar_addresses WHERE person_id = ?", [person_id]).rowcount > 0


def whose(db: Connection, token_hash: str) -> Person | None:
    """Whose address it is; None where it is nobody's, or theirs who are disabled."""
    row = db.execute(
        "SELECT people.id, people.name FROM calendar_addresses JOIN people ON people.id = person_id "
        "WHERE token_hash = ? AND disabled_at IS NULL",
        [token_hash],
    ).fetchone()
    return Person(row[0], row[1]) if row else None


def touch(db: Connection, person_id: int) -> None:
    """Remember that the address was read now."""
    db.execute("UPDATE calendar_addresses SET read_at = ? WHERE person_id = ?", [to_text(now()), person_id])
