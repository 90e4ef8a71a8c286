"""Profiles and absences as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.models import Absence, Account, Person, Profile
from kb.store import people
from kb.store.db import Connection
from kb.workers import Worker


@dataclass(frozen=True, slots=True)
class KeptColleague:
    """A person with everything that their profile tells. ``teams`` are names."""

    account: Account
    profile: Profile
    absences: tuple[Absence, ...]
    teams: tuple[str, ...]


def profile(db: Connection, person_id: int) -> Profile:
    """The person's profile; the defaults when they have set none."""
    return next(
        (_profile(row) for row in db.query("SELECT * FROM profiles WHERE person_id = ?", [person_id])), Profile()
    )


def save(db: Connection, person_id: int, wanted: Profile) -> None:
    """Keep a profile in place of the one before."""
    db.execute(
        "INSERT INTO profiles(person_id, zone, country, region, hours, language) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT(person_id) DO UPDATE SET zone = excluded.zone, country = excluded.country, "
        "region = excluded.region, hours = excluded.hours, language = excluded.language",
        [person_id, wanted.zone, wanted.country, wanted.region, json.dumps(wanted.hours), wanted.language],
    )


def absences(db: Connection, person_id: int, since: date) -> tuple[Absence, ...]:
    """The person's absences that end on ``since`` or later, by their first day."""
    return _absences(db, since, [person_id]).get(person_id, ())


def add_absence(db: Connection, person_id: int, first_day: date, last_day: date, stand_in_id: int | None) -> int:
    """Add an absence.

    :return: its id.
    """
    cursor = db.execute(
        "INSERT INTO absences(person_id, first_day, last_day, stand_in_id) VALUES (?, ?, ?, ?) RETURNING id",
        [person_id, first_day.isoformat(), last_day.isoformat(), stand_in_id],
    )
    return int(cursor.fetchone()[0])


def remove_absence(db: Connection, person_id: int, absence_id: int) -> bool:
    """Remove an absence of this person.

    :return: whether there was one.
    """
    return bool(db.execute("DELETE FROM absences WHERE id = ? AND person_id = ?", [absence_id, person_id]).rowcount)


def colleagues(db: Connection, since: date) -> list[KeptColleague]:
    """Everybody who is not disabled, by name, with the absences that end on ``since`` or later."""
    return _with_profiles(db, [account for account in people.accounts(db) if not account.disabled_at], since)


def colleague(db: Connection, person_id: int, since: date) -> KeptColleague | None:
    """One person, disabled or not, with the absences that end on ``since`` or later."""
    account = people.account(db, person_id)
    return _with_profiles(db, [account], since)[0] if account else None


def workers(db: Connection, person_ids: Iterable[int], since: date) -> dict[int, Worker]:
    """These people by id, and whoever may stand in for them, with the absences that end on ``since`` or later.

    The disabled are left out: nobody reaches them.
    """
    rows = db.execute(
        """WITH RECURSIVE chain(id) AS (
               SELECT value FROM json_each(?)
               UNION SELECT stand_in_id FROM absences JOIN chain ON absences.person_id = chain.id
               WHERE stand_in_id IS NOT NULL AND last_day >= ?)
           SELECT people.id, people.name, profiles.* FROM chain JOIN people ON people.id = chain.id
           LEFT JOIN profiles ON profiles.person_id = people.id WHERE people.disabled_at IS NULL""",
        [json.dumps(sorted(set(person_ids))), since.isoformat()],
    )
    columns = [column[0] for column in rows.description]
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    away = _absences(db, since, [row["id"] for row in found])
    return {
        row["id"]: Worker(
            Person(row["id"], row["name"]),
            Profile() if row["person_id"] is None else _profile(row),
            away.get(row["id"], ()),
        )
        for row in found
    }


def principals(db: Connection, person_id: int, since: date) -> set[int]:
    """Whom the person may stand in for in an absence that ends on ``since`` or later, through others too.

    Whether they do at a moment is not asked here. The person themselves is among them.
    """
    rows = db.execute(
        """WITH RECURSIVE principal(id) AS (
               SELECT ? UNION SELECT person_id FROM absences JOIN principal ON absences.stand_in_id = principal.id
               WHERE last_day >= ?)
           SELECT id FROM principal""",
        [person_id, since.isoformat()],
    )
    return {int(row[0]) for row in rows}


def _with_profiles(db: Connection, accounts: list[Account], since: date) -> list[KeptColleague]:
    ids = [account.person.id for account in accounts]
    among = "person_id IN (SELECT value FROM json_each(?))"
    profiles = {
        row["person_id"]: _profile(row) for row in db.query(f"SELECT * FROM profiles WHERE {among}", [json.dumps(ids)])
    }
    teams: dict[int, list[str]] = {}
    for row in db.query(
        f"SELECT person_id, name FROM team_members JOIN teams ON teams.id = team_id WHERE {among} "
        "ORDER BY name COLLATE NOCASE",
        [json.dumps(ids)],
    ):
        teams.setdefault(row["person_id"], []).append(row["name"])
    away = _absences(db, since, ids)
    return [
        KeptColleague(account, profiles.get(number, Profile()), away.get(number, ()), tuple(teams.get(number, ())))
        for account, number in zip(accounts, ids, strict=True)
    ]


def _absences(db: Connection, since: date, ids: Iterable[int]) -> dict[int, tuple[Absence, ...]]:
    found: dict[int, tuple[Absence, ...]] = {}
    for row in db.query(
        "SELECT absences.*, people.name FROM absences LEFT JOIN people ON people.id = stand_in_id "
        "WHERE person_id IN (SELECT value FROM json_each(?)) AND last_day >= ? ORDER BY first_day, absences.id",
        [json.dumps(list(ids)), since.isoformat()],
    ):
        stand_in = Person(row["stand_in_id"], row["name"]) if row["stand_in_id"] is not None else None
        absence = Absence(
            row["id"], date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]), stand_in
        )
        found[row["person_id"]] = (*found.get(row["person_id"], ()), absence)
    return found


def _profile(row: dict[str, Any]) -> Profile:
    hours = tuple((day[0], day[1]) if day else None for day in json.loads(row["hours"]))
    return Profile(row["zone"], row["country"], row["region"], hours, row["language"])
