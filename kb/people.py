"""Accounts: set-up, invitations, roles, disabling. Every function takes the acting person and checks what they may."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kb.access import Ability, NotAllowed, RuleError, require
from kb.models import Account, Person, Role
from kb.passwords import check_password, hash_password
from kb.sessions import SignedIn, begin_session, token_hash
from kb.store import audit, people, sessions
from kb.store.db import Connection, Store, now
from kb.store.people import LOCAL
from kb.store.sessions import Link

MAX_NAME = 80  # characters
MAX_EMAIL = 254  # characters; RFC 5321
SETUP_LIFE = timedelta(days=1)  # a new one is made at each start until it is used
INVITE_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=24)
_PART = r"[^@\s<>\"',;:()\[\]\\]+"  # no character that makes two addresses of one in a mail
_EMAIL = re.compile(rf"{_PART}@{_PART}\.[^@\s<>\"',;:()\[\]\\.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class PersonError(RuleError):
    """An account cannot be made or changed like this; the message says why and what to do."""


class LinkGone(RuleError):
    """A one-time link was used, replaced, or has expired."""

    def __init__(self) -> None:
        super().__init__("This link has been used or has expired. Ask an administrator for a new one.")


class Purpose(StrEnum):
    """What a one-time link is for."""

    SETUP = "setup"
    INVITE = "invite"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as it is made. ``token`` belongs into an address, once; it is kept nowhere."""

    account: Account
    purpose: Purpose
    token: str = field(repr=False)
    expires_at: datetime


# ---- set-up -------------------------------------------------------------------------------------------------------


def is_set_up(store: Store) -> bool:
    """Whether there is an administrator who can sign in."""
    with store.reading() as db:
        return people.is_set_up(db)


def setup_link(store: Store) -> NewLink | None:
    """The link with which the first administrator signs up; earlier ones no longer work. None when that is done."""
    with store.atomic() as db:
        if people.is_set_up(db):
            return None
        return _new_link(db, LOCAL, LOCAL, Purpose.SETUP, SETUP_LIFE)


# ---- one-time links -----------------------------------------------------------------------------------------------


def find_link(store: Store, token: str) -> Link:
    """What a one-time link is for.

    :raises LinkGone: when it was used, replaced, or has expired.
    """
    with store.reading() as db:
        link = sessions.find_link(db, token_hash(token))
    if link is None:
        raise LinkGone
    return link


def use_link(
    store: Store, token: str, password: str, *, name: str = "", email: str = "", address: str = "", agent: str = ""
) -> SignedIn:
    """Set the password that a one-time link allows, end all other sessions of the person, and begin one.

    :param name: of the first administrator, or what an invited person wants to be called; "" keeps what is known.
    :param email: of the first administrator.
    :raises LinkGone: when the link was used meanwhile, or has expired.
    :raises WeakPassword: when the password is not taken.
    :raises PersonError: when name or address cannot be used.
    """
    check_password(password)
    hashed = hash_password(password)
    with store.atomic() as db:
        link = sessions.find_link(db, token_hash(token))
        if link is None:
            raise LinkGone
        number = link.person.id
        wanted_email = email if link.purpose == Purpose.SETUP else link.email
        people.rename(db, number, *_checked(db, name or link.person.name, wanted_email, number))
        people.set_password_hash(db, number, hashed)
        sessions.drop_links(db, number)
        sessions.end_all(db, number)
        account = _account(db, number)
        actor = Person(number, account.person.name, address)
        audit.record(db, actor, f"link.{link.purpose}_used", "person", number)
        return begin_session(db, account, address, agent)


# ---- administration -----------------------------------------------------------------------------------------------


def all_accounts(store: Store, viewer: Person) -> list[Account]:
    """Everybody, by name.

    :raises NotAllowed: when ``viewer`` may not manage people.
    """
    with store.reading() as db:
        require(db, viewer, Ability.MANAGE_PEOPLE)
        return people.accounts(db)


def colleagues(store: Store, viewer: Person) -> list[Person]:
    """Everybody who is not disabled, by name: for choosing somebody.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        return people.active(db)


def my_account(store: Store, actor: Person) -> Account:
    """The person's own account.

    :raises NotAllowed: when it is disabled.
    """
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return _account(db, actor.id)


def find_account(store: Store, viewer: Person, email: str) -> Account:
    """The account with this e-mail address.

    :raises NotAllowed: when ``viewer`` may not manage people.
    :raises PersonError: when there is none.
    """
    with store.reading() as db:
        require(db, viewer, Ability.MANAGE_PEOPLE)
        account = people.by_email(db, email.strip())
    if account is None:
        raise PersonError(f"Nobody has the e-mail address {email.strip()!r}. See the list of people.")
    return account


def invite(store: Store, actor: Person, name: str, email: str, role: Role) -> NewLink:
    """Add a person and make the link with which they set their password.

    :raises NotAllowed: when the person may not manage people.
    :raises PersonError: when name, address or role cannot be used.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        name, email = _checked(db, name, email, None)
        person = people.add(db, name, email, _given(role))
        audit.record(db, actor, "person.invited", "person", person.id, str(role))
        return _new_link(db, actor, person, Purpose.INVITE, INVITE_LIFE)


