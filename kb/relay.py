"""Handovers under way against the working hours of the people on both sides, for drawing them on one time-line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from kb.access import Ability, require
from kb.handover.escalation import Call
from kb.handover.models import NoteState, Part, Status
from kb.handover.parties import StandIn
from kb.models import Person
from kb.note_turns import Turn, is_overdue, turns_on
from kb.public_holidays import holiday_name
from kb.store import open_notes, profiles
from kb.store.db import Store
from kb.store.open_notes import OpenNote
from kb.workers import Worker, Workers
from kb.worktime import DAY, absence_on, local_time, moment_of, working_spans, zone_of

MOST_LANES = 40  # more do not help anybody to see at a glance
MOST_MEMBERS = 20  # of a team, whose hours are drawn together
_OTHER_ZONES = timedelta(days=1)  # where it is latest, it is still the day before


class BandKind(StrEnum):
    """What a stretch of somebody's time is."""

    WORK = "work"
    HOLIDAY = "public holiday"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of somebody's time in UTC; ``name`` is that of a public holiday."""

    kind: BandKind
    first: datetime
    last: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """Who hands over or takes over. ``zone`` is the IANA name, "" where nobody's is known; then there are no bands."""

    name: str
    zone: str = ""
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One note: from when it takes effect to when it has to be acknowledged, between two people."""

    slug: str
    title: str
    client: str
    status: Status
    state: NoteState
    effective: datetime
    due: datetime | None
    overdue: bool
    holder: str
    my_turn: bool
    calls: tuple[Call, ...]
    stand_ins: tuple[StandIn, ...]
    sender: Side
    receiver: Side


@dataclass(frozen=True, slots=True)
class Relay:
    """The most urgent handovers under way, and how many there are in all."""

    lanes: tuple[Lane, ...]
    total: int


def relay(
    store: Store,
    viewer: Person,
    first: datetime,
    last: datetime,
    moment: datetime,
    language: str = "",
    *,
    mine: bool = False,
) -> Relay:
    """The submitted, not acknowledged notes that take effect before ``last``, the nearest acknowledge-by first.

    :param first: from when on the bands of both sides are told; ``last`` is until when.
    :param language: in which to name public holidays.
    :param mine: only notes that the viewer has a part in.
    :raises NotAllowed: when the viewer is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        notes, total = open_notes.under_way(db, viewer, last, MOST_LANES, mine=mine)
        turns = {turn.note.page_id: turn for turn in turns_on(db, viewer, [note.page_id for note in notes], moment)}
        people = {person.id for turn in turns.values() for side in _sides(turn) for person in side}
        workers = profiles.workers(db, people, first.date() - _OTHER_ZONES) if people else {}
    bands = {
        number: tuple(_bands(worker, first, last, language)) for number, worker in workers.items() if number in people
    }
    return Relay(tuple(_lane(note, turns[note.page_id], workers, bands, moment) for note in notes), total)


def _lane(note: OpenNote, turn: Turn, workers: Workers, bands: dict[int, tuple[Band, ...]], moment: datetime) -> Lane:
    sending, receiving = _sides(turn)
    assert note.effective  # noqa: S101  what is under way takes effect at a moment
    situation = turn.situation
    return Lane(
        note.slug, note.title, note.client, note.status, note.state, note.effective, note.acknowledge_by,
        is_overdue(note, moment), situation.holder, turn.is_mine, situation.calls, situation.parties.stand_ins,
        _side(note.names[Part.SENDER], sending, workers, bands),
        _side(note.names[Part.RECEIVER], receiving, workers, bands),
    )  # fmt: skip


def _sides(turn: Turn) -> tuple[Sequence[Person], Sequence[Person]]:
    """The people who hand over, and those who take over; of a team the first of them."""
    parties = turn.situation.parties
    named = parties.with_part(Part.SENDER) or parties.sending
    return named[:MOST_MEMBERS], parties.with_part(Part.RECEIVER)[:MOST_MEMBERS]


def _side(name: str, people: Sequence[Person], workers: Workers, bands: dict[int, tuple[Band, ...]]) -> Side:
    known = [workers[person.id] for person in people if person.id in workers and workers[person.id].is_known]
    if not known:
        return Side(name)
    zone = known[0].profile.zone
    if len(people) == 1:
        return Side(name, zone, bands[known[0].person.id])
    work = [band for worker in known for band in bands[worker.person.id] if band.kind is BandKind.WORK]
    return Side(name, zone, tuple(_joined(work)))


def _joined(bands: Iterable[Band]) -> list[Band]:
    """Working time of several people together: when any of them works."""
    found: list[Band] = []
    for band in sorted(bands, key=lambda one: one.first):
        if found and band.first <= found[-1].last:
            found[-1] = Band(band.kind, found[-1].first, max(found[-1].last, band.last))
        else:
            found.append(band)
    return found


def _bands(worker: Worker, first: datetime, last: datetime, language: str) -> Iterable[Band]:
    if not worker.is_known:
        return
    profile = worker.profile
    for span in working_spans(profile, worker.absences, first, last):
        yield Band(BandKind.WORK, span.start, span.end)
    day, end, zone = local_time(profile, first).date(), local_time(profile, last).date(), zone_of(profile.zone)
    while day <= end:
        begins = max(moment_of(day, 0, zone), first.astimezone(UTC))
        ends = min(moment_of(day + DAY, 0, zone), last.astimezone(UTC))
        if begins < ends:
            absence = absence_on(worker.absences, day)
            if absence:
                day = min(absence.last_day, end)
                yield Band(BandKind.AWAY, begins, min(moment_of(day + DAY, 0, zone), last.astimezone(UTC)))
            elif name := holiday_name(profile.country, profile.region, language or profile.language, day):
                yield Band(BandKind.HOLIDAY, begins, ends, name)
        day += DAY
