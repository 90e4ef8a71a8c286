"""Screens without a browser: the real application on a real temporary store; only the model is a small stand-in."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from index.chunking import CHUNKER
from index.encoder import EncoderProcess
from kb.application import Baton
from kb.guide_pages import load_guides
from kb.indexing import Indexer, PendingWorker
from kb.models import Page, Person, Role
from kb.search import Retriever
from kb.sessions import begin_session, token_hash
from kb.settings import Settings
from kb.store import chunks, people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.ui import context
from tests.conftest import WordEmbedder
from tests.handbook import save_handbook, save_page

ROUTER = str(Path(__file__).resolve().parents[2] / "kb" / "ui" / "router.py")
TIMEOUT_S = 60.0  # the first run imports every screen

# Each AppTest reads the metadata of every installed package, to find those that bring components of their own: this was
# more than half of the time of these tests. No package is installed meanwhile, so reading them once is enough.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

OpenScreen = Callable[..., AppTest]
SavePage = Callable[..., Page]


class TestModel(WordEmbedder):
    """The model of :class:`Baton` without its process. ``available`` and ``failure`` can be set by a test."""

    __test__ = False
    failure: str | None = None

    @property
    def ready(self) -> bool:
        return self.available


@pytest.fixture(scope="session")
def filled_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped guides and the small handbook; copied for each test."""
    data = tmp_path_factory.mktemp("filled")
    store = Store.open(data / "baton.db")
    model = TestModel()
    with store.atomic() as db:
        chunks.set_index_state(db, model.spec.to_json(), CHUNKER)
    indexer = Indexer(store, model)
    load_guides(store, indexer, LOCAL)
    save_handbook(store, indexer)
    while indexer.embed_pending():  # long pages are embedded after they are saved
        pass
    store.close()
    return data


@pytest.fixture
def baton(filled_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Baton]:
    """The running Baton that the screens find."""
    data = tmp_path / "running"
    shutil.copytree(filled_data, data)
    store = Store.open(data / "baton.db")
    model = TestModel()
    encoder = cast(EncoderProcess, model)
    indexer = Indexer(store, model)
    running = Baton(
        settings=Settings(data=data, model=model.spec.name),
        store=store,
        encoder=encoder,
        indexer=indexer,
        retriever=Retriever(store, model),
        worker=cast(PendingWorker, None),  # tests embed what waits themselves
    )
    monkeypatch.setattr(context, "_opened", [running])
    monkeypatch.setattr(context, "_lock", threading.Lock())
    act_as(LOCAL, store, monkeypatch)
    yield running
    store.close()


def act_as(person: Person, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this person, in a session of their own, the one who uses the screens."""
    with store.atomic() as db:
        account = people.account(db, person.id)
        assert account is not None
        hashed = token_hash(begin_session(db, account, "192.0.2.1", "Tests").token)
    # What the gate tells a real screen, which AppTest does not have.
    monkeypatch.setattr(context, "session_hash", lambda: hashed)
    monkeypatch.setattr(type(st.context), "ip_address", "192.0.2.1")


@pytest.fixture
def rita(baton: Baton) -> Person:
    """Who receives notes."""
    with baton.store.atomic() as db:
        return people.add(db, "Rita", "rita@example.com", Role.READER)


@pytest.fixture
def model(baton: Baton) -> TestModel:
    """The stand-in for the model, to be made unavailable."""
    return cast(TestModel, baton.encoder)


@pytest.fixture
def open_screen(baton: Baton) -> OpenScreen:
    """Opens a screen: ``open_screen("page", slug="x")``; without a name the search screen."""

    def open_at(path: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(ROUTER, default_timeout=TIMEOUT_S)
        for name, value in query.items():
            app.query_params[name] = value
        # AppTest.switch_page() knows pages that are files; a page that is a function is known by its path.
        app._page_hash = calc_hash(path)
        return app.run()

    return open_at


@pytest.fixture
def save(baton: Baton) -> SavePage:
    """Saves a page: ``save("Title", "text", tags=("a",), space="Northwind")``."""

    def saved(title: str, body: str, tags: tuple[str, ...] = (), space: str = "Northwind") -> Page:
        return save_page(baton.store, baton.indexer, title, body, tags, space)

    return saved


def lately(text: str) -> str:
    """The text with every age of up to an hour as "lately": the test's data may be minutes old."""
    return re.sub(r"just now|\d+ minutes? ago", "lately", text)


def texts(app: AppTest) -> list[str]:
    """Everything that the screen says in Markdown, in order, but for the search tips, which wait behind a button."""
    return [element.value for element in app.markdown if not element.value.startswith("| Type |")]
