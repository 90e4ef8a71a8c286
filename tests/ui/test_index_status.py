"""The index status screen, and what it is told."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from index.embedder import ModelSpec
from kb.application import Baton
from kb.indexing import Indexer
from kb.models import PageKind
from kb.settings import Settings
from kb.status import index_status
from kb.store import chunks
from kb.store.people import LOCAL
from kb.ui import context
from tests.handbook import save_page
from tests.ui.conftest import OpenScreen, TestModel, texts


def state(app: AppTest) -> str:
    return str([*app.error, *app.warning, *app.info, *app.success][0].value)


def test_status_counts_what_there_is(baton: Baton, model: TestModel) -> None:
    status = index_status(baton.store, baton.settings, baton.encoder, LOCAL)
    assert status.pages == {
        PageKind.PAGE: 6,
        PageKind.GUIDE: 21,
        PageKind.GLOSSARY: 1,
        PageKind.HANDOVER: 0,
    }
    with baton.store.reading() as db:
        assert status.chunks == chunks.count(db)
    assert (status.pending, status.needs_rebuild, status.changes_model, status.busy) == (0, False, False, False)
    assert status.database_bytes > 100_000


def test_everything_up_to_date(open_screen: OpenScreen, model: TestModel) -> None:
    app = open_screen("index-status")
    assert state(app) == "Everything is up to date: each page can be found by its words and by its meaning."
    assert {metric.label: metric.value for metric in app.metric}["Pages"] == "6"
    assert f"| The index is made with | {model.spec.name} |".replace("-", r"-") in texts(app)[0]


def test_waiting_passages_are_counted(open_screen: OpenScreen, baton: Baton, model: TestModel) -> None:
    save_page(baton.store, Indexer(baton.store, None), "Waiting", "For the model.")
    app = open_screen("index-status")
    assert state(app) == "1 passage can be found by words already, and soon by meaning too."
    baton.indexer.embed_pending()
    app.run()
    assert {metric.label: metric.value for metric in app.metric}["Waiting for meaning"] == "0"


def test_loading_and_failed_model(open_screen: OpenScreen, model: TestModel) -> None:
    model.available = False
    assert state(open_screen("index-status")).startswith("The meaning model is loading.")
    model.failure = "The model 'x' cannot be loaded."
    assert state(open_screen("index-status")) == (
        "The meaning model cannot be used: The model 'x' cannot be loaded. Until it can, search answers by words only."
    )


def test_another_configured_model_names_the_script(open_screen: OpenScreen, baton: Baton) -> None:
    other = replace(baton, settings=Settings(data=baton.settings.data, model="bigger-model"))
    context._opened[:] = [other]
    app = open_screen("index-status")
    assert state(app).endswith("Run `python scripts/rebuild_index.py` to switch.")
    assert "| The settings ask for | bigger-model |" in texts(app)[0]


def test_a_rebuild_with_another_model_is_being_followed(baton: Baton, model: TestModel) -> None:
    model.spec = ModelSpec(name="before")
    status = index_status(baton.store, baton.settings, baton.encoder, LOCAL)
    assert (status.changes_model, status.busy) == (True, True)
