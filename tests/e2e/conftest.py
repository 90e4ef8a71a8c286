"""The real application in a real browser: what every journey needs.

``server`` runs the application once a session; ``page`` and what ``open_tab`` opens are fresh browser tabs that fail
the test on any error in the browser's console. Without Chromium these tests are skipped, or fail where
BATON_REQUIRE_BROWSER=1 asks for them. What a person does with a screen is in :mod:`tests.e2e.hands`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
OpenTab = Callable[..., Page]
TIMEOUT_MS = 30_000  # a busy machine is slow, not wrong
expect.set_options(timeout=TIMEOUT_MS)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a tab finds the application, and what else Playwright needs for it."""

    url: str
    options: dict[str, Any] = field(default_factory=dict)


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
def address(server: Server) -> Address:
    """Where ``page`` finds the application."""
    return Address(server.url)


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """Opens a tab of a browser profile of its own: ``open_tab(url, token)``; without a token signed in nowhere.

    It is wide and light, and on no address yet. Unless it is not ``watched``, an error in the console, an uncaught
    exception or a breach of the Content-Security-Policy fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def keep_error(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and not STREAMLIT_LOOKS_FOR_ITS_ROOT.search(address):
            errors.append(f"{message.text} ({address})")

    def watch(tab: Page) -> None:
        tab.on("console", keep_error)
        tab.on("pageerror", lambda error: errors.append(str(error)))

    def opened(url: str, token: str | None = None, *, watched: bool = True, **options: Any) -> Page:
        context = browser.new_context(**{"base_url": url, "viewport": {"width": 1400, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        if token is not None:
            secure = url.startswith("https:")
            name = SESSION_COOKIE_OVER_TLS if secure else SESSION_COOKIE
            context.add_cookies([{"name": name, "value": token, "url": url, "secure": secure}])
        if watched:
            context.on("page", watch)
        tab = context.new_page()
        if token is not None:
            _wait_for_the_screen(tab)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def _wait_for_the_screen(tab: Page) -> None:
    """Let the tab wait, whenever it opens an address, until the screen listens to its links and keys.

    A person takes longer to read than the screen does to begin; a test does not.
    """
    go, again = tab.goto, tab.reload

    def listening(answer: Response | None) -> Response | None:
        tab.wait_for_selector("html[data-baton=ready]", state="attached")
        return answer

    tab.goto = lambda url, **more: listening(go(url, **more))  # type: ignore[method-assign]
    tab.reload = lambda **more: listening(again(**more))  # type: ignore[method-assign]


@pytest.fixture
def page(open_tab: OpenTab, address: Address, session_token: str) -> Page:
    """A tab in which the local person is signed in: ``page.goto("/page?slug=x")``."""
    return open_tab(address.url, session_token, **address.options)


@pytest.fixture
def open_as(open_tab: OpenTab, server: Server) -> OpenAs:
    """Opens a tab in which this person is signed in."""
    return lambda person: open_tab(server.url, server.sign_in(person))


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    """The database of the running application."""
    opened = Store.open(server.data / "baton.db")
    yield opened
    opened.close()
