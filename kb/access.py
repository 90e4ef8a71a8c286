"""What a person may do. Every service function asks here, inside the transaction that it acts in."""

from __future__ import annotations

from enum import Enum

from kb.models import Page, Person, Role, Space
from kb.store import access
from kb.store.db import Connection, Store


class RuleError(ValueError):
    """Something cannot be done as it is wanted; the message says why and what to do."""


class NotAllowed(RuleError):
    """This person may not do that."""


class Ability(Enum):
    """Something that not everybody may do: the least role that may, and how it is called in a sentence."""

    READ = Role.READER, "read here"
    WRITE = Role.AUTHOR, "write pages and handover notes"
    MANAGE_PAGES = Role.LEAD, "do this with pages of other people"
    MAKE_SPACES = Role.LEAD, "make a new space"
    SHARE_SPACES = Role.LEAD, "change who may see a space"
    ADAPT_TEMPLATES = Role.LEAD, "adapt templates of handover notes"
    SEE_INDEX = Role.LEAD, "see the state of the index"
    SEE_MEASURES = Role.LEAD, "see how handovers go"
    SEE_EMAIL = Role.LEAD, "see e-mail addresses"
    MANAGE_TEAMS = Role.ADMINISTRATOR, "manage teams"
    MANAGE_PEOPLE = Role.ADMINISTRATOR, "manage people"
    READ_AUDIT = Role.ADMINISTRATOR, "read the audit log"

    def __init__(self, least: Role, words: str) -> None:
        self.least = least
        self.words = words


def may(db: Connection, person: Person, ability: Ability) -> bool:
    """Whether the person may do that now."""
    role = access.role_of(db, person)
    return role is not None and role.reaches(ability.least)


def require_account(db: Connection, person: Person) -> Role:
    """The person's role now.

    :raises NotAllowed: when the account is disabled.
    """
    role = access.role_of(db, person)
    if role is None:
        raise NotAllowed("Your account is disabled. Ask an administrator.")
    return role


def require(db: Connection, person: Person, ability: Ability) -> None:
    """:raises NotAllowed: when the person may not do that now."""
    role = require_account(db, person)
    if not role.reaches(ability.least):
        raise NotAllowed(f"As {_a(role)} you may not {ability.words}. Ask {_a(ability.least)}.")


def require_space(db: Connection, person: Person, space: Space) -> None:
    """:raises NotAllowed: when the person may not see the space; the message does not say whether it exists."""
    if not access.sees_space(db, person, space.id):
        raise NotAllowed("There is no such space, or it is not shared with you. Choose another one.")


def may_manage(db: Connection, person: Person, page: Page) -> bool:
    """Whether the person may trash and restore a page that they see: its owner, or who manages pages."""
    role = access.role_of(db, person)
    if role is None or not role.reaches(Role.AUTHOR):
        return False
    return page.owner == person or role.reaches(Ability.MANAGE_PAGES.least)


def why_not(store: Store, person: Person, ability: Ability) -> str:
    """Why the person may not do that, as a sentence; empty where they may."""
    with store.reading() as db:
        try:
            require(db, person, ability)
        except NotAllowed as error:
            return str(error)
    return ""


def abilities(store: Store, person: Person) -> frozenset[Ability]:
    """Everything that the person may do now, for a screen to offer no more than that."""
    with store.reading() as db:
        role = access.role_of(db, person)
    return frozenset(ability for ability in Ability if role is not None and role.reaches(ability.least))


def _a(role: Role) -> str:
    return f"{'an' if role.startswith('a') else 'a'} {role}"
