"""Who has to act on open notes at a moment: stand-ins of who is away, and whom overdue notes went to.

Nothing of it is stored: it follows from the notes, people's calendars and the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kb.handover.escalation import Call, Chain, escalation, patience, present
from kb.handover.life import UNACKNOWLEDGED, shown_state
from kb.handover.models import NAMED, NoteState, Part
from kb.handover.parties import Parties, StandIn, parts_of
from kb.handover.turns import TURNS, is_turn_of
from kb.models import Person, Role
from kb.store import open_notes, parties, people, profiles
from kb.store.access import readers
from kb.store.db import Connection
from kb.store.open_notes import OpenNote
from kb.workers import Workers, stand_in_at

MOST = 500  # notes that one person can have to do with at once; the most urgent are looked at
_OTHER_ZONES = timedelta(days=1)  # where it is latest, it is still the day before
_LONG_OVERDUE = timedelta(days=60)  # an absence that ended so long ago makes nobody a stand-in any more


@dataclass(frozen=True, slots=True)
class Situation:
    """An open note at a moment: who has which part, and to whom it goes as long as it is overdue.

    ``holder`` is whom it waits for by name: a person, a team, or somebody without an account; "" for nobody.
    """

    parties: Parties
    calls: tuple[Call, ...] = ()
    holder: str = ""
    call: Call | None = None  # the last one that has happened


@dataclass(frozen=True, slots=True)
class Turn:
    """A note as one person has to do with it. ``parts`` leave out what their role alone would make them."""

    note: OpenNote
    situation: Situation
    parts: frozenset[Part]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class _Able:
    """Who may see the notes of a space, and who of them is away, with the stand-in and the last day of it.

    Whoever may not see a note neither stands in nor is called.
    """

    workers: Workers
    deputies: Mapping[int, tuple[Person, date]]

    @classmethod
    def of(cls, workers: Workers, allowed: set[int], moment: datetime) -> _Able:
        able = {number: worker for number, worker in workers.items() if number in allowed}
        away = {number: absence for number, worker in able.items() if (absence := worker.absence_at(moment))}
        found = {number: stand_in_at(able, able[number].person, moment) for number in away}
        return cls(able, {n: (deputy, away[n].last_day) for n, deputy in found.items() if deputy.id != n})


def situations(db: Connection, notes: Sequence[OpenNote], moment: datetime, language: str = "") -> dict[int, Situation]:
    """The situation of each note, by its page.

    :param language: in which to name public holidays.
    """
    known = parties.of_pages(db, [note.page_id for note in notes])
    dues = [note.acknowledge_by for note in notes if note.acknowledge_by and is_overdue(note, moment)]
    since = min([moment, *dues]).date() - _OTHER_ZONES
    everybody = {person.id for one in known.values() for person in _everybody(one)}
    writing = people.authors(db) if any(note.state is NoteState.RETURNED for note in notes) else frozenset()
    workers = profiles.workers(db, everybody, since) if everybody else {}
    able = {space: _Able.of(workers, readers(db, space), moment) for space in {note.space_id for note in notes}}
    return {
        note.page_id: _situation(note, known[note.page_id], able[note.space_id], writing, moment, language)
        for note in notes
    }


def is_overdue(note: OpenNote, moment: datetime) -> bool:
    """Whether the note's acknowledge-by has passed without an acknowledgement."""
    return shown_state(note.state, note.acknowledge_by, moment) is NoteState.OVERDUE


def standing_in_for(db: Connection, person: Person, moment: datetime) -> list[Person]:
    """Whom the person stands in for at a moment, by name."""
    since = moment.date() - _OTHER_ZONES
    others = profiles.principals(db, person.id, since) - {person.id}
    workers = profiles.workers(db, others, since) if others else {}
    absent = [workers[number].person for number in others if number in workers]
    return sorted((one for one in absent if stand_in_at(workers, one, moment) == person), key=lambda one: one.name)


def turns_on(db: Connection, viewer: Person, page_ids: Sequence[int], moment: datetime) -> list[Turn]:
    """What the viewer is in the notes of these pages, and whom these wait for."""
    notes = open_notes.by_page(db, page_ids)
    found = situations(db, list(notes.values()), moment)
    return [_turn(note, found[number], viewer) for number, note in notes.items()]


def turns_around(db: Connection, viewer: Person, moment: datetime, language: str = "", limit: int = MOST) -> list[Turn]:
    """Every note that is not acknowledged and that the viewer has a part in, for others too: nearest deadline first.

    :param limit: how many notes are looked at.
    """
    principals = profiles.principals(db, viewer.id, moment.date() - _LONG_OVERDUE)
    notes = open_notes.involving(db, viewer, principals, limit)
    found = situations(db, notes, moment, language)
    return [_turn(note, found[note.page_id], viewer) for note in notes]


