"""The real application in a real browser: what every journey needs.

``server`` runs the application once a session; ``page`` is a fresh browser tab that fails the test on any error in
the browser's console. Without Chromium these tests are skipped, or fail where BATON_REQUIRE_BROWSER=1 asks for them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from kb import models
from kb.indexing import Indexer
from kb.store import chunks
from kb.store.db import Store
from tests.handbook import save_handbook, save_page

ROOT = Path(__file__).resolve().parents[2]
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
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
START_WITHIN_S = 120.0  # a cold import of torch on a busy machine


@dataclass
class Server:
    """The running application. ``data`` is its data folder, open to other processes as any installation's is."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait_for_model: bool = True, **environment: str) -> None:
        """Start the application and wait until it answers, and until every page can be found by meaning."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        given = dict(os.environ, BATON_DATA=str(self.data), **self.environment, **environment)
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=subprocess.STDOUT)
        self.wait_until(lambda: self._health() is not None, "answers")
        if wait_for_model:
            self.wait_for_model()

    def wait_for_model(self) -> None:
        self.wait_until(lambda: bool((self._health() or {}).get("model_ready")), "has its model")
        self.wait_until(lambda: self._pending() == 0, "has embedded every page")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def restart(self, *, wait_for_model: bool = True, **environment: str) -> None:
        """Stop and start again on the same data and address."""
        self.stop()
        self.start(wait_for_model=wait_for_model, **environment)

    def save_page(
        self,
        title: str,
        body: str,
        tags: Sequence[str] = (),
        *,
        space: str = "Northwind",
        kind: models.PageKind = models.PageKind.PAGE,
        embedded: bool = True,
    ) -> models.Page:
        """Save a page from this process, as a script does.

        :param embedded: wait until the application has embedded it.
        """
        store = Store.open(self.data / "baton.db")
        try:
            saved = save_page(store, Indexer(store, None), title, body, tuple(tags), space, kind)
        finally:
            store.close()
        if embedded:
            self.wait_until(lambda: self._pending() == 0, "has embedded the page")
        return saved

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while not happened():
            if self.process is not None and self.process.poll() is not None:
                pytest.fail(f"The server ended:\n{self.log()}")
            if time.monotonic() > deadline:
                pytest.fail(f"The server never {what}:\n{self.log()}")
            time.sleep(0.1)

    def log(self) -> str:
        return (self.data / "server.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _health(self) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310  our own address
                return dict(json.load(answer))
        except OSError:
            return None

    def _pending(self) -> int:
        store = Store.open(self.data / "baton.db")
        try:
            with store.reading() as db:
                return chunks.count_pending(db)
        finally:
            store.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("BATON_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application with the shipped guides and a small handbook, its model ready. One for the whole session."""
    data = tmp_path_factory.mktemp("data")
    store = Store.open(data / "baton.db")
    save_handbook(store, Indexer(store, None))
    store.close()
    running = Server(data, _free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the whole session."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS, headless=True)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab of a fresh browser profile, wide, light, on no address yet. ``page.goto("/page?slug=x")`` is enough.

    An error in the console, an uncaught exception or a breach of the Content-Security-Policy fails the test.
    """
    context = browser.new_context(base_url=server.url, viewport={"width": 1400, "height": 900})
    context.set_default_timeout(15_000)
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
