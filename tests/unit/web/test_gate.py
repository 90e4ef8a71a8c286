"""Attempts that must fail, and what is open to everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from kb.models import Role
from kb.people import disable, invite, sessions_ended, use_link
from kb.sessions import end_session, my_sessions, token_hash
from kb.settings import Settings
from kb.store.people import LOCAL
from tests.unit.web.conftest import EMAIL, PASSWORD, Site, send, site_of

HTML = {"accept": "text/html"}
SOME_ADDRESSES = [
    "/", "/page?slug=x", "/attachment/0", "/media/abc.png", "/_stcore/host-config", "/_stcore/metrics", "/static/x.js",
    "/component/x/index.html", "/people", "/healthz/", "/HEALTHZ", "//healthz", "/sign-in/../page", "/link/x",
]  # fmt: skip


@pytest.mark.parametrize("address", SOME_ADDRESSES)
def test_without_a_session_everything_is_closed(site: Site, address: str):
    assert site.visitor().get(address).status_code == 401
    answer = site.visitor().get(address, headers=HTML)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


def test_health_and_the_way_in_are_open(site: Site):
    assert [site.visitor().get(path).status_code for path in ("/healthz", "/sign-in")] == [200, 200]


@pytest.mark.parametrize("path", ["/_stcore/upload_file/s/f", "/attachment/0", "/media/x", "/sign-out", "/anything"])
def test_nothing_is_sent_or_removed_without_a_session(site: Site, path: str):
    statuses = {getattr(site.visitor(), method)(path).status_code for method in ("post", "put", "delete")}
    assert statuses == {401}


def test_the_way_back_leads_to_where_somebody_wanted_to_go(site: Site):
    answer = site.visitor().get("/page?slug=a&q=x y", headers=HTML)
    assert answer.headers["location"] == "/sign-in?next=%2Fpage%3Fslug%3Da%26q%3Dx%2520y"


def test_a_session_opens_the_wiki_and_says_whose_it_is(site: Site):
    browser = site.signed_in()
    token = browser.cookies["baton_session"]
    assert browser.get("/page").json() == {"person": "Ada", "headers": {"x-baton-session": token_hash(token)}}


def test_no_identity_that_a_browser_claims_is_believed(site: Site):
    claimed = {"x-baton-session": "me", "X-Baton-Person": "Ada"}
    assert site.visitor(**claimed).get("/").status_code == 401
    browser = site.signed_in()
    browser.headers.update(claimed)
    assert browser.get("/").json()["headers"] == {"x-baton-session": token_hash(browser.cookies["baton_session"])}


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 5000, "1", "' OR 1=1 --"])
def test_an_invented_token_opens_nothing(site: Site, token: str):
    browser = site.visitor()
    assert browser.get("/", headers={"cookie": f"baton_session={token}".encode()}).status_code == 401


def test_the_hash_of_a_token_is_no_token(site: Site):
    hashed = token_hash(site.signed_in().cookies["baton_session"])
    assert site.visitor().get("/", headers={"cookie": f"baton_session={hashed}"}).status_code == 401


def test_a_websocket_needs_a_session(site: Site):
    with pytest.raises(WebSocketDisconnect), site.visitor().websocket_connect("/_stcore/stream"):
        pass
    with (
        pytest.raises(WebSocketDisconnect),
        site.visitor().websocket_connect("/_stcore/stream", headers={"origin": "http://testserver"}),
    ):
        pass


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "http://testserver.evil.test", "http://testserver:81", ""]
)
def test_a_websocket_of_another_site_is_refused_even_with_a_session(site: Site, origin: str):
    browser = site.signed_in()
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream", headers={"origin": origin}):
        pass
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream"):  # names none
        pass


def test_a_websocket_of_ours_knows_its_session(site: Site):
    browser = site.signed_in()
    with browser.websocket_connect("/_stcore/stream", headers={"origin": "http://testserver"}) as stream:
        assert stream.receive_text() == token_hash(browser.cookies["baton_session"])


@pytest.mark.parametrize("path", ["/sign-in", "/link", "/sign-out", "/_stcore/upload_file/s/f"])
def test_no_other_site_can_send_a_form(site: Site, path: str):
    browser = site.signed_in()
    assert browser.post(path, headers={"origin": "http://evil.test"}).status_code == 403
    assert browser.get("/").status_code == 200


def test_ended_sessions_and_disabled_people_are_out_at_the_next_request(site: Site):
    invited = invite(site.store, LOCAL, "Ben", "ben@example.com", Role.AUTHOR)
    use_link(site.store, invited.token, PASSWORD)
    ben = invited.account.person
    first, second, third = (site.signed_in("ben@example.com") for _ in range(3))
    end_session(site.store, ben, min(session.id for session in my_sessions(site.store, ben)))  # that of the link
    assert [browser.get("/").status_code for browser in (first, second, third)] == [200, 200, 200]
    end_session(site.store, ben, min(session.id for session in my_sessions(site.store, ben)))
    assert [browser.get("/").status_code for browser in (first, second, third)] == [401, 200, 200]
    assert sessions_ended(site.store, LOCAL, ben.id) == 2
    assert second.get("/").status_code == 401
    fourth = site.signed_in("ben@example.com")
    disable(site.store, LOCAL, ben.id)
    assert fourth.get("/").status_code == 401
    assert send(site.visitor(), "/sign-in", email="ben@example.com", password=PASSWORD).status_code == 401


def test_pages_are_never_kept_by_the_browser(site: Site):
    assert site.signed_in().get("/", headers=HTML).headers["cache-control"] == "no-store"
    assert site.visitor().get("/sign-in").headers["cache-control"] == "no-store"


def test_security_headers_are_on_every_answer(site: Site):
    for path in ("/", "/sign-in", "/healthz"):
        headers = site.visitor().get(path).headers
        assert "script-src 'self' blob: 'sha256-" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert "strict-transport-security" not in headers


def test_over_tls_cookies_are_bound_to_the_host_and_the_browser_insists_on_tls(site: Site):
    secure = site_of(site.store, Settings(data=Path("x"), public_url="https://testserver"))
    browser = secure.visitor()
    browser.base_url = "https://testserver"  # type: ignore[assignment]
    browser.get("/sign-in")
    answer = browser.post(
        "/sign-in",
        data={"form": browser.cookies["baton_form"], "email": EMAIL, "password": PASSWORD},
        headers={"origin": "https://testserver"},
    )
    cookies = [cookie for cookie in answer.headers.get_list("set-cookie") if "session" in cookie]
    assert len(cookies) == 1
    assert cookies[0].startswith("__Host-baton_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookies[0].split("; "))
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    # A cookie of the unprotected name, which anybody in the network could have set, is not looked at.
    token = browser.cookies["__Host-baton_session"]
    assert secure.visitor().get("/", headers={"cookie": f"baton_session={token}"}).status_code == 401
