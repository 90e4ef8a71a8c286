"""The real application in a process of its own, for browser tests and for the load client."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from index.embedder import PACKAGED_MODEL, model_location
from kb import models
from kb.indexing import Indexer
from kb.sessions import begin_session
from kb.store import chunks, people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.handbook import save_handbook, save_page

ROOT = Path(__file__).resolve().parents[1]
SESSION_COOKIE = "baton_session"  # without TLS
SESSION_COOKIE_OVER_TLS = "__Host-baton_session"
START_WITHIN_S = 300.0  # a cold import of torch on a busy machine has taken 100
END_WITHIN_S = 60.0
FIRST_PORT, LAST_PORT = 20_000, 32_000
WORKERS = 16  # processes of pytest-xdist at most


class ServerFailed(RuntimeError):
    """The application ended, or did not do in time what it was waited for; the message holds the end of its log."""


@dataclass
class Server:
    """The running application. ``data`` is its data folder, open to other processes as any installation's is."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def sign_in(self, person: models.Person = LOCAL) -> str:
        """Begin a session of this person.

        :return: its token, the value of the cookie SESSION_COOKIE.
        """
        store = Store.open(self.data / "baton.db")
        try:
            with store.atomic() as db:
                account = people.account(db, person.id)
                assert account is not None
                return begin_session(db, account, "127.0.0.1", "Tests").token
        finally:
            store.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait_for_model: bool = True, **environment: str) -> None:
        """Start the application and wait until it answers, and until every page can be found by meaning.

        :raises ServerFailed: when it does not come up.
        """
        command = [sys.executable, "scripts/serve.py"]  # what scripts/start.sh ends with
        own = {"BATON_DATA": str(self.data), "BATON_PORT": str(self.port)}
        given = {**os.environ, **own, **self.environment, **environment}
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=subprocess.STDOUT)
        self.wait_until(lambda: self._health() is not None, "answers")
        if wait_for_model:
            self.wait_for_model()

    def wait_for_model(self) -> None:
        """:raises ServerFailed: when the model does not load, or does not embed every page."""
        self.wait_until(lambda: bool((self._health() or {}).get("model_ready")), "has its model")
        self.wait_until(lambda: self._pending() == 0, "has embedded every page")

    def stop(self) -> None:
        """End the application.

        :raises ServerFailed: when it did not end by itself and was killed.
        """
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise ServerFailed(f"The server did not end within {END_WITHIN_S:g} s:\n{self.log()}") from error

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
        """:raises ServerFailed: when it does not happen in time."""
        deadline = time.monotonic() + START_WITHIN_S
        while not happened():
            if self.process is not None and self.process.poll() is not None:
                raise ServerFailed(f"The server ended:\n{self.log()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"The server never {what}:\n{self.log()}")
            time.sleep(0.1)

    def log(self) -> str:
        """The end of what the application wrote."""
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


def free_port() -> int:
    """A port of this machine that nothing listens on now, and that nobody else takes before the caller does.

    It is below the ports that Linux gives to outgoing connections, which come and go at any moment; no process of
    pytest-xdist gets one of another's; and none is given twice as long as there are others.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in itertools.islice(_ports(worker % WORKERS), LAST_PORT - FIRST_PORT):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerFailed("No port is free.")


@cache
def _ports(worker: int) -> Iterator[int]:
    """The ports of a worker without end, from anywhere: two runs of the tests may share the machine."""
    own = range(FIRST_PORT + worker, LAST_PORT, WORKERS)
    begin = random.randrange(len(own))
    return (own[(begin + number) % len(own)] for number in itertools.count())


def model_without_weights(folder: Path) -> str:
    """Make a model folder that cannot be used: the application says so at once, and searches by words.

    :return: its path, for BATON_MODEL.
    """
    folder.mkdir()
    shutil.copy(Path(model_location(PACKAGED_MODEL)) / "tokenizer.json", folder)
    return str(folder)


@contextmanager
def handbook_served(
    data: Path, port: int | None = None, *, with_model: bool = True, **environment: str
) -> Iterator[Server]:
    """The application with the shipped guides and a small handbook in ``data``.

    :param with_model: wait until the model is ready; False is for tests in which nobody searches by meaning: the
        application finds no weights (see :func:`model_without_weights`). To load a model takes 12 s of a processor.
    """
    store = Store.open(data / "baton.db")
    save_handbook(store, Indexer(store, None))
    store.close()
    if not with_model:
        environment["BATON_MODEL"] = model_without_weights(data / "model")
    running = Server(data, port or free_port(), environment=environment)
    running.start(wait_for_model=with_model)
    try:
        yield running
    finally:
        running.stop()
