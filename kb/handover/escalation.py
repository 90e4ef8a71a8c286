"""Who is called when a note is overdue: the backup, then the lead, each on their own calendar. Pure.

It follows from the note's times, people's calendars and the clock alone, so it is right after any downtime:

- At acknowledge-by (or when it became the receiver's turn, if that was later) the note goes to the backup, as soon as
  the backup is at work. PATIENCE of the backup's working time later it goes to the lead, as soon as the lead is.
- A note that waits for its sender goes to the lead alone: the backup could do nothing. The sender has PATIENCE first.
- Whoever is away is passed over for the stand-in, and without one altogether; only when nobody else is left is
  somebody waited for until the absence ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kb.handover.deadlines import why_not_before
from kb.handover.models import NoteState, Part, Status
from kb.models import Person
from kb.workers import Obstacle, Reached, Workers, after_work, first_at_work

PATIENCE = timedelta(hours=2)  # working time that the backup has before the lead is called
CRITICAL_PATIENCE = timedelta(minutes=30)  # the same, where the overall status is critical


@dataclass(frozen=True, slots=True)
class Call:
    """A note goes to somebody: to the backup, or to the lead.

    ``why`` tells what kept them from it before; ``zone`` is the IANA name of their time zone, "" where it is not set.
    """

    when: datetime
    part: Part
    person: Person
    instead_of: Person | None = None
    why: tuple[Obstacle, ...] = ()
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Whom an overdue note goes to. ``waits_for`` is whose turn it is; nobody is called whom it waits for already."""

    backups: Sequence[Person] = ()
    leads: Sequence[Person] = ()
    waits_for: Sequence[Person] = ()


def patience(status: Status) -> timedelta:
    """The working time between two calls."""
    return CRITICAL_PATIENCE if status is Status.CRITICAL else PATIENCE


def escalation(
    state: NoteState,
    due: datetime,
    since: datetime,
    chain: Chain,
    workers: Workers,
    wait: timedelta = PATIENCE,
    language: str = "",
) -> list[Call]:
    """Who is called when, in order; calls may lie in the future.

    :param state: as it is stored: whose turn it is.
    :param due: acknowledge-by.
    :param since: when the note came into its state.
    :param language: in which to name public holidays.
    """
    moment = max(due, since)
    sides = [(Part.BACKUP, chain.backups), (Part.LEAD, chain.leads)]
    if state in (NoteState.QUESTIONS, NoteState.READ_BACK):
        sides = sides[1:]
        sender = first_at_work(workers, chain.waits_for, moment)
        if sender and not sender.after_absence:
            moment = after_work(workers[sender.person.id], sender.when, wait) or moment
    held = set(chain.waits_for) if len(chain.waits_for) == 1 else set()
    calls: list[Call] = []
    late: list[tuple[Part, Reached]] = []
    for part, people in sides:
        reached = first_at_work(workers, people, moment, held)
        if reached is None:
            continue
        if reached.after_absence:
            late.append((part, reached))
            continue
        calls.append(_call(part, reached, moment, workers, language))
        held.add(reached.person)
        moment = after_work(workers[reached.person.id], reached.when, wait) or reached.when
    if not calls and late:
        part, reached = min(late, key=lambda one: one[1].when)
        calls.append(_call(part, reached, moment, workers, language))
    return calls


def present(calls: Sequence[Call], moment: datetime) -> Call | None:
    """The call that has happened last: whom the note is with now."""
    return next((call for call in reversed(calls) if call.when <= moment), None)


def _call(part: Part, reached: Reached, moment: datetime, workers: Workers, language: str) -> Call:
    why = tuple(why_not_before(workers, reached, moment, language))
    zone = workers[reached.person.id].profile.zone
    return Call(reached.when, part, reached.person, reached.instead_of, why, zone)
