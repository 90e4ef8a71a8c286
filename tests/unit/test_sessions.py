"""Rules of sessions, throttling and passwords."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type

from kb import sessions
from kb.access import RuleError
from kb.models import Person, Role
from kb.passwords import WeakPassword, check_password, hash_password, verify_password
from kb.people import disable, enable, invite, new_link, sessions_ended, use_link
from kb.sessions import (
    ABSOLUTE,
    IDLE,
    SignInFailed,
    TooManyAttempts,
    change_password,
    end_other_sessions,
    end_session,
    my_sessions,
    session_of,
    sign_in,
    token_hash,
)
from kb.store import audit, people
from kb.store.db import Store, now, to_text
from kb.store.people import LOCAL
from tests.conftest import REAL_HASHER

PASSWORD = "four plain words here"
ANOTHER = "quite another four words"
EMAIL = "ben@example.com"


def test_hashing_costs_what_rfc_9106_recommends_where_memory_is_little():
    assert (REAL_HASHER.memory_cost, REAL_HASHER.time_cost, REAL_HASHER.type) == (65_536, 3, Type.ID)  # KiB, passes


@pytest.fixture
def ben(store: Store) -> Person:
    """Somebody who has chosen a password, and is signed in nowhere."""
    link = invite(store, LOCAL, "Ben", EMAIL, Role.AUTHOR)
    person = use_link(store, link.token, PASSWORD).person
    with store.atomic() as db:
        db.execute("DELETE FROM sessions")
    return person


def set_back(store: Store, column: str, by: timedelta) -> None:
    """Make every session that much older."""
    with store.atomic() as db:
        db.execute(f"UPDATE sessions SET {column} = ?", [to_text(now() - by)])  # noqa: S608


@pytest.mark.parametrize(("column", "limit"), [("seen_at", IDLE), ("created_at", ABSOLUTE)])
def test_a_session_ends_when_it_is_not_used_and_at_the_latest_after_a_week(
    store: Store, ben: Person, column: str, limit: timedelta
):
    hashed = token_hash(sign_in(store, EMAIL, PASSWORD).token)
    set_back(store, column, limit - timedelta(minutes=1))
    assert session_of(store, hashed) is not None
    set_back(store, column, limit)
    assert session_of(store, hashed) is None
    assert my_sessions(store, ben) == []


def test_a_session_in_use_stays_and_its_use_is_noted_once_a_minute(store: Store, ben: Person):
    hashed = token_hash(sign_in(store, EMAIL, PASSWORD).token)
    set_back(store, "seen_at", timedelta(seconds=50))
    first, second = session_of(store, hashed), session_of(store, hashed)
    assert first is not None
    assert first == second
    set_back(store, "seen_at", timedelta(seconds=70))
    session_of(store, hashed)
    touched = session_of(store, hashed)
    assert touched is not None
    assert touched.seen_at > first.seen_at


def test_nobody_waits_for_a_writer_to_use_a_session(store: Store, ben: Person):
    hashed = token_hash(sign_in(store, EMAIL, PASSWORD).token)
    set_back(store, "seen_at", timedelta(minutes=5))
    with store.atomic() as db:
        db.execute("UPDATE people SET name = name")
        assert session_of(store, hashed) is not None


def test_people_see_and_end_their_own_sessions_only(store: Store, ben: Person, stranger: Person):
    for agent in ("Phone", "Laptop"):
        sign_in(store, EMAIL, PASSWORD, address="192.0.2.7", agent=agent)
    phone, laptop = sorted(my_sessions(store, ben), key=lambda session: session.id)
    assert [(s.agent, s.address, s.person) for s in (phone, laptop)] == [
        ("Phone", "192.0.2.7", ben),
        ("Laptop", "192.0.2.7", ben),
    ]
    assert not end_session(store, stranger, phone.id)
    assert end_session(store, ben, phone.id)
    assert not end_session(store, ben, phone.id)
    sign_in(store, EMAIL, PASSWORD)
    assert end_other_sessions(store, ben, laptop.id) == 1
    assert [session.id for session in my_sessions(store, ben)] == [laptop.id]


def test_a_new_password_ends_the_other_sessions(store: Store, ben: Person):
    sign_in(store, EMAIL, PASSWORD)
    mine = token_hash(sign_in(store, EMAIL, PASSWORD).token)
    session = session_of(store, mine)
    assert session is not None
    with pytest.raises(RuleError, match="The current password is wrong"):
        change_password(store, ben, "not it at all", "another set of words", session.id)
    with pytest.raises(WeakPassword):
        change_password(store, ben, PASSWORD, "short", session.id)
    change_password(store, ben, PASSWORD, "another set of words", session.id)
    assert [kept.id for kept in my_sessions(store, ben)] == [session.id]
    with pytest.raises(SignInFailed):
        sign_in(store, EMAIL, PASSWORD)
    assert sign_in(store, EMAIL, "another set of words").person == ben


def test_a_disabled_person_is_refused_with_the_words_of_a_wrong_password(store: Store, ben: Person):
    disable(store, LOCAL, ben.id)
    with pytest.raises(SignInFailed, match="E-mail address or password is wrong"):
        sign_in(store, EMAIL, PASSWORD)


@pytest.mark.parametrize(("failures", "wait_s"), [(5, 2), (6, 4), (10, 64), (13, 512), (14, 900), (1000, 900)])
def test_each_failure_after_the_fifth_doubles_the_wait_up_to_fifteen_minutes(
    store: Store, ben: Person, failures: int, wait_s: int
):
    with pytest.raises(SignInFailed):
        sign_in(store, EMAIL, "wrong")
    with store.atomic() as db:
        db.execute("UPDATE failures SET count = ?, last_at = ?", [failures, to_text(now())])
    with pytest.raises(TooManyAttempts) as waiting:
        sign_in(store, EMAIL, PASSWORD)
    assert wait_s - 1 <= waiting.value.wait_s <= wait_s
    with store.atomic() as db:
        db.execute("UPDATE failures SET last_at = ?", [to_text(now() - timedelta(seconds=wait_s))])
    assert sign_in(store, EMAIL, PASSWORD).person == ben  # however often somebody guessed


def test_the_right_password_in_time_forgets_the_failures(store: Store, ben: Person):
    for _ in range(4):
        with pytest.raises(SignInFailed):
            sign_in(store, EMAIL, "wrong")
    sign_in(store, EMAIL, PASSWORD)
    for _ in range(4):
        with pytest.raises(SignInFailed):
            sign_in(store, EMAIL, "wrong")
    assert sign_in(store, EMAIL, PASSWORD).person == ben


def test_failures_are_in_the_log_without_the_address_that_was_typed(store: Store, ben: Person):
    for email in (EMAIL, "nobody@example.com"):
        with pytest.raises(SignInFailed):
            sign_in(store, email, "wrong", address="192.0.2.9")
    with store.reading() as db:
        entries = audit.find(db, audit.AuditFilter(actions=("session.refused",)), 10)
    assert [(e.actor, e.subject_id, e.detail, e.address) for e in entries] == [
        (None, None, "", "192.0.2.9"),
        (None, ben.id, "", "192.0.2.9"),
    ]


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while the next password is looked at."""

    def look(hashed: str | None, password: str) -> bool:
        monkeypatch.undo()
        right = verify_password(hashed, password)
        happens()
        return right

    monkeypatch.setattr(sessions, "verify_password", look)


