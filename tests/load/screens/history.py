"""Thousands of handover notes, each written and answered by the services as people would, over a year and a half."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from kb.carrying import carried_items
from kb.handover.actions import Change
from kb.handover.models import Header, Note, NoteItem, NoteState, NoteText, Part, Party, PartyId, Status
from kb.handover.templates import TEMPLATES, HandoverTemplate
from kb.handovers import read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person
from kb.note_endings import cancel_note, close_note, reopen_note, return_note
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, critical_items, decline, note_read_backs, read_back
from kb.store import actions
from kb.store.db import Store
from tests.clock import Clock
from tests.load.screens.crew import Client, Crew, drawn
from tests.load.screens.texts import Writer

DAYS = 548  # a year and a half
LATELY = timedelta(days=7)  # what is written in it is still under way
LATE_SHARE = 0.06  # of all notes; the others are spread evenly over the time before
LARGEST = 60  # items of the largest note, where there are so many
_REASON = "Invented for measuring"
_TEMPLATES = (0.8, 0.08, 0.12)  # shift, role, client


class Fate(StrEnum):
    """What becomes of a note, as far as there is time for it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUESTIONS = "questions"
    READ_BACK = "read back"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    SUPERSEDED = "superseded"  # by the next note of the client
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    OVERDUE = "overdue"


# Shares of a hundred notes, and of those of the last days.
EARLIER = {
    Fate.CLOSED: 55, Fate.SUPERSEDED: 22, Fate.ACKNOWLEDGED: 13, Fate.CANCELLED: 4, Fate.RETURNED: 1, Fate.REOPENED: 2,
    Fate.OVERDUE: 2, Fate.DRAFT: 1,
}  # fmt: skip
LATER = {
    Fate.SUBMITTED: 28, Fate.QUESTIONS: 11, Fate.READ_BACK: 11, Fate.RETURNED: 6, Fate.ACKNOWLEDGED: 16, Fate.CLOSED: 6,
    Fate.SUPERSEDED: 4, Fate.CANCELLED: 2, Fate.OVERDUE: 8, Fate.DRAFT: 8,
}  # fmt: skip
_ENDLESS = frozenset({Fate.SUBMITTED, Fate.QUESTIONS, Fate.READ_BACK, Fate.RETURNED, Fate.OVERDUE, Fate.DRAFT})


@dataclass(frozen=True, slots=True)
class Plan:
    """A note that will be written. ``late``: in the last days."""

    begins: datetime
    fate: Fate
    items: int
    late: bool


@dataclass(frozen=True, slots=True)
class _Last:
    """The last note of a client and template."""

    slug: str
    sender: Person
    receiver: Person
    fate: Fate


def plans(chance: random.Random, notes: int, items: int, until: datetime) -> list[Plan]:
    """When each note begins, what becomes of it, and how many items it has: ``items`` in all."""
    lately = round(notes * LATE_SHARE)
    before, length = notes - lately, timedelta(days=DAYS) - LATELY
    begin = until - timedelta(days=DAYS)
    moments = [begin + length * n / max(1, before) for n in range(before)]
    moments += [until - LATELY + LATELY * n / max(1, lately) for n in range(lately)]
    sizes = _sizes(notes, items)
    found = []
    for n, (moment, size) in enumerate(zip(moments, sizes, strict=True)):
        late = n >= before
        shares = LATER if late else EARLIER
        fate = chance.choices(list(shares), list(shares.values()))[0]
        found.append(Plan(moment.replace(microsecond=0), fate, size, late))
    return found


