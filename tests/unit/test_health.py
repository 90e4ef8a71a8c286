"""What /healthz tells, and what it keeps to itself."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb import VERSION
from kb.health import Health, Status, health
from kb.models import Page
from kb.store.db import Store
from kb.store.health import DatabaseState
from kb.web.routes import routes
from tests.conftest import WordEmbedder


@dataclass
class Model:
    """A model as far as health looks at it."""

    ready: bool = True
    failure: str | None = None


def client(store: Store, model: Model) -> TestClient:
    baton = SimpleNamespace(store=store, encoder=model)
    return TestClient(Starlette(routes=list(routes(lambda: baton))))  # type: ignore[arg-type, return-value]


def test_the_version_is_the_project_s():
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_a_healthy_process_tells_its_figures(store: Store, write: Callable[..., Page], embedder: WordEmbedder):
    write("Refunds", "Up to 50 euros.")
    embedder.available = False
    write("Invoices", "Twice a month.")
    answer = client(store, Model()).get("/healthz")
    found = answer.json()
    assert found["process"].pop("uptime_s") >= 0
    assert 0 < found["database"].pop("latency_ms") < 1000
    assert (answer.status_code, answer.headers["cache-control"], found) == (
        200,
        "no-store",
        {
            "status": "ok",
            "model_ready": True,
            "process": {"version": VERSION},
            "database": {"ok": True},
            "encoder": {"ready": True, "failed": False},
            "index": {"generation": 2, "epoch": 1, "pending": 1},
        },
    )


def test_a_model_that_loads_is_no_fault_and_one_that_failed_is_told_without_its_reason(store: Store):
    loading = client(store, Model(ready=False)).get("/healthz").json()
    assert (loading["status"], loading["encoder"]) == ("ok", {"ready": False, "failed": False})
    failed = client(store, Model(ready=False, failure="no model in /home/maria/models")).get("/healthz")
    assert (failed.status_code, failed.json()["status"], failed.json()["encoder"]) == (
        200,
        "degraded",
        {"ready": False, "failed": True},
    )
    assert "maria" not in failed.text


@pytest.mark.parametrize("content", [None, b"no database" * 1000])
def test_without_a_readable_database_it_is_unavailable(tmp_path: Path, content: bytes | None):
    path = tmp_path / "secret-folder" / "baton.db"
    if content:
        path.parent.mkdir()
        path.write_bytes(content)
    answer = client(Store(path), Model()).get("/healthz")
    found = answer.json()
    assert (answer.status_code, found["status"], found["database"], found["index"]) == (
        503,
        "unavailable",
        {"ok": False, "latency_ms": None},
        None,
    )
    assert "secret" not in answer.text


def test_a_database_that_was_deleted_under_a_running_process_is_seen(store: Store):
    assert health(store, Model()).status is Status.OK
    store.path.unlink()
    assert health(store, Model()).status is Status.UNAVAILABLE


def test_it_is_cheap(store: Store, write: Callable[..., Page]):
    for number in range(30):
        write(f"Page {number}", "text " * 50)
    taken = []
    for _ in range(20):
        started = time.thread_time()  # of a processor: what others do on the machine is no matter
        health(store, Model())
        taken.append(time.thread_time() - started)
    assert sorted(taken)[10] < 0.02


def test_a_failure_that_was_overcome_is_none():
    assert Health(1, True, False, DatabaseState(1, 1, 1, 0)).status is Status.OK
