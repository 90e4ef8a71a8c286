"""The steps of a note's life as the store keeps them."""

from __future__ import annotations

from kb.handover.models import Note, NoteEvent, NoteState, Step
from kb.models import Person
from kb.store.db import Connection, now, to_moment, to_text


def events(db: Connection, page_id: int) -> list[NoteEvent]:
    """The steps of a note's life, the latest first."""
    rows = db.query(
        "SELECT handover_events.*, people.name AS actor_name FROM handover_events "
        "JOIN people ON people.id = actor_id WHERE page_id = ? ORDER BY handover_events.id DESC",
        [page_id],
    )
    return [
        NoteEvent(
            NoteState(row["state"]),
            row["version"],
            row["revision"],
            row["reason"],
            Person(row["actor_id"], row["actor_name"]),
            to_moment(row["at"]),
            Step(row["step"]) if row["step"] else None,
        )
        for row in rows
    ]


def add(db: Connection, actor: Person, note: Note, step: Step, state: NoteState, reason: str = "") -> None:
    """Take a step, which leaves the note in this state.

    :param note: with the version and the page's revision that the step is about.
    """
    moment = to_text(now())
    db.execute(
        "UPDATE handovers SET state = ?, version = ?, submitted_at = CASE WHEN ? THEN ? ELSE submitted_at END "
        "WHERE page_id = ?",
        [str(state), note.version, step in (Step.SUBMIT, Step.PASS_ON), moment, note.page.id],
    )
    db.execute(
        "INSERT INTO handover_events(page_id, state, version, revision, reason, actor_id, at, step) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            note.page.id, str(state), note.version, note.page.revision, reason, actor.id, moment, str(step),
        ],
    )  # fmt: skip
