"""Which steps of notes' lives a person has seen, and which are news to them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from kb.handover.models import NoteState, Step
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, to_moment, to_text
from kb.store.parties import INVOLVING

# Steps that left somebody without a part. Who had it is no longer with the note, but in the line of the audit log that
# the step wrote: "version 2, receiver person 3 to person 5". Takes the ids of people twice, as JSON.
_LEFT = """(e.step = 'pass on' OR e.step = 'submit' AND e.version > 1) AND EXISTS (
    SELECT 1 FROM audit AS line
    WHERE line.subject = 'page' AND line.subject_id = e.page_id AND line.action IN ('note.submit', 'note.pass_on')
    AND line.detail LIKE 'version ' || e.version || ', %' AND (
        EXISTS (SELECT 1 FROM json_each(?) WHERE line.detail LIKE '% person ' || value || ' to %')
        OR EXISTS (SELECT 1 FROM team_members WHERE person_id IN (SELECT value FROM json_each(?))
                   AND line.detail LIKE '% team ' || team_id || ' to %')))"""
# Answers to who asked, and verdicts on what somebody read back, whether they have a part in the note (any more) or not.
# Takes the ids of people twice.
_REPLIES = """e.step = 'answer' AND EXISTS (
        SELECT 1 FROM handover_questions AS asked WHERE asked.page_id = e.page_id AND NOT asked.is_answer
        AND asked.author_id IN (SELECT value FROM json_each(?)))
    OR e.step IN ('confirm', 'decline') AND EXISTS (
        SELECT 1 FROM handover_read_backs AS given WHERE given.page_id = e.page_id AND given.version = e.version
        AND given.person_id IN (SELECT value FROM json_each(?)))"""
# The first by index from the people; the others are few among what happened lately.
_CONCERNING = f"""
    SELECT id FROM handover_events WHERE page_id IN ({INVOLVING}) AND id > ?
    UNION SELECT e.id FROM handover_events AS e WHERE e.id > ? AND ({_LEFT} OR {_REPLIES})
"""
# A step of others, taken after one, that concerns some people and is in a note that the viewer may see.
_AFTER = f"e.id IN ({_CONCERNING}) AND e.actor_id != ? AND {VISIBLE}"


@dataclass(frozen=True, slots=True)
class SeenStep:
    """A step of somebody in the life of a note. A greater id is later.

    ``left`` says that whom it is told have no part in the note since.
    """

    id: int
    slug: str
    title: str
    step: Step | None  # None: taken before steps were kept
    state: NoteState
    version: int
    reason: str
    actor: Person
    at: datetime
    left: bool = False


def steps_after(db: Connection, viewer: Person, event_id: int, people: Collection[int], limit: int) -> list[SeenStep]:
    """What others did after a step and concerns ``people``, in notes that ``viewer`` may see: latest first.

    It concerns whoever has a part in the note, whom the step left without one, and to whom it replies.
    """
    some = json.dumps(sorted(people))
    rows = db.execute(
        f"""SELECT e.id, pages.slug, pages.title, e.step, e.state, e.version, e.reason, e.actor_id, actor.name, e.at,
                   e.step IN ('submit', 'pass on') AND e.page_id NOT IN ({INVOLVING})
            FROM handover_events AS e JOIN pages ON pages.id = e.page_id JOIN people AS actor ON actor.id = e.actor_id
            WHERE {_AFTER} ORDER BY e.id DESC LIMIT ?""",
        [*[some] * 3, *_after(viewer, event_id, some), limit],
    )
    return [
        SeenStep(
            number, slug, title, Step(step) if step else None, NoteState(state), version, reason, Person(actor, name),
            to_moment(at), bool(left),
        )
        for number, slug, title, step, state, version, reason, actor, name, at, left in rows
    ]  # fmt: skip


def count_after(db: Connection, viewer: Person, event_id: int, people: Collection[int], limit: int) -> int:
    """How many :func:`steps_after` gives."""
    some = json.dumps(sorted(people))
    sql = f"""SELECT count(*) FROM (SELECT 1 FROM handover_events AS e JOIN pages ON pages.id = e.page_id
              WHERE {_AFTER} ORDER BY e.id DESC LIMIT ?)"""
    row = db.execute(sql, [*_after(viewer, event_id, some), limit]).fetchone()
    return int(row[0])


def _after(viewer: Person, event_id: int, some: str) -> list[int | str]:
    """The parameters of _AFTER."""
    return [*[some] * 3, event_id, event_id, *[some] * 4, viewer.id, *seen_by(viewer)]


def seen_until(db: Connection, person_id: int) -> int:
    """The last step that the person has seen; 0 for none."""
    row = db.execute("SELECT event_id FROM seen_steps WHERE person_id = ?", [person_id]).fetchone()
    return int(row[0]) if row else 0


def last_before(db: Connection, moment: datetime) -> int:
    """The last step that was taken before a moment; 0 for none."""
    sql = "SELECT id FROM handover_events WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1"
    row = db.execute(sql, [to_text(moment)]).fetchone()
    return int(row[0]) if row else 0


def set_seen(db: Connection, person_id: int, event_id: int, moment: datetime) -> None:
    """Say that the person has seen everything up to a step; what was seen stays so."""
    db.execute(
        "INSERT INTO seen_steps VALUES (?, min(?, (SELECT coalesce(max(id), 0) FROM handover_events)), ?) "
        "ON CONFLICT(person_id) DO UPDATE SET at = excluded.at, event_id = max(event_id, excluded.event_id)",
        [person_id, event_id, to_text(moment)],
    )
