"""The company accounts (OpenID Connect) that a person signs in with: seeing them, and unlinking one."""

from __future__ import annotations

from kb.access import Ability, RuleError, require
from kb.models import CompanyAccount, Person
from kb.store import audit, people, sessions
from kb.store.db import Store


class LastWayIn(RuleError):
    """Without this company account the person could not sign in any more."""


def company_accounts(store: Store, viewer: Person, person: Person) -> list[CompanyAccount]:
    """What the person signs in with besides a password, the first linked first.

    :raises NotAllowed: when it is somebody else and ``viewer`` may not manage people.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ if viewer == person else Ability.MANAGE_PEOPLE)
        return people.identities(db, person.id)


def unlink(store: Store, actor: Person, person: Person, account: CompanyAccount) -> None:
    """Let a company account sign in as this person no longer. One that is gone already is no error.

    Where there is no password, nobody signs in as this person before an administrator has made a new one-time link.

    Every session of the person ends, but for the one who unlinks their own: which of them it began is not known.

    :raises NotAllowed: when it is somebody else and the person may not manage people.
    :raises LastWayIn: when it is one's own, and there is no password.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ if actor == person else Ability.MANAGE_PEOPLE)
        if account not in people.identities(db, person.id):
            return
        if actor == person and not people.password_hash(db, person.id):
            raise LastWayIn(
                "You could not sign in any more: ask an administrator for a one-time link to set a password."
            )
        people.remove_identity(db, account.issuer, account.subject)
        if actor != person:
            sessions.end_all(db, person.id)
        audit.record(db, actor, "person.unlinked", "person", person.id, "oidc")
