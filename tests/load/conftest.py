"""The application with a small handbook, for the load client's own tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.indexing import Indexer
from kb.store.db import Store
from tests.handbook import save_handbook
from tests.server import Server, free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    store = Store.open(data / "baton.db")
    save_handbook(store, Indexer(store, None))
    store.close()
    running = Server(data, free_port())
    running.start()
    yield running
    running.stop()
