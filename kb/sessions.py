"""Signing in and out: passwords, sessions, throttling. Secrets leave as they are made and are kept as hashes only."""

from __future__ import annotations

import contextlib
import hashlib
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kb.access import Ability, RuleError, require
from kb.models import Account, Person
from kb.passwords import check_password, hash_password, needs_new_hash, verify_password
from kb.store import audit, people, sessions
from kb.store.db import Connection, Store, StoreError, now
from kb.store.sessions import Session

IDLE = timedelta(hours=12)  # a shift with its handover; then sign in again
ABSOLUTE = timedelta(days=7)  # however busy the session is
TOUCH_AFTER = timedelta(minutes=1)  # how exactly "last used" is known; each touch is a write
MAX_AGENT = 200  # characters

# Throttling: the first guesses are free, then each failure doubles the wait. Nobody is locked out for good: a wait
# ends, and a browser that a person has signed in with before is counted by itself, whatever others do to the account.
FREE_ATTEMPTS = 5
FREE_FROM_ADDRESS = 50  # an office shares one address
FIRST_WAIT_S = 2
LONGEST_WAIT_S = 900  # 96 guesses a day
FORGET_AFTER = timedelta(days=1)


class SignInFailed(RuleError):
    """The address or the password is wrong, or the person is disabled: the message is the same."""

    def __init__(self) -> None:
        super().__init__("E-mail address or password is wrong.")


