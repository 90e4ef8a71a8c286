"""A person's finished focus rounds of one day, their last."""

from __future__ import annotations

from datetime import date

from kb.models import Person
from kb.store.db import Connection


def of_day(db: Connection, person: Person, day: date) -> tuple[int, str]:
    """How many rounds the person finished on a day, and the name of the last one, whenever that was."""
    row = db.execute("SELECT day, rounds, last_round FROM focus_rounds WHERE person_id = ?", [person.id]).fetchone()
    return (row[1] if row[0] == day.isoformat() else 0, row[2]) if row else (0, "")


def keep(db: Connection, person: Person, day: date, rounds: int, last: str) -> None:
    """Make this the person's count; that of an earlier day is forgotten."""
    db.execute(
        "INSERT INTO focus_rounds VALUES (?, ?, ?, ?) ON CONFLICT (person_id) "
        "DO UPDATE SET day = excluded.day, rounds = excluded.rounds, last_round = excluded.last_round",
        [person.id, day.isoformat(), rounds, last],
    )
