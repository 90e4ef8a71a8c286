"""The audit log: who did what to what, when and from where. Append-only; the database refuses anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. ``actor`` is None where nobody was known, as at a failed sign-in."""

    id: int
    at: datetime
    actor: Person | None
    action: str
    subject: str
    subject_id: int | None
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for; empty means everything. ``until`` is exclusive."""

    actor_id: int | None = None
    actions: tuple[str, ...] = ()
    subject: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    db: Connection,
    actor: Person | None,
    action: str,
    subject: str,
    subject_id: int | None = None,
    detail: str = "",
    *,
    address: str = "",
) -> int:
    """Add a line, in the transaction of what it tells of.

    :param action: words of the program's own, "person.disabled".
    :param detail: likewise; never what people wrote, never a password or a token.
    :param address: where from; that of ``actor`` when it is empty.
    :return: its id.
    """
    cursor = db.execute(
        "INSERT INTO audit(at, actor_id, action, subject, subject_id, detail, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            to_text(now()), actor.id if actor else None, action, subject, subject_id, detail,
            address or (actor.address if actor else ""),
        ],
    )  # fmt: skip
    return int(cursor.lastrowid or 0)  # a line that was just added has one


def find(db: Connection, wanted: AuditFilter, limit: int, before_id: int | None = None) -> list[AuditEntry]:
    """The lines that pass the filter, the latest first.

    :param before_id: only lines older than this one, for the next page of them.
    """
    where, parameters = _conditions(wanted)
    if before_id is not None:
        where, parameters = f"{where} AND audit.id < ?", [*parameters, before_id]
    return list(_entries(db, f"{where} ORDER BY audit.id DESC LIMIT ?", [*parameters, limit]))


def last_actor(db: Connection, wanted: AuditFilter) -> str:
    """The name of who acted last, of the lines that pass the filter; "Somebody" where it is not known."""
    return next((entry.actor.name for entry in find(db, wanted, 1) if entry.actor), "Somebody")


def all_matching(db: Connection, wanted: AuditFilter) -> Iterator[AuditEntry]:
    """Every line that passes the filter, the oldest first, one at a time."""
    where, parameters = _conditions(wanted)
    return _entries(db, f"{where} ORDER BY audit.id", parameters)


def count(db: Connection, wanted: AuditFilter) -> int:
    """How many lines pass the filter."""
    where, parameters = _conditions(wanted)
    return int(db.execute(f"SELECT count(*) FROM audit WHERE {where}", parameters).fetchone()[0])


def actions(db: Connection) -> list[str]:
    """Every action that the log has."""
    return [row[0] for row in db.execute("SELECT DISTINCT action FROM audit ORDER BY action")]


def _conditions(wanted: AuditFilter) -> tuple[str, list[Any]]:
    sql, parameters = ["1"], list[Any]()
    for condition, value in (
        ("audit.actor_id = ?", wanted.actor_id),
        ("audit.subject = ?", wanted.subject or None),
        ("audit.subject_id = ?", wanted.subject_id),
        ("audit.action IN (SELECT value FROM json_each(?))", json.dumps(wanted.actions) if wanted.actions else None),
        ("audit.at >= ?", to_text(wanted.since) if wanted.since else None),
        ("audit.at < ?", to_text(wanted.until) if wanted.until else None),
    ):
        if value is not None:
            sql.append(condition)
            parameters.append(value)
    return " AND ".join(sql), parameters


def _entries(db: Connection, rest: str, parameters: Sequence[Any]) -> Iterator[AuditEntry]:
    rows = db.query(
        f"""SELECT audit.*, people.name AS actor_name,
                   (SELECT reason FROM private_data_reasons WHERE audit_id = audit.id) AS reason
            FROM audit LEFT JOIN people ON people.id = actor_id WHERE {rest}""",
        parameters,
    )
    for row in rows:
        actor = Person(row["actor_id"], row["actor_name"]) if row["actor_id"] is not None else None
        yield AuditEntry(
            row["id"], to_moment(row["at"]), actor, row["action"], row["subject"], row["subject_id"],
            f"{row['detail']}. Reason: {row['reason']}" if row["reason"] else row["detail"], row["address"],
        )  # fmt: skip
