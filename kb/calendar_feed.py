"""A person's due dates for their calendar program, at an address that only they know."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from kb.access import Ability, NotAllowed, RuleError, require
from kb.agenda import Agenda, agenda
from kb.handover.actions import Action
from kb.handover.ical import Entry, calendar_file
from kb.models import Person
from kb.my_day import Task, Waiting
from kb.sessions import token_hash
from kb.settings import Settings
from kb.store import audit, calendar_addresses
from kb.store.calendar_addresses import CalendarAddress
from kb.store.db import Store, StoreError

ROUTE = "/calendar.ics"
_READ_EVERY = timedelta(minutes=5)  # how exactly "last read" is kept: a write at each reading helps nobody
_TASKS = {
    Task.READ_BACK: "Read back",
    Task.ANSWER: "Answer",
    Task.CONFIRM: "Confirm the read-back",
    Task.CHANGE: "Change and submit again",
}


class NoCalendar(RuleError):
    """The address is nobody's: it was replaced or taken away, or its owner is disabled."""

    def __init__(self) -> None:
        super().__init__("There is no calendar at this address. Make a new one in My profile.")


def make_address(store: Store, settings: Settings, actor: Person) -> str:
    """A new address of the person's calendar; an earlier one no longer works.

    :return: the address. It holds the token, which is kept nowhere: show it once.
    :raises NotAllowed: when the person is disabled.
    """
    token = secrets.token_urlsafe(32)
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        calendar_addresses.set_token(db, actor.id, token_hash(token))
        audit.record(db, actor, "calendar.made", "person", actor.id)
    return f"{settings.url}{ROUTE}?token={token}"


def remove_address(store: Store, actor: Person) -> None:
    """Take the person's address away. Without one nothing happens.

    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        if calendar_addresses.remove(db, actor.id):
            audit.record(db, actor, "calendar.removed", "person", actor.id)


def my_address(store: Store, actor: Person) -> CalendarAddress | None:
    """When the person's address was made and last read; None without one.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return calendar_addresses.of_person(db, actor.id)


def calendar_of(store: Store, settings: Settings, token: str, moment: datetime) -> bytes:
    """The calendar at an address: what waits for its owner by a time, and their items by a day, as an iCalendar file.

    :raises NoCalendar: when the address is nobody's.
    """
    with store.reading() as db:
        person = calendar_addresses.whose(db, token_hash(token))
        known = calendar_addresses.of_person(db, person.id) if person else None
    if person is None or known is None:
        raise NoCalendar
    try:
        found = agenda(store, person, moment)
    except NotAllowed:  # disabled just now
        raise NoCalendar from None
    if known.read_at is None or moment - known.read_at > _READ_EVERY:
        # Nobody waits for this: where somebody else is writing, the next reading notes it.
        with contextlib.suppress(StoreError), store.atomic(wait=False) as db:
            calendar_addresses.touch(db, person.id)
    return calendar_file(_entries(found, settings.url), moment)


def _entries(found: Agenda, url: str) -> Iterator[Entry]:
    for one in found.day.waiting:
        if one.due:
            yield _of_note(one, url)
    for item in found.items:
        if item.due:
            yield _of_item(item, url)


def _of_note(one: Waiting, url: str) -> Entry:
    place = f"{url}/handover?slug={one.slug}" if one.slug else f"{url}/my-day"
    why = [f"From {one.who}." if one.who else "", "It is overdue." if one.overdue else ""]
    if one.instead_of:
        why.append(f"You stand in for {one.instead_of.name}.")
    assert one.due is not None  # noqa: S101  asked above
    return Entry(
        _uid("note", str(one.page_id), one.task),
        one.due,
        f"{_TASKS[one.task]}: {one.title}",
        " ".join(filter(None, [*why, place])),
        place,
    )


def _of_item(item: Action, url: str) -> Entry:
    place = f"{url}/handover?slug={item.note.slug}" if item.note.slug else f"{url}/actions"
    assert item.due is not None  # noqa: S101  asked above
    about = f"{item.next_step}\n{place}" if item.next_step else place
    return Entry(_uid("item", item.origin), item.due, f"Due: {item.title}", about, place)


def _uid(*parts: str) -> str:
    """The same for the same thing, whatever it is called and when it is due, and without a word that people wrote."""
    return f"{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}@baton"
