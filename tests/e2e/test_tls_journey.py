"""Behind TLS: search, upload and headers through nginx and Caddy, set up as docs/ says."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.conftest import Address
from tests.e2e.proxies import Proxy, installed, proxy
from tests.server import SESSION_COOKIE_OVER_TLS, Server, free_port, handbook_served

LARGEST_UPLOAD = 20_000_000  # bytes: server.maxUploadSize in .streamlit/config.toml, as the browser's side counts it


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which proxy; one that this machine has."""
    if not installed(request.param):
        reason = f"{request.param} is not installed"
        if request.param == "nginx" and os.environ.get("BATON_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason}: apt-get install nginx-light")
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(scope="module")
def port() -> int:
    """Where the application of these tests listens."""
    return free_port()


@pytest.fixture(scope="module")
def behind(kind: str, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """A proxy in front of the application."""
    with proxy(kind, port, tmp_path_factory.mktemp(kind)) as running:
        yield running


@pytest.fixture(scope="module")
def server(
    chromium: str, behind: Proxy, kind: str, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """An application that people reach over TLS."""
    data = tmp_path_factory.mktemp(f"behind-{kind}")
    with handbook_served(data, port, with_model=False, BATON_URL=behind.url) as running:
        yield running


@pytest.fixture(scope="module")
def session_token(server: Server) -> str:
    return server.sign_in()


@pytest.fixture(scope="module")
def signed_in(session_token: str) -> str:
    """The cookie header of a person who is signed in."""
    return f"{SESSION_COOKIE_OVER_TLS}={session_token}"


@pytest.fixture
def address(behind: Proxy) -> Address:
    # Chromium does not know the test's authority; the tests without a browser do.
    return Address(behind.url, {"ignore_https_errors": True})


def trusting(behind: Proxy) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=behind.authority)


def ask(behind: Proxy, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPSConnection("localhost", behind.https_port, context=trusting(behind), timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_a_search_answers_and_leaves_no_trace_in_the_logs(page: Page, behind: Proxy, server: Server) -> None:
    page.goto("/?q=duplicate+charge")
    expect(page.locator(".st-key-results h2 a").first).to_have_text("Invoice disputes")
    page.get_by_role("searchbox", name="Search the wiki").fill("refunds that need approval")
    expect(page.locator(".st-key-results h2 a").first).to_have_text("Refund policy")
    page.context.close()
    for log in (behind.logged(), (server.data / "server.log").read_text()):
        assert "duplicate+charge" not in log
        assert "approval" not in log


def test_a_file_as_large_as_allowed_is_uploaded(page: Page, behind: Proxy, tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("harbour.md", "# Harbour desk\n\nShips call before noon.")
    # A zip is read from its end: bytes before it make it large and nothing else.
    content = path.read_bytes()
    path.write_bytes(bytes(LARGEST_UPLOAD - len(content)) + content)
    page.goto("/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import", exact=True).click(timeout=60_000)
    expect(page.get_by_text(re.compile("1 page added|1 unchanged"))).to_be_visible()


def test_headers_arrive_and_cookies_stay_on_https(behind: Proxy, signed_in: str) -> None:
    status, headers, _ = ask(behind, "/", Cookie=signed_in)
    assert status == 200
    assert headers.get_all("strict-transport-security") == ["max-age=31536000"]
    (policy,) = headers.get_all("content-security-policy") or []
    assert policy.startswith("default-src 'self'; script-src 'self'")
    assert headers.get_all("x-frame-options") == ["DENY"]
    assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
    _, headers, _ = ask(behind, "/_stcore/health")
    cookies = headers.get_all("set-cookie") or []
    assert cookies
    assert all("; secure" in cookie.lower() for cookie in cookies)


def test_scripts_are_compressed_and_answers_that_hold_secrets_are_not_by_the_proxy(
    behind: Proxy, signed_in: str
) -> None:
    _, _, start = ask(behind, "/", Cookie=signed_in)
    found = re.search(rb'src="\.?(/static/js/[^"]+)"', start)
    assert found is not None
    _, headers, _ = ask(behind, found[1].decode(), Cookie=signed_in, **{"Accept-Encoding": "gzip"})
    assert (headers["content-encoding"], headers["strict-transport-security"]) == ("gzip", "max-age=31536000")
    _, headers, _ = ask(behind, "/healthz", **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] is None


def test_http_leads_to_https(behind: Proxy) -> None:
    connection = http.client.HTTPConnection("localhost", behind.http_port, timeout=30)
    connection.request("GET", "/page?slug=refund-policy")
    answer = connection.getresponse()
    assert answer.status in (301, 308)
    assert re.fullmatch(r"https://localhost(:\d+)?/page\?slug=refund-policy", answer.headers["location"])
    connection.close()


def test_another_site_gets_no_connection(behind: Proxy, signed_in: str) -> None:
    address = f"wss://localhost:{behind.https_port}/_stcore/stream"
    own = {"Cookie": signed_in}
    with connect(address, ssl=trusting(behind), origin=behind.url, subprotocols=["streamlit"], additional_headers=own):
        pass
    with pytest.raises(InvalidStatus) as refused:
        connect(
            address,
            ssl=trusting(behind),
            origin="https://evil.example",
            subprotocols=["streamlit"],
            additional_headers=own,
        )
    assert refused.value.response.status_code == 403


def test_while_baton_is_down_the_proxy_says_so_and_logs_no_query(kind: str, tmp_path: Path) -> None:
    with proxy(kind, free_port(), tmp_path) as running:
        status, _, _ = ask(running, "/?q=my+salary", Referer="https://localhost/?q=my+salary")
    assert status == 502
    assert "salary" not in running.logged()
