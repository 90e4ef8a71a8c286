"""Questions about notes and their answers as the store keeps them. They are only ever added."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from kb.handover.models import Note, Post
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, now, to_moment, to_text
from kb.store.parties import INVOLVING


def of_note(db: Connection, page_id: int) -> list[Post]:
    """Everything that was asked and answered about a note, of all its versions, in order."""
    rows = db.query(
        "SELECT handover_questions.*, people.name AS author_name FROM handover_questions "
        "JOIN people ON people.id = author_id WHERE page_id = ? ORDER BY handover_questions.id",
        [page_id],
    )
    return [
        Post(
            row["id"],
            row["parent_id"] or row["id"],
            row["version"],
            bool(row["is_answer"]),
            bool(row["blocking"]),
            Person(row["author_id"], row["author_name"]),
            row["text"],
            to_moment(row["at"]),
        )
        for row in rows
    ]


def add(
    db: Connection, actor: Person, note: Note, text: str, *, thread: int | None, is_answer: bool, blocking: bool
) -> int:
    """Add a question or an answer.

    :param thread: the question that it belongs to; None begins a thread.
    :return: its id.
    """
    cursor = db.execute(
        "INSERT INTO handover_questions(page_id, version, parent_id, is_answer, blocking, author_id, text, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [note.page.id, note.version, thread, is_answer, blocking, actor.id, text, to_text(now())],
    )
    return int(cursor.fetchone()[0])


def open_since(db: Connection, viewer: Person, people: Collection[int]) -> dict[int, datetime]:
    """The open notes that ``people`` have a part in, ``viewer`` may see, and that have an unanswered question.

    :return: the note's page -> when the oldest of its unanswered questions was asked last.
    """
    some = json.dumps(sorted(people))
    rows = db.execute(
        f"""SELECT q.page_id, min(q.at) FROM handover_questions AS q
            JOIN (SELECT max(id) AS last FROM handover_questions WHERE page_id IN ({INVOLVING})
                  GROUP BY coalesce(parent_id, id)) ON q.id = last
            JOIN pages ON pages.id = q.page_id JOIN handovers ON handovers.page_id = q.page_id
            WHERE NOT q.is_answer AND state NOT IN ('draft', 'closed', 'superseded', 'cancelled') AND {VISIBLE}
            GROUP BY q.page_id""",
        [some, some, some, *seen_by(viewer)],
    )
    return {int(page_id): to_moment(at) for page_id, at in rows}
