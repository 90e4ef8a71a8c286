"""Items of submitted notes as they stand now, beside the notes: where each lives, who owns it, whether it is done."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kb.handover.actions import (
    NOBODY,
    Action,
    ActionEvent,
    ActionFilter,
    ActionNote,
    Age,
    Change,
    Quadrant,
)
from kb.handover.eisenhower import IMPORTANT_PRIORITIES, IMPORTANT_STATUSES, URGENT_WITHOUT_DATE, quadrant_of
from kb.handover.models import NoteItem, NoteState, Party, PartyId, Priority, Status
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, now, to_moment, to_text


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as it stands now: what the note does not say."""

    origin: str
    owner: Party
    due: date | None
    done: bool
    fix: str
    changes: int


@dataclass(frozen=True, slots=True)
class Found:
    """An action and the page of the note that it lives in."""

    action: Action
    page_id: int


def standing(db: Connection, origins: Collection[str]) -> dict[str, Standing]:
    """How these items stand, by origin; those that were never submitted are left out."""
    rows = db.query(
        f"SELECT actions.*, {_OWNER_NAME} AS owner_name FROM actions LEFT JOIN people AS owner "
        "ON owner.id = actions.owner_id WHERE origin IN (SELECT value FROM json_each(?))",
        [json.dumps([*origins])],
    )
    return {
        row["origin"]: Standing(
            row["origin"], _party(row), _date(row["due"]), bool(row["done"]), row["fix"], row["changes"]
        )
        for row in rows
    }


def titles(db: Connection, origins: Iterable[str], viewer: Person) -> dict[str, str]:
    """What these items are about, by origin, as the latest note says that ``viewer`` may see."""
    rows = db.execute(
        f"""SELECT i.origin, i.title FROM handover_items AS i JOIN pages ON pages.id = i.page_id
            WHERE i.origin IN (SELECT value FROM json_each(?)) AND {VISIBLE} ORDER BY i.id""",
        [json.dumps(list(origins)), *seen_by(viewer)],
    )
    return dict(rows.fetchall())


def visible_origins(db: Connection, viewer: Person, origins: Collection[str]) -> set[str]:
    """Those of the origins that are of an item in a note, or a draft of their own, that the viewer may see."""
    rows = db.execute(
        f"SELECT DISTINCT origin FROM handover_items JOIN pages ON pages.id = page_id "
        f"WHERE origin IN (SELECT value FROM json_each(?)) AND {VISIBLE}",
        [json.dumps([*origins]), *seen_by(viewer)],
    )
    return {row[0] for row in rows}


def pages_of(db: Connection, origins: Collection[str]) -> dict[str, set[int]]:
    """The notes that these items were ever submitted in, by origin."""
    found: dict[str, set[int]] = {}
    rows = db.execute(
        "SELECT origin, page_id FROM item_places WHERE origin IN (SELECT value FROM json_each(?))",
        [json.dumps([*origins])],
    )
    for origin, page_id in rows:
        found.setdefault(origin, set()).add(page_id)
    return found


def living_in(db: Connection, page_id: int) -> set[str]:
    """The origins of the items that live in this note: no later one has taken them over."""
    return {row[0] for row in db.execute("SELECT origin FROM action_places WHERE page_id = ?", [page_id])}


def place(db: Connection, origins: Iterable[str], page_id: int) -> None:
    """Say that these items were submitted in a note; where they were in it before, nothing changes."""
    moment = to_text(now())
    db.conn.executemany(
        "INSERT OR IGNORE INTO item_places(origin, page_id, at) VALUES (?, ?, ?)",
        [(origin, page_id, moment) for origin in origins],
    )


def add(db: Connection, items: Iterable[NoteItem], people: Mapping[str, Person]) -> None:
    """Begin to follow items that were never submitted before.

    :param people: whose account a name stands for, by casefolded name.
    """
    owners = [(item, people.get(item.owner.casefold())) for item in items]
    db.conn.executemany(
        "INSERT INTO actions(origin, owner, owner_id, due, done, fix, changes) VALUES (?, ?, ?, ?, ?, '', 0)",
        [
            (item.origin, item.owner, owner.id if owner else None, _text(item.due), item.done)
            for item, owner in owners
        ],
    )  # fmt: skip


