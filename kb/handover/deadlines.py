"""By when a note is best acknowledged: within the working time of who receives it. Pure.

The rule: the receiver gets some working time from the moment that the note takes effect (or from now, if that has
passed): one hour for a shift, eight for anything else; a quarter of it where the overall status is critical. Of a team,
the member counts whose work begins first; of somebody who is away, the stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kb.handover.models import Status
from kb.models import Person
from kb.workers import Obstacle, Reached, Worker, Workers, after_work, next_at_work, obstacles
from kb.worktime import Presence, PresenceState, is_at_work

WORK = {"shift": timedelta(hours=1)}  # working time to acknowledge a note, by template
OTHER_WORK = timedelta(hours=8)  # about a working day
CRITICAL_SHARE = 4  # a critical note has to be acknowledged in a quarter of the time


@dataclass(frozen=True, slots=True)
class Suggestion:
    """When to ask for the acknowledgement, and why then.

    ``receiver`` is who acknowledges, the earliest of a team or a stand-in; ``starts`` when they are at work first.
    ``obstacles`` are what kept ``awaited``, whom the note names, from work before.
    """

    when: datetime
    work: timedelta
    receiver: Person
    starts: datetime
    instead_of: Person | None = None
    obstacles: tuple[Obstacle, ...] = ()
    zone: str = ""  # of the receiver


def time_to_acknowledge(template: str, status: Status) -> timedelta:
    """The working time that a receiver gets for a note of this template."""
    work = WORK.get(template, OTHER_WORK)
    return work / CRITICAL_SHARE if status is Status.CRITICAL else work


def suggest(
    workers: Workers, receivers: Iterable[Person], moment: datetime, work: timedelta, language: str = ""
) -> Suggestion | None:
    """The best time to ask for, of who receives a note that takes effect at ``moment``.

    :param receivers: a person, or the members of a team who may take over.
    :param language: in which to name public holidays.
    :return: None when none of them has a time zone and working hours.
    """
    found = [
        (due, reached)
        for person in receivers
        if (reached := next_at_work(workers, person, moment))
        and workers[reached.person.id].is_known
        and (due := after_work(workers[reached.person.id], reached.when, work))
    ]
    if not found:
        return None
    due, reached = min(found, key=lambda one: (one[1].when, one[0]))
    return Suggestion(
        due, work, reached.person, reached.when, reached.instead_of,
        tuple(why_not_before(workers, reached, moment, language)), workers[reached.person.id].profile.zone,
    )  # fmt: skip


def why_not_before(workers: Workers, reached: Reached, moment: datetime, language: str = "") -> list[Obstacle]:
    """What kept the person that was meant, or for want of anything who is reached, from work since ``moment``."""
    if reached.instead_of:
        meant = workers[reached.instead_of.id]
        found = [one for one in obstacles(meant, moment, reached.when, language) if one.state is PresenceState.AWAY]
        absence = meant.absence_at(reached.when)
        if not found and absence:
            stand_in = absence.stand_in
            found = [Obstacle(PresenceState.AWAY, absence.first_day, absence.last_day, "", stand_in)]
        return [*found, *obstacles(workers[reached.person.id], moment, reached.when, language)]
    return obstacles(workers[reached.person.id], moment, reached.when, language)


def nobody_works(
    workers: Workers, receivers: Sequence[Person], moment: datetime, language: str = ""
) -> tuple[Worker, Presence] | None:
    """Who receives a note and is not at work at ``moment``, with what keeps them; None where somebody is.

    Of a team the one who is back first. None also where somebody's hours are not known: there is nothing to warn of.
    """
    away: list[tuple[Worker, Presence]] = []
    for person in receivers:
        reached = next_at_work(workers, person, moment)
        worker = workers.get(reached.person.id if reached else person.id)
        if worker is None:
            continue
        # What ends with a shift is still within it.
        before = is_at_work(worker.profile, worker.absences, moment - timedelta(minutes=1), language)
        presence = is_at_work(worker.profile, worker.absences, moment, language)
        if {before.state, presence.state} & {PresenceState.AT_WORK, PresenceState.NOT_SET}:
            return None
        away.append((worker, presence))
    return min(away, key=lambda one: (one[1].next_start is None, one[1].next_start or moment), default=None)
