"""Sessions, one-time links, known browsers and failed attempts as the store keeps them: hashes, never the secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kb.models import Person, Role
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which a person is signed in."""

    id: int
    person: Person
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link that lets one person set a password, once."""

    purpose: str
    person: Person
    role: Role
    email: str
    expires_at: datetime


_SESSION = "SELECT sessions.*, people.name FROM sessions JOIN people ON people.id = person_id"


def add(db: Connection, token_hash: str, person: Person, agent: str) -> int:
    """Begin a session at the person's address.

    :return: its id.
    """
    moment = to_text(now())
    cursor = db.execute(
        "INSERT INTO sessions(token_hash, person_id, created_at, seen_at, address, agent) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        [token_hash, person.id, moment, moment, person.address, agent],
    )
    return int(cursor.fetchone()[0])


def find(db: Connection, token_hash: str, seen_after: datetime, created_after: datetime) -> Session | None:
    """The session with this token, unless it is too old or its person is disabled."""
    sql = f"{_SESSION} WHERE token_hash = ? AND seen_at > ? AND sessions.created_at > ? AND disabled_at IS NULL"
    parameters = [token_hash, to_text(seen_after), to_text(created_after)]
    return next((_session(row) for row in db.query(sql, parameters)), None)


def of_person(db: Connection, person_id: int, seen_after: datetime, created_after: datetime) -> list[Session]:
    """The person's sessions that are not too old, the last used first."""
    sql = f"{_SESSION} WHERE person_id = ? AND seen_at > ? AND sessions.created_at > ? ORDER BY seen_at DESC"
    return [_session(row) for row in db.query(sql, [person_id, to_text(seen_after), to_text(created_after)])]


def is_of(db: Connection, session_id: int, person_id: int) -> bool:
    """Whether this person has this session."""
    sql = "SELECT 1 FROM sessions WHERE id = ? AND person_id = ?"
    return db.execute(sql, [session_id, person_id]).fetchone() is not None


def touch(db: Connection, session_id: int) -> None:
    """Note that a session is in use."""
    db.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [to_text(now()), session_id])


def end(db: Connection, session_id: int, person_id: int) -> bool:
    """End one session of this person.

    :return: whether there was such a one.
    """
    return db.execute("DELETE FROM sessions WHERE id = ? AND person_id = ?", [session_id, person_id]).rowcount > 0


def end_all(db: Connection, person_id: int, but: int | None = None) -> int:
    """End all sessions of a person, except ``but``.

    :return: how many.
    """
    return db.execute("DELETE FROM sessions WHERE person_id = ? AND id IS NOT ?", [person_id, but]).rowcount


def forget_old(db: Connection, seen_before: datetime, created_before: datetime) -> None:
    """Drop sessions that are too old to be used."""
    sql = "DELETE FROM sessions WHERE seen_at <= ? OR created_at <= ?"
    db.execute(sql, [to_text(seen_before), to_text(created_before)])


# ---- one-time links -----------------------------------------------------------------------------------------------


def add_link(
    db: Connection, token_hash: str, purpose: str, person_id: int, created_by: Person, expires_at: datetime
) -> None:
    """Keep a link; earlier ones of the same person no longer work."""
    drop_links(db, person_id)
    db.execute(
        "INSERT INTO one_time_links VALUES (?, ?, ?, ?, ?, ?)",
        [token_hash, purpose, person_id, created_by.id, to_text(now()), to_text(expires_at)],
    )


def find_link(db: Connection, token_hash: str) -> Link | None:
    """The link with this token, unless it expired or its person is disabled."""
    sql = """
        SELECT purpose, person_id, people.name, role, coalesce(email, '') AS email, expires_at
        FROM one_time_links JOIN people ON people.id = person_id
        WHERE token_hash = ? AND expires_at > ? AND disabled_at IS NULL"""
    rows = db.query(sql, [token_hash, to_text(now())])
    return next(
        (
            Link(
                row["purpose"],
                Person(row["person_id"], row["name"]),
                Role(row["role"]),
                row["email"],
                to_moment(row["expires_at"]),
            )
            for row in rows
        ),
        None,
    )


def has_link(db: Connection, person_id: int, purpose: str) -> bool:
    """Whether the person has a link for this that was not used and has not expired."""
    sql = "SELECT 1 FROM one_time_links WHERE person_id = ? AND purpose = ? AND expires_at > ?"
    return db.execute(sql, [person_id, purpose, to_text(now())]).fetchone() is not None


def drop_links(db: Connection, person_id: int) -> None:
    """Make every link of a person useless."""
    db.execute("DELETE FROM one_time_links WHERE person_id = ?", [person_id])


# ---- known browsers and failed attempts ---------------------------------------------------------------------------


def remember_browser(db: Connection, token_hash: str, person_id: int) -> None:
    """Note that a person has signed in with this browser."""
    db.execute("INSERT OR REPLACE INTO known_browsers VALUES (?, ?, ?)", [token_hash, person_id, to_text(now())])


def knows_browser(db: Connection, token_hash: str, person_id: int) -> bool:
    """Whether the person has signed in with this browser before."""
    sql = "SELECT 1 FROM known_browsers WHERE token_hash = ? AND person_id = ?"
    return db.execute(sql, [token_hash, person_id]).fetchone() is not None


def failures(db: Connection, bucket: str) -> tuple[int, datetime | None]:
    """How many attempts failed in a row, and when the last one did."""
    row = db.execute("SELECT count, last_at FROM failures WHERE bucket = ?", [bucket]).fetchone()
    return (int(row[0]), to_moment(row[1])) if row else (0, None)


def set_failures(db: Connection, bucket: str, count: int) -> None:
    """Note a failed attempt; 0 forgets all of them."""
    if count:
        db.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", [bucket, count, to_text(now())])
    else:
        db.execute("DELETE FROM failures WHERE bucket = ?", [bucket])


def forget_failures(db: Connection, before: datetime) -> None:
    """Forget attempts that are long past."""
    db.execute("DELETE FROM failures WHERE last_at < ?", [to_text(before)])


def _session(row: dict[str, object]) -> Session:
    person = Person(int(str(row["person_id"])), str(row["name"]), str(row["address"]))
    return Session(
        int(str(row["id"])), person, to_moment(str(row["created_at"])), to_moment(str(row["seen_at"])),
        str(row["address"]), str(row["agent"]),
    )  # fmt: skip
