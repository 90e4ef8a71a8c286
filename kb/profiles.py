"""Profiles: where and when people work, and who stands in. Every function takes the acting person and checks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from kb.access import Ability, RuleError, may, require
from kb.formats import LANGUAGES
from kb.models import Absence, Person, Profile, Role
from kb.public_holidays import countries
from kb.store import audit, people, profiles
from kb.store.db import Connection, Store, now
from kb.store.profiles import KeptColleague
from kb.workers import stand_in_at
from kb.worktime import MINUTES_A_DAY, local_time, zone_of

LONGEST_ABSENCE = timedelta(days=2 * 366)
MAX_ABSENCES = 50  # present and coming ones of a person
_OTHER_ZONES = timedelta(days=1)  # where it is latest, it is still the day before


class ProfileError(RuleError):
    """A profile or an absence cannot be saved like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """What colleagues see of a person. ``absences`` are present and coming ones; ``teams`` are names.

    ``email`` is empty for who may not see it.
    """

    person: Person
    role: Role
    teams: tuple[str, ...]
    profile: Profile
    absences: tuple[Absence, ...]
    email: str
    disabled: bool


def my_profile(store: Store, actor: Person) -> Profile:
    """The person's own profile; the defaults when they have set none.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return profiles.profile(db, actor.id)


def colleague(store: Store, viewer: Person, person_id: int) -> Colleague:
    """What ``viewer`` may see of a person.

    :raises NotAllowed: when ``viewer`` is disabled.
    :raises ProfileError: when there is no such person.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        found = profiles.colleague(db, person_id, _still_told())
        if found is None:
            raise ProfileError("There is no such person. See the list of colleagues.")
        return _seen(found, with_email=_sees_email(db, viewer, person_id))


