"""The seals of acknowledged versions, and the rows that they are made of and compared with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kb.handover.models import NoteState, Seal, Verdict
from kb.handover.seal import Tables
from kb.store import people
from kb.store.db import Connection, to_moment

# The rows of a note's present version. Those of an earlier one are in its seal only.
_PRESENT = {
    "pages": "SELECT id, slug, kind, title, body, tags, keywords, revision, created_at FROM pages WHERE id = ?",
    "handovers": "SELECT page_id, template, template_version, version, title, client, sender, receiver, backup, lead, "
    "effective_at, acknowledge_by, zone, status, confidentiality, links, answers, submitted_at FROM handovers "
    "WHERE page_id = ?",
    "handover_parties": "SELECT part, person_id, team_id FROM handover_parties WHERE page_id = ? ORDER BY part",
    "handover_items": "SELECT id, page_id, position, title, reference, next_step, owner, due, priority, done, details, "
    "origin "
    "FROM handover_items WHERE page_id = ? ORDER BY position, id",
    # No row for a shipped template, which is not in the database.
    "handover_templates": "SELECT version, key, definition FROM handover_templates WHERE version = "
    "(SELECT template_version FROM handovers WHERE page_id = ?)",
}
# Rows that are only ever added, between two ids.
_ADDED = {
    "handover_questions": "SELECT id, page_id, version, parent_id, is_answer, blocking, author_id, text, at "
    "FROM handover_questions WHERE page_id = ? AND id > ? AND id <= ? ORDER BY id",
    "handover_read_backs": "SELECT id, page_id, version, person_id, summary, ticked, at, verdict, judge_id, remark, "
    "judged_at FROM handover_read_backs WHERE page_id = ? AND id > ? AND id <= ? ORDER BY id",
    "handover_events": "SELECT id, page_id, state, version, revision, reason, actor_id, at, step FROM handover_events "
    "WHERE page_id = ? AND id > ? AND id <= ? ORDER BY id",
}
_REVISION = (
    "SELECT page_id, number, title, body, tags, summary, author_id, created_at FROM revisions "
    "WHERE page_id = ? AND number = ?"
)
# The read-back that a seal names as confirmed; NULL where its content is no JSON any more.
_NAMED = """CASE WHEN json_valid(content) THEN (
    SELECT max(json_extract(value, '$.id')) FROM json_each(content, '$.rows.handover_read_backs')
    WHERE json_extract(value, '$.verdict') = ? AND json_extract(value, '$.version') = version) END"""
_LAST = 2**62  # more than any id


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A seal as the database holds it now, whether it is sound or not."""

    sequence: int
    page_id: int
    version: int
    content: str
    sha256: str
    previous: str
    at: str


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the rows beside the text say about a note. ``acknowledged`` are the versions that were."""

    page_id: int
    title: str
    state: str
    version: int
    last_state: str | None  # of its last step
    last_version: int | None
    acknowledged: tuple[int, ...]


def rows_of(db: Connection, page_id: int, revision: int, last: Mapping[str, int] | None = None) -> Tables:
    """The rows that a version is sealed with, exactly as they are.

    :param revision: the page's revision that holds the version's text.
    :param last: table -> the last id that counts, of the tables that rows are only added to; None takes all.
    """
    found: dict[str, list[dict[str, Any]]] = {table: list(db.query(sql, [page_id])) for table, sql in _PRESENT.items()}
    found["revisions"] = list(db.query(_REVISION, [page_id, revision]))
    for table, sql in _ADDED.items():
        until = _LAST if last is None else last.get(table, 0)
        found[table] = list(db.query(sql, [page_id, 0, until]))
    return found


def rows_after(db: Connection, page_id: int, last: Mapping[str, int]) -> Tables:
    """The rows that were added to a note since, exactly as they are.

    :param last: table -> the last id before them.
    """
    return {table: list(db.query(sql, [page_id, last.get(table, 0), _LAST])) for table, sql in _ADDED.items()}


def present_tables() -> frozenset[str]:
    """The tables whose rows change with the note's next version."""
    return frozenset(_PRESENT)


