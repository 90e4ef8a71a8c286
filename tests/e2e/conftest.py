"""The real application in a real browser: what every journey needs.

``server`` runs the application once a session; ``page`` is a fresh browser tab that fails the test on any error in
the browser's console. Without Chromium these tests are skipped, or fail where BATON_REQUIRE_BROWSER=1 asks for them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from kb.models import Person
from kb.store.db import Store
from tests.server import SESSION_COOKIE, SESSION_COOKIE_OVER_TLS, Server, handbook_served

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# At the address of a screen, Streamlit's own page first looks for its server below that address, then at the root.
STREAMLIT_LOOKS_FOR_ITS_ROOT = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")
OpenAs = Callable[[Person], Page]
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    # The shell is the same engine without windows: a page costs it about a third less.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("BATON_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application with the shipped guides and a small handbook, its model ready. One for the whole session."""
    with handbook_served(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the whole session."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS, headless=True)
        yield launched
        launched.close()


@pytest.fixture
def session_token(server: Server) -> str:
    """A session of the local person, an administrator."""
    return server.sign_in()


@pytest.fixture
def context_options(server: Server) -> dict[str, Any]:
    """Where the browser finds the application, and how."""
    return {"base_url": server.url}


def sign_in(context: BrowserContext, url: str, token: str) -> None:
    """Give a browser profile the cookie of a session."""
    secure = url.startswith("https:")
    name = SESSION_COOKIE_OVER_TLS if secure else SESSION_COOKIE
    context.add_cookies([{"name": name, "value": token, "url": url, "secure": secure}])


@pytest.fixture
def page(browser: Browser, context_options: dict[str, Any], session_token: str) -> Iterator[Page]:
    """A signed-in tab of a fresh browser profile, wide, light, on no address yet: ``page.goto("/page?slug=x")``.

    An error in the console, an uncaught exception or a breach of the Content-Security-Policy fails the test.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **context_options)
    context.set_default_timeout(15_000)
    sign_in(context, context_options["base_url"], session_token)
    errors: list[str] = []

    def keep_error(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and not STREAMLIT_LOOKS_FOR_ITS_ROOT.search(address):
            errors.append(f"{message.text} ({address})")

    def watch(tab: Page) -> None:
        tab.on("console", keep_error)
        tab.on("pageerror", lambda error: errors.append(str(error)))

    context.on("page", watch)
    tab = context.new_page()
    go = tab.goto

    def go_and_wait(url: str, **more: Any) -> Response | None:
        # A person takes longer to read than the screen to listen to its links and keys; a test does not.
        answer = go(url, **more)
        tab.wait_for_selector("html[data-baton=ready]", state="attached")
        return answer

    tab.goto = go_and_wait  # type: ignore[method-assign]
    yield tab
    context.close()
    assert errors == []


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    """The database of the running application."""
    opened = Store.open(server.data / "baton.db")
    yield opened
    opened.close()


@pytest.fixture
def open_as(browser: Browser, server: Server) -> Iterator[OpenAs]:
    """Opens a tab of a browser profile of its own, in which this person is signed in."""
    contexts: list[BrowserContext] = []

    def tab(person: Person) -> Page:
        context = browser.new_context(base_url=server.url, viewport={"width": 1400, "height": 900})
        context.set_default_timeout(15_000)
        sign_in(context, server.url, server.sign_in(person))
        contexts.append(context)
        return context.new_page()

    yield tab
    for context in contexts:
        context.close()
