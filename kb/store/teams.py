"""Teams as the store keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kb.models import Person, Team
from kb.store.db import Connection, now, to_text


def all_teams(db: Connection) -> list[Team]:
    """Every team with its members, by name."""
    members: dict[int, list[Person]] = defaultdict(list)
    for team, person, name in db.execute(
        "SELECT team_id, people.id, people.name FROM team_members JOIN people ON people.id = person_id "
        "ORDER BY people.name COLLATE NOCASE"
    ):
        members[team].append(Person(person, name))
    rows = db.execute(
        "SELECT teams.id, teams.name, teams.queue, people.id, people.name FROM teams "
        "LEFT JOIN people ON people.id = lead_id ORDER BY teams.name COLLATE NOCASE"
    )
    return [
        Team(team, name, queue, Person(lead, lead_name) if lead is not None else None, tuple(members[team]))
        for team, name, queue, lead, lead_name in rows
    ]


def by_id(db: Connection, team_id: int) -> Team | None:
    """The team with this id."""
    return next((team for team in all_teams(db) if team.id == team_id), None)


def has_lead(db: Connection, person_id: int) -> bool:
    """Whether this person leads a team."""
    return db.execute("SELECT 1 FROM teams WHERE lead_id = ?", [person_id]).fetchone() is not None


def name_is_taken(db: Connection, name: str, but: int | None = None) -> bool:
    """Whether a team, other than ``but``, has this name, whatever its case."""
    return db.execute("SELECT 1 FROM teams WHERE name = ? AND id IS NOT ?", [name, but]).fetchone() is not None


def save(db: Connection, team_id: int | None, name: str, queue: str, lead_id: int | None) -> int:
    """Add a team (with None), or change it.

    :return: its id.
    :raises sqlite3.IntegrityError: when the name is taken.
    """
    if team_id is None:
        cursor = db.execute(
            "INSERT INTO teams(name, queue, lead_id, created_at) VALUES (?, ?, ?, ?) RETURNING id",
            [name, queue, lead_id, to_text(now())],
        )
        return int(cursor.fetchone()[0])
    db.execute("UPDATE teams SET name = ?, queue = ?, lead_id = ? WHERE id = ?", [name, queue, lead_id, team_id])
    return team_id


def set_members(db: Connection, team_id: int, people: Sequence[int]) -> None:
    """Make exactly these people the team's members."""
    db.execute("DELETE FROM team_members WHERE team_id = ?", [team_id])
    db.conn.executemany("INSERT INTO team_members VALUES (?, ?)", [(team_id, person) for person in people])


def remove(db: Connection, team_id: int) -> None:
    """Remove a team; spaces that were shared with it are so no longer."""
    db.execute("DELETE FROM teams WHERE id = ?", [team_id])
