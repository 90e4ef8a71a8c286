"""The application with a small handbook, for the load client's own tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import Server, handbook_served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with handbook_served(tmp_path_factory.mktemp("data")) as running:
        yield running
