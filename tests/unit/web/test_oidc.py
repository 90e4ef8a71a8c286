"""Signing in with a company account: there and back, who gets in, and what is not believed."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import logging
import random
import re
import string
import time
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from kb import sessions
from kb.models import Account, Role
from kb.people import all_accounts, change_account, disable, find_account, invite, set_role, use_link
from kb.people import setup_link as make_setup_link
from kb.settings import Oidc, Settings
from kb.store import audit
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.web import oidc
from tests.oidc_provider import NO_AUTHORITIES, Claims, Provider, provider_served
from tests.server import free_port
from tests.unit.web.conftest import EMAIL, PASSWORD, Site, site_of

SECRET = "the-secret-of-this-client"
LONG = "".join(random.Random(7).choices(string.ascii_letters, k=9000))  # nothing that can be compressed
DEEP_LINK = "/page?slug=refund-policy&q=a%20b"
BEN = {"name": "Ben Okri", "email": "ben@example.com", "email_verified": True}


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    with provider_served() as running:
        yield running


@pytest.fixture
def provider(served: Provider) -> Provider:
    """The provider, which knows Ben and answers truly."""
    served.forge, served.metadata, served.userinfo = None, {}, None
    served.token_requests.clear()
    served.answers.clear()
    served.knows("ben", **BEN)
    return served


@pytest.fixture
def company(store: Store, provider: Provider) -> Site:
    """A wiki whose administrator is Ada and which takes the provider's accounts."""
    return company_of(store, provider)


def company_of(store: Store, provider: Provider, url: str = "http://testserver", **more: str) -> Site:
    link = make_setup_link(store)
    if link is not None:
        use_link(store, link.token, PASSWORD, name="Ada", email=EMAIL)
    client = Oidc(**{"url": provider.url, "client_id": "baton", "client_secret": SECRET, **more})
    return site_of(store, Settings(public_url=url, oidc=client))


def begin(browser: TestClient, next_: str = "/") -> str:
    """Press the button.

    :return: the address at the provider.
    """
    answer = browser.get("/sign-in/oidc", params={"next": next_})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def at_provider(address: str, subject: str) -> str:
    """Say who one is.

    :return: the way back.
    """
    answer = httpx2.post(address, data={"sub": subject}, verify=NO_AUTHORITIES)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def come(browser: TestClient, subject: str = "ben", next_: str = "/") -> httpx2.Response:
    """Sign in, all the way."""
    return browser.get(at_provider(begin(browser, next_), subject))


def told(answer: httpx2.Response) -> str:
    """Heading and sentences of the page."""
    content = answer.text.partition("<h1>")[2].partition("</main>")[0]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", content).split()))


def log_lines(store: Store) -> list[tuple[str, str]]:
    with store.reading() as db:
        return [(entry.action, entry.detail) for entry in audit.find(db, AuditFilter(), 100)]


def ben(store: Store) -> Account:
    return find_account(store, LOCAL, "ben@example.com")


# ---- there and back -----------------------------------------------------------------------------------------------


def test_the_way_leads_to_the_provider_and_back_to_the_address_that_was_wanted(company: Site):
    browser = company.visitor(accept="text/html")
    to_sign_in = browser.get(DEEP_LINK).headers["location"]
    page = browser.get(to_sign_in).text
    button = re.search(r'<a class="button" href="([^"]*)">Sign in with your company account</a>', page)
    assert button is not None
    address = browser.get(unescape(button.group(1))).headers["location"]
    answer = browser.get(at_provider(address, "ben"))
    assert (answer.status_code, answer.headers["location"]) == (303, DEEP_LINK)
    assert browser.get("/").text == "<p>Ben Okri</p>"
    assert "baton_oidc" not in browser.cookies  # an attempt counts once
    assert log_lines(company.store)[:2] == [("session.began", "oidc"), ("person.added", "oidc reader")]


