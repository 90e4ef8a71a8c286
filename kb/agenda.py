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
UNSAVED_DRAFT = "A draft"  # how confidential it is, is not known before it is saved
SOMEBODY = Person(-1, "somebody")


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything that is due for a person or waits, the most urgent first. ``items`` are open ones that they own.

    The address of a confidential note, from which its title can be read, is "".
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
    # Asked last, and of what may be told: a note that became confidential or vanished meanwhile is not told.
    with store.reading() as db:
        tellable = handovers.tellable_among(db, slugs | {item.note.slug for item in items})
    return Agenda(
        person,
        MyDay(
            tuple(_waitings(day.waiting, tellable)),
            tuple(_waitings(day.awaited, tellable)),
            tuple(one if one.slug in tellable else _step(one) for one in day.changes),
            day.stands_in_for,
        ),
        tuple(item if item.note.slug in tellable else _item(item) for item in items),
    )


def _waitings(found: Iterable[Waiting], tellable: set[str]) -> Iterable[Waiting]:
    for one in found:
        if one.slug and one.slug not in tellable:
            yield replace(one, slug="", draft="", title=CONFIDENTIAL_NOTE, client="", who="", instead_of=None)
        elif not one.page_id:
            yield replace(one, title=UNSAVED_DRAFT, client="")
        else:
            yield one


def _step(one: SeenStep) -> SeenStep:
    return replace(one, slug="", title=CONFIDENTIAL_NOTE, reason="", actor=SOMEBODY)


def _item(item: Action) -> Action:
    note = replace(item.note, slug="", title=CONFIDENTIAL_NOTE, client="")
    return replace(item, title=CONFIDENTIAL_ITEM, reference="", next_step="", fix="", note=note)