def choose_another(store: Store, person: Person) -> None:
    use_link(store, new_link(store, LOCAL, person.id).token, ANOTHER)


@pytest.mark.parametrize("happens", [choose_another, lambda store, ben: disable(store, LOCAL, ben.id)])
def test_a_sign_in_under_way_ends_when_the_password_changes_or_the_account_is_disabled(
    store: Store, ben: Person, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Store, Person], object]
):
    meanwhile(monkeypatch, lambda: happens(store, ben))
    with pytest.raises(SignInFailed):
        sign_in(store, EMAIL, PASSWORD, agent="too late")
    with store.reading() as db:
        assert "too late" not in [row[0] for row in db.execute("SELECT agent FROM sessions")]


def test_a_costlier_hash_of_an_old_password_never_replaces_a_new_password(
    store: Store, ben: Person, monkeypatch: pytest.MonkeyPatch
):
    with store.atomic() as db:
        people.set_password_hash(db, ben.id, PasswordHasher(time_cost=2, memory_cost=256, parallelism=1).hash(PASSWORD))
    meanwhile(monkeypatch, lambda: choose_another(store, ben))
    with pytest.raises(SignInFailed):
        sign_in(store, EMAIL, PASSWORD)
    assert sign_in(store, EMAIL, ANOTHER).person == ben


@pytest.mark.parametrize(
    "happens",
    [
        choose_another,
        lambda store, ben: disable(store, LOCAL, ben.id),
        lambda store, ben: sessions_ended(store, LOCAL, ben.id),
    ],
)
def test_a_session_that_ended_meanwhile_sets_no_password(
    store: Store, ben: Person, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Store, Person], object]
):
    session = session_of(store, token_hash(sign_in(store, EMAIL, PASSWORD).token))
    assert session is not None
    meanwhile(monkeypatch, lambda: happens(store, ben))
    with pytest.raises(RuleError, match=r"changed meanwhile|is disabled"):
        change_password(store, ben, PASSWORD, "words of somebody else", session.id)
    enable(store, LOCAL, ben.id)
    with pytest.raises(SignInFailed):
        sign_in(store, EMAIL, "words of somebody else")


@pytest.mark.parametrize("password", ["correct-horse-battery", "пароль из слов", "a" * 12 + "Z", "  spaces count  "])
def test_length_is_the_only_other_rule(password: str):
    check_password(password)
    assert verify_password(hash_password(password), password)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1001, "qwertyuiop12", "123456123456", "LiverpoolFC1"])
def test_short_huge_and_common_passwords_are_refused(password: str):
    if password == "LiverpoolFC1":
        check_password(password)  # not in the list: no rule on its parts
        return
    with pytest.raises(WeakPassword):
        check_password(password)


def test_no_password_matches_where_none_is_set():
    assert not verify_password(None, "nobody has this password")
