"""What people do with the open items of submitted notes: done, reopened, another owner, another due date.

The note keeps its text, and with it its seal. Every function takes the acting person and the action as they saw it.
Those that take words also take ``private_reason``: why personal data or a secret in them has to stay. They raise
PrivateDataFound when the words hold such data and no reason was ever given for it at the item's note.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from kb import private_data
from kb.access import NotAllowed
from kb.action_lists import action_as_seen
from kb.handover.actions import Action, ActionEvent, Change
from kb.handover.models import Party, PartyId
from kb.handover.text import MAX_CELL, NoteError
from kb.handover.times import from_now
from kb.models import Person
from kb.pages import GONE as PAGE_GONE
from kb.pages import PageNotFound
from kb.store import actions, audit, people
from kb.store import pages as store_pages
from kb.store.access import sees_space
from kb.store.db import Connection, Store, now

MAX_FIX = 1_000  # characters
MAX_OWNER = 120  # characters, as of the names in a note's header
FIX_NAME, OWNER_NAME = "what fixed it", "the owner"  # as people are told where something private was found


class StaleAction(NoteError):
    """Somebody changed the item since it was read; ``current`` is how it stands now."""

    def __init__(self, current: Action, message: str) -> None:
        super().__init__(message)
        self.current = current


def mark_done(store: Store, actor: Person, action: Action, fix: str = "", *, private_reason: str = "") -> Action:
    """Mark an open item done.

    :param fix: what fixed it, if anybody says; on one line.
    :raises PageNotFound: when the actor may not see it.
    :raises NotAllowed: when they neither own it nor have a part in its note, nor are a lead.
    :raises StaleAction: when somebody changed it since.
    :raises NoteError: when it is done already, or ``fix`` is too long.
    """
    fix = _fix(fix)
    examined = private_data.examine(store, private_data.of_words(FIX_NAME, fix), private_reason)
    with store.atomic() as db:
        current, page_id = _begin(db, actor, action)
        if current.done:
            raise NoteError("This item is done already.")
        examined.require_reason(db, actor, page_id)
        return _change(db, actor, current, page_id, Change.DONE, fix, done=True, fix=fix)


def reopen(store: Store, actor: Person, action: Action) -> Action:
    """Make a done item open again. What fixed it is forgotten, but for its history.

    :raises PageNotFound, NotAllowed, StaleAction: as :func:`mark_done`.
    :raises NoteError: when it is open.
    """
    with store.atomic() as db:
        current, page_id = _begin(db, actor, action)
        if not current.done:
            raise NoteError("This item is open.")
        return _change(db, actor, current, page_id, Change.REOPENED, "", done=False, fix="")


def say_fix(store: Store, actor: Person, action: Action, fix: str, *, private_reason: str = "") -> Action:
    """Say what fixed a done item, or say it differently.

    :raises PageNotFound, NotAllowed, StaleAction: as :func:`mark_done`.
    :raises NoteError: when it is open, or the text is too long.
    """
    fix = _fix(fix)
    examined = private_data.examine(store, private_data.of_words(FIX_NAME, fix), private_reason)
    with store.atomic() as db:
        current, page_id = _begin(db, actor, action)
        if not current.done:
            raise NoteError("This item is open: mark it done first.")
        if fix == current.fix:
            return current
        examined.require_reason(db, actor, page_id)
        return _change(db, actor, current, page_id, Change.FIX, fix, fix=fix)


def reassign(store: Store, actor: Person, action: Action, owner: Party, *, private_reason: str = "") -> Action:
    """Give an open item to a person with an account, or to a name; a name that one person has is that person.

    :param owner: an empty name for nobody.
    :raises PageNotFound, NotAllowed, StaleAction: as :func:`mark_done`.
    :raises NoteError: when it is done, the name is too long, or the person cannot see the note.
    """
    typed = "" if owner.id else owner.name
    examined = private_data.examine(store, private_data.of_words(OWNER_NAME, typed), private_reason)
    with store.atomic() as db:
        current, page_id = _begin(db, actor, action)
        _require_open(current)
        owner = _owner(db, owner, page_id)
        if owner == current.owner:
            return current
        examined.require_reason(db, actor, page_id)
        values = actions.owner_values(owner)
        return _change(db, actor, current, page_id, Change.OWNER, owner.name, **values)


def set_due(store: Store, actor: Person, action: Action, due: date | None) -> Action:
    """Give an open item another due date, or none.

    :raises PageNotFound, NotAllowed, StaleAction: as :func:`mark_done`.
    :raises NoteError: when it is done.
    """
    with store.atomic() as db:
        current, page_id = _begin(db, actor, action)
        _require_open(current)
        if due == current.due:
            return current
        text = due.isoformat() if due else None
        return _change(db, actor, current, page_id, Change.DUE, text or "", due=text)


def _begin(db: Connection, actor: Person, action: Action) -> tuple[Action, int]:
    """The action as it is now, if the actor may change it and nothing happened to it since."""
    current, page_id = action_as_seen(db, actor, action.origin)
    if not current.may_change:
        raise NotAllowed("Only its owner, whoever has a part in its note, and leads may change this item.")
    if current.changes != action.changes:
        raise StaleAction(current, _what_happened(actions.events(db, action.origin)[0]))
    return current, page_id


def _change(
    db: Connection, actor: Person, action: Action, page_id: int, what: Change, detail: str, **values: Any
) -> Action:
    actions.change(db, actor, action.origin, page_id, what, detail, **values)
    audit.record(db, actor, f"action.{what}", "page", page_id, f"item {action.origin}")
    return action_as_seen(db, actor, action.origin)[0]


def _require_open(action: Action) -> None:
    if action.done:
        raise NoteError("This item is done: reopen it first.")


def _fix(text: str) -> str:
    fix = _line(text)
    if len(fix) > MAX_FIX:
        raise NoteError(f"What fixed it has {len(fix):,} characters; shorten it to {MAX_FIX:,}.")
    return fix


def _owner(db: Connection, owner: Party, page_id: int) -> Party:
    name = _line(owner.name)
    if len(name) > MAX_OWNER:
        raise NoteError(f"The owner has {len(name)} characters; shorten it to {MAX_OWNER}.")
    active = people.active(db)
    wanted = owner.id.person if owner.id else None
    same = [person for person in active if person.name.casefold() == name.casefold()]
    chosen = [person for person in active if person.id == wanted] if wanted is not None else same
    if wanted is not None and not chosen:
        raise NoteError(f"{name} has no account any more, or it is disabled: choose somebody else.")
    if len(chosen) != 1:
        return Party(name)
    page = store_pages.by_id(db, page_id)
    if page is None:
        raise PageNotFound(PAGE_GONE)
    if not sees_space(db, chosen[0], page.space.id):
        raise NoteError(
            f"{chosen[0].name} may not see the space {page.space.name}: share it with them, or choose somebody else."
        )
    return Party(chosen[0].name, PartyId(person=chosen[0].id))


def _line(text: str) -> str:
    # Lone surrogates cannot be stored as UTF-8; NUL ends a text in SQLite's eyes.
    return " ".join(text[: MAX_CELL * 4].encode("utf-8", "replace").decode("utf-8").replace("\x00", "").split())


def _what_happened(event: ActionEvent) -> str:
    did = {
        Change.CARRIED: "carried this item into the next note",
        Change.DONE: "marked this item done",
        Change.REOPENED: "reopened this item",
        Change.OWNER: f"gave this item to {event.detail}" if event.detail else "took the owner off this item",
        Change.DUE: "changed when this item is due",
        Change.FIX: "said what fixed this item",
    }[event.change]
    when = from_now(event.at, now())
    return f"{event.actor.name} {did} {'just now' if when == 'now' else when}, after you opened it. Look again."
