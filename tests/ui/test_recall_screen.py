"""While an item is typed, the form tells what past notes know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Answer
from kb.handovers import SPACE, submit_note
from kb.pages import ensure_space
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, TestModel, texts
from tests.unit.handover_samples import shift_note

HOSTILE = "Wet <b>paper</b> [x](https://evil.example) :red[red] $1$"


def note_with(baton: Baton, **row: str) -> str:
    start = now() + timedelta(hours=1)
    text = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1))
    text = replace(text, answers={**text.answers, "resolved": Answer(rows=(row,))})
    space = ensure_space(baton.store, LOCAL, SPACE)
    return submit_note(baton.store, baton.indexer, LOCAL, text, space).page.slug


def type_item(open_screen: OpenScreen, title: str) -> AppTest:
    app = open_screen("handover-edit", template="shift")
    next(button for button in app.button if str(button.key).endswith("_items_text_switch")).click().run()
    next(button for button in app.button if button.label == "Add an item").click().run()
    return field(app, "Item").set_value(title).run()


def field(app: AppTest, label: str) -> Any:
    return next(found for found in app.text_input if found.label == label)


def recalled(app: AppTest) -> list[str]:
    return [text for text in texts(app) if "**Seen before?**" in text or text.startswith("- :green-badge")]


def test_a_typed_item_recalls_what_fixed_it_then(open_screen: OpenScreen, baton: Baton) -> None:
    slug = note_with(baton, what="Printer jam on floor three", cause=HOSTILE, fix="Dried it")
    app = type_item(open_screen, "Printer jam, floor three")
    assert not app.exception
    head, line = recalled(app)
    assert f"Like “{escape('Printer jam, floor three')}”" in head
    assert line.startswith("- :green-badge[:material/check: Solved] **Printer jam on floor three** · ")
    assert f"](</handover?slug={slug}>)" in line
    assert line.endswith(f"  \n  :small[What fixed it: Dried it]  \n  :small[Cause: {escape(HOSTILE)}]")
    field(app, "Item").set_value("Order plants for the office").run()
    assert recalled(app) == []


def test_without_the_model_it_says_so(open_screen: OpenScreen, baton: Baton, model: TestModel) -> None:
    note_with(baton, what="Printer jam on floor three", fix="Dried it")
    model.available = False
    app = type_item(open_screen, "Printer jam on floor three")
    assert "Found by words only: the meaning model is not there." in recalled(app)[0]