class TooManyAttempts(RuleError):
    """This account, browser or address has to wait."""

    def __init__(self, wait_s: int) -> None:
        wait = f"{wait_s} second{'s' if wait_s > 1 else ''}" if wait_s < 120 else f"{math.ceil(wait_s / 60)} minutes"
        super().__init__(f"Too many attempts. Wait {wait}, then try again.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. ``token`` and ``browser_token`` are for the person's cookies, and kept nowhere."""

    person: Person
    token: str
    browser_token: str


def token_hash(token: str) -> str:
    """A token as the store keeps it: SHA-256 in hexadecimal. A token is random, so it needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def sign_out_token(hashed: str) -> str:
    """What the sign-out form of a session holds, so that no other site can sign a person out.

    :param hashed: of the session's token.
    """
    return token_hash(f"sign out {hashed}")


def sign_in(
    store: Store, email: str, password: str, *, address: str = "", agent: str = "", browser_token: str = ""
) -> SignedIn:
    """Begin a session.

    :param browser_token: that of an earlier sign-in with this browser, if there was one.
    :raises SignInFailed: when the address or the password is wrong, or the account is disabled.
    :raises TooManyAttempts: when too many attempts failed before; the password was not looked at.
    """
    email, moment = email.strip(), now()
    with store.atomic() as db:
        account = people.by_email(db, email)
        hashed = people.password_hash(db, account.person.id) if account else None
        browser = token_hash(browser_token) if browser_token else ""
        known = bool(browser and account and sessions.knows_browser(db, browser, account.person.id))
        # Whoever has signed in with this browser before is not held up by strangers.
        own = f"browser {browser}" if known else f"account {email.casefold()}"
        buckets = {own: FREE_ATTEMPTS} if known else {own: FREE_ATTEMPTS, f"address {address}": FREE_FROM_ADDRESS}
        # Counted as failed before the password is looked at: a thousand guesses at once are no way around.
        _count_attempt(db, buckets, moment)
    right = verify_password(hashed, password)
    fresh = hash_password(password) if right and hashed and needs_new_hash(hashed) else None
    with store.atomic() as db:
        # Looking at a password takes long: since then, the account can be disabled or have another password.
        account = people.account(db, account.person.id) if account else None
        right = right and account is not None and people.password_hash(db, account.person.id) == hashed
        if not right or account is None or account.disabled_at:
            number = account.person.id if account else None
            audit.record(db, None, "session.refused", "person", number, address=address)
        else:
            for bucket in buckets:
                sessions.set_failures(db, _bucket(bucket), 0 if bucket == own else _failures(db, bucket, moment) - 1)
            if fresh:
                people.set_password_hash(db, account.person.id, fresh)
            return begin_session(db, account, address, agent, browser_token if known else "")
    raise SignInFailed


def begin_session(
    db: Connection, account: Account, address: str, agent: str, browser_token: str = "", detail: str = ""
) -> SignedIn:
    """Begin a session of a person who has shown who they are. Always a new token, so none can be planted before.

    :param detail: for the audit log, how they have shown it; "" for a password.
    """
    person = replace(account.person, address=address)
    token, browser_token = secrets.token_urlsafe(32), browser_token or secrets.token_urlsafe(32)
    moment = now()
    sessions.forget_old(db, moment - IDLE, moment - ABSOLUTE)
    number = sessions.add(db, token_hash(token), person, " ".join(agent.split())[:MAX_AGENT])
    sessions.remember_browser(db, token_hash(browser_token), person.id)
    audit.record(db, person, "session.began", "session", number, detail)
    return SignedIn(person, token, browser_token)


def session_of(store: Store, hashed: str) -> Session | None:
    """The session whose token has this hash; None when it ended, is too old, or its person is disabled."""
    moment = now()
    with store.reading() as db:
        session = sessions.find(db, hashed, moment - IDLE, moment - ABSOLUTE)
    if session is not None and moment - session.seen_at >= TOUCH_AFTER:
        # Nobody waits for this: where somebody else is writing, the next action notes it.
        with contextlib.suppress(StoreError), store.atomic(wait=False) as db:
            sessions.touch(db, session.id)
    return session


def my_sessions(store: Store, actor: Person) -> list[Session]:
    """Where this person is signed in, the last used first.

    :raises NotAllowed: when the person is disabled.
    """
    moment = now()
    with store.reading() as db:
        require(db, actor, Ability.READ)
        return sessions.of_person(db, actor.id, moment - IDLE, moment - ABSOLUTE)


def sessions_of(store: Store, viewer: Person, person: Person) -> list[Session]:
    """Where somebody is signed in, the last used first.

    :raises NotAllowed: when it is somebody else and ``viewer`` may not manage people.
    """
    moment = now()
    with store.reading() as db:
        require(db, viewer, Ability.READ if viewer == person else Ability.MANAGE_PEOPLE)
        return sessions.of_person(db, person.id, moment - IDLE, moment - ABSOLUTE)


def end_session(store: Store, actor: Person, session_id: int) -> bool:
    """End one of the person's own sessions.

    :return: whether there was such a one.
    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        ended = sessions.end(db, session_id, actor.id)
        if ended:
            audit.record(db, actor, "session.ended", "session", session_id)
        return ended


def end_other_sessions(store: Store, actor: Person, but: int) -> int:
    """End all of the person's own sessions except one.

    :return: how many.
    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        ended = sessions.end_all(db, actor.id, but)
        audit.record(db, actor, "session.others_ended", "person", actor.id, str(ended))
        return ended


def change_password(store: Store, actor: Person, current: str, new: str, session_id: int) -> None:
    """Replace the person's own password and end their other sessions.

    :raises RuleError: when ``current`` is wrong, the person is disabled, or password or session changed meanwhile.
    :raises TooManyAttempts: when it was wrong too often.
    :raises WeakPassword: when the new one is not taken.
    """
    bucket = f"change {actor.id}"
    with store.atomic() as db:
        require(db, actor, Ability.READ)
        hashed = people.password_hash(db, actor.id)
        _count_attempt(db, {bucket: FREE_ATTEMPTS}, now())
    if not verify_password(hashed, current):
        raise RuleError("The current password is wrong.")
    check_password(new)
    fresh = hash_password(new)
    with store.atomic() as db:
        # Meanwhile the account can be disabled, the session ended, or another password set with a one-time link.
        require(db, actor, Ability.READ)
        if people.password_hash(db, actor.id) != hashed or not sessions.is_of(db, session_id, actor.id):
            raise RuleError("Your password was changed meanwhile, or you were signed out here. Sign in again.")
        people.set_password_hash(db, actor.id, fresh)
        sessions.end_all(db, actor.id, session_id)
        sessions.drop_links(db, actor.id)
        sessions.set_failures(db, _bucket(bucket), 0)
        audit.record(db, actor, "password.changed", "person", actor.id)


def _count_attempt(db: Connection, buckets: Mapping[str, int], moment: datetime) -> None:
    """Count an attempt as failed, in each of these.

    :param buckets: what is counted, and how many attempts of it are free.
    :raises TooManyAttempts: when one of them has to wait; then nothing is counted.
    """
    wait_s = max(_wait_s(db, bucket, free, moment) for bucket, free in buckets.items())
    if wait_s:
        raise TooManyAttempts(wait_s)
    for bucket in buckets:
        sessions.set_failures(db, _bucket(bucket), _failures(db, bucket, moment) + 1)
    sessions.forget_failures(db, moment - FORGET_AFTER)


def _wait_s(db: Connection, bucket: str, free: int, moment: datetime) -> int:
    """How many seconds from ``moment`` on the next attempt has to wait; 0: none."""
    count, last = sessions.failures(db, _bucket(bucket))
    if last is None or count < free or moment - last >= FORGET_AFTER:
        return 0
    wait = min(FIRST_WAIT_S << min(count - free, 20), LONGEST_WAIT_S)
    return max(0, math.ceil(wait - (moment - last).total_seconds()))


def _failures(db: Connection, bucket: str, moment: datetime) -> int:
    count, last = sessions.failures(db, _bucket(bucket))
    return count if last is not None and moment - last < FORGET_AFTER else 0


def _bucket(name: str) -> str:
    return token_hash(name)  # no address that somebody typed is kept
