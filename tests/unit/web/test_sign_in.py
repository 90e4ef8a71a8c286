"""Signing in and one-time links, form by form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models import Role
from kb.people import invite, new_link, setup_link
from kb.sessions import my_sessions, sign_out_token, token_hash
from kb.settings import Settings
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.web.forms import CANNOT_WRITE, safe_next
from tests.unit.web.conftest import EMAIL, PASSWORD, Site, send, site_of

WRONG = "E-mail address or password is wrong."


def problem(html: str) -> str:
    """What the page says went wrong."""
    found = re.search(r'role="alert">([^<]*)<', html)
    return found.group(1) if found else ""


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/", "/"),
        ("/page?slug=x&q=a%20b#c", "/page?slug=x&q=a%20b#c"),
        ("", "/"),
        ("page", "/"),
        ("//evil.test", "/"),
        ("///evil.test", "/"),
        ("/\\evil.test", "/"),
        ("\\\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.test", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/sign-in?next=/", "/"),
        ("/sign-in/oidc?next=/", "/"),
        ("/sign-in/oidc/callback?code=x", "/"),
        ("/link?token=x", "/"),
    ],
)
def test_signing_in_leads_nowhere_but_into_the_wiki(address: str, leads_to: str):
    assert safe_next(address) == leads_to


@given(st.text())
def test_whatever_is_asked_for_the_way_leads_into_the_wiki(text: str):
    address = safe_next(text)
    assert address.startswith("/")
    assert not address.startswith(("//", "/\\"))
    assert address.isprintable()


def test_signing_in_keeps_the_address_that_was_wanted(site: Site):
    answer = send(site.visitor(), "/sign-in", email=EMAIL, password=PASSWORD, next="/page?slug=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/page?slug=x")


def test_whose_session_ended_is_told_why_they_are_asked_again(site: Site):
    assert "Your session has ended." in site.visitor().get("/sign-in?next=%2F&ended=1").text
    assert "Your session has ended." not in site.visitor().get("/sign-in?next=%2F").text


def test_the_address_may_be_written_in_any_case(site: Site):
    assert send(site.visitor(), "/sign-in", email=" ADA@Example.com ", password=PASSWORD).status_code == 303


def test_the_same_words_whoever_is_asked_for(site: Site):
    unknown = send(site.visitor(), "/sign-in", email="nobody@example.com", password="x")
    wrong = send(site.visitor(), "/sign-in", email=EMAIL, password="x")
    assert (unknown.status_code, problem(unknown.text)) == (wrong.status_code, problem(wrong.text)) == (401, WRONG)


def test_a_form_without_its_token_is_not_taken(site: Site):
    browser = site.visitor()
    answer = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 400
    browser.get("/sign-in")
    answer = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "form": "x"})
    assert (answer.status_code, "baton_session" in browser.cookies) == (400, False)


def test_a_planted_session_is_not_taken_over(site: Site):
    victim = site.visitor()
    victim.cookies.set("baton_session", "planted-by-somebody")
    send(victim, "/sign-in", email=EMAIL, password=PASSWORD)
    attacker = site.visitor()
    attacker.cookies.set("baton_session", "planted-by-somebody")
    assert attacker.get("/").status_code == 401
    before = site.signed_in()
    token = before.cookies["baton_session"]
    assert site.signed_in().cookies["baton_session"] != token  # a new token each time


def test_hostile_text_in_a_field_comes_back_as_text(site: Site):
    answer = send(site.visitor(), "/sign-in", email='"><script>alert(1)</script>', password="x")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_huge_form_is_refused(site: Site):
    answer = send(site.visitor(), "/sign-in", email=EMAIL, password="x" * 50_000)
    assert answer.status_code == 400


def test_a_thousand_guesses_get_nowhere_and_the_person_still_gets_in(site: Site):
    own = site.signed_in()  # a browser that Ada has used
    attacker = site.visitor()
    attacker.get("/sign-in", headers={"accept": "text/html"})
    form = attacker.cookies["baton_form"]  # once is enough: a form can be sent again

    def guess(number: int) -> int:
        browser = site.visitor(origin="http://testserver")
        browser.cookies.set("baton_form", form)
        fields = {"form": form, "email": EMAIL, "password": f"guess {number}"}
        return browser.post("/sign-in", data=fields).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(1000)))
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= 12  # five are free, then each doubles the wait
    assert send(site.visitor(), "/sign-in", email=EMAIL, password=PASSWORD).status_code == 429
    own.cookies.delete("baton_session")
    assert send(own, "/sign-in", email=EMAIL, password=PASSWORD).status_code == 303


def test_too_many_attempts_say_how_long_to_wait(site: Site):
    for _ in range(6):
        answer = send(site.visitor(), "/sign-in", email="nobody@example.com", password="x")
    wait = answer.headers["retry-after"]
    assert (answer.status_code, wait in "12") == (429, True)
    assert problem(answer.text).startswith(f"Too many attempts. Wait {wait} second")


# ---- one-time links -----------------------------------------------------------------------------------------------


def test_nobody_can_sign_in_before_the_first_administrator(store: Store):
    site = site_of(store, Settings())
    page = site.visitor().get("/sign-in")
    assert (page.status_code, "no administrator yet" in page.text) == (200, True)


def test_the_first_administrator_takes_over_what_was_written(store: Store):
    link = setup_link(store)
    assert link is not None
    browser = site_of(store, Settings()).visitor()
    answer = send(browser, "/link", token=link.token, name="Ada", email=EMAIL, password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/").json()["person"] == "Ada"
    assert my_sessions(store, LOCAL)[0].person == LOCAL
    assert setup_link(store) is None


def test_a_link_works_once(site: Site):
    token = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER).token
    fields = {"token": token, "name": "Ben", "password": PASSWORD, "again": PASSWORD}
    assert send(site.visitor(), "/link", **fields).status_code == 303
    again = send(site.visitor(), "/link", **fields)
    assert (again.status_code, "used or has expired" in again.text) == (404, True)


def test_a_newer_link_replaces_the_older_one(site: Site):
    invited = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER)
    newer = new_link(site.store, LOCAL, invited.account.person.id)
    statuses = [site.visitor().get(f"/link?token={token}").status_code for token in (invited.token, newer.token, "x")]
    assert statuses == [404, 200, 404]


def test_an_expired_link_does_not_work(site: Site):
    token = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER).token
    with site.store.atomic() as db:
        db.execute("UPDATE one_time_links SET expires_at = '2026-01-01T00:00:00Z'")
    assert site.visitor().get(f"/link?token={token}").status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "Use at least 12 characters"),
        ("password1234", "password1234", "Many people use this password"),
        ("PASSWORDPASSWORD", "PASSWORDPASSWORD", "Many people use this password"),
        (PASSWORD, PASSWORD + "x", "The two passwords differ"),
    ],
)
def test_a_password_that_is_not_taken_keeps_the_link(site: Site, password: str, again: str, said: str):
    token = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER).token
    answer = send(site.visitor(), "/link", token=token, name="Ben", password=password, again=again)
    assert (answer.status_code, problem(answer.text).startswith(said)) == (400, True), answer.text
    assert send(site.visitor(), "/link", token=token, password=PASSWORD, again=PASSWORD).status_code == 303


def test_a_reset_link_ends_every_session_and_the_old_password(site: Site):
    before = site.signed_in()
    token = new_link(site.store, LOCAL, LOCAL.id).token
    assert before.get("/").status_code == 200  # nothing changes until it is used
    assert send(site.visitor(), "/link", token=token, password="another set of words", again="another set of words")
    assert before.get("/").status_code == 401
    assert send(site.visitor(), "/sign-in", email=EMAIL, password=PASSWORD).status_code == 401


def test_an_invited_person_cannot_choose_another_address_or_role(site: Site):
    token = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER).token
    send(site.visitor(), "/link", token=token, email="ada@evil.test", role="administrator", name="Ben",
         password=PASSWORD, again=PASSWORD)  # fmt: skip
    with site.store.reading() as db:
        row = db.execute("SELECT email, role FROM people WHERE name = 'Ben'").fetchone()
    assert row == ("ben@example.com", "reader")


# ---- signing out --------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(site: Site):
    browser = site.signed_in()
    token = browser.cookies["baton_session"]
    assert browser.post("/sign-out", data={"form": "x"}).headers["location"] == "/"
    assert browser.get("/").status_code == 200
    answer = browser.post("/sign-out", data={"form": sign_out_token(token_hash(token))})
    assert answer.headers["location"] == "/sign-in"
    assert site.visitor().get("/", headers={"cookie": f"baton_session={token}"}).status_code == 401


def test_a_sign_out_form_in_any_script_is_refused_as_a_wrong_one_is(site: Site):
    browser = site.signed_in()
    assert browser.post("/sign-out", data={"form": "é"}).headers["location"] == "/"
    assert browser.get("/").status_code == 200


# ---- a database that cannot be written ----------------------------------------------------------------------------


@pytest.fixture
def stuck(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The same wiki, in which whoever writes finds that another program holds on to the database."""
    monkeypatch.setattr("kb.store.db.BUSY_TIMEOUT_MS", 50)
    impatient = Store.open(site.store.path)
    yield site_of(impatient, Settings())
    impatient.close()


