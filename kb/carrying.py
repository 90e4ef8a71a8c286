"""Open items from one note to the next: which item is which, where each lives, and how old it is.

A note's text stays as it was submitted. What becomes of its items afterwards is kept beside it, and a later note takes
over what is not finished.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from kb.handover.actions import Age, Change, ItemLife
from kb.handover.models import Note, NoteItem, NoteText, Party, PartyId
from kb.handover.origins import with_origins
from kb.models import Person
from kb.pages import require_seen
from kb.store import actions, people
from kb.store.db import Connection, Store


def identified(db: Connection, actor: Person, text: NoteText, before: Sequence[NoteItem]) -> NoteText:
    """The text with an origin for each item. What comes from a note that the actor may not see becomes a new item.

    :param before: the items of the same note as it was saved last.
    """
    known = {item.origin for item in before}
    known |= actions.visible_origins(db, actor, {item.origin for item in text.items if item.origin})
    return replace(text, items=with_origins(text.items, before, known, lambda: secrets.token_hex(8)))


def take_items(db: Connection, actor: Person, note: Note, before: Sequence[NoteItem]) -> None:
    """Let the items of a note live in it, which was just submitted.

    What the text says newly counts: in a new version what was changed in it, in a later note its owner and due date.
    What was done meanwhile stays done, unless a new version says otherwise.

    :param before: the items of the version before, where there was one.
    """
    items, page_id = note.text.items, note.page.id
    now = actions.standing(db, [item.origin for item in items])
    accounts = _by_name(people.active(db))
    new = [item for item in items if item.origin not in now]
    actions.add(db, new, accounts)
    for item in new:
        if item.done:
            actions.change(db, actor, item.origin, page_id, Change.DONE, "")
    placed, here = actions.pages_of(db, now), actions.living_in(db, page_id)
    earlier = {item.origin: item for item in before}
    for item in items:
        stands = now.get(item.origin)
        carried = page_id not in placed.get(item.origin, ())
        if stands is None or not (carried or item.origin in here):  # a later note has taken it over
            continue
        said = earlier.get(item.origin)
        if carried:
            actions.change(db, actor, item.origin, page_id, Change.CARRIED, "")
        if (carried or said is None or item.owner != said.owner) and item.owner != stands.owner.name:
            owner = _party(item.owner, accounts)
            values = actions.owner_values(owner)
            actions.change(db, actor, item.origin, page_id, Change.OWNER, owner.name, **values)
        if (carried or said is None or item.due != said.due) and item.due != stands.due:
            due = item.due.isoformat() if item.due else None
            actions.change(db, actor, item.origin, page_id, Change.DUE, due or "", due=due)
        if item.done and not stands.done:
            actions.change(db, actor, item.origin, page_id, Change.DONE, "", done=True)
        elif stands.done and not item.done and said is not None and said.done:
            actions.change(db, actor, item.origin, page_id, Change.REOPENED, "", done=False)
    actions.place(db, [item.origin for item in items], page_id)


def carried_items(store: Store, viewer: Person, note: Note) -> tuple[NoteItem, ...]:
    """The unfinished items of a submitted note as the next one takes them over, with their present owners and dates.

    What was done since, and what another note took over, is left out.

    :raises PageNotFound: when the viewer may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note.page)
        now = actions.standing(db, [item.origin for item in note.text.items])
        here = actions.living_in(db, note.page.id)
    return tuple(
        replace(item, owner=stands.owner.name, due=stands.due, done=False)
        for item in note.text.items
        if (stands := now.get(item.origin)) and not stands.done and item.origin in here
    )


def item_lives(store: Store, viewer: Person, note: Note) -> dict[str, ItemLife]:
    """What became of a note's items since it was submitted, by origin; nothing of a draft's new items.

    :raises PageNotFound: when the viewer may not see the note.
    """
    origins = [item.origin for item in note.text.items]
    with store.reading() as db:
        require_seen(db, viewer, note.page)
        now, ages = actions.standing(db, origins), actions.ages(db, viewer, origins)
        homes, finished = actions.homes(db, viewer, origins), actions.last_done(db, origins)
    return {
        origin: ItemLife(
            origin=origin,
            owner=stands.owner,
            due=stands.due,
            done=stands.done,
            fix=stands.fix,
            age=ages.get(origin),
            carried_into=homes[origin][1] if note.version and homes.get(origin, (note.page.id,))[0] != note.page.id
            else None,
            last=finished.get(origin) if stands.done else None,
        )
        for origin, stands in now.items()
    }  # fmt: skip


def item_ages(store: Store, viewer: Person, origins: Sequence[str]) -> dict[str, Age]:
    """How old these items are, by origin; those that were never submitted, or may not be seen, are left out."""
    with store.reading() as db:
        return actions.ages(db, viewer, [origin for origin in origins if origin])


def _by_name(active: Sequence[Person]) -> dict[str, Person]:
    """Whose account a name stands for, where exactly one person has it."""
    found: dict[str, list[Person]] = {}
    for person in active:
        found.setdefault(person.name.casefold(), []).append(person)
    return {name: those[0] for name, those in found.items() if len(those) == 1}


def _party(name: str, accounts: dict[str, Person]) -> Party:
    person = accounts.get(name.casefold())
    return Party(name, PartyId(person=person.id) if person else None)
