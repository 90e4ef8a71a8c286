"""Reading what is open in all notes that a person may see: the Eisenhower box, what was done lately, one item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from kb.handover.actions import Action, ActionEvent, ActionFilter, Box, Quadrant, Shelf
from kb.handover.eisenhower import urgent_until
from kb.handover.models import Part
from kb.models import Person, Role
from kb.note_parties import parts_in
from kb.pages import PageNotFound
from kb.store import actions, profiles
from kb.store.access import role_of
from kb.store.actions import Found
from kb.store.db import Connection, Store, now, to_text
from kb.worktime import local_time

GONE = "There is no such item any more, or it is not shared with you."
DONE_FOR = timedelta(days=14)  # how long a done item is offered to be reopened
_PARTS = frozenset({Part.WRITER, Part.SENDER, Part.RECEIVER, Part.BACKUP, Part.LEAD})


def open_actions(
    store: Store, viewer: Person, wanted: ActionFilter, limits: Mapping[Quadrant, int], zone: str = ""
) -> Box:
    """What is open in submitted notes, by urgent and important.

    :param limits: how many actions of each quadrant at most, at least 1.
    :param zone: IANA name of the viewer's time zone where their profile has none.
    """
    with store.reading() as db:
        today, until = _days(db, viewer, zone)
        found, totals = actions.box(db, viewer, wanted, today, until, limits)
        shelves = {place: Shelf(_with_rights(db, viewer, found[place]), totals[place]) for place in Quadrant}
    return Box(shelves, until)


def action_choices(store: Store, viewer: Person) -> tuple[list[str], list[str]]:
    """The owners and the clients of what is open, by name: what lists can be narrowed to."""
    with store.reading() as db:
        return actions.choices(db, viewer)


def done_actions(
    store: Store, viewer: Person, wanted: ActionFilter, limit: int, zone: str = ""
) -> tuple[list[Action], int]:
    """What was done within ``DONE_FOR``, the latest first, at most ``limit``; and how much it is in all."""
    with store.reading() as db:
        _, until = _days(db, viewer, zone)
        found, total = actions.done(db, viewer, wanted, until, to_text(now() - DONE_FOR), limit)
        return list(_with_rights(db, viewer, found)), total


def find_action(store: Store, viewer: Person, origin: str) -> Action:
    """One item of a submitted note, open or done, as it stands now.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        return action_as_seen(db, viewer, origin)[0]


def action_events(store: Store, viewer: Person, origin: str) -> list[ActionEvent]:
    """What happened to an item since its note was submitted, the latest first.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        action_as_seen(db, viewer, origin)
        return actions.events(db, origin)


def action_as_seen(db: Connection, viewer: Person, origin: str) -> tuple[Action, int]:
    """The item as it stands now, with whether the viewer may change it; and the page of its note.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    found = actions.by_origin(db, viewer, [origin], _days(db, viewer, "")[1])
    if origin not in found:
        raise PageNotFound(GONE)
    (action,) = _with_rights(db, viewer, [found[origin]])
    return action, found[origin].page_id


def _days(db: Connection, viewer: Person, zone: str) -> tuple[date, date]:
    """Today, and the last due date that is urgent, for the viewer."""
    profile, moment = profiles.profile(db, viewer.id), now()
    profile = replace(profile, zone=profile.zone or zone)
    today = local_time(profile, moment).date()
    return today, urgent_until(profile, profiles.absences(db, viewer.id, today), moment)


def _with_rights(db: Connection, viewer: Person, found: Collection[Found]) -> tuple[Action, ...]:
    """The actions, each with whether the viewer may change it: who has a part in its note, its owner, and leads."""
    role = role_of(db, viewer)
    if role is None:
        return ()
    able: set[int] = set()
    if not role.reaches(Role.LEAD):
        # Of what is somebody's own nothing has to be asked; of all other notes at once.
        asked = {each.page_id for each in found if not _owns(viewer, each.action)}
        able = {page_id for page_id, parts in parts_in(db, asked, viewer, role).items() if _may_change(parts, role)}
    return tuple(
        replace(
            each.action,
            may_change=role.reaches(Role.LEAD) or each.page_id in able or _owns(viewer, each.action),
        )
        for each in found
    )


def _may_change(parts: frozenset[Part], role: Role) -> bool:
    return not parts.isdisjoint(_PARTS) or (Part.WITNESS in parts and role.reaches(Role.AUTHOR))


def _owns(viewer: Person, action: Action) -> bool:
    return action.owner.id is not None and action.owner.id.person == viewer.id
