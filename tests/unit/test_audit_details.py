"""Details of the audit log with names instead of ids."""

from __future__ import annotations

import pytest

from kb.action_lists import find_action
from kb.actions import reassign
from kb.audit_details import Names, references, with_names
from kb.audit_log import find_entries, subject_names
from kb.handover.models import Note, Party, PartyId
from kb.models import SpaceKind
from kb.people import change_account
from kb.sharing import share_space
from kb.store.audit import AuditEntry, AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import remove_team, save_team
from kb.ui.audit_words import detail, subject
from tests.unit.crew import Crew

NAMES: Names = {("person", 3): "Ana", ("person", 6): "Ben", ("team", 6): "Night", ("item", "a1b2"): "Refund batch"}


@pytest.mark.parametrize(
    ("action", "detail", "told"),
    [
        ("page.reassigned", "owner 3 to 6", "owner Ana to Ben"),
        ("page.reassigned", "owner 3 to 9", "owner Ana to person 9"),
        ("team.changed", "members [3, 6, 9]", "members Ana, Ben, person 9"),
        ("team.created", "members []", "members none"),
        ("space.shared", "open to restricted; people [3], teams [6]", "open to restricted; people Ana, teams Night"),
        ("space.shared", "restricted to open; people [], teams []", "restricted to open; people none, teams none"),
        ("note.pass_on", "version 3, receiver person 3 to team 6", "version 3, receiver Ana to Night"),
        ("note.pass_on", "version 3, receiver nobody to person 8", "version 3, receiver nobody to person 8"),
        ("action.done", "item a1b2", "item “Refund batch”"),
        ("action.done", "item ffff", "item ffff"),
        # Numbers that are no ids of anybody.
        ("page.edited", "revision 3", "revision 3"),
        ("note.submit", "version 3", "version 3"),
        ("absence.added", "absence 3", "absence 3"),
        ("private_data.kept", "password in item 3. Reason: owner 3 to 6", "password in item 3. Reason: owner 3 to 6"),
        ("person.role_changed", "reader to author", "reader to author"),
    ],
)
def test_ids_are_names_where_they_are_known(action: str, detail: str, told: str) -> None:
    assert with_names(action, detail, NAMES) == told
    for found in references(action, detail):
        assert str(found.subject[1]) in detail[found.start : found.end]


def told(store: Store, action: str) -> tuple[str, str]:
    """What the latest line of this action says to the administrator: its subject and its details."""
    (entry, *_), _ = find_entries(store, LOCAL, AuditFilter(actions=(action,)))
    names = subject_names(store, LOCAL, [entry])
    return subject(entry, names), detail(entry, names)


def test_people_are_called_as_they_are_called_now(store: Store, crew: Crew, handed_over: Note) -> None:
    team = save_team(store, LOCAL, "Night", "", None, [crew["Dee"]])
    change_account(store, LOCAL, crew["Dee"].id, "Deirdre", "dee@example.com")
    assert told(store, "team.created") == ("Night", "members Deirdre")
    share_space(store, LOCAL, handed_over.page.space, SpaceKind.RESTRICTED, [LOCAL, crew["Sam"]], [team])
    assert told(store, "space.shared")[1] == "open to restricted; people local, Sam, teams Night"
    remove_team(store, LOCAL, team)
    assert told(store, "space.shared")[1] == f"open to restricted; people local, Sam, teams team {team.id}"


def test_an_item_is_named_to_who_may_see_its_note_only(store: Store, crew: Crew, handed_over: Note) -> None:
    origin = handed_over.text.items[0].origin
    action = find_action(store, crew["Sam"], origin)
    reassign(store, crew["Sam"], action, Party("Ben", PartyId(crew["Ben"].id)))
    assert told(store, "action.owner")[1] == "item “Refund batch stuck”"
    share_space(store, LOCAL, handed_over.page.space, SpaceKind.CONFIDENTIAL, [LOCAL, *crew.values()], [])
    with store.atomic() as db:
        db.execute("UPDATE people SET role = 'lead' WHERE name = 'Cleo'")
    share_space(store, crew["Cleo"], handed_over.page.space, SpaceKind.CONFIDENTIAL, list(crew.values()), [])
    assert told(store, "action.owner") == (f"page {handed_over.page.id}", f"item {origin}")


def test_a_line_of_the_store_keeps_its_ids(store: Store, crew: Crew) -> None:
    save_team(store, LOCAL, "Night", "", None, [crew["Dee"]])
    (entry, *_), _ = find_entries(store, LOCAL, AuditFilter(actions=("team.created",)))
    assert isinstance(entry, AuditEntry)
    assert entry.detail == f"members [{crew['Dee'].id}]"
