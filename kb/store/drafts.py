"""What people have typed and not yet saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of a form as they were left."""

    form: str
    key: str
    content: dict[str, Any]
    saved_at: datetime


def keep(db: Connection, person: Person, form: str, key: str, content: dict[str, Any]) -> datetime:
    """Keep the fields of a form; an earlier draft under the same key is replaced.

    :return: when it was kept.
    """
    moment = now()
    db.execute(
        "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)",
        [person.id, form, key, json.dumps(content), to_text(moment)],
    )
    return moment


def get(db: Connection, person: Person, form: str, key: str) -> Draft | None:
    """The draft under this key, if there is one."""
    sql = "SELECT * FROM drafts WHERE person_id = ? AND form = ? AND key = ?"
    return next((_draft(row) for row in db.query(sql, [person.id, form, key])), None)


def all_of(db: Connection, person: Person, form: str) -> list[Draft]:
    """The person's drafts of one form, the latest first."""
    sql = "SELECT * FROM drafts WHERE person_id = ? AND form = ? ORDER BY saved_at DESC"
    return [_draft(row) for row in db.query(sql, [person.id, form])]


def drop(db: Connection, person: Person, form: str, key: str) -> None:
    """Forget a draft."""
    db.execute("DELETE FROM drafts WHERE person_id = ? AND form = ? AND key = ?", [person.id, form, key])


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(row["form"], row["key"], json.loads(row["content"]), to_moment(row["saved_at"]))