def colleagues(store: Store, viewer: Person) -> list[Colleague]:
    """Everybody who is not disabled, by name, as ``viewer`` may see them.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        with_email = may(db, viewer, Ability.SEE_EMAIL)
        return [_seen(found, with_email=with_email) for found in profiles.colleagues(db, _still_told())]


def may_edit(store: Store, actor: Person, person_id: int) -> bool:
    """Whether the person may change the profile of the person with this id: their own, or as an administrator."""
    with store.reading() as db:
        return may(db, actor, Ability.READ if actor.id == person_id else Ability.MANAGE_PEOPLE)


def save_profile(store: Store, actor: Person, person_id: int, wanted: Profile) -> Profile:
    """Change where and when a person works.

    :raises NotAllowed: when it is somebody else's and the person may not manage people.
    :raises ProfileError: when something in it cannot be used.
    """
    _check(wanted)
    with store.atomic() as db:
        _require_edit(db, actor, person_id)
        before = profiles.profile(db, person_id)
        changed = [
            field.name for field in fields(Profile) if getattr(before, field.name) != getattr(wanted, field.name)
        ]
        if changed:
            profiles.save(db, person_id, wanted)
            audit.record(db, actor, "profile.changed", "person", person_id, ", ".join(changed))
        return wanted


def add_absence(
    store: Store, actor: Person, person_id: int, first_day: date, last_day: date, stand_in: Person | None = None
) -> Absence:
    """Say that a person does not work on these days, and who receives their work meanwhile.

    :raises NotAllowed: when it is somebody else's and the person may not manage people.
    :raises ProfileError: when the days or the stand-in cannot be used.
    """
    with store.atomic() as db:
        _require_edit(db, actor, person_id)
        today = local_time(profiles.profile(db, person_id), now()).date()
        _check_days(first_day, last_day, today)
        others = profiles.absences(db, person_id, today)
        for other in others:
            if first_day <= other.last_day and other.first_day <= last_day:
                raise ProfileError(
                    f"An absence from {_said(other.first_day)} to {_said(other.last_day)} is there already. Remove it "
                    "first, or choose other days."
                )
        if len(others) >= MAX_ABSENCES:
            raise ProfileError(f"There are {MAX_ABSENCES} absences already. Remove some first.")
        if stand_in is not None:
            _check_stand_in(db, person_id, stand_in)
        number = profiles.add_absence(db, person_id, first_day, last_day, stand_in.id if stand_in else None)
        audit.record(db, actor, "absence.added", "person", person_id, f"absence {number}")
        return Absence(number, first_day, last_day, stand_in)


def remove_absence(store: Store, actor: Person, person_id: int, absence: Absence) -> None:
    """Take back an absence. One that is gone already is no error.

    :raises NotAllowed: when it is somebody else's and the person may not manage people.
    """
    with store.atomic() as db:
        _require_edit(db, actor, person_id)
        if profiles.remove_absence(db, person_id, absence.id):
            audit.record(db, actor, "absence.removed", "person", person_id, f"absence {absence.id}")


def stand_in_for(store: Store, person: Person, moment: datetime) -> Person:
    """Who receives at ``moment`` what is meant for ``person``.

    While they are away that is their stand-in; if that one is away too, theirs, and so on. The person themselves when
    nobody in that chain is there: it ends with somebody away without a stand-in or with a disabled one, or is a ring.
    """
    with store.reading() as db:
        workers = profiles.workers(db, [person.id], moment.date() - _OTHER_ZONES)
        return stand_in_at(workers, person, moment)


def _require_edit(db: Connection, actor: Person, person_id: int) -> None:
    require(db, actor, Ability.READ if actor.id == person_id else Ability.MANAGE_PEOPLE)
    if people.account(db, person_id) is None:
        raise ProfileError("There is no such person. See the list of colleagues.")


def _sees_email(db: Connection, viewer: Person, person_id: int) -> bool:
    return viewer.id == person_id or may(db, viewer, Ability.SEE_EMAIL)


def _seen(found: KeptColleague, *, with_email: bool) -> Colleague:
    account = found.account
    return Colleague(
        account.person, account.role, found.teams, found.profile, found.absences,
        account.email if with_email else "", account.disabled_at is not None,
    )  # fmt: skip


def _still_told() -> date:
    return now().date() - _OTHER_ZONES


def _check(wanted: Profile) -> None:
    if wanted.zone and zone_of(wanted.zone).key != wanted.zone:
        raise ProfileError(f"There is no time zone called {wanted.zone}. Choose one from the list.")
    if wanted.country and wanted.country not in countries():
        raise ProfileError("The public holidays of this country are not known. Choose one from the list, or none.")
    if wanted.region and wanted.region not in countries().get(wanted.country, ()):
        raise ProfileError("This country has no such region. Choose one from the list, or none.")
    if wanted.language and wanted.language not in LANGUAGES:
        raise ProfileError("This language is not known. Choose one from the list.")
    if len(wanted.hours) != 7 or not all(
        0 <= start < MINUTES_A_DAY and 0 <= end <= MINUTES_A_DAY for start, end in filter(None, wanted.hours)
    ):
        raise ProfileError("The working hours need a start and an end within the day, or none, for each weekday.")


def _check_days(first_day: date, last_day: date, today: date) -> None:
    if last_day < first_day:
        raise ProfileError("The last day is before the first one. Choose a later last day.")
    if last_day < today:
        raise ProfileError("These days have passed. Choose days from today on.")
    if last_day - first_day >= LONGEST_ABSENCE:
        raise ProfileError("An absence can be two years long at most. Choose an earlier last day.")
    if first_day - today > LONGEST_ABSENCE:
        raise ProfileError("An absence can begin within the next two years. Choose an earlier first day.")


def _check_stand_in(db: Connection, person_id: int, stand_in: Person) -> None:
    if stand_in.id == person_id:
        raise ProfileError("Nobody can stand in for themselves. Choose a colleague, or nobody.")
    account = people.account(db, stand_in.id)
    if account is None or account.disabled_at:
        raise ProfileError(f"{stand_in.name} cannot stand in: the account is disabled. Choose somebody else.")


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