def notes_to_write(db: Connection, viewer: Person, moment: datetime, limit: int = MOST) -> list[OpenNote]:
    """The viewer's own drafts, and the notes that were returned to them or to whom they stand in for.

    :param limit: how many notes are looked at: returned ones first, then the latest.
    """
    absent = {one.id for one in standing_in_for(db, viewer, moment)}
    notes = open_notes.to_be_written(db, viewer, absent, limit)
    others = [note.page_id for note in notes if note.owner != viewer]
    mine = {turn.note.page_id for turn in turns_on(db, viewer, others, moment) if turn.is_mine} if others else set()
    return [note for note in notes if note.owner == viewer or note.page_id in mine]


def turns_of(db: Connection, viewer: Person, slugs: Iterable[str], moment: datetime) -> dict[str, Turn]:
    """What the viewer is in the notes at these addresses, and whom these wait for."""
    notes = open_notes.by_slugs(db, slugs)
    found = situations(db, list(notes.values()), moment)
    return {slug: _turn(note, found[note.page_id], viewer) for slug, note in notes.items()}


def _turn(note: OpenNote, situation: Situation, viewer: Person) -> Turn:
    parts = parts_of(situation.parties, viewer, Role.READER)
    mine = is_turn_of(note.state, parts, called=viewer in situation.parties.called)
    return Turn(note, situation, parts, is_mine=mine)


def _situation(
    note: OpenNote, known: Parties, able: _Able, writing: frozenset[int], moment: datetime, language: str
) -> Situation:
    known = replace(known, stand_ins=tuple(_stand_ins(known, able, writing if _is_returned(note) else frozenset())))
    calls: list[Call] = []
    if is_overdue(note, moment) and note.acknowledge_by:
        sends = TURNS[note.state] is Part.SENDER
        chain = Chain(
            _but(known.with_part(Part.BACKUP), known.handing_over),
            _but(known.with_part(Part.LEAD), known.handing_over),
            known.sending if sends else _but(known.with_part(Part.RECEIVER), known.handing_over),
        )
        calls = escalation(
            note.state, note.acknowledge_by, note.since, chain, able.workers, patience(note.status), language
        )
    known = replace(known, called=_called(note.state, calls, moment))
    call = present(calls, moment)
    return Situation(known, tuple(calls), _holder(note, known, call), call)


def _is_returned(note: OpenNote) -> bool:
    return note.state is NoteState.RETURNED


def _stand_ins(known: Parties, able: _Able, writing: frozenset[int]) -> Iterable[StandIn]:
    """The stand-ins of everybody who is away and has a part.

    :param writing: who could change the note instead of its writer; nobody as long as it was not returned.
    """
    if not able.deputies:
        return
    named = {part: known.with_part(part) for part in NAMED} | {Part.SENDER: known.sending}
    if known.writer and writing:
        named[Part.WRITER] = (known.writer,)
    for part, those in named.items():
        for person in those:
            if person.id not in able.deputies:
                continue
            deputy, last_day = able.deputies[person.id]
            if part is Part.WRITER and (deputy.id not in writing or deputy in known.taking_over):
                continue  # a reader, or somebody who would write what they take over themselves
            # Nobody hands over to themselves: whoever does hand over does not stand in for the other side.
            if part not in (Part.RECEIVER, Part.BACKUP) or deputy not in known.handing_over:
                yield StandIn(part, deputy, person, last_day)


def _called(state: NoteState, calls: Iterable[Call], moment: datetime) -> dict[Person, frozenset[Part]]:
    """What those have become to whom the note went: a lead acts for whoever does not."""
    turn = TURNS.get(state)
    return {
        call.person: frozenset({call.part, turn} if call.part is Part.LEAD and turn else {call.part})
        for call in calls
        if call.when <= moment
    }


def _holder(note: OpenNote, known: Parties, call: Call | None) -> str:
    turn = TURNS.get(note.state)
    if turn is None:
        return ""
    if turn is Part.WRITER:
        return next((one.person.name for one in known.stand_ins if one.part is Part.WRITER), note.owner.name)
    if call is not None and note.state in UNACKNOWLEDGED:
        return call.person.name
    named = known.sending if turn is Part.SENDER else known.with_part(turn)
    deputies = [one.person.name for one in known.stand_ins if one.part is turn and one.instead_of in named]
    # Of a team whoever is there receives it; a person who is away does not.
    return deputies[0] if len(named) == 1 and deputies else note.names[turn]


def _but(people: Iterable[Person], others: Iterable[Person]) -> tuple[Person, ...]:
    left_out = set(others)
    return tuple(person for person in people if person not in left_out)


def _everybody(known: Parties) -> Iterable[Person]:
    for those in known.people.values():
        yield from those
    yield from known.handing_over
