"""Seeing and unlinking the company accounts that somebody signs in with."""

from __future__ import annotations

import pytest

from kb.access import NotAllowed
from kb.company_accounts import LastWayIn, company_accounts, unlink
from kb.models import Person, Role
from kb.oidc_accounts import Identity, NoAccess, PasswordFirst, sign_in_elsewhere
from kb.people import new_link, setup_link, use_link
from kb.sessions import my_sessions
from kb.store import audit, people
from kb.store.audit import AuditFilter
from kb.store.db import Store, now, to_text
from kb.store.people import LOCAL
from tests.people import PASSWORD, add_person, sign_up

ISSUER = "https://id.example"


def set_up(store: Store) -> None:
    setup = setup_link(store)
    assert setup is not None
    use_link(store, setup.token, PASSWORD, name="Ada", email="ada@example.com")


def link(store: Store, person: Person) -> None:
    with store.atomic() as db:
        people.add_identity(db, ISSUER, "subject-1", person.id)


def test_an_administrator_unlinks_it_and_every_session_ends(store: Store) -> None:
    set_up(store)
    ines = add_person(store, "Ines", Role.AUTHOR)
    sign_up(store, ines)
    link(store, ines)
    identity = Identity(ISSUER, "subject-1", "Ines", "ines@example.com", email_verified=True)
    assert sign_in_elsewhere(store, identity, None).person == ines
    (account,) = company_accounts(store, LOCAL, ines)
    unlink(store, LOCAL, ines, account)
    unlink(store, LOCAL, ines, account)  # once more changes nothing
    assert (company_accounts(store, ines, ines), my_sessions(store, ines)) == ([], [])
    with pytest.raises(PasswordFirst):
        sign_in_elsewhere(store, identity, None)
    with store.reading() as db:
        actions = [entry.action for entry in audit.find(db, AuditFilter(), 10)]
    assert actions.count("person.unlinked") == 1


def test_who_has_no_password_is_unlinked_until_an_administrator_invites_them_anew(store: Store) -> None:
    set_up(store)
    ben = add_person(store, "Ben", Role.LEAD)
    identity = Identity(ISSUER, "subject-1", "Ben", "ben@example.com", email_verified=True)
    other = Identity(ISSUER, "subject-2", "Eve", "ben@example.com", email_verified=True)
    assert sign_in_elsewhere(store, identity, Role.READER).person == ben
    (account,) = company_accounts(store, LOCAL, ben)
    unlink(store, LOCAL, ben, account)
    for refused in (identity, other):
        with pytest.raises(NoAccess, match=r"Ask an administrator to invite ben@example\.com"):
            sign_in_elsewhere(store, refused, Role.READER)
    assert company_accounts(store, LOCAL, ben) == []
    new_link(store, LOCAL, ben.id)
    assert sign_in_elsewhere(store, identity, Role.READER).person == ben


def test_an_invitation_that_has_expired_links_nothing(store: Store) -> None:
    set_up(store)
    add_person(store, "Ben", Role.LEAD)
    with store.atomic() as db:
        db.execute("UPDATE one_time_links SET expires_at = ?", [to_text(now())])
    with pytest.raises(NoAccess):
        sign_in_elsewhere(store, Identity(ISSUER, "subject-1", "Ben", "ben@example.com", email_verified=True), None)


def test_nobody_takes_away_their_own_last_way_in(store: Store) -> None:
    with store.atomic() as db:
        ines = people.add(db, "Ines", "ines@example.com", Role.AUTHOR)  # without a password
    link(store, ines)
    (account,) = company_accounts(store, ines, ines)
    with pytest.raises(LastWayIn, match="one-time link"):
        unlink(store, ines, ines, account)
    assert company_accounts(store, ines, ines) == [account]


def test_those_of_others_are_for_administrators(store: Store) -> None:
    ines, ravi = add_person(store, "Ines", Role.LEAD), add_person(store, "Ravi", Role.AUTHOR)
    link(store, ravi)
    with pytest.raises(NotAllowed):
        company_accounts(store, ines, ravi)