def new_link(store: Store, actor: Person, person_id: int) -> NewLink:
    """A new link for somebody who has lost the first one, or their password. Their password stays until it is used.

    :raises NotAllowed: when the person may not manage people.
    :raises PersonError: when the account is disabled or unknown.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        account = _account(db, person_id)
        if account.disabled_at:
            raise PersonError(f"{account.person.name} is disabled: enable the account first.")
        if not account.email:
            raise PersonError("The first administrator signs up with the link that Baton prints when it starts.")
        purpose = Purpose.RESET if account.can_sign_in else Purpose.INVITE
        life = RESET_LIFE if purpose is Purpose.RESET else INVITE_LIFE
        audit.record(db, actor, f"link.{purpose}_made", "person", person_id)
        return _new_link(db, actor, account.person, purpose, life)


def change_account(store: Store, actor: Person, person_id: int, name: str, email: str) -> Account:
    """Change how a person is called and by which address they sign in. A new address ends their one-time links.

    :raises NotAllowed: when it is somebody else and the person may not manage people.
    :raises PersonError: when name or address cannot be used.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ if actor.id == person_id else Ability.MANAGE_PEOPLE)
        before = _account(db, person_id)
        if actor.id == person_id and email.strip().casefold() != before.email.casefold():
            require(db, actor, Ability.MANAGE_PEOPLE)
        name, email = _checked(db, name, email, person_id)
        if (name, email) != (before.person.name, before.email):
            people.rename(db, person_id, name, email)
            if email.casefold() != before.email.casefold():
                sessions.drop_links(db, person_id)  # they went to the former address
            audit.record(db, actor, "person.renamed", "person", person_id)
        return _account(db, person_id)


def set_role(store: Store, actor: Person, person_id: int, role: Role) -> Account:
    """Change what a person may do, from their next action on.

    :raises NotAllowed: when the person may not manage people.
    :raises PersonError: when nobody could administer any more.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        account = _account(db, person_id)
        if account.role is not _given(role):
            people.set_role(db, person_id, role)
            _leave_an_administrator(db, account)
            audit.record(db, actor, "person.role_changed", "person", person_id, f"{account.role} to {role}")
        return _account(db, person_id)


def disable(store: Store, actor: Person, person_id: int) -> Account:
    """Keep a person out, from their next action on. What they wrote and own stays.

    :raises NotAllowed: when the person may not manage people.
    :raises PersonError: when it is their own account, or nobody could administer any more.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        account = _account(db, person_id)
        if account.person == actor:
            raise PersonError("You cannot disable your own account. Ask another administrator.")
        if not account.disabled_at:
            people.set_disabled(db, person_id, now())
            _leave_an_administrator(db, account)
            sessions.end_all(db, person_id)
            sessions.drop_links(db, person_id)
            audit.record(db, actor, "person.disabled", "person", person_id)
        return _account(db, person_id)


def enable(store: Store, actor: Person, person_id: int) -> Account:
    """Let a disabled person in again, with the password that they had.

    :raises NotAllowed: when the person may not manage people.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        if _account(db, person_id).disabled_at:
            people.set_disabled(db, person_id, None)
            audit.record(db, actor, "person.enabled", "person", person_id)
        return _account(db, person_id)


def sessions_ended(store: Store, actor: Person, person_id: int) -> int:
    """End every session of a person.

    :return: how many there were.
    :raises NotAllowed: when the person may not manage people.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_PEOPLE)
        ended = sessions.end_all(db, _account(db, person_id).person.id)
        audit.record(db, actor, "session.all_ended", "person", person_id, str(ended))
        return ended


def is_email(text: str) -> bool:
    """Whether ``text`` can be somebody's e-mail address."""
    return bool(_EMAIL.fullmatch(text)) and len(text) <= MAX_EMAIL and text.isprintable()


def _new_link(db: Connection, actor: Person, person: Person, purpose: Purpose, life: timedelta) -> NewLink:
    token, expires_at = secrets.token_urlsafe(32), now() + life
    sessions.add_link(db, token_hash(token), purpose, person.id, actor, expires_at)
    return NewLink(_account(db, person.id), purpose, token, expires_at)


def _account(db: Connection, person_id: int) -> Account:
    account = people.account(db, person_id)
    if account is None:
        raise PersonError("There is no such person. See the list of people.")
    return account


def _checked(db: Connection, name: str, email: str, but: int | None) -> tuple[str, str]:
    """Name and address, tidied.

    :raises PersonError: when one cannot be used.
    """
    name, email = " ".join(_CONTROL.sub(" ", name).split()), email.strip()
    if not name or len(name) > MAX_NAME:
        raise PersonError(f"Give a name of 1 to {MAX_NAME} characters.")
    if not is_email(email):
        raise PersonError("Give an e-mail address such as maria@example.com.")
    if people.name_is_taken(db, name, but):
        raise PersonError(f"Somebody is called {name} already: add a middle name or the team, so that both are known.")
    other = people.by_email(db, email)
    if other is not None and other.person.id != but:
        raise PersonError("Somebody has this e-mail address already.")
    return name, email


def _given(role: Role) -> Role:
    if role is Role.SYSTEM:
        raise NotAllowed("This role is Baton's own.")
    return role


def _leave_an_administrator(db: Connection, changed: Account) -> None:
    if changed.role is Role.ADMINISTRATOR and not people.administrators(db):
        raise PersonError(
            f"{changed.person.name} is the only administrator: make somebody else an administrator first."
        )
