"""People of the tests: made as administrators make them, and signed in as they sign in."""

from __future__ import annotations

from kb import people
from kb.models import Person, Role
from kb.sessions import SignedIn
from kb.store.db import Store
from kb.store.people import LOCAL

PASSWORD = "four words that rhyme"


def add_person(store: Store, name: str, role: Role = Role.AUTHOR) -> Person:
    """Invite somebody, at "first.name@example.com"; they have not signed in yet."""
    email = f"{'.'.join(word for word in name.lower().split() if word.isalnum()) or 'somebody'}@example.com"
    return people.invite(store, LOCAL, name, email, role).account.person


def sign_up(store: Store, person: Person, address: str = "192.0.2.7", agent: str = "") -> SignedIn:
    """Use a new one-time link as the person does."""
    return people.use_link(
        store, people.new_link(store, LOCAL, person.id).token, PASSWORD, address=address, agent=agent
    )