def _sizes(notes: int, items: int) -> list[int]:
    """How many items each note has: about as many, a little more here than there, and the last one has most."""
    each, left = divmod(items, notes)
    sizes = [each + (n < left) for n in range(notes)]
    for n in range(0, notes - 1, 2):
        moved = min(n // 2 % 6, max(0, sizes[n] - 1))
        sizes[n], sizes[n + 1] = sizes[n] - moved, sizes[n + 1] + moved
    for n in range(notes - 1):
        if sizes[-1] >= LARGEST:
            break
        if sizes[n] > 2:
            sizes[n], sizes[-1] = sizes[n] - 1, sizes[-1] + 1
    return sizes


class History:
    """Lets all planned notes live, each step at its moment.

    :param clock: what the services go by, see :mod:`tests.clock`.
    """

    def __init__(self, store: Store, crew: Crew, clock: Clock, chance: random.Random) -> None:
        self._store, self._crew, self._clock, self._chance = store, crew, clock, chance
        self._indexer = Indexer(store, None)
        self._writer = Writer(chance)
        self._last: dict[tuple[str, str], _Last] = {}
        self._end = clock.moment

    def run(self, wanted: list[Plan], until: datetime, progress: Callable[[int], None]) -> None:
        """Write the notes, and take every step that is due before ``until``, in the order of time.

        :param progress: is told how many notes were begun.
        """
        self._end = until
        number = count()
        due = [(plan.begins, next(number), self._life(plan)) for plan in wanted]
        heapq.heapify(due)
        begun = 0
        while due:
            moment, place, life = heapq.heappop(due)
            if moment > until:
                break
            self._clock.moment = moment
            following = next(life, None)
            if place < len(wanted):
                begun += 1
                progress(begun)
            if following is not None:
                # Never at the same moment as before: what came first is told by the time.
                heapq.heappush(due, (max(following, moment + timedelta(seconds=1)), next(number), life))

    # ---- one note ---------------------------------------------------------------------------------------------------

    def _life(self, plan: Plan) -> Iterator[datetime]:
        """Take one step each time; what is given is when to take the next."""
        chance = self._chance
        client, template = chance.choice(self._crew.clients), chance.choices(TEMPLATES, _TEMPLATES)[0]
        key = (client.name, template.key)
        before = self._last.get(key)
        old = read_note(self._store, before.sender, before.slug) if before else None
        sender, receiver = self._parties(client, before)
        text = self._text(plan, client, template, old, sender, receiver)
        if plan.fate is Fate.DRAFT:
            save_note(self._store, self._indexer, sender, text, client.space, private_reason=_REASON)
            return
        replaces = old if old and before and self._is_replaced(before, old, sender) else None
        note = submit_note(
            self._store, self._indexer, sender, text, client.space, replaces=replaces, private_reason=_REASON
        )
        self._last[key] = _Last(note.page.slug, sender, receiver, plan.fate)
        yield from self._answered(plan, note, sender, receiver)

    def _answered(self, plan: Plan, note: Note, sender: Person, receiver: Person) -> Iterator[datetime]:
        store, chance = self._store, self._chance
        if plan.fate is Fate.CANCELLED:
            yield self._later(5)
            cancel_note(store, sender, self._now(note, sender), "Handed over in a call instead.")
            return
        asks = plan.fate is Fate.QUESTIONS
        for _ in range(chance.choices((0, 1, 3), (6, 3, 1))[0] or asks):
            yield self._later(3)
            note = ask(store, receiver, self._now(note, receiver), self._writer.sentence(), blocking=asks)
            if asks:
                return
            yield self._later(3)
            open_thread = note_threads(store, sender, note)[-1].id
            note = answer(store, sender, self._now(note, sender), open_thread, self._writer.sentence())
        if plan.fate is Fate.RETURNED or (plan.fate is Fate.CLOSED and chance.random() < 0.05):
            yield self._later(3)
            note = return_note(store, receiver, self._now(note, receiver), "The second item names no owner.")
            if plan.fate is Fate.RETURNED:
                return
            yield self._later(2)
            note = self._again(self._now(note, sender), sender)
        if plan.fate in (Fate.SUBMITTED, Fate.OVERDUE):
            return
        for declined in (chance.random() < 0.05, False):
            yield self._later(5)
            note = self._read_back(self._now(note, receiver), receiver)
            if plan.fate is Fate.READ_BACK:
                return
            yield self._later(3)
            given = note_read_backs(store, sender, note)[0]
            if declined:
                note = decline(store, sender, note, given, "Say who calls the bank.")
                continue
            note = confirm(store, sender, note, given)
            break
        if plan.fate in (Fate.CLOSED, Fate.REOPENED):
            yield self._later(48)
            self._finish_items(note, receiver)
            note = close_note(store, receiver, self._now(note, receiver))
        if plan.fate is Fate.REOPENED:
            yield self._later(48)
            reopen_note(store, sender, self._now(note, sender), "The client asked again.")

    def _read_back(self, note: Note, receiver: Person) -> Note:
        critical = critical_items(note.text)
        told = [note.text.items[place].title for place in critical] or [item.title for item in note.text.items[:2]]
        summary = f"I take over. {' '.join(f'{title}: I go on with it.' for title in told)} {self._writer.step()}"
        return read_back(self._store, receiver, note, summary, critical)

    def _again(self, note: Note, sender: Person) -> Note:
        """Submit the note's next version."""
        header = note.text.header
        moment = self._clock.moment
        assert header.effective
        if header.acknowledge_by is None or header.acknowledge_by <= moment:
            header = replace(header, acknowledge_by=max(moment, header.effective) + timedelta(hours=8))
        text = replace(note.text, header=header)
        return submit_note(self._store, self._indexer, sender, text, note.page.space, note, private_reason=_REASON)

    def _finish_items(self, note: Note, person: Person) -> None:
        """Three of four items are done by the time that a note is closed."""
        with self._store.atomic() as db:
            stands = actions.standing(db, [item.origin for item in note.text.items])
            here = actions.living_in(db, note.page.id)
            for origin, item in stands.items():
                if not item.done and origin in here and self._chance.random() < 0.75:
                    actions.change(db, person, origin, note.page.id, Change.DONE, "", done=True)

    # ---- what it says -----------------------------------------------------------------------------------------------

    def _parties(self, client: Client, before: _Last | None) -> tuple[Person, Person]:
        """Who hands over, mostly whoever received before, and to whom."""
        members = list(client.team.members)
        writers = [person for person in members if self._crew.may_write(person)]
        follows = before is not None and before.receiver in writers
        sender = before.receiver if before and follows and self._chance.random() < 0.9 else drawn(self._chance, writers)
        return sender, drawn(self._chance, [person for person in members if person != sender])

    def _is_replaced(self, before: _Last, old: Note, sender: Person) -> bool:
        # An acknowledged one only: whoever has still to act on the other ones would find them gone.
        standing = before.fate is Fate.SUPERSEDED and old.state is NoteState.ACKNOWLEDGED
        return standing and sender in (before.sender, before.receiver)

    def _text(
        self, plan: Plan, client: Client, template: HandoverTemplate, old: Note | None, sender: Person, receiver: Person
    ) -> NoteText:
        chance, today = self._chance, self._clock.moment.date()
        to = Party(receiver.name, PartyId(person=receiver.id))
        if chance.random() < 0.2:
            to = Party(client.team.name, PartyId(team=client.team.id))
        others = [person for person in client.team.members if person not in (sender, receiver)]
        parties = {Part.SENDER: Party(sender.name, PartyId(person=sender.id)), Part.RECEIVER: to}
        if others and chance.random() < 0.6:
            backup = drawn(chance, others)
            parties[Part.BACKUP] = Party(backup.name, PartyId(person=backup.id))
        if client.team.lead and chance.random() < 0.8:
            parties[Part.LEAD] = Party(client.team.lead.name, PartyId(person=client.team.lead.id))
        effective, acknowledge_by = self._times(plan)
        header = Header(
            client=client.name,
            effective=effective,
            acknowledge_by=acknowledge_by,
            zone=self._crew.zones[sender.id],
            status=chance.choices(tuple(Status), (6, 3, 1))[0],
        ).with_parties(parties)
        carried: list[NoteItem] = []
        if old is not None and chance.random() < 0.6:
            carried = list(carried_items(self._store, sender, old))[: max(0, plan.items - 2)]
        owners = [person.name for person in client.team.members]
        items = [*carried, *self._writer.items(template, plan.items - len(carried), owners, today)]
        return NoteText(template.key, template.version, header, self._writer.answers(template, today), tuple(items))

    def _times(self, plan: Plan) -> tuple[datetime, datetime]:
        moment, chance = self._clock.moment, self._chance
        effective = moment + timedelta(minutes=15 * chance.randrange(1, 24))
        acknowledge_by = effective + timedelta(minutes=15 * chance.randrange(8, 96))
        if plan.late and plan.fate in _ENDLESS and plan.fate is not Fate.OVERDUE and acknowledge_by < self._end:
            # Still in time when it is looked at.
            acknowledge_by = self._end + timedelta(minutes=15 * chance.randrange(1, 200))
        return effective, acknowledge_by

    def _later(self, hours: int) -> datetime:
        return self._clock.moment + timedelta(minutes=self._chance.randrange(5, hours * 60))

    def _now(self, note: Note, viewer: Person) -> Note:
        return read_note(self._store, viewer, note.page.slug)