def change(db: Connection, actor: Person, origin: str, page_id: int, what: Change, detail: str, **values: Any) -> None:
    """Keep one change of an item, and how it stands after it.

    :param values: columns of the item and their new values.
    """
    moment = to_text(now())
    assignments = "".join(f"{column} = ?, " for column in values)
    db.execute(
        f"UPDATE actions SET {assignments}changes = changes + 1, changed_at = ? WHERE origin = ?",
        [*values.values(), moment, origin],
    )
    db.execute(
        "INSERT INTO action_events(origin, page_id, change, detail, actor_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        [origin, page_id, str(what), detail, actor.id, moment],
    )


def owner_values(owner: Party) -> dict[str, Any]:
    """The columns that say who owns an item, for :func:`change`."""
    return {"owner": owner.name, "owner_id": owner.id.person if owner.id else None}


def events(db: Connection, origin: str) -> list[ActionEvent]:
    """What happened to an item, the latest first."""
    rows = db.execute(
        "SELECT change, detail, actor_id, people.name, at FROM action_events JOIN people ON people.id = actor_id "
        "WHERE origin = ? ORDER BY action_events.id DESC",
        [origin],
    )
    return [ActionEvent(Change(what), detail, Person(*actor), to_moment(at)) for what, detail, *actor, at in rows]


def last_done(db: Connection, origins: Collection[str]) -> dict[str, ActionEvent]:
    """The last time that each of these items was done, by origin."""
    rows = db.execute(
        "SELECT origin, change, detail, actor_id, people.name, at FROM action_events "
        "JOIN people ON people.id = actor_id "
        "WHERE origin IN (SELECT value FROM json_each(?)) AND change = 'done' ORDER BY action_events.id",
        [json.dumps([*origins])],
    )
    return {
        origin: ActionEvent(Change(what), detail, Person(*actor), to_moment(at))
        for origin, what, detail, *actor, at in rows
    }


def ages(db: Connection, viewer: Person, origins: Collection[str]) -> dict[str, Age]:
    """Since when the items are open and how often they were carried, in notes that the viewer may see; by origin."""
    rows = db.execute(
        f"""SELECT origin, min(at), count(*) - 1 FROM item_copies JOIN pages ON pages.id = page_id
            WHERE origin IN (SELECT value FROM json_each(?)) AND {VISIBLE} GROUP BY origin""",
        [json.dumps([*origins]), *seen_by(viewer)],
    )
    return {origin: Age(to_moment(at), carried) for origin, at, carried in rows}


def homes(db: Connection, viewer: Person, origins: Collection[str]) -> dict[str, tuple[int, ActionNote]]:
    """The note that each item lives in now, with its page; one that the viewer may not see has no slug and no title."""
    rows = db.query(
        f"""SELECT origin, page_id, slug, pages.title AS page_title, client, state, status, ({VISIBLE}) AS seen
            FROM action_places JOIN pages ON pages.id = page_id JOIN handovers USING (page_id)
            WHERE origin IN (SELECT value FROM json_each(?))""",
        [*seen_by(viewer), json.dumps([*origins])],
    )
    hidden = ActionNote("", "", "", NoteState.SUBMITTED, Status.STABLE)
    return {row["origin"]: (row["page_id"], _note(row) if row["seen"] else hidden) for row in rows}


# ---- lists --------------------------------------------------------------------------------------------------------

