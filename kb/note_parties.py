"""The accounts behind a note's names: whether they can be used, and what each person is in a note."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kb.access import require_account
from kb.formats import DEFAULT_LANGUAGE
from kb.handover.escalation import Call
from kb.handover.models import NAMED, Header, Note, Part, Party, PartyId
from kb.handover.parties import Parties, parts_of
from kb.handover.text import NoteError
from kb.handover.turns import is_turn_of
from kb.models import Person, Role, Space, Team
from kb.note_turns import situations
from kb.store import open_notes, people, profiles, teams
from kb.store.access import sees_space
from kb.store.db import Connection, now


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is in a note now, who else has a part in it, and the person's role.

    ``calls`` tell to whom the note goes, or went, because it is overdue.
    """

    parts: frozenset[Part]
    parties: Parties
    role: Role
    calls: tuple[Call, ...] = ()
    is_turn: bool = False  # whether the person has to act
    holder: str = ""  # whom it waits for, by name


def standing_of(db: Connection, note: Note, person: Person) -> Standing:
    """What the person is in the note at this moment, whom they stand in for included.

    :raises NotAllowed: when the person's account is disabled.
    """
    role = require_account(db, person)
    language = profiles.profile(db, person.id).language or DEFAULT_LANGUAGE
    situation = situations(db, list(open_notes.by_page(db, [note.page.id]).values()), now(), language)[note.page.id]
    parts = parts_of(situation.parties, person, role)
    turn = is_turn_of(note.state, parts, called=person in situation.parties.called)
    return Standing(parts, situation.parties, role, situation.calls, turn, situation.holder)


def parts_in(db: Connection, page_ids: Collection[int], person: Person, role: Role) -> dict[int, frozenset[Part]]:
    """What the person is in each of the notes of these pages at this moment, however many they are.

    :param role: the person's.
    """
    language = profiles.profile(db, person.id).language or DEFAULT_LANGUAGE
    found = situations(db, list(open_notes.by_page(db, list(page_ids)).values()), now(), language)
    return {page_id: parts_of(situation.parties, person, role) for page_id, situation in found.items()}


def choices(colleagues: Sequence[Person], known_teams: Sequence[Team]) -> list[Party]:
    """Whom a note can name: people, then teams."""
    return [
        *(Party(person.name, PartyId(person=person.id)) for person in colleagues),
        *(Party(team.name, PartyId(team=team.id)) for team in known_teams),
    ]


def with_present_names(db: Connection, header: Header) -> Header:
    """The header with its accounts' names as they are now.

    :raises NoteError: when an account is gone or disabled.
    """
    if not any(header.party(part).id for part in NAMED):
        return header
    known = {party.id: party.name for party in choices(people.active(db), teams.all_teams(db))}
    parties = {}
    for part in NAMED:
        party = header.party(part)
        if party.id is not None and party.id not in known:
            raise NoteError(f"{party.name} has no account any more, or it is disabled: choose somebody else.")
        parties[part] = party if party.id is None else Party(known[party.id], party.id)
    return header.with_parties(parties)


def check_receiver(db: Connection, header: Header, space: Space, writer: Person) -> None:
    """:raises NoteError: when a receiver with an account could never read the note back."""
    account = header.receiver_id
    if account is None:
        return
    if account in (PartyId(person=writer.id), header.sender_id) and account.person is not None:
        raise NoteError("Nobody hands over to themselves: choose somebody else, or a team, as the receiver.")
    team = teams.by_id(db, account.team) if account.team is not None else None
    named = team.members if team else (Person(account.person or 0, header.receiver),)
    sender = header.sender_id.person if header.sender_id else None
    others = [person for person in named if person.id not in (writer.id, sender)]
    if not others:
        raise NoteError(f"{header.receiver} has nobody else in it who could take over: choose another receiver.")
    if not any(sees_space(db, person, space.id) for person in others):
        raise NoteError(
            f"{header.receiver} may not see the space {space.name}: share it with them, or choose another space."
        )
