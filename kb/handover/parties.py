"""Who the people behind a note's names are, and what each of them is in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kb.handover.models import NAMED, Header, Part, PartyId
from kb.models import Person, Role


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who has a part in a note while the person who has it is away; ``last_day`` is the last of it."""

    part: Part
    person: Person
    instead_of: Person
    last_day: date


@dataclass(frozen=True, slots=True)
class Parties:
    """The people of a note who can sign in and see it now; a team counts as each of its members.

    ``writer`` is None when the writer cannot. ``sender_is_team``: the note comes from a team, not from one person.
    ``was_given`` says that the writer got the note after somebody else had submitted it.
    ``called`` are the parts of those to whom it went because it is overdue: a lead gets that of whoever does not act.
    """

    writer: Person | None = None
    people: Mapping[Part, tuple[Person, ...]] = field(default_factory=dict)
    sender_is_team: bool = False
    stand_ins: tuple[StandIn, ...] = ()
    called: Mapping[Person, frozenset[Part]] = field(default_factory=dict)
    was_given: bool = False

    def with_part(self, part: Part) -> tuple[Person, ...]:
        """The people named for a part."""
        return self.people.get(part, ())

    @property
    def handing_over(self) -> frozenset[Person]:
        """Who hands over in person, and can therefore not take over: the writer and the person named as sender.

        A receiver to whom the note was given goes on receiving it: somebody else handed it over.
        """
        named = () if self.sender_is_team else self.with_part(Part.SENDER)
        receives = self.writer in (*self.with_part(Part.RECEIVER), *self.with_part(Part.BACKUP))
        if self.writer is None or (self.was_given and receives):
            return frozenset(named)
        return frozenset((self.writer, *named))

    @property
    def taking_over(self) -> tuple[Person, ...]:
        """Who may read back: receivers and backups."""
        both = dict.fromkeys((*self.with_part(Part.RECEIVER), *self.with_part(Part.BACKUP)))
        return tuple(person for person in both if person not in self.handing_over)

    @property
    def sending(self) -> tuple[Person, ...]:
        """Who answers and confirms: whoever hands over in person, or the members of the sending team."""
        both = (*self.with_part(Part.SENDER), *sorted(self.handing_over, key=lambda person: person.id))
        return tuple(dict.fromkeys(both))

    def standing_in(self, person: Person) -> frozenset[Part]:
        """The parts that the person has for others who are away, or because the note is overdue."""
        return frozenset(one.part for one in self.stand_ins if one.person == person) | self.called.get(
            person, frozenset()
        )


def parts_of(parties: Parties, person: Person, role: Role) -> frozenset[Part]:
    """What the person is in the note.

    Nobody hands over to themselves: who hands over in person is no receiver, also as a member of the receiving team or
    as a stand-in; and who receives does not stand in for the sender or the writer.
    """
    named = {part for part in NAMED if person in parties.with_part(part)} | parties.standing_in(person)
    if person in parties.handing_over:
        named -= {Part.RECEIVER, Part.BACKUP}
        named.add(Part.SENDER)
    elif named & {Part.RECEIVER, Part.BACKUP}:
        named -= {Part.SENDER, Part.WRITER}  # of two teams that they are in, or for somebody away
    if person == parties.writer:
        named.add(Part.WRITER)
    if role.reaches(Role.LEAD):
        named.add(Part.LEAD)
    if Part.LEAD in named and not parties.handing_over and not parties.with_part(Part.SENDER):
        named.add(Part.SENDER)  # who handed over is gone: a lead speaks for them
    if Part.LEAD in parties.called.get(person, ()):
        named.add(Part.CALLED)
    if not parties.taking_over:
        named.add(Part.WITNESS)
    return frozenset(named)


def changed_parties(before: Header, after: Header) -> str:
    """Whose accounts another version of a note names, by id: "receiver person 3 to team 5, lead nobody to person 2".

    What the audit log says of it, and how :mod:`kb.store.seen_steps` finds whom a step left without a part.
    """
    pairs = ((part, before.party(part).id, after.party(part).id) for part in NAMED)
    return ", ".join(f"{part} {_account(old)} to {_account(new)}" for part, old, new in pairs if old != new)


def _account(party: PartyId | None) -> str:
    if party is None:
        return "nobody"
    return f"person {party.person}" if party.person is not None else f"team {party.team}"