_OWNER_NAME = "coalesce(owner.name, actions.owner)"  # the account's present name
_STANDS = "handovers.state NOT IN ('draft', 'cancelled')"
# Each item where it lives. The view action_places once more, without reading each note twice; takes `seen_by`.
_FROM = f"""
    FROM actions JOIN item_places ON item_places.origin = actions.origin
    JOIN handover_items AS i ON i.origin = item_places.origin AND i.page_id = item_places.page_id
    JOIN handovers ON handovers.page_id = item_places.page_id JOIN pages ON pages.id = item_places.page_id
    LEFT JOIN people AS owner ON owner.id = actions.owner_id
    WHERE {_STANDS} AND {VISIBLE} AND NOT EXISTS (
        SELECT 1 FROM item_places AS later JOIN item_copies ON item_copies.place = later.id
        WHERE later.origin = item_places.origin AND later.id > item_places.id)
"""
# The same for thousands of items: which notes stand and which are seen is asked once of each note, not of each item.
# Takes `seen_by` before whatever the rest takes.
_NOTES = f"""
    notes AS MATERIALIZED (
        SELECT page_id, status, client FROM pages CROSS JOIN handovers ON page_id = pages.id
        WHERE {_STANDS} AND {VISIBLE}),
    standing AS MATERIALIZED (
        SELECT page_id FROM handovers JOIN pages ON pages.id = page_id
        WHERE {_STANDS} AND trashed_at IS NULL)
"""
_FROM_NOTES = """
    FROM actions JOIN item_places ON item_places.origin = actions.origin
    JOIN handover_items AS i ON i.origin = item_places.origin AND i.page_id = item_places.page_id
    JOIN notes ON notes.page_id = item_places.page_id LEFT JOIN people AS owner ON owner.id = actions.owner_id
    WHERE NOT EXISTS (
        SELECT 1 FROM item_places AS later JOIN standing USING (page_id)
        WHERE later.origin = item_places.origin AND later.id > item_places.id)
"""
_RANK = "CASE i.priority WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# The rule of kb.handover.eisenhower once more, for thousands of rows. Takes urgent_until.
_QUADRANT = f"""
    (i.priority IN ({_quoted(IMPORTANT_PRIORITIES)}) OR status IN ({_quoted(IMPORTANT_STATUSES)})) * 2
    + CASE WHEN actions.due IS NULL THEN i.priority IN ({_quoted(URGENT_WITHOUT_DATE)}) ELSE actions.due <= ? END
"""
_QUADRANTS = (Quadrant.LATER, Quadrant.HAND_ON, Quadrant.PLAN, Quadrant.DO_NOW)  # by that number


def box(
    db: Connection, viewer: Person, wanted: ActionFilter, today: date, until: date, limits: Mapping[Quadrant, int]
) -> tuple[dict[Quadrant, list[Found]], dict[Quadrant, int]]:
    """What is open, by quadrant: those due first, as many of each as the limits say; and how many there are in all.

    :param today: of the viewer; what is due before it is overdue.
    :param until: see :func:`kb.handover.eisenhower.urgent_until`.
    """
    where, parameters = _conditions(wanted, viewer, today)
    first = " UNION ALL ".join(
        f"""SELECT * FROM (
                SELECT origin, quadrant, (SELECT count(*) FROM open WHERE quadrant = {number}) FROM open
                WHERE quadrant = {number} ORDER BY due IS NULL, due, rank, place LIMIT ?)"""
        for number in range(len(_QUADRANTS))
    )
    if wanted.mine:  # few items, each of which is looked up with its note
        notes, source, before = "", _FROM, [until.isoformat(), *seen_by(viewer)]
    else:
        notes, source, before = f"{_NOTES},", _FROM_NOTES, [*seen_by(viewer), until.isoformat()]
    rows = db.execute(
        f"""WITH {notes} open AS MATERIALIZED (
                SELECT actions.origin, actions.due, {_RANK} AS rank, item_places.id AS place, {_QUADRANT} AS quadrant
                {source} AND actions.done = 0 {where})
            {first}""",
        [*before, *parameters, *(max(1, limits.get(place, 1)) for place in _QUADRANTS)],
    ).fetchall()
    found = by_origin(db, viewer, [row[0] for row in rows], until)
    shelves: dict[Quadrant, list[Found]] = {place: [] for place in Quadrant}
    totals = dict.fromkeys(Quadrant, 0)
    for origin, number, total in rows:
        shelves[_QUADRANTS[number]].append(found[origin])
        totals[_QUADRANTS[number]] = total
    return shelves, totals


def done(
    db: Connection, viewer: Person, wanted: ActionFilter, until: date, since: str, limit: int
) -> tuple[list[Found], int]:
    """What was done since a moment, the latest first, and how much it is in all.

    :param since: as the store keeps moments.
    """
    where, parameters = _conditions(wanted, viewer, until)
    rows = db.execute(
        f"""SELECT actions.origin, count(*) OVER () {_FROM} AND actions.done = 1 AND actions.changed_at >= ? {where}
            ORDER BY actions.changed_at DESC, item_places.id DESC LIMIT ?""",
        [*seen_by(viewer), since, *parameters, limit],
    ).fetchall()
    found = by_origin(db, viewer, [row[0] for row in rows], until)
    return [found[row[0]] for row in rows], rows[0][1] if rows else 0


def by_origin(db: Connection, viewer: Person, origins: Collection[str], until: date) -> dict[str, Found]:
    """The actions with these origins that the viewer may see, open or done."""
    rows = db.query(
        f"""SELECT actions.*, {_OWNER_NAME} AS owner_name, i.title, i.reference, i.next_step, i.priority,
                   item_places.page_id, slug, pages.title AS page_title, client, state, status
            {_FROM} AND actions.origin IN (SELECT value FROM json_each(?))""",
        [*seen_by(viewer), json.dumps([*origins])],
    )
    found = list(rows)
    how_old = ages(db, viewer, [row["origin"] for row in found])
    return {row["origin"]: Found(_action(row, how_old[row["origin"]], until), row["page_id"]) for row in found}