def test_a_sentence_in_place_of_an_error_while_the_database_is_locked(site: Site, stuck: Site):
    link = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.READER)
    browser = site.signed_in()
    token = browser.cookies["baton_session"]
    with site.store.atomic():
        sign_in = send(stuck.visitor(), "/sign-in", email=EMAIL, password=PASSWORD, next="/page?slug=x")
        use = send(stuck.visitor(), "/link", token=link.token, name="Benjamin", password=PASSWORD, again=PASSWORD)
        leaving = stuck.visitor(cookie=f"baton_session={token}")
        sign_out = leaving.post("/sign-out", data={"form": sign_out_token(token_hash(token))})
    assert [answer.status_code for answer in (sign_in, use, sign_out)] == [503, 503, 503]
    assert problem(sign_in.text) == problem(use.text) == CANNOT_WRITE
    assert f'value="{EMAIL}"' in sign_in.text
    assert 'value="/page?slug=x"' in sign_in.text
    assert 'value="Benjamin"' in use.text
    assert "You are still signed in" in sign_out.text
    assert browser.get("/").status_code == 200


def test_nothing_secret_is_stored_in_clear(site: Site):
    browser = site.signed_in()
    link = new_link(site.store, LOCAL, LOCAL.id)
    content = site.store.path.read_bytes() + site.store.path.with_name("baton.db-wal").read_bytes()
    for secret in (PASSWORD, link.token, browser.cookies["baton_session"], browser.cookies["baton_browser"]):
        assert secret.encode() not in content
