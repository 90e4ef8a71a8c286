"""Questions about notes and their answers as the store keeps them. They are only ever added."""

from __future__ import annotations

from kb.handover.models import Note, Post
from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


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
