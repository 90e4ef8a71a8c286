"""Whose accounts the names in a note's header stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kb.handover.models import NAMED, Header, Part, PartyId
from kb.handover.parties import Parties
from kb.models import Person
from kb.store.access import readers
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


# The pages of the notes that any of some people has a part in. Takes their ids three times, as JSON.
# Not by the view handover_people, which SQLite would make anew for every row.
INVOLVING = """
    SELECT page_id FROM handover_parties WHERE person_id IN (SELECT value FROM json_each(?))
    UNION SELECT page_id FROM handover_parties WHERE team_id IN (
        SELECT team_id FROM team_members WHERE person_id IN (SELECT value FROM json_each(?)))
    UNION SELECT id FROM pages WHERE kind = 'handover' AND owner_id IN (SELECT value FROM json_each(?))
"""


def of_pages(db: Connection, page_ids: Sequence[int]) -> dict[int, Parties]:
    """The people of these notes who are not disabled and may see the note's space, by the note's page."""
    wanted = json.dumps(list(page_ids))
    rows = db.execute(
        """WITH named(page_id, part, person_id, by_team) AS (
                SELECT page_id, part, person_id, 0 FROM handover_parties
                WHERE page_id IN (SELECT value FROM json_each(?)) AND person_id IS NOT NULL
                UNION SELECT page_id, part, team_members.person_id, 1 FROM handover_parties
                JOIN team_members USING (team_id) WHERE page_id IN (SELECT value FROM json_each(?)))
            SELECT page_id, part, by_team, people.id, people.name, pages.space_id FROM named
            JOIN people ON people.id = named.person_id JOIN pages ON pages.id = page_id
            WHERE people.disabled_at IS NULL ORDER BY people.name COLLATE NOCASE""",
        [wanted, wanted],
    ).fetchall()
    allowed = {space: readers(db, space) for space in {row[5] for row in rows}}
    people: dict[int, dict[Part, tuple[Person, ...]]] = {page_id: {} for page_id in page_ids}
    from_teams = set()
    for page_id, part, by_team, person, name, space in rows:
        if person not in allowed[space]:
            continue
        named = people[page_id]
        named[Part(part)] = (*named.get(Part(part), ()), Person(person, name))
        if part == Part.SENDER and by_team:
            from_teams.add(page_id)
    owners = db.execute(
        "SELECT pages.id, people.id, people.name FROM pages JOIN people ON people.id = owner_id "
        "WHERE pages.id IN (SELECT value FROM json_each(?)) AND people.disabled_at IS NULL",
        [wanted],
    )
    # A stand-in may have submitted a later version: the writer handed the note over all the same.
    submitters: dict[int, set[int]] = {}
    for page_id, person in db.execute(
        """SELECT DISTINCT page_id, actor_id FROM handover_events WHERE page_id IN (SELECT value FROM json_each(?))
           AND (step = 'submit' OR (step = '' AND state = 'submitted'))""",
        [wanted],
    ):
        submitters.setdefault(page_id, set()).add(person)
    writers = {page_id: Person(person, name) for page_id, person, name in owners}
    return {
        page_id: Parties(
            writer := writers.get(page_id),
            named,
            sender_is_team=page_id in from_teams,
            was_given=writer is not None and writer.id not in submitters.get(page_id, {writer.id}),
        )
        for page_id, named in people.items()
    }