def names_of(db: Connection, tables: Tables) -> dict[str, str]:
    """The names of the people whom these rows name, by id."""
    columns = ("author_id", "person_id", "judge_id", "actor_id")
    ids = {row[name] for rows in tables.values() for row in rows for name in columns if row.get(name) is not None}
    return {str(number): name for number, name in people.names(db, ids).items()}


def newest(db: Connection) -> tuple[int, str] | None:
    """Number and hash of the last seal of the database."""
    row = db.execute("SELECT sequence, sha256 FROM handover_seals ORDER BY sequence DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else None


def add(db: Connection, seal: StoredSeal) -> None:
    """Add a seal.

    :raises sqlite3.IntegrityError: when the version is sealed already.
    """
    db.execute(
        "INSERT INTO handover_seals(sequence, page_id, version, content, sha256, previous, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [seal.sequence, seal.page_id, seal.version, seal.content, seal.sha256, seal.previous, seal.at],
    )


def of_note(db: Connection, page_id: int) -> list[Seal]:
    """The seals of a note's versions, the latest first."""
    rows = db.execute(
        f"SELECT sequence, page_id, version, sha256, at, {_NAMED} FROM handover_seals WHERE page_id = ? "
        "ORDER BY sequence DESC",
        [str(Verdict.CONFIRMED), page_id],
    )
    return [
        Seal(number, page, version, sha256, to_moment(at), named) for number, page, version, sha256, at, named in rows
    ]


def count(db: Connection) -> int:
    """How many seals there are."""
    return int(db.execute("SELECT count(*) FROM handover_seals").fetchone()[0])


def all_seals(db: Connection) -> Iterator[StoredSeal]:
    """Every seal in order, one at a time: they may be large."""
    sequences = [row[0] for row in db.execute("SELECT sequence FROM handover_seals ORDER BY sequence")]
    for sequence in sequences:
        row = db.execute(
            "SELECT sequence, page_id, version, content, sha256, previous, at FROM handover_seals WHERE sequence = ?",
            [sequence],
        ).fetchone()
        yield StoredSeal(*row)


def all_facts(db: Connection) -> Iterator[NoteFacts]:
    """The facts of every note, by id."""
    acknowledged: dict[int, set[int]] = {}
    for sql, word in (
        ("SELECT page_id, version FROM handover_events WHERE state = ?", NoteState.ACKNOWLEDGED),
        ("SELECT page_id, version FROM handover_read_backs WHERE verdict = ?", Verdict.CONFIRMED),
        ("SELECT page_id, version FROM handovers WHERE state = ?", NoteState.ACKNOWLEDGED),
    ):
        for page_id, version in db.execute(sql, [str(word)]):
            acknowledged.setdefault(page_id, set()).add(version)
    rows = db.execute(
        """SELECT handovers.page_id, pages.title, handovers.state, handovers.version, e.state, (
               SELECT max(version) FROM handover_events AS all_events WHERE all_events.page_id = handovers.page_id)
           FROM handovers JOIN pages ON pages.id = handovers.page_id
           LEFT JOIN handover_events AS e ON e.id = (
               SELECT max(id) FROM handover_events AS last WHERE last.page_id = handovers.page_id)
           ORDER BY handovers.page_id"""
    ).fetchall()
    for page_id, title, state, version, last_state, last_version in rows:
        versions = tuple(sorted(acknowledged.get(page_id, ())))
        yield NoteFacts(page_id, title, state, version, last_state, last_version, versions)


@contextlib.contextmanager
def exact_texts(db: Connection) -> Iterator[None]:
    """Read texts byte by byte, also those that are no longer UTF-8, instead of failing at them."""
    db.conn.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.conn.text_factory = str