def choices(db: Connection, viewer: Person) -> tuple[list[str], list[str]]:
    """The owners and the clients of what is open, by name: what a list can be narrowed to."""
    submitted = f"{_STANDS} AND {VISIBLE}"
    # Of each owner and each note the first item found is enough.
    owners = db.execute(
        f"""SELECT coalesce(people.name, known.owner)
            FROM (SELECT DISTINCT owner, owner_id FROM actions WHERE done = 0) AS known
            LEFT JOIN people ON people.id = known.owner_id
            WHERE EXISTS (
                SELECT 1 FROM actions CROSS JOIN item_places USING (origin)
                CROSS JOIN handovers USING (page_id) JOIN pages ON pages.id = item_places.page_id
                WHERE actions.done = 0 AND actions.owner_id IS known.owner_id AND actions.owner = known.owner
                    AND {submitted})""",
        seen_by(viewer),
    ).fetchall()
    clients = db.execute(
        f"""SELECT DISTINCT client FROM handovers JOIN pages ON pages.id = handovers.page_id
            WHERE {submitted} AND EXISTS (
                SELECT 1 FROM item_places CROSS JOIN actions USING (origin)
                WHERE item_places.page_id = handovers.page_id AND actions.done = 0)""",
        seen_by(viewer),
    ).fetchall()
    return _one_spelling(row[0] for row in owners), _one_spelling(row[0] for row in clients)


def open_counts(db: Connection, page_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """How many items of each note are open, and how many of these are critical; of drafts as they are written."""
    rows = db.execute(
        """SELECT i.page_id, count(*), sum(i.priority = 'critical') FROM handover_items AS i
           JOIN handovers ON handovers.page_id = i.page_id LEFT JOIN actions ON actions.origin = i.origin
           WHERE i.page_id IN (SELECT value FROM json_each(?)) AND CASE
               WHEN handovers.state = 'draft' OR actions.origin IS NULL THEN NOT i.done
               ELSE NOT actions.done
                   AND i.id IN (SELECT item_id FROM action_places WHERE action_places.origin = i.origin) END
           GROUP BY i.page_id""",
        [json.dumps([*page_ids])],
    )
    return {page_id: (count, critical) for page_id, count, critical in rows}


def _conditions(wanted: ActionFilter, viewer: Person, today: date) -> tuple[str, list[Any]]:
    sql = [""]
    values: list[Any] = []
    if wanted.mine:
        sql.append("actions.owner_id = ?")
        values.append(viewer.id)
    if wanted.client:
        sql.append("client = ? COLLATE NOCASE")
        values.append(wanted.client)
    if wanted.owner:
        sql.append(f"{_OWNER_NAME} = ? COLLATE NOCASE")
        values.append("" if wanted.owner == NOBODY else wanted.owner)
    if wanted.overdue:
        sql.append("actions.due < ?")
        values.append(today.isoformat())
    return " AND ".join(sql), values


def _action(row: Mapping[str, Any], age: Age, until: date) -> Action:
    priority, due, note = Priority(row["priority"]), _date(row["due"]), _note(row)
    return Action(
        origin=row["origin"],
        title=row["title"],
        reference=row["reference"],
        next_step=row["next_step"],
        priority=priority,
        owner=_party(row),
        due=due,
        done=bool(row["done"]),
        fix=row["fix"],
        changes=row["changes"],
        age=age,
        note=note,
        quadrant=quadrant_of(priority, note.status, due, until),
        changed_at=to_moment(row["changed_at"]) if row["changed_at"] else None,
    )


def _note(row: Mapping[str, Any]) -> ActionNote:
    state, status = NoteState(row["state"]), Status(row["status"])
    return ActionNote(row["slug"], row["page_title"], row["client"], state, status)


def _party(row: Mapping[str, Any]) -> Party:
    return Party(row["owner_name"], PartyId(person=row["owner_id"]) if row["owner_id"] is not None else None)


def _one_spelling(names: Iterable[str]) -> list[str]:
    by_fold = {name.casefold(): name for name in names if name}
    return [by_fold[key] for key in sorted(by_fold)]


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
