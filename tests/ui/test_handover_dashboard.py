"""The handover dashboard: what it shows, narrows and exports."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Note
from kb.handovers import SPACE, submit_note
from kb.pages import ensure_space
from kb.store import audit
from kb.store.audit import AuditFilter
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, texts
from tests.unit.handover_samples import shift_note

HOSTILE = "<b>x</b> [y](https://evil.example) | $1$ :red[z]"


def submitted(baton: Baton, client: str) -> Note:
    begins = now() + timedelta(hours=1)
    text = shift_note(client=client, effective=begins, acknowledge_by=begins + timedelta(hours=1))
    return submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def table(app: AppTest) -> list[str]:
    """The rows of the notes behind the measure."""
    (found,) = (text for text in texts(app) if text.startswith("| Note |"))
    return found.split("\n")[2:]


def test_without_notes_it_says_what_to_do(open_screen: OpenScreen) -> None:
    app = open_screen("handover-dashboard")
    assert not app.exception
    (info,) = app.info
    assert "[write a handover note](/handovers)" in info.value
    assert not app.metric


def test_each_measure_has_its_figure_and_the_notes_behind_it(open_screen: OpenScreen, baton: Baton) -> None:
    note = submitted(baton, "ACME")
    app = open_screen("handover-dashboard")
    assert not app.exception
    assert figures(app) == {
        "Acknowledged on time": "–",
        "Time to acknowledge": "–",
        "Sections complete": "100 %",
        "Questions per note": "0",
        "Time to answer": "–",
        "Returned for rework": "0 %",
        "Reopened within 7 days": "–",
        "Open items without an owner": "0",
        "Items carried more than twice": "0",
        "Pages created from notes": "0",
        "Tasks without a how-to page": "–",
    }
    assert "Nothing to draw yet: this measure concerns none of these notes." in [info.value for info in app.info]
    app.selectbox(key="dashboard_measure").set_value("sections").run()
    assert not app.exception
    (row,) = table(app)
    assert row.startswith(f"| [{escape(note.page.title)}](</handover?slug={note.page.slug}>) | 100 % | ACME |")
    (points,) = (text for text in texts(app) if text.startswith("| From |"))
    assert points.endswith(" | All notes | 100 % | 1 |")


def test_filters_narrow_it_and_names_act_as_nothing_but_names(open_screen: OpenScreen, baton: Baton) -> None:
    submitted(baton, "ACME")
    submitted(baton, HOSTILE)
    app = open_screen("handover-dashboard")
    app.selectbox(key="dashboard_measure").set_value("sections").run()
    app.selectbox(key="dashboard_client").set_value(HOSTILE).run()
    assert not app.exception
    (row,) = table(app)
    assert escape(HOSTILE) in row
    app.selectbox(key="dashboard_kind").set_value("role").run()
    assert [info.value for info in app.info] == ["No note fits these filters. Choose another client, team or kind."]


@pytest.mark.parametrize(
    ("split", "groups"),
    [("client", [["ACME", "Initech"]]), ("receiving team", []), ("kind of note", [["Shift handover"]])],
)
def test_it_can_be_split(open_screen: OpenScreen, baton: Baton, split: str, groups: list[list[str]]) -> None:
    submitted(baton, "ACME")
    submitted(baton, "Initech")
    app = open_screen("handover-dashboard")
    app.selectbox(key="dashboard_measure").set_value("sections").run()
    app.segmented_control(key="dashboard_split").set_value(split).run()
    assert not app.exception
    rows = [text.split("\n")[2:] for text in texts(app) if text.startswith("| From |")]
    assert [[row.split(" | ")[1] for row in found] for found in rows] == groups


def test_showing_it_exports_nothing(open_screen: OpenScreen, baton: Baton) -> None:
    submitted(baton, "ACME")
    app = open_screen("handover-dashboard")
    assert [button.label for button in app.get("download_button")] == ["Export as CSV"]
    with baton.store.reading() as db:
        assert audit.count(db, AuditFilter(actions=("measures.exported",))) == 0
