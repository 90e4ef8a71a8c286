"""What a person is told outside Baton: in their calendar, or by mail. Of confidential notes only that there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from kb.action_lists import open_actions
from kb.handover.actions import Action, ActionFilter, Quadrant
from kb.models import Person
from kb.my_day import MyDay, Waiting, my_day
from kb.store import handovers
from kb.store.db import Store
from kb.store.seen_steps import SeenStep

MOST_ITEMS = 200  # of each quadrant; nobody works off more
CONFIDENTIAL_NOTE = "A confidential note"
CONFIDENTIAL_ITEM = "An item of a confidential note"


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything that is due for a person or waits, the most urgent first. ``items`` are open ones that they own.

    The address of a confidential note, which its title can be read from, is "".
    """

    person: Person
    day: MyDay
    items: tuple[Action, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.day.waiting or self.day.awaited or self.day.changes or self.items)


def agenda(store: Store, person: Person, moment: datetime) -> Agenda:
    """What waits for the person at ``moment``, what they wait for, what changed, and their open items.

    :raises NotAllowed: when the person is disabled.
    """
    day = my_day(store, person, moment)
    shelves = open_actions(store, person, ActionFilter(mine=True), dict.fromkeys(Quadrant, MOST_ITEMS)).shelves
    items = [action for shelf in shelves.values() for action in shelf.actions]
    slugs = {one.slug for one in (*day.waiting, *day.awaited)} | {one.slug for one in day.changes}
    with store.reading() as db:
        secret = handovers.confidential_among(db, slugs | {item.note.slug for item in items})
    return Agenda(
        person,
        MyDay(
            tuple(_waitings(day.waiting, secret)),
            tuple(_waitings(day.awaited, secret)),
            tuple(_step(one) if one.slug in secret else one for one in day.changes),
            day.stands_in_for,
        ),
        tuple(_item(item) if item.note.slug in secret else item for item in items),
    )


def _waitings(found: Iterable[Waiting], secret: set[str]) -> Iterable[Waiting]:
    for one in found:
        yield replace(one, slug="", draft="", title=CONFIDENTIAL_NOTE, client="", who="") if one.slug in secret else one


def _step(one: SeenStep) -> SeenStep:
    return replace(one, slug="", title=CONFIDENTIAL_NOTE, reason="")


def _item(item: Action) -> Action:
    note = replace(item.note, slug="", title=CONFIDENTIAL_NOTE, client="")
    return replace(item, title=CONFIDENTIAL_ITEM, reference="", next_step="", note=note)
