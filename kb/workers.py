"""People with their calendars: who stands in for whom, and who is at work next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from kb.models import Absence, Person, Profile
from kb.public_holidays import holiday_name
from kb.worktime import (
    DAY,
    NoWorkingTime,
    PresenceState,
    absence_on,
    local_time,
    moment_of,
    next_working_moment,
    working_time_after,
    zone_of,
)

ALL_DAY = ((0, 0),) * 7
LONGEST_LOOK = timedelta(days=60)  # what keeps somebody from work is told for this long


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with an account that is not disabled, and when they work."""

    person: Person
    profile: Profile
    absences: tuple[Absence, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether their time zone and working hours are known."""
        return bool(self.profile.zone) and any(self.profile.hours)

    @property
    def calendar(self) -> Profile:
        """When they can be reached: where no time zone is set, on every hour of every day."""
        return self.profile if self.profile.zone else replace(self.profile, hours=ALL_DAY, country="")

    def absence_at(self, moment: datetime) -> Absence | None:
        """The absence that the moment is in, on their own calendar."""
        return absence_on(self.absences, local_time(self.profile, moment).date()) if self.absences else None


Workers = Mapping[int, Worker]  # by the person's id, with everybody who might stand in for them


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is at work first of those whom something is meant for, and from when on.

    ``instead_of``: whom they stand in for. ``after_absence``: nobody stood in, so it waited for their return.
    """

    person: Person
    when: datetime
    instead_of: Person | None = None
    after_absence: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps somebody from work on some days: a public holiday, an absence, or days without working hours."""

    state: PresenceState
    first_day: date
    last_day: date
    holiday: str = ""
    stand_in: Person | None = None


def stand_in_at(workers: Workers, person: Person, moment: datetime) -> Person:
    """Who receives at ``moment`` what is meant for ``person``.

    While they are away that is their stand-in; if that one is away too, theirs, and so on. The person themselves when
    nobody in that chain is there: it ends with somebody away without a stand-in, with one who is unknown, or is a ring.
    """
    seen, receiver = {person.id}, person
    while True:
        worker = workers.get(receiver.id)
        if worker is None:
            return person
        absence = worker.absence_at(moment)
        if absence is None:
            return receiver
        if absence.stand_in is None or absence.stand_in.id in seen:
            return person
        receiver = absence.stand_in
        seen.add(receiver.id)


def next_at_work(workers: Workers, person: Person, moment: datetime) -> Reached | None:
    """Who is at work first, from ``moment`` on, of a person and whoever stands in for them.

    Nobody is reached on a public holiday, on a day off, at night or while away; somebody who is away is waited for only
    when nobody who stands in is back earlier. Somebody without a time zone is reached at once.

    :return: None when the person is unknown or has no working hours.
    """
    return _next_at_work(workers, person, moment, frozenset())


def first_at_work(
    workers: Workers, people: Iterable[Person], moment: datetime, but: Collection[Person] = ()
) -> Reached | None:
    """The earliest of several people, or of who stands in for them; of equals the first one named.

    Whoever has to be waited for until an absence ends comes after everybody else.

    :param but: who does not count, also as a stand-in.
    """
    found = [reached for person in people if (reached := next_at_work(workers, person, moment))]
    able = [reached for reached in found if reached.person not in but]
    return min(able, key=lambda reached: (reached.after_absence, reached.when), default=None)


def after_work(worker: Worker, moment: datetime, work: timedelta) -> datetime | None:
    """When the worker has worked for ``work`` from ``moment`` on; None when that is never."""
    try:
        return working_time_after(worker.calendar, worker.absences, moment, work)
    except NoWorkingTime:
        return None


def obstacles(worker: Worker, first: datetime, last: datetime, language: str = "") -> list[Obstacle]:
    """What keeps the worker from work from the day of ``first`` to the day before ``last``, in order.

    :param language: in which to name public holidays; that of the profile when it is empty.
    """
    found: list[Obstacle] = []
    for obstacle in _daily_obstacles(worker, first, min(last, first + LONGEST_LOOK), language):
        before = found[-1] if found else None
        same = before and (before.state, before.holiday) == (obstacle.state, obstacle.holiday)
        if before and same and before.last_day + DAY >= obstacle.first_day:
            found[-1] = replace(before, last_day=max(before.last_day, obstacle.last_day))
        else:
            found.append(obstacle)
    return found


def _next_at_work(workers: Workers, person: Person, moment: datetime, seen: frozenset[int]) -> Reached | None:
    worker = workers.get(person.id)
    if worker is None or person.id in seen:
        return None
    own = _moment_at_work(worker, worker.absences, moment)
    without_absences = _moment_at_work(worker, (), moment) if worker.absences else own
    if own is None or own == without_absences:
        return Reached(person, own) if own else None
    # They are away when their work would begin: it is for the stand-in, from the first day of the absence on.
    absence = worker.absence_at(without_absences) if without_absences else None
    deputy = None
    if absence and absence.stand_in:
        begins = moment_of(absence.first_day, 0, zone_of(worker.profile.zone))
        deputy = _next_at_work(workers, absence.stand_in, max(moment, begins), seen | {person.id})
    if deputy and deputy.when < own and not deputy.after_absence:
        return replace(deputy, instead_of=person)
    return Reached(person, own, after_absence=True)


def _moment_at_work(worker: Worker, absences: tuple[Absence, ...], moment: datetime) -> datetime | None:
    try:
        return next_working_moment(worker.calendar, absences, moment)
    except NoWorkingTime:
        return None


def _daily_obstacles(worker: Worker, first: datetime, last: datetime, language: str) -> Iterator[Obstacle]:
    profile = worker.profile
    day, end = local_time(profile, first).date(), local_time(profile, last).date()
    while day < end:
        absence = absence_on(worker.absences, day)
        if absence:
            yield Obstacle(PresenceState.AWAY, absence.first_day, absence.last_day, "", absence.stand_in)
            day = absence.last_day
        elif worker.is_known and profile.hours[day.weekday()] is None:
            yield Obstacle(PresenceState.DAY_OFF, day, day)
        elif worker.is_known and (
            name := holiday_name(profile.country, profile.region, language or profile.language, day)
        ):
            yield Obstacle(PresenceState.HOLIDAY, day, day, name)
        day += DAY
