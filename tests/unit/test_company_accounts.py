"""Seeing and unlinking the company accounts that somebody signs in with."""

from __future__ import annotations

import pytest

from kb.access import NotAllowed
from kb.company_accounts import LastWayIn, company_accounts, unlink
from kb.models import Person, Role
from kb.oidc_accounts import Identity, PasswordFirst, sign_in_elsewhere
from kb.people import setup_link, use_link
from kb.sessions import my_sessions
from kb.store import audit, people
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.people import PASSWORD, add_person, sign_up

ISSUER = "https://id.example"


def link(store: Store, person: Person) -> None:
    with store.atomic() as db:
        people.add_identity(db, ISSUER, "subject-1", person.id)


def test_an_administrator_unlinks_it_and_every_session_ends(store: Store) -> None:
    setup = setup_link(store)
    assert setup is not None
    use_link(store, setup.token, PASSWORD, name="Ada", email="ada@example.com")
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
