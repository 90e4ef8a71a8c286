"""What to ask for as a note's acknowledge-by, and whether somebody is at work at the time that was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kb.access import Ability, require
from kb.handover.deadlines import Suggestion, nobody_works, suggest, time_to_acknowledge
from kb.handover.models import Header
from kb.handover.times import next_quarter
from kb.models import Person
from kb.store import people, profiles, teams
from kb.store.db import Connection, Store
from kb.worktime import Presence

_OTHER_ZONES = timedelta(days=1)  # where it is latest, it is still the day before


@dataclass(frozen=True, slots=True)
class AtThatTime:
    """Who is not at work at the acknowledge-by that was chosen, what keeps them, and their time zone's IANA name."""

    person: Person
    presence: Presence
    zone: str


@dataclass(frozen=True, slots=True)
class Advice:
    """``suggestion`` is None where nobody's hours are known; ``outside`` where somebody is at work at that time."""

    suggestion: Suggestion | None = None
    outside: AtThatTime | None = None


def deadline_advice(
    store: Store, actor: Person, header: Header, template: str, moment: datetime, language: str = ""
) -> Advice:
    """What there is to say of a note's acknowledge-by; nothing for a receiver without an account.

    :param moment: now: a note that took effect already has to be read from now on.
    :param language: in which to name public holidays.
    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        receivers = _receivers(db, header, actor)
        chosen = [at for at in (header.effective, header.acknowledge_by) if at]
        since = min([moment, *chosen]).date() - _OTHER_ZONES
        workers = profiles.workers(db, [person.id for person in receivers], since)
    begins = header.effective if header.effective and header.effective > moment else next_quarter(moment)
    suggestion = suggest(workers, receivers, begins, time_to_acknowledge(template, header.status), language)
    if header.acknowledge_by is None:
        return Advice(suggestion)
    away = nobody_works(workers, receivers, header.acknowledge_by, language)
    return Advice(suggestion, AtThatTime(away[0].person, away[1], away[0].profile.zone) if away else None)


def _receivers(db: Connection, header: Header, actor: Person) -> list[Person]:
    """Who may take the note over."""
    account = header.receiver_id
    if account is None:
        return []
    if account.team is not None:
        team = teams.by_id(db, account.team)
        named = list(team.members) if team else []
    else:
        named = [person for person in people.active(db) if person.id == account.person]
    sender = header.sender_id.person if header.sender_id else None
    return [person for person in named if person.id not in (actor.id, sender)]
