"""People as the store keeps them: accounts, roles, passwords, identities elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kb.models import Account, CompanyAccount, Person, Role
from kb.store.db import Connection, now, to_moment, to_text

LOCAL = Person(id=1, name="local")  # made by the first migration; the first administrator becomes this person
SYSTEM = Person(id=0, name="Baton")  # acts where nobody does: shipped guides, scripts

_CAN_SIGN_IN = "(people.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM identities WHERE person_id = people.id))"
_ACCOUNT = f"""
    SELECT people.id, people.name, people.email, people.role, people.created_at, people.disabled_at,
           {_CAN_SIGN_IN} AS can,
           -- A session that ended is gone; what its person did last is in the log, in which ids follow time.
           nullif(max(
               coalesce((SELECT max(seen_at) FROM sessions WHERE person_id = people.id), ''),
               coalesce((SELECT at FROM audit WHERE actor_id = people.id ORDER BY id DESC LIMIT 1), '')
           ), '') AS seen_at
    FROM people
"""
_NOT_SYSTEM = f"people.id != {SYSTEM.id}"


def accounts(db: Connection) -> list[Account]:
    """Everybody, by name."""
    return [_account(row) for row in db.query(f"{_ACCOUNT} WHERE {_NOT_SYSTEM} ORDER BY people.name COLLATE NOCASE")]


def account(db: Connection, person_id: int) -> Account | None:
    """The account with this id, disabled or not."""
    return _first(db, f"{_ACCOUNT} WHERE people.id = ? AND {_NOT_SYSTEM}", [person_id])


def by_email(db: Connection, email: str) -> Account | None:
    """The account with this address, whatever its case."""
    return _first(db, f"{_ACCOUNT} WHERE people.email = ? COLLATE NOCASE", [email])


def by_name(db: Connection, name: str) -> Account | None:
    """The account with this name, whatever its case."""
    return _first(db, f"{_ACCOUNT} WHERE people.name = ? COLLATE NOCASE AND {_NOT_SYSTEM}", [name])


def active(db: Connection) -> list[Person]:
    """Everybody who is not disabled, by name."""
    rows = db.execute(
        f"SELECT id, name FROM people WHERE disabled_at IS NULL AND {_NOT_SYSTEM} ORDER BY name COLLATE NOCASE"
    )
    return [Person(*row) for row in rows]


def authors(db: Connection) -> frozenset[int]:
    """The ids of everybody who may write and is not disabled."""
    roles = [str(role) for role in Role if role.reaches(Role.AUTHOR)]
    sql = "SELECT id FROM people WHERE disabled_at IS NULL AND role IN (SELECT value FROM json_each(?))"
    return frozenset(int(row[0]) for row in db.execute(sql, [json.dumps(roles)]))


def names(db: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """How the people with these ids are called, Baton itself and the disabled included."""
    sql = "SELECT id, name FROM people WHERE id IN (SELECT value FROM json_each(?))"
    return {int(row[0]): row[1] for row in db.execute(sql, [json.dumps(list(person_ids))])}


def name_is_taken(db: Connection, name: str, but: int | None = None) -> bool:
    """Whether somebody, other than the person ``but``, has this name, whatever its case."""
    sql = "SELECT 1 FROM people WHERE name = ? COLLATE NOCASE AND id IS NOT ?"
    return db.execute(sql, [name, but]).fetchone() is not None


def add(db: Connection, name: str, email: str, role: Role) -> Person:
    """Add a person who cannot sign in yet.

    :raises sqlite3.IntegrityError: when the name or the address is taken.
    """
    cursor = db.execute(
        "INSERT INTO people(name, email, role, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        [name, email, str(role), to_text(now())],
    )
    return Person(int(cursor.fetchone()[0]), name)


def rename(db: Connection, person_id: int, name: str, email: str) -> None:
    """Change how a person is called and by which address they sign in."""
    db.execute("UPDATE people SET name = ?, email = ? WHERE id = ?", [name, email, person_id])


def set_role(db: Connection, person_id: int, role: Role) -> None:
    """Change what a person may do."""
    db.execute("UPDATE people SET role = ? WHERE id = ?", [str(role), person_id])


def set_disabled(db: Connection, person_id: int, moment: datetime | None) -> None:
    """Keep a person out from ``moment`` on, or with None let them in again."""
    db.execute("UPDATE people SET disabled_at = ? WHERE id = ?", [to_text(moment) if moment else None, person_id])


def password_hash(db: Connection, person_id: int) -> str | None:
    """The hash of the person's password, if one is set."""
    row = db.execute("SELECT password_hash FROM people WHERE id = ?", [person_id]).fetchone()
    return row[0] if row else None


def set_password_hash(db: Connection, person_id: int, hashed: str) -> None:
    """Replace the hash of the person's password."""
    db.execute("UPDATE people SET password_hash = ? WHERE id = ?", [hashed, person_id])


def administrators(db: Connection) -> int:
    """How many people may administer and sign in now: who was invited and has not come yet may never come."""
    sql = f"SELECT count(*) FROM people WHERE role = ? AND disabled_at IS NULL AND email IS NOT NULL AND {_CAN_SIGN_IN}"
    row = db.execute(sql, [str(Role.ADMINISTRATOR)]).fetchone()
    return int(row[0])


def is_set_up(db: Connection) -> bool:
    """Whether the first administrator has taken over what "local" wrote."""
    row = db.execute("SELECT email FROM people WHERE id = ?", [LOCAL.id]).fetchone()
    return row is not None and row[0] is not None


def by_identity(db: Connection, issuer: str, subject: str) -> int | None:
    """The id of the person who signs in with this account elsewhere."""
    sql = "SELECT person_id FROM identities WHERE issuer = ? AND subject = ?"
    row = db.execute(sql, [issuer, subject]).fetchone()
    return int(row[0]) if row else None


def add_identity(db: Connection, issuer: str, subject: str, person_id: int) -> None:
    """Let an account elsewhere sign in as this person."""
    db.execute("INSERT INTO identities VALUES (?, ?, ?, ?)", [issuer, subject, person_id, to_text(now())])


def identities(db: Connection, person_id: int) -> list[CompanyAccount]:
    """The accounts elsewhere that sign in as this person, the first linked first."""
    sql = "SELECT issuer, subject, created_at FROM identities WHERE person_id = ? ORDER BY created_at, issuer, subject"
    return [CompanyAccount(issuer, subject, to_moment(at)) for issuer, subject, at in db.execute(sql, [person_id])]


def remove_identity(db: Connection, issuer: str, subject: str) -> None:
    """Let an account elsewhere sign in as nobody."""
    db.execute("DELETE FROM identities WHERE issuer = ? AND subject = ?", [issuer, subject])


def _first(db: Connection, sql: str, parameters: Sequence[Any]) -> Account | None:
    return next((_account(row) for row in db.query(sql, parameters)), None)


def _account(row: dict[str, Any]) -> Account:
    return Account(
        person=Person(row["id"], row["name"]),
        email=row["email"] or "",
        role=Role(row["role"]),
        created_at=to_moment(row["created_at"]),
        can_sign_in=bool(row["can"]),
        disabled_at=to_moment(row["disabled_at"]) if row["disabled_at"] else None,
        seen_at=to_moment(row["seen_at"]) if row["seen_at"] else None,
    )
