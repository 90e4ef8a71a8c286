"""The hints for clearer wording in the handover form: beside what they are about, and never in the way."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Answer, NoteItem, Priority
from kb.handover.templates import template_of
from kb.handover_drafts import keep_draft, new_draft
from kb.handovers import read_note
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, texts
from tests.unit.handover_samples import shift_note

HINT = "- :small[:material/lightbulb: "


def hints(app: AppTest) -> list[str]:
    return [line for text in texts(app) for line in text.split("\n") if line.startswith(HINT)]


def open_with(open_screen: OpenScreen, baton: Baton, *items: NoteItem, **answers: Answer) -> AppTest:
    draft = new_draft(template_of("shift"), "UTC", now(), LOCAL)
    header = replace(draft.text.header, client="ACME", receiver="day")
    text = replace(shift_note(), header=header)
    text = replace(text, items=items, answers={**text.answers, **answers})
    draft = keep_draft(baton.store, LOCAL, replace(draft, text=text))
    return open_screen("handover-edit", template="shift", draft=draft.key)


def test_hints_stand_beside_their_section_and_lead_there(open_screen: OpenScreen, baton: Baton) -> None:
    item = NoteItem("Refund <b>QZX</b>", next_step="Call the bank soon", priority=Priority.CRITICAL)
    app = open_with(open_screen, baton, item, big_picture=Answer("As usual."))
    assert not app.exception
    said = hints(app)
    remedy = escape("The receiver may not know what is usual: say it, or link the page.")
    assert said[0] == f"{HINT}“{escape('As usual')}”. {remedy}]"
    assert [line.partition(": ")[2].partition(". ")[0] for line in said[1:]] == [
        "item 1: no owner", "item 1: no date", "item 1, Item: “QZX”", "item 1, What to do next: “soon”",
    ]  # fmt: skip
    assert ":material/lightbulb: 5 hints for clearer wording" in [fold.label for fold in app.expander]
    jump = next(button for button in app.button if str(button.key) == "clarity_go_1")
    assert jump.label == "Open items: item 1: no owner. Who does it? Name a person or a team."
    jump.click().run()
    assert not app.exception


def test_hints_block_nothing(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_with(open_screen, baton, NoteItem("Refund", next_step="Call the bank soon"))
    assert len(hints(app)) == 2
    next(button for button in app.button if button.label == "Submit").click().run()
    assert not app.exception
    assert read_note(baton.store, LOCAL, app.query_params["slug"]).version == 1


def test_a_clear_note_has_none(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_with(open_screen, baton, NoteItem("Refund", next_step="Call the bank at 14:00", owner="Ana"))
    assert hints(app) == []
    assert not [fold.label for fold in app.expander if "hint" in fold.label]
