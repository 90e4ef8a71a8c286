"""Whose accounts the names in a note's header stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kb.handover.models import NAMED, Header, Part, PartyId
from kb.handover.parties import Parties
from kb.models import Person
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


def of_pages(db: Connection, page_ids: Sequence[int]) -> dict[int, Parties]:
    """The people of these notes who are not disabled and may see the note's space, by the note's page."""
    wanted = json.dumps(list(page_ids))
    rows = db.execute(
        """SELECT DISTINCT page_id, part, by_team, people.id, people.name FROM handover_people
           JOIN people ON people.id = handover_people.person_id JOIN pages ON pages.id = page_id
           WHERE page_id IN (SELECT value FROM json_each(?)) AND people.disabled_at IS NULL AND EXISTS (
               SELECT 1 FROM space_readers AS r WHERE r.person_id = people.id AND r.space_id = pages.space_id)
           ORDER BY people.name COLLATE NOCASE""",
        [wanted],
    )
    people: dict[int, dict[Part, tuple[Person, ...]]] = {page_id: {} for page_id in page_ids}
    from_teams = set()
    for page_id, part, by_team, person, name in rows:
        named = people[page_id]
        named[Part(part)] = (*named.get(Part(part), ()), Person(person, name))
        if part == Part.SENDER and by_team:
            from_teams.add(page_id)
    owners = db.execute(
        "SELECT pages.id, people.id, people.name FROM pages JOIN people ON people.id = owner_id "
        "WHERE pages.id IN (SELECT value FROM json_each(?)) AND people.disabled_at IS NULL",
        [wanted],
    )
    writers = {page_id: Person(person, name) for page_id, person, name in owners}
    return {
        page_id: Parties(writers.get(page_id), named, sender_is_team=page_id in from_teams)
        for page_id, named in people.items()
    }
