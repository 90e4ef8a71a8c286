"""Notes whose life is not over, without their text: whose turn it is, and since when."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.handover.models import NoteState, Part, Status
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, to_moment, to_text
from kb.store.parties import INVOLVING

WAITING = (NoteState.SUBMITTED, NoteState.QUESTIONS, NoteState.READ_BACK, NoteState.RETURNED)


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note as far as it matters for who has to act. ``since`` is when it came into its state.

    ``names`` are those of its header, of people with and without an account.
    """

    page_id: int
    slug: str
    title: str
    template: str
    client: str
    state: NoteState
    status: Status
    version: int
    effective: datetime | None
    acknowledge_by: datetime | None
    zone: str
    since: datetime
    owner: Person
    space_id: int
    names: dict[Part, str]


def by_page(db: Connection, page_ids: Sequence[int]) -> dict[int, OpenNote]:
    """The notes of these pages, whoever asks: for the rules, not for screens."""
    found = _notes(db, "pages.id IN (SELECT value FROM json_each(?))", [json.dumps(list(page_ids))], -1)
    return {note.page_id: note for note in found}


def by_slugs(db: Connection, slugs: Iterable[str]) -> dict[str, OpenNote]:
    """The notes at these addresses, whoever asks."""
    found = _notes(db, "pages.slug IN (SELECT value FROM json_each(?))", [json.dumps(list(slugs))], -1)
    return {note.slug: note for note in found}


def involving(db: Connection, viewer: Person, people: Collection[int], limit: int) -> list[OpenNote]:
    """The submitted, not acknowledged notes that any of ``people`` has a part in and ``viewer`` may see.

    The nearest acknowledge-by first.
    """
    some = json.dumps(sorted(people))
    return _notes(
        db,
        f"""handovers.page_id IN ({INVOLVING})
            AND state IN ('submitted', 'questions', 'read back') AND {VISIBLE}""",
        [some, some, some, *seen_by(viewer)],
        limit,
    )


def to_be_written(db: Connection, viewer: Person, people: Collection[int], limit: int) -> list[OpenNote]:
    """The viewer's own drafts and the notes that came back to any of ``people``; returned ones first, then the latest.

    Only what the viewer may see.
    """
    return _notes(
        db,
        f"""pages.kind = 'handover' AND (pages.owner_id = ? AND state IN ('draft', 'returned')
            OR pages.owner_id IN (SELECT value FROM json_each(?)) AND state = 'returned') AND {VISIBLE}""",
        [viewer.id, json.dumps(sorted(people)), *seen_by(viewer)],
        limit,
        "state = 'draft', pages.updated_at DESC, pages.id DESC",
    )


def under_way(
    db: Connection, viewer: Person, before: datetime, limit: int, *, mine: bool = False
) -> tuple[list[OpenNote], int]:
    """The submitted, not acknowledged notes that take effect before a moment, and how many there are in all.

    The nearest acknowledge-by first.

    :param mine: only those that the viewer has a part in.
    """
    where = f"""state IN (SELECT value FROM json_each(?)) AND effective_at IS NOT NULL AND effective_at < ?
        AND {VISIBLE}"""
    parameters: list[Any] = [json.dumps([str(state) for state in WAITING]), to_text(before), *seen_by(viewer)]
    if mine:
        where += f" AND handovers.page_id IN ({INVOLVING})"
        parameters += [json.dumps([viewer.id])] * 3
    total = db.execute(
        f"SELECT count(*) FROM handovers JOIN pages ON pages.id = handovers.page_id WHERE {where}", parameters
    ).fetchone()[0]
    return _notes(db, where, parameters, limit), int(total)


def _notes(
    db: Connection,
    where: str,
    parameters: Sequence[Any],
    limit: int,
    order: str = "acknowledge_by IS NULL, acknowledge_by, pages.id",
) -> list[OpenNote]:
    rows = db.execute(
        f"""SELECT pages.id, pages.slug, pages.title, template, client, state, status, version, effective_at,
                   acknowledge_by, zone, pages.owner_id, people.name, pages.space_id, sender, receiver, backup, lead,
                   coalesce(
                       (SELECT e.at FROM handover_events AS e WHERE e.page_id = pages.id AND e.id > coalesce(
                            (SELECT max(o.id) FROM handover_events AS o
                             WHERE o.page_id = pages.id AND o.state != handovers.state), 0)
                        ORDER BY e.id LIMIT 1),
                       pages.updated_at)
            FROM handovers JOIN pages ON pages.id = handovers.page_id JOIN people ON people.id = pages.owner_id
            WHERE {where} ORDER BY {order} LIMIT ?""",
        [*parameters, limit],
    )
    return [
        OpenNote(
            page_id, slug, title, template, client, NoteState(state), Status(status), version, _moment(effective),
            _moment(acknowledge_by), zone, to_moment(since), Person(owner, name), space,
            {Part.SENDER: sender, Part.RECEIVER: receiver, Part.BACKUP: backup, Part.LEAD: lead},
        )
        for page_id, slug, title, template, client, state, status, version, effective, acknowledge_by, zone, owner,
            name, space, sender, receiver, backup, lead, since in rows
    ]  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return to_moment(text) if text else None
