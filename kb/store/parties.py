"""Whose accounts the names in a note's header stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kb.handover.models import NAMED, Header, Part, PartyId
from kb.handover.parties import Parties, parts_of
from kb.models import Page, Person, Role
from kb.store.db import Connection


def ids_of(db: Connection, page_id: int) -> dict[str, PartyId]:
    """The header's fields that hold accounts: "receiver_id" -> whose."""
    rows = db.execute("SELECT part, person_id, team_id FROM handover_parties WHERE page_id = ?", [page_id])
    return {f"{part}_id": PartyId(person, team) for part, person, team in rows}


def set_parties(db: Connection, page_id: int, header: Header) -> None:
    """Make these the accounts that the note's names stand for.

    :raises sqlite3.IntegrityError: when a person is unknown.
    """
    db.execute("DELETE FROM handover_parties WHERE page_id = ?", [page_id])
    ids = [(part, header.party(part).id) for part in NAMED]
    db.conn.executemany(
        "INSERT INTO handover_parties VALUES (?, ?, ?, ?)",
        [(page_id, str(part), account.person, account.team) for part, account in ids if account],
    )


def of_note(db: Connection, page: Page) -> Parties:
    """The people of a note who are not disabled and may see its space."""
    rows = db.execute(
        """SELECT DISTINCT part, by_team, people.id, people.name FROM handover_people
           JOIN people ON people.id = handover_people.person_id
           WHERE page_id = ? AND people.disabled_at IS NULL AND EXISTS (
               SELECT 1 FROM space_readers AS r WHERE r.person_id = people.id AND r.space_id = ?)
           ORDER BY people.name COLLATE NOCASE""",
        [page.id, page.space.id],
    ).fetchall()
    people: dict[Part, tuple[Person, ...]] = {}
    for part, _, person, name in rows:
        people[Part(part)] = (*people.get(Part(part), ()), Person(person, name))
    active = db.execute("SELECT 1 FROM people WHERE id = ? AND disabled_at IS NULL", [page.owner.id]).fetchone()
    by_team = any(part == Part.SENDER and team for part, team, _, _ in rows)
    return Parties(page.owner if active else None, people, sender_is_team=by_team)


def mine_in(db: Connection, viewer: Person, page_ids: Sequence[int]) -> dict[int, list[tuple[Part, bool]]]:
    """The parts that name the viewer in these notes, each with whether it is by a team."""
    rows = db.execute(
        "SELECT page_id, part, by_team FROM handover_people WHERE person_id = ? "
        "AND page_id IN (SELECT value FROM json_each(?))",
        [viewer.id, json.dumps(list(page_ids))],
    )
    found: dict[int, list[tuple[Part, bool]]] = {}
    for page_id, part, by_team in rows:
        found.setdefault(page_id, []).append((Part(part), bool(by_team)))
    return found


def parts_among(mine: Sequence[tuple[Part, bool]], viewer: Person, owner: Person) -> frozenset[Part]:
    """What the viewer is in a note of ``owner``, as a list shows it.

    :param mine: the parts that name the viewer, each with whether it is by a team.
    """
    people = {part: (viewer,) for part, _ in mine}
    others = Person(-1, "")  # whether anybody else may take over is not asked here
    people[Part.RECEIVER] = (*people.get(Part.RECEIVER, ()), others)
    people.setdefault(Part.SENDER, (others,))
    by_team = (Part.SENDER, True) in mine
    return parts_of(Parties(owner, people, sender_is_team=by_team), viewer, Role.READER)
