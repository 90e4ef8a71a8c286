"""What the screens of administration read and change: accounts, sessions, teams, spaces, the audit log."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from kb import people, sharing, teams
from kb.access import NotAllowed
from kb.accounts import AccountFilter, AccountState, matching, state_of
from kb.audit_log import export_csv, find_entries, subject_names
from kb.indexing import Indexer
from kb.models import Account, Page, Person, Role, Space, SpaceKind
from kb.pages import PageError, PageText, all_spaces, create_page, ensure_space, trash_page
from kb.sessions import SignInFailed, my_sessions, sessions_of, sign_in
from kb.store import people as store_people
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from tests.people import PASSWORD, add_person, sign_up

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def account(name: str, email: str, role: Role = Role.AUTHOR, *, can: bool = True, disabled: bool = False) -> Account:
    return Account(Person(1, name), email, role, DAY, can, DAY if disabled else None)


ACCOUNTS = [
    account("Ana", "ana@example.com", Role.ADMINISTRATOR),
    account("Bea Straße", "b@example.com", can=False),
    account("Cy", "cy@ANAlytics.example", disabled=True, can=False),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AccountFilter(), ["Ana", "Bea Straße", "Cy"]),
        (AccountFilter("  ANA "), ["Ana", "Cy"]),
        (AccountFilter("STRASSE"), ["Bea Straße"]),
        (AccountFilter(role=Role.AUTHOR), ["Bea Straße", "Cy"]),
        (AccountFilter(state=AccountState.INVITED), ["Bea Straße"]),
        (AccountFilter(state=AccountState.DISABLED), ["Cy"]),
        (AccountFilter("ana", Role.AUTHOR, AccountState.ACTIVE), []),
    ],
)
def test_people_are_found_by_text_role_and_state(wanted: AccountFilter, found: list[str]):
    assert [one.person.name for one in matching(ACCOUNTS, wanted)] == found


def test_states():
    assert [state_of(one) for one in ACCOUNTS] == ["active", "invited", "disabled"]


# ---- people -------------------------------------------------------------------------------------------------------


def test_last_seen_outlives_the_session(store: Store):
    ines = add_person(store, "Ines")
    assert people.find_account(store, LOCAL, "ines@example.com").seen_at is None
    sign_up(store, ines)
    seen = people.find_account(store, LOCAL, "ines@example.com").seen_at
    assert seen is not None
    people.disable(store, LOCAL, ines.id)
    assert people.find_account(store, LOCAL, "ines@example.com").seen_at == seen


def test_who_was_invited_and_has_not_come_is_no_administrator_to_rely_on(store: Store):
    link = people.setup_link(store)
    assert link is not None
    ada = people.use_link(store, link.token, PASSWORD, name="Ada", email="ada@example.com").person
    ben = add_person(store, "Ben", Role.ADMINISTRATOR)
    with pytest.raises(people.PersonError, match="Ada is the only administrator"):
        people.set_role(store, ada, ada.id, Role.READER)
    people.set_role(store, ada, ben.id, Role.READER)  # one who was invited may lose the role
    people.set_role(store, ada, ben.id, Role.ADMINISTRATOR)
    with store.atomic() as db:
        store_people.add_identity(db, "https://id.example", "ben", ben.id)
    assert people.set_role(store, ada, ada.id, Role.READER).role is Role.READER


def test_sessions_are_shown_to_their_person_and_to_administrators_only(store: Store):
    ines, kenji = add_person(store, "Ines"), add_person(store, "Kenji", Role.LEAD)
    sign_up(store, ines, "192.0.2.7", "Firefox")
    for viewer in (ines, LOCAL, SYSTEM):
        assert [(s.address, s.agent) for s in sessions_of(store, viewer, ines)] == [("192.0.2.7", "Firefox")]
    with pytest.raises(NotAllowed):
        sessions_of(store, kenji, ines)
    assert people.sessions_ended(store, LOCAL, ines.id) == 1
    assert my_sessions(store, ines) == []


# ---- teams --------------------------------------------------------------------------------------------------------


def test_who_is_disabled_stays_in_teams_and_spaces_until_taken_out(store: Store, space: Space):
    ines, kenji = add_person(store, "Ines"), add_person(store, "Kenji")
    team = teams.save_team(store, LOCAL, "ACME", "", ines, [ines, kenji])
    sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [ines], [])
    people.disable(store, LOCAL, ines.id)
    team = teams.save_team(store, LOCAL, "ACME", "cases", team.lead, team.members, team)
    assert (team.lead, team.members) == (ines, (ines, kenji))
    shared = sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [ines, kenji], [team])
    assert shared.people == (ines, kenji)
    team = teams.save_team(store, LOCAL, "ACME", "cases", None, [kenji], team)
    with pytest.raises(teams.TeamError, match="disabled or unknown"):
        teams.save_team(store, LOCAL, "ACME", "cases", None, [ines], team)


def test_spaces_of_a_team_are_named_only_to_those_who_see_them(store: Store, space: Space):
    kenji = add_person(store, "Kenji", Role.LEAD)
    team = teams.save_team(store, LOCAL, "ACME", "", None, [kenji])
    secret = sharing.make_space(store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], [team]).space
    sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [], [team])
    sharing.make_space(store, kenji, "Open", SpaceKind.OPEN, [], [team])
    assert teams.spaces_shared_with(store, LOCAL, team) == [Space(space.id, "acme", "ACME", SpaceKind.RESTRICTED)]
    assert [one.id for one in teams.spaces_shared_with(store, kenji, team)] == [space.id, secret.id]


@pytest.mark.parametrize("kind", [SpaceKind.RESTRICTED, SpaceKind.CONFIDENTIAL])
def test_a_teams_lead_lets_nobody_into_a_space_who_may_not_share_spaces(store: Store, kind: SpaceKind):
    ron, zed = add_person(store, "Ron", Role.READER), add_person(store, "Zed", Role.READER)
    team = teams.save_team(store, LOCAL, "Ops", "", ron, [ron])
    space = sharing.make_space(store, LOCAL, "Payroll", SpaceKind.OPEN, [], [team]).space
    team = teams.save_team(store, ron, "Ops", "", ron, [ron, zed], team)  # an open space shows nobody anything new
    team = teams.save_team(store, ron, "Ops", "", ron, [ron], team)
    sharing.share_space(store, LOCAL, space, kind, [LOCAL], [team])
    with pytest.raises(NotAllowed, match="Ask an administrator to add members"):
        teams.save_team(store, ron, "Ops", "", ron, [ron, zed], team)
    assert teams.all_teams(store, LOCAL) == [team]
    team = teams.save_team(store, ron, "Ops", "cases", ron, [ron], team)
    people.set_role(store, LOCAL, ron.id, Role.LEAD)
    assert teams.save_team(store, ron, "Ops", "cases", ron, [ron, zed], team).members == (ron, zed)
    assert space.id in [one.id for one in all_spaces(store, zed)]


def test_a_team_is_not_saved_over_a_change_that_was_not_seen(store: Store):
    ines, kenji = add_person(store, "Ines"), add_person(store, "Kenji")
    ada = add_person(store, "Ada", Role.ADMINISTRATOR)
    read = teams.save_team(store, LOCAL, "ACME", "", None, [ines, kenji])
    now = teams.save_team(store, ada, "ACME", "cases", None, [ines], read)
    with pytest.raises(teams.StaleTeam) as stale:
        teams.save_team(store, LOCAL, "ACME", "calls", None, [ines, kenji], read)
    assert str(stale.value) == (
        "Ada changed this team meanwhile: it is ACME, without a lead, queue “cases”; members are Ines. "
        "What you chose is kept: check it, then save again."
    )
    assert (stale.value.current, teams.all_teams(store, LOCAL)) == (now, [now])
    people.change_account(store, LOCAL, ines.id, "Zoe", "ines@example.com")  # a name is no change of the team
    assert teams.save_team(store, LOCAL, "ACME", "calls", None, [ines, kenji], now).members == (kenji, ines)


# ---- spaces -------------------------------------------------------------------------------------------------------


def test_spaces_are_counted_as_far_as_they_are_seen(store: Store, indexer: Indexer, space: Space):
    kenji = add_person(store, "Kenji", Role.LEAD)
    create_page(store, indexer, LOCAL, space, PageText("One", "text"))
    create_page(store, indexer, LOCAL, space, PageText("Two", "text"))
    trash_page(store, LOCAL, create_page(store, indexer, LOCAL, space, PageText("Three", "text")))
    secret = sharing.make_space(store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], []).space
    create_page(store, indexer, kenji, secret, PageText("Four", "text"))
    assert [(one.space.name, one.pages) for one in sharing.space_summaries(store, LOCAL)] == [("ACME", 2)]
    assert [(one.space.name, one.pages) for one in sharing.space_summaries(store, kenji)] == [
        ("ACME", 2),
        ("Secret", 1),
    ]


def test_a_space_is_made_with_its_sharing_or_not_at_all(store: Store):
    ines = add_person(store, "Ines")
    with pytest.raises(PageError, match="You would not see this space"):
        sharing.make_space(store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [ines], [])
    with pytest.raises(NotAllowed, match="make a new space"):
        sharing.make_space(store, ines, "Payroll", SpaceKind.OPEN, [ines], [])
    assert all_spaces(store, SYSTEM) == []
    made = sharing.make_space(store, LOCAL, " Pay  roll ", SpaceKind.CONFIDENTIAL, [LOCAL, ines], [])
    assert made == sharing.Sharing(Space(1, "pay-roll", "Pay roll", SpaceKind.CONFIDENTIAL), (ines, LOCAL), ())
    entries, _ = find_entries(store, LOCAL, AuditFilter(subject="space"))
    assert [entry.action for entry in entries] == ["space.shared", "space.created"]


def test_a_name_that_is_taken_says_nothing_of_what_has_it(store: Store, space: Space):
    kenji = add_person(store, "Kenji", Role.LEAD)
    sharing.make_space(store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], [])
    said = set()
    for attempt in (
        lambda: sharing.make_space(store, LOCAL, "secret", SpaceKind.OPEN, [], []),
        lambda: sharing.make_space(store, LOCAL, "acme", SpaceKind.OPEN, [], []),
        lambda: sharing.rename_space(store, LOCAL, space, "SECRET"),
        lambda: ensure_space(store, LOCAL, "Secret"),
    ):
        with pytest.raises(PageError) as refused:
            attempt()
        said.add(str(refused.value))
    assert said == {"This name cannot be used for a space. Choose another one."}


def test_whoever_may_make_no_space_cannot_ask_which_ones_there_are(store: Store):
    kenji, ines = add_person(store, "Kenji", Role.LEAD), add_person(store, "Ines")
    sharing.make_space(store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], [])
    said = set()
    for name in ("Secret", "No such space"):
        with pytest.raises(NotAllowed) as refused:
            ensure_space(store, ines, name)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_space_is_renamed_and_keeps_its_address(store: Store, space: Space):
    assert sharing.rename_space(store, LOCAL, space, " Acme  Ltd ") == Space(space.id, "acme", "Acme Ltd")
    with pytest.raises(PageError, match="1 to 60 characters"):
        sharing.rename_space(store, LOCAL, space, "x" * 61)
    with pytest.raises(NotAllowed, match="who may see a space"):
        sharing.rename_space(store, add_person(store, "Ines"), space, "Other")
    with pytest.raises(PageError, match="Baton itself writes into General"):
        sharing.rename_space(store, LOCAL, ensure_space(store, LOCAL, "General"), "Other")


def test_who_gains_and_who_loses_is_said_before_anything_changes(store: Store, space: Space):
    ines, kenji = add_person(store, "Ines"), add_person(store, "Kenji")
    gone = add_person(store, "Gus")
    people.disable(store, LOCAL, gone.id)
    team = teams.save_team(store, LOCAL, "ACME", "", None, [kenji, ines])
    before = sharing.sharing_of(store, LOCAL, space)
    change = sharing.change_of_sharing(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL], [])
    assert change == sharing.Change((), (ines, kenji))
    assert sharing.sharing_of(store, LOCAL, space) == before
    sharing.share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL], [])
    change = sharing.change_of_sharing(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL], [team])
    assert change == sharing.Change((ines, kenji), ())
    with pytest.raises(PageError, match="You would not see"):
        sharing.change_of_sharing(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [kenji], [])
    with pytest.raises(NotAllowed, match="no such space"):
        sharing.change_of_sharing(store, add_person(store, "Lea", Role.LEAD), space, SpaceKind.OPEN, [], [])
    assert find_entries(store, LOCAL, AuditFilter(actions=("space.shared",)))[1] == 1


def test_a_space_is_not_shared_over_a_change_that_was_not_seen(store: Store, space: Space):
    ines, ada = add_person(store, "Ines"), add_person(store, "Ada", Role.ADMINISTRATOR)
    read = sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, ines], [])
    now = sharing.share_space(store, ada, space, SpaceKind.RESTRICTED, [LOCAL], [], as_read=read)
    kenji = add_person(store, "Kenji")
    for function in (sharing.change_of_sharing, sharing.share_space):
        with pytest.raises(sharing.StaleSharing) as stale:
            function(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, ines, kenji], [], as_read=read)  # type: ignore[operator]
        assert str(stale.value) == (
            "Ada changed who sees this space meanwhile: it is restricted, shared with local. "
            "What you chose is kept: check it, then save again."
        )
    assert (stale.value.current, sharing.sharing_of(store, LOCAL, space)) == (now, now)
    people.change_account(store, LOCAL, kenji.id, "Ken", "kenji@example.com")
    sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, kenji], [], as_read=now)


def test_a_team_that_was_removed_meanwhile_is_not_shared_with(store: Store, space: Space):
    team = teams.save_team(store, LOCAL, "ACME", "", None, [LOCAL])
    teams.remove_team(store, LOCAL, team)
    with pytest.raises(PageError, match="removed meanwhile"):
        sharing.share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [], [team])


# ---- the audit log ------------------------------------------------------------------------------------------------


def test_subjects_are_named_only_as_far_as_the_reader_sees_them(store: Store, indexer: Indexer, space: Space, write):  # type: ignore[no-untyped-def]
    kenji = add_person(store, "Kenji", Role.LEAD)
    secret = sharing.make_space(store, kenji, "Secret", SpaceKind.CONFIDENTIAL, [kenji], []).space
    hidden = create_page(store, indexer, kenji, secret, PageText("Hidden", "text"))
    page: Page = write("Refunds", "text")
    trash_page(store, LOCAL, page)
    team = teams.save_team(store, LOCAL, "Night shift", "", None, [])
    removed = teams.save_team(store, LOCAL, "Old", "", None, [])
    teams.remove_team(store, LOCAL, removed)
    entries, _ = find_entries(store, LOCAL, AuditFilter())
    names = subject_names(store, LOCAL, entries)
    assert names == {
        ("page", page.id): "Refunds",
        ("person", kenji.id): "Kenji",
        ("space", space.id): "ACME",
        ("team", team.id): "Night shift",
    }
    assert {("page", hidden.id), ("space", secret.id), ("team", removed.id)} <= {
        (entry.subject, entry.subject_id) for entry in entries
    }
    with pytest.raises(NotAllowed):
        subject_names(store, kenji, entries)


def test_failed_and_successful_sign_ins_are_in_the_log_with_their_address(store: Store):
    ines = add_person(store, "Ines")
    sign_up(store, ines)
    for email, password in (("ines@example.com", "wrong"), ("nobody@example.com", "wrong")):
        with pytest.raises(SignInFailed):
            sign_in(store, email, password, address="203.0.113.5")
    sign_in(store, "ines@example.com", PASSWORD, address="203.0.113.6")
    entries, total = find_entries(store, LOCAL, AuditFilter(actions=("session.began", "session.refused")))
    assert [(entry.action, entry.actor, entry.subject, entry.address) for entry in entries] == [
        ("session.began", ines, "session", "203.0.113.6"),
        ("session.refused", None, "person", "203.0.113.5"),
        ("session.refused", None, "person", "203.0.113.5"),
        ("session.began", ines, "session", "192.0.2.7"),
    ]
    assert (total, [entry.subject_id for entry in entries[1:3]]) == (4, [None, ines.id])


def test_the_export_is_a_line_of_the_log_and_runs_no_formula(store: Store):
    mallory = add_person(store, "=cmd|calc", Role.ADMINISTRATOR)
    export_csv(store, mallory, AuditFilter())
    rows = list(csv.DictReader(io.StringIO(export_csv(store, LOCAL, AuditFilter(actor_id=mallory.id)))))
    assert [(row["who"], row["action"], row["what"]) for row in rows] == [("'=cmd|calc", "audit.exported", "audit")]
    entries, _ = find_entries(store, LOCAL, AuditFilter(actions=("audit.exported",)))
    assert [entry.actor for entry in entries] == [LOCAL, mallory]
    with pytest.raises(NotAllowed):
        export_csv(store, add_person(store, "Ines", Role.LEAD), AuditFilter())


def test_a_range_of_time_has_its_end_left_out(store: Store):
    add_person(store, "Ines")
    (entry,), _ = find_entries(store, LOCAL, AuditFilter())
    assert find_entries(store, LOCAL, AuditFilter(since=entry.at))[1] == 1
    assert find_entries(store, LOCAL, AuditFilter(until=entry.at))[1] == 0
    assert find_entries(store, LOCAL, AuditFilter(until=entry.at + timedelta(seconds=1)))[1] == 1
