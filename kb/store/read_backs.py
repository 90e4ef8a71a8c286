"""Read-backs as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kb.handover.models import Note, ReadBack, Verdict
from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


def of_note(db: Connection, page_id: int) -> list[ReadBack]:
    """The read-backs of all versions of a note, the latest first."""
    rows = db.query(
        "SELECT r.*, people.name AS person_name, judges.name AS judge_name FROM handover_read_backs AS r "
        "JOIN people ON people.id = r.person_id LEFT JOIN people AS judges ON judges.id = r.judge_id "
        "WHERE page_id = ? ORDER BY r.id DESC",
        [page_id],
    )
    return [
        ReadBack(
            row["id"],
            row["version"],
            Person(row["person_id"], row["person_name"]),
            row["summary"],
            tuple(json.loads(row["ticked"])),
            to_moment(row["at"]),
            Verdict(row["verdict"]) if row["verdict"] else None,
            Person(row["judge_id"], row["judge_name"]) if row["judge_id"] is not None else None,
            row["remark"],
            to_moment(row["judged_at"]) if row["judged_at"] else None,
        )
        for row in rows
    ]


def add(db: Connection, actor: Person, note: Note, summary: str, ticked: Sequence[int]) -> None:
    """Add a read-back of the note's version, which the sender has not said anything to yet."""
    db.execute(
        "INSERT INTO handover_read_backs(page_id, version, person_id, summary, ticked, at, remark) "
        "VALUES (?, ?, ?, ?, ?, ?, '')",
        [note.page.id, note.version, actor.id, summary, json.dumps(list(ticked)), to_text(now())],
    )


def judge(db: Connection, actor: Person, read_back_id: int, verdict: Verdict, remark: str) -> None:
    """Keep what the sender says to a read-back."""
    db.execute(
        "UPDATE handover_read_backs SET verdict = ?, judge_id = ?, remark = ?, judged_at = ? WHERE id = ?",
        [str(verdict), actor.id, remark, to_text(now()), read_back_id],
    )
