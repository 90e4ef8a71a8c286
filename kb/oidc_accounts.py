"""Accounts elsewhere (OpenID Connect) and whose they are here. Who somebody is comes from the provider; what they may
do never does.

An account elsewhere is known by its issuer and subject alone: an address can change, and can be given to somebody else.
The address counts once, when the account elsewhere comes for the first time:

- nobody has it: a person is made, where the settings want that;
- an invited person has it, who cannot sign in yet, and whose invitation stands: they are who was meant;
- somebody has it who can sign in no longer, since their company account was unlinked, or whose invitation has expired:
  an administrator invites them anew first;
- somebody who can sign in has it: the password of that account is asked for, so that whoever gets hold of an address
  at the provider gets hold of nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.access import RuleError
from kb.models import Account, Role
from kb.people import MAX_NAME, Purpose, is_email
from kb.sessions import SignedIn, begin_session, sign_in, token_hash
from kb.store import audit, people, sessions
from kb.store.db import Connection, Store

HOW = "oidc"  # in the audit log


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the provider vouches for it."""

    issuer: str
    subject: str
    name: str
    email: str  # "" when it told none
    email_verified: bool


class NoAccess(RuleError):
    """The person is not known here, is disabled, or has no invitation that stands: the message is the same."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Ask an administrator to invite {email or 'you'}.")


class NotSetUp(RuleError):
    """There is no administrator yet, who comes by the set-up link."""


class EmailMissing(RuleError):
    """The provider told no address by which to know the person."""

    def __init__(self) -> None:
        super().__init__(
            "Your company account came without an e-mail address. Ask its administrators to give Baton your address."
        )


class EmailUnverified(RuleError):
    """The provider does not vouch for the address."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Your company account does not say that {email} is yours. Confirm the address there, then sign in again."
        )


class PasswordFirst(RuleError):
    """Somebody here has this address already: the password of that account shows whether it is the same person."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} signs in to Baton with a password.")
        self.email = email


def sign_in_elsewhere(
    store: Store,
    identity: Identity,
    new_role: Role | None,
    *,
    address: str = "",
    agent: str = "",
    browser_token: str = "",
) -> SignedIn:
    """Begin a session of the person whom the provider vouches for.

    :param new_role: of a person whom nobody has invited; None: they get no access.
    :raises NotSetUp: before there is an administrator.
    :raises NoAccess: when the person is not known here or disabled, or can sign in in no way and has no invitation.
    :raises EmailMissing: when it is the first time and the provider told no address.
    :raises EmailUnverified: when it is the first time and the provider does not vouch for the address.
    :raises PasswordFirst: when it is the first time and somebody who can sign in has this address: :func:`link`.
    """
    with store.atomic() as db:
        account, refused = _whose(db, identity, new_role)
        if account is not None and refused is None:
            known = bool(browser_token) and sessions.knows_browser(db, token_hash(browser_token), account.person.id)
            return begin_session(db, account, address, agent, browser_token if known else "", HOW)
        number = account.person.id if account else None
        audit.record(db, None, "session.refused", "person", number, HOW, address=address)
    assert refused is not None  # noqa: S101
    raise refused


def link(
    store: Store,
    identity: Identity,
    password: str,
    *,
    address: str = "",
    agent: str = "",
    browser_token: str = "",
) -> SignedIn:
    """Begin a session of the person with this address and password, as whom the account elsewhere signs in from now on.

    :raises SignInFailed: when the password is wrong, or the account is disabled.
    :raises TooManyAttempts: when too many attempts failed before.
    :raises NoAccess: when the account elsewhere became somebody else's meanwhile.
    """
    signed_in = sign_in(store, identity.email, password, address=address, agent=agent, browser_token=browser_token)
    with store.atomic() as db:
        known = people.by_identity(db, identity.issuer, identity.subject)
        if known is None:
            people.add_identity(db, identity.issuer, identity.subject, signed_in.person.id)
            audit.record(db, signed_in.person, "person.linked", "person", signed_in.person.id, HOW)
        elif known != signed_in.person.id:
            raise NoAccess(identity.email)
    return signed_in


def _whose(db: Connection, identity: Identity, new_role: Role | None) -> tuple[Account | None, RuleError | None]:
    """Whose account it is, which may be made or linked now, and why they do not get in."""
    email = identity.email.strip()
    if not people.is_set_up(db):
        return None, NotSetUp("Baton has no administrator yet.")
    number = people.by_identity(db, identity.issuer, identity.subject)
    if number is not None:
        account = people.account(db, number)
        return account, NoAccess(email) if account is None or account.disabled_at else None
    if not is_email(email):
        return None, EmailMissing()
    if not identity.email_verified:
        return None, EmailUnverified(email)
    account = people.by_email(db, email)
    if account is None:
        return (_added(db, identity, email, new_role), None) if new_role is not None else (None, NoAccess(email))
    if account.disabled_at:
        return account, NoAccess(email)
    if account.can_sign_in:
        # With an account elsewhere only, there is no password to ask for: the address was given to somebody else.
        return account, PasswordFirst(email) if people.password_hash(db, account.person.id) else NoAccess(email)
    if not sessions.has_link(db, account.person.id, Purpose.INVITE):
        return account, NoAccess(email)
    people.add_identity(db, identity.issuer, identity.subject, account.person.id)
    sessions.drop_links(db, account.person.id)  # the invitation is used
    audit.record(db, account.person, "person.linked", "person", account.person.id, HOW)
    return account, None


def _added(db: Connection, identity: Identity, email: str, role: Role) -> Account:
    person = people.add(db, _free_name(db, identity.name, email), email, role)
    people.add_identity(db, identity.issuer, identity.subject, person.id)
    audit.record(db, person, "person.added", "person", person.id, f"{HOW} {role}")
    account = people.account(db, person.id)
    assert account is not None  # noqa: S101
    return account


def _free_name(db: Connection, name: str, email: str) -> str:
    """The provider's name for somebody; where somebody here is called so, with what tells them apart."""
    local = email.partition("@")[0][: MAX_NAME // 2]
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split()) or local
    for suffix in ("", f" ({local})", *(f" ({local} {number})" for number in range(2, 1000))):
        free = plain[: MAX_NAME - len(suffix)].rstrip() + suffix
        if not people.name_is_taken(db, free):
            return free
    raise NoAccess(email)
