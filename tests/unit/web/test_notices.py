"""What people see where an address leads nowhere, and where Baton cannot answer."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from kb.web.notices import KnownScreens
from kb.web.request_log import RequestLog

HTML = {"accept": "text/html,application/xhtml+xml"}


async def _screen(request: Request) -> Response:
    if request.url.path == "/broken":
        raise RuntimeError("a name that nobody outside may read")
    return PlainTextResponse("a screen")


@pytest.fixture
def browser() -> TestClient:
    app = Starlette(
        routes=[Route("/{rest:path}", _screen, methods=["GET", "POST"])],
        middleware=[Middleware(RequestLog), Middleware(KnownScreens, screens=["/", "/my-day", "/broken"])],
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/nothing", "/my-day/old", "/Wiki/Refunds", "/my-days", "/index.html"])
def test_an_address_that_leads_nowhere_says_so(browser: TestClient, path: str) -> None:
    answer = browser.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/", "/my-day", "/my-day/", "/my-day?x=1", "/attachment/0", "/media/a.png", "/_stcore/health", "/static/js/a.js",
     "/component/x/index.html", "/sign-in/oidc", "/sign-out", "/link?token=x", "/healthz", "/calendar.ics"],
)  # fmt: skip
def test_screens_and_what_lies_beside_them_are_left_alone(browser: TestClient, path: str) -> None:
    assert browser.get(path, headers=HTML).text == "a screen"


def test_programs_are_answered_by_what_they_ask(browser: TestClient) -> None:
    assert browser.get("/manifest.json", headers={"accept": "*/*"}).text == "a screen"
    assert browser.post("/nothing", headers=HTML).text == "a screen"


def test_a_failure_is_a_page_for_people_and_a_line_for_programs(browser: TestClient) -> None:
    page = browser.get("/broken", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert f"<strong>{page.headers['x-request-id']}</strong>" in page.text
    assert "nobody outside" not in page.text
    line = browser.get("/broken")
    assert line.text == f"Something went wrong. The log tells more under {line.headers['x-request-id']}."
