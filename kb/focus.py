"""The focus timer's only memory: how many rounds a person finished today. Nobody else is told."""

from __future__ import annotations

from datetime import date, datetime

from kb.access import Ability, require
from kb.models import Person
from kb.store import focus_rounds, profiles
from kb.store.db import Connection, Store, now
from kb.worktime import local_time

MOST_A_DAY = 200  # more are no rounds of work
_LONGEST_NAME = 40  # characters of a round's name


def finish_round(store: Store, actor: Person, name: str) -> int:
    """Count a finished round of the person's own. One that was counted just before, as by a second window, is not.

    :param name: what the browser calls the round.
    :return: how many it are today.
    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        today = _today(db, actor, now())
        rounds, last = focus_rounds.of_day(db, actor, today)
        name = name[:_LONGEST_NAME]
        if name == last or rounds >= MOST_A_DAY:
            return rounds
        focus_rounds.keep(db, actor, today, rounds + 1, name)
        return rounds + 1


def rounds_today(store: Store, actor: Person) -> int:
    """How many rounds the person finished today, on their own calendar.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return focus_rounds.of_day(db, actor, _today(db, actor, now()))[0]


def _today(db: Connection, actor: Person, moment: datetime) -> date:
    return local_time(profiles.profile(db, actor.id), moment).date()