def test_the_request_carries_state_nonce_and_a_challenge_that_the_token_request_answers(
    company: Site, provider: Provider
):
    browser = company.visitor()
    address = begin(browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["redirect_uri"] == "http://testserver/sign-in/oidc/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43  # 256 bits each
    browser.get(at_provider(address, "ben"))
    digest = hashlib.sha256(provider.token_requests[0]["code_verifier"].encode()).digest()
    assert part(digest) == asked["code_challenge"]
    again = parse_qs(urlsplit(begin(company.visitor())).query)
    assert {again[name][0] for name in ("state", "nonce", "code_challenge")}.isdisjoint(asked.values())


def test_the_cookie_of_a_sign_in_under_way_is_kept_from_scripts_and_other_sites(store: Store, provider: Provider):
    for url, name, secure in (
        ("http://testserver", "baton_oidc", ""),
        ("https://testserver", "__Host-baton_oidc", "; Secure"),
    ):
        answer = company_of(store, provider, url).visitor().get("/sign-in/oidc")
        cookie = answer.headers["set-cookie"]
        assert re.fullmatch(rf"{name}=[^;]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax{secure}", cookie), cookie


def test_nothing_secret_is_stored_or_logged(company: Site, provider: Provider, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, logger="kb")
    browser = company.visitor()
    back = at_provider(begin(browser), "ben")
    browser.get(back)
    browser.get(back)  # refused, which is logged
    code, state = (parse_qs(urlsplit(back).query)[name][0] for name in ("code", "state"))
    database = company.store.path.read_bytes() + company.store.path.with_name("baton.db-wal").read_bytes()
    tokens = [provider.answers[0]["id_token"], provider.answers[0]["access_token"]]
    for secret in (SECRET, code, state, provider.token_requests[0]["code_verifier"], *tokens):
        assert secret.encode() not in database
        assert secret not in caplog.text
    assert "ben@" not in caplog.text
    assert SECRET not in repr(company.baton.settings)


def test_who_is_signed_in_already_goes_on(company: Site):
    answer = company.signed_in().get("/sign-in/oidc", params={"next": DEEP_LINK})
    assert (answer.status_code, answer.headers["location"]) == (303, DEEP_LINK)


@pytest.mark.parametrize("next_", ["https://evil.test", "//evil.test", "/sign-in/oidc?next=/", "/page?q=" + LONG])
def test_an_address_that_is_none_of_ours_or_too_long_leads_to_the_start_page(company: Site, next_: str):
    assert come(company.visitor(), next_=next_).headers["location"] == "/"


def test_without_a_provider_there_is_no_button(site: Site):
    assert "/sign-in/oidc" not in site.visitor().get("/sign-in").text
    assert site.visitor().get("/sign-in/oidc").status_code == 404
    assert site.visitor().get("/sign-in/oidc/callback?code=x&state=y").status_code == 404


def test_the_button_says_what_the_settings_call_it(store: Store, provider: Provider):
    page = company_of(store, provider, name="Contoso <3").visitor().get("/sign-in").text
    assert "Sign in with Contoso &lt;3</a>" in page


# ---- who gets in --------------------------------------------------------------------------------------------------


def test_the_same_subject_is_the_same_person_whatever_its_address_and_name(company: Site, provider: Provider):
    come(company.visitor())
    before = ben(company.store)
    provider.knows("ben", name="Benedict", email="benedict@elsewhere.test", email_verified=False)
    browser = company.visitor()
    come(browser)
    assert browser.get("/").json()["person"] == "Ben Okri"
    after = dataclasses.replace(ben(company.store), seen_at=before.seen_at)
    assert after == before  # what Baton knows is changed in Baton


def test_what_a_person_may_do_is_never_the_providers_to_say(company: Site, provider: Provider):
    provider.knows("ben", **BEN, role="administrator", roles=["administrator"], groups=["administrator"])
    come(company.visitor())
    assert ben(company.store).role is Role.READER
    set_role(company.store, LOCAL, ben(company.store).person.id, Role.LEAD)
    come(company.visitor())
    assert ben(company.store).role is Role.LEAD


def test_the_first_role_is_that_of_the_settings(store: Store, provider: Provider):
    come(company_of(store, provider, role="author").visitor())
    assert ben(store).role is Role.AUTHOR


@pytest.mark.parametrize(
    ("name", "known_as"),
    [("Ada", "Ada (ben)"), ("ADA", "ADA (ben)"), ("Baton", "Baton (ben)"), (" Ben \n\x00 O ", "Ben O"), ("", "ben"),
     ("x" * 200, "x" * 80), (["Ben"], "ben")],
)  # fmt: skip
def test_two_people_of_one_name_can_be_told_apart(company: Site, provider: Provider, name: str, known_as: str):
    provider.knows("ben", **{**BEN, "name": name})
    assert come(company.visitor()).status_code == 303
    assert ben(company.store).person.name == known_as


def test_whom_nobody_invited_is_refused_where_the_settings_say_so(store: Store, provider: Provider):
    site = company_of(store, provider, role="none")
    browser = site.visitor()
    answer = come(browser)
    assert answer.status_code == 403
    assert told(answer).startswith("You have no access yet Ask an administrator to invite ben@example.com.")
    assert "baton_session" not in browser.cookies
    assert [account.person.name for account in all_accounts(store, LOCAL)] == ["Ada"]
    assert log_lines(store)[0] == ("session.refused", "oidc")


def test_a_disabled_person_reads_the_same_as_whom_nobody_invited(store: Store, provider: Provider):
    site = company_of(store, provider)
    come(site.visitor())
    disable(store, LOCAL, ben(store).person.id)
    refused = come(site.visitor())
    provider.knows("eve", name="Eve", email="ben@example.com", email_verified=True)  # not by the address, either
    by_address = come(site.visitor(), "eve")
    stranger = company_of(store, provider, role="none").visitor()
    provider.knows("zoe", name="Zoe", email="zoe@example.com", email_verified=True)
    unknown = come(stranger, "zoe")
    assert (refused.status_code, by_address.status_code, unknown.status_code) == (403, 403, 403)
    assert told(refused) == told(by_address) == told(unknown).replace("zoe@", "ben@")


@pytest.mark.parametrize("role", ["none", "reader"])
def test_an_invited_person_is_who_was_meant(store: Store, provider: Provider, role: str):
    link = invite(store, LOCAL, "Benjamin", "Ben@Example.com", Role.LEAD)
    site = company_of(store, provider, role=role)
    browser = site.visitor()
    assert come(browser).status_code == 303
    assert browser.get("/").json()["person"] == "Benjamin"
    assert ben(store).role is Role.LEAD
    assert site.visitor().get(f"/link?token={link.token}").status_code == 404  # the invitation is used
    assert log_lines(store)[:2] == [("session.began", "oidc"), ("person.linked", "oidc")]


def test_an_address_that_the_company_gave_to_somebody_else_opens_nothing(company: Site, provider: Provider):
    come(company.visitor())
    provider.knows("another-ben", **BEN)
    answer = come(company.visitor(), "another-ben")
    assert (answer.status_code, told(answer).startswith("You have no access yet")) == (403, True)


@pytest.mark.parametrize(
    ("claims", "trusted", "status"),
    [
        ({"email_verified": True}, "verified", 303),
        ({"email_verified": "true"}, "verified", 303),  # as some providers write it
        ({"email_verified": False}, "verified", 403),
        ({"email_verified": "false"}, "verified", 403),
        ({"email_verified": 1}, "verified", 403),
        ({}, "verified", 403),
        ({}, "trusted", 303),
        ({"email_verified": False}, "trusted", 403),  # silence is trusted, a no is not
    ],
)
def test_an_address_for_which_the_provider_does_not_vouch_says_nothing(
    store: Store, provider: Provider, claims: dict[str, object], trusted: str, status: int
):
    invite(store, LOCAL, "Ben", "ben@example.com", Role.LEAD)
    provider.knows("ben", name="Ben Okri", email="ben@example.com", **claims)
    answer = come(company_of(store, provider, email=trusted).visitor())
    assert answer.status_code == status
    assert ben(store).can_sign_in is (status == 303)
    assert status == 303 or "does not say that ben@example.com is yours" in told(answer)


@pytest.mark.parametrize("email", [None, "", "ben", "a b@example.com", ["ben@example.com"]])
def test_without_an_address_nobody_comes_for_the_first_time(company: Site, provider: Provider, email: object):
    provider.knows("ben", name="Ben", email_verified=True, **({} if email is None else {"email": email}))
    answer = come(company.visitor())
    assert (answer.status_code, "came without an e-mail address" in told(answer)) == (403, True)


def test_what_a_small_id_token_leaves_out_is_asked_for(company: Site, provider: Provider):
    provider.forge = lambda claims: provider.sign({k: v for k, v in claims.items() if k not in BEN})
    come(company.visitor())
    assert ben(company.store).person.name == "Ben Okri"
    provider.userinfo = {**BEN, "sub": "somebody-else"}
    assert come(company.visitor()).status_code == 502


def test_before_baton_is_set_up_nobody_gets_in(store: Store, provider: Provider):
    site = site_of(store, Settings(public_url="http://testserver", oidc=Oidc(provider.url, "baton", SECRET)))
    answer = site.visitor().get("/sign-in/oidc")
    assert (answer.status_code, told(answer).startswith("Almost there")) == (403, True)


# ---- linking an account that has a password -----------------------------------------------------------------------


@pytest.fixture
def ada(provider: Provider) -> str:
    """Ada's account at the provider, with the address of her password."""
    provider.knows("ada", name="Ada Lovelace", email=EMAIL, email_verified=True)
    return "ada"


def send_password(browser: TestClient, password: str, **more: str) -> httpx2.Response:
    form = browser.cookies.get("baton_form") or ""
    return browser.post(
        "/sign-in/oidc", data={"form": form, "password": password, **more}, headers={"origin": "http://testserver"}
    )


def test_an_account_with_a_password_is_linked_only_with_that_password(company: Site, ada: str):
    browser = company.visitor()
    asked = come(browser, ada, DEEP_LINK)
    assert (asked.status_code, told(asked).startswith("Is this account yours, too?")) == (200, True)
    assert browser.get("/").status_code == 401
    wrong = send_password(browser, "something else")
    assert (wrong.status_code, "The password is wrong." in told(wrong)) == (401, True)
    assert company.visitor().get("/").status_code == 401
    answer = send_password(browser, PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, DEEP_LINK)
    assert browser.get("/").json()["person"] == "Ada"
    assert log_lines(company.store)[0] == ("person.linked", "oidc")
    assert come(company.visitor(), ada, DEEP_LINK).headers["location"] == DEEP_LINK  # from now on at once
    assert company.signed_in().get("/").status_code == 200  # and the password goes on


def test_a_link_form_counts_in_its_browser_and_with_its_own_token_only(company: Site, ada: str):
    browser = company.visitor()
    come(browser, ada)
    assert send_password(browser, PASSWORD, form="x").status_code == 400
    assert browser.get("/").status_code == 401
    other = company.visitor()
    other.get("/sign-in")
    assert send_password(other, PASSWORD, email=EMAIL, identity="{}").status_code == 400
    begun = company.visitor()
    begin(begun)  # a sign-in under way is no proof of anything
    begun.get("/sign-in")
    assert send_password(begun, PASSWORD).status_code == 400


def test_a_link_form_that_was_open_for_long_does_not_count(company: Site, ada: str, monkeypatch: pytest.MonkeyPatch):
    browser = company.visitor()
    come(browser, ada)
    monkeypatch.setattr(oidc, "LIFE_S", -1)
    assert send_password(browser, PASSWORD).status_code == 400


def test_guessing_at_the_link_form_is_slowed_as_at_the_sign_in_form(
    company: Site, ada: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sessions, "FIRST_WAIT_S", 600)  # a busy machine looks at a password for longer than 2 seconds
    browser = company.visitor()
    come(browser, ada)
    answers = [send_password(browser, f"guess {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600


def test_a_link_form_for_an_address_that_changed_meanwhile_links_nobody(company: Site, ada: str):
    browser = company.visitor()
    come(browser, ada)
    change_account(company.store, LOCAL, LOCAL.id, "Ada", "ada.king@example.com")
    assert send_password(browser, PASSWORD).status_code == 401


# ---- what is not believed -----------------------------------------------------------------------------------------


def test_a_callback_counts_once(company: Site):
    browser = company.visitor()
    back = at_provider(begin(browser), "ben")
    kept = browser.cookies["baton_oidc"]
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert (again.status_code, told(again).startswith("This sign-in is over")) == (400, True)
    thief = company.visitor()
    thief.cookies.set("baton_oidc", kept)  # even with the cookie: the provider takes a code once
    assert (thief.get(back).status_code, "baton_session" in thief.cookies) == (400, False)


@pytest.mark.parametrize("state", ["", "x", "é"])
def test_a_callback_with_another_state_does_not_count(company: Site, state: str):
    browser = company.visitor()
    back = httpx2.URL(at_provider(begin(browser), "ben"))
    forged = browser.get(str(back.copy_set_param("state", state)))
    assert (forged.status_code, "baton_session" in forged.cookies) == (400, False)
    assert browser.get(str(back)).status_code == 303  # what this browser has under way goes on


def test_a_callback_in_another_browser_does_not_count(company: Site):
    back = at_provider(begin(company.visitor()), "ben")
    stranger = company.visitor()
    assert stranger.get(back).status_code == 400
    begin(stranger)  # has something under way, but not this
    assert (stranger.get(back).status_code, "baton_session" in stranger.cookies) == (400, False)


def test_a_sign_in_that_took_long_does_not_count(company: Site, monkeypatch: pytest.MonkeyPatch):
    browser = company.visitor()
    back = at_provider(begin(browser), "ben")
    monkeypatch.setattr(oidc, "LIFE_S", -1)
    answer = browser.get(back)
    assert (answer.status_code, "It took long" in told(answer)) == (400, True)


def test_a_cookie_that_somebody_made_up_does_not_count(company: Site):
    browser = company.visitor()
    back = at_provider(begin(browser), "ben")
    data, _, signature = browser.cookies["baton_oidc"].rpartition(".")
    for forged in (f"{data}.{signature[::-1]}", data, "", "x.y.z"):
        other = company.visitor()
        other.cookies.set("baton_oidc", forged)
        assert other.get(back).status_code == 400


def other_key(provider: Provider) -> RSAKey:
    """A key of somebody else's that claims to be the provider's."""
    return RSAKey.import_key({**RSAKey.generate_key().as_dict(private=True), "kid": provider.key.kid})


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def by_hand(claims: Claims, algorithm: str, secret: bytes = b"") -> str:
    """A token as no library makes one."""
    body = f"{part(json.dumps({'alg': algorithm}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{body}.{part(hmac.digest(secret, body.encode(), 'sha256')) if secret else ''}"


FORGED: dict[str, Callable[[Provider, Claims], str]] = {
    "nonce of another sign-in": lambda p, c: p.sign({**c, "nonce": "x" * 43}),
    "no nonce": lambda p, c: p.sign({k: v for k, v in c.items() if k != "nonce"}),
    "for another client": lambda p, c: p.sign({**c, "aud": "another"}),
    "for another client, through us": lambda p, c: p.sign({**c, "aud": "another", "azp": "baton"}),
    "for us, given to another client": lambda p, c: p.sign({**c, "aud": ["baton", "another"], "azp": "another"}),
    "no audience": lambda p, c: p.sign({k: v for k, v in c.items() if k != "aud"}),
    "of another issuer": lambda p, c: p.sign({**c, "iss": "https://evil.test"}),
    "expired": lambda p, c: p.sign({**c, "exp": int(time.time()) - 120}),
    "never expires": lambda p, c: p.sign({k: v for k, v in c.items() if k != "exp"}),
    "from the future": lambda p, c: p.sign({**c, "iat": int(time.time()) + 3600}),
    "about nobody": lambda p, c: p.sign({**c, "sub": ""}),
    "about no text": lambda p, c: p.sign({**c, "sub": 7}),
    "about somebody with an endless name": lambda p, c: p.sign({**c, "sub": "x" * 300}),
    "with another access token": lambda p, c: p.sign({**c, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "signed by somebody else": lambda p, c: jwt.encode(
        {"alg": "RS256", "kid": p.key.kid}, c, other_key(p)
    ),
    "signed with an unknown key": lambda p, c: jwt.encode({"alg": "RS256", "kid": "x"}, c, other_key(p)),
    "signed with the public key": lambda p, c: by_hand(c, "HS256", p.key.as_pem(private=False)),
    "signed with the client's secret": lambda _, c: by_hand(c, "HS256", SECRET.encode()),
    "not signed": lambda _, c: by_hand(c, "none"),
    "no token": lambda _, __: "",
    "gibberish": lambda _, __: "a.b.c",
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_id_token_lets_nobody_in(
    company: Site, provider: Provider, forged: str, caplog: pytest.LogCaptureFixture
):
    provider.forge = lambda claims: FORGED[forged](provider, claims)
    browser = company.visitor()
    answer = come(browser)
    assert (answer.status_code, told(answer).startswith("This answer cannot be trusted")) == (502, True)
    assert "baton_session" not in browser.cookies
    assert [account.person.name for account in all_accounts(company.store, LOCAL)] == ["Ada"]
    assert "No sign-in with a company account: " in caplog.text
    assert "ben@" not in caplog.text


def test_a_token_for_several_clients_of_which_we_asked_is_taken(company: Site, provider: Provider):
    provider.forge = lambda claims: provider.sign({**claims, "aud": ["baton", "another"], "azp": "baton"})
    assert come(company.visitor()).status_code == 303


# ---- when it does not work ----------------------------------------------------------------------------------------


def test_a_provider_that_cannot_be_reached_is_said(store: Store, provider: Provider):
    site = company_of(store, provider, url="http://testserver")
    silent = Oidc(f"http://127.0.0.1:{free_port()}", "baton", SECRET)
    site = site_of(store, dataclasses.replace(site.baton.settings, oidc=silent))
    answer = site.visitor().get("/sign-in/oidc", params={"next": DEEP_LINK})
    assert (answer.status_code, told(answer).startswith("No answer")) == (502, True)
    assert 'href="/sign-in?next=%2Fpage%3Fslug%3Drefund-policy%26q%3Da%2520b"' in answer.text  # the password goes on


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.test"},
        {"issuer": None},
        {"token_endpoint": "http://evil.test/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": ""},
    ],
)
def test_metadata_that_lead_elsewhere_or_unprotected_are_not_followed(
    company: Site, provider: Provider, metadata: dict[str, object]
):
    provider.metadata = metadata
    assert company.visitor().get("/sign-in/oidc").status_code == 502


def test_the_address_of_the_metadata_does_as_well_as_the_issuer(store: Store, provider: Provider):
    site = company_of(store, dataclasses.replace(provider, url=provider.url + "/.well-known/openid-configuration"))
    assert come(site.visitor()).status_code == 303


def test_declining_at_the_provider_is_no_fault(company: Site):
    browser = company.visitor()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    answer = browser.get("/sign-in/oidc/callback", params={"error": "access_denied", "state": state})
    assert (answer.status_code, told(answer).startswith("You declined")) == (403, True)


def test_what_a_provider_says_about_an_error_is_not_repeated(company: Site, caplog: pytest.LogCaptureFixture):
    browser = company.visitor()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    said = {"error": "server_error", "error_description": "Ben <script>", "state": state}
    answer = browser.get("/sign-in/oidc/callback", params=said)
    assert (answer.status_code, told(answer).startswith("No answer")) == (502, True)
    assert "Ben" not in answer.text + caplog.text


def test_a_client_that_the_provider_does_not_know_is_told_to_the_administrator(
    store: Store, caplog: pytest.LogCaptureFixture
):
    with provider_served(require_client_registration=True) as strict:
        registered = httpx2.post(
            f"{strict.url}/oauth2/clients", json={"redirect_uris": ["http://testserver/sign-in/oidc/callback"]}
        ).json()
        right = {"client_id": registered["client_id"], "client_secret": registered["client_secret"]}
        strict.knows("ben", **BEN)
        assert come(company_of(store, strict, **right).visitor()).status_code == 303
        answer = come(company_of(store, strict, **{**right, "client_secret": "wrong"}).visitor())
    assert answer.status_code == 502
    assert "BATON_OIDC_CLIENT_SECRET" in caplog.text
    assert "BATON_OIDC" not in answer.text
