"""What a read-back covers, as receiver and sender see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import Note, NoteItem, NoteState, PartyId, Priority
from kb.handovers import SPACE, read_note, submit_note
from kb.models import Person
from kb.pages import ensure_space
from kb.read_backs import note_read_backs
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, TestModel, act_as, texts
from tests.unit.handover_samples import shift_note

HOSTILE = "Visitor <b>cards</b> [x](https://evil.example) :red[red] $1$"
BANK = NoteItem("Refund batch stuck", next_step="Call the bank before 14:00", owner="Ana", priority=Priority.CRITICAL)
CARDS = NoteItem(HOSTILE, next_step="Print visitor cards", owner="Ben", priority=Priority.CRITICAL)
LATER = NoteItem("Archive the old invoices", next_step="Move them to the archive", owner="Ben")
PARTLY, MISSING = ":orange-badge[:material/rule: Partly]", ":red-badge[:material/search_off: Not mentioned]"
COVERED = ":green-badge[:material/check: Covered]"
HALF = "Ana calls the bank about the stuck refund batch before 16:00."
WHOLE = "Ana calls the bank about the stuck refund batch before 14:00. Ben prints the visitor cards."


@pytest.fixture
def note(baton: Baton, rita: Person) -> Note:
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender="local", sender_id=PartyId(LOCAL.id), receiver="Rita", receiver_id=PartyId(rita.id), effective=start,
        acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    space = ensure_space(baton.store, LOCAL, SPACE)
    return submit_note(baton.store, baton.indexer, LOCAL, replace(text, items=(BANK, CARDS, LATER)), space)


def lines(app: AppTest) -> list[str]:
    """The lines of the coverage, without its title."""
    return [line for text in texts(app) if "-badge[:material/" in text and text.startswith("- ") for line in
            text.split("\n") if line.strip()]  # fmt: skip


def write(app: AppTest, summary: str) -> AppTest:
    return next(area for area in app.text_area if area.label == "What I understood").set_value(summary).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_a_read_back_that_misses_an_item_is_shown_to_both_and_blocks_nothing(
    open_screen: OpenScreen, baton: Baton, note: Note, rita: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, slug = baton.store, note.page.slug
    act_as(rita, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert lines(app) == []  # nothing is written yet
    write(app, HALF)
    expected = [
        f"- {PARTLY} **Refund batch stuck**  ",
        f"  :small[nearest: “{escape(HALF)}”]  ",
        f"  :small[:material/swap_horiz: the note says **{escape('14:00')}**, the summary **{escape('16:00')}**]",
        f"- {MISSING} **{escape(HOSTILE)}**",
        f"- {MISSING} **Archive the old invoices**",
    ]
    assert lines(app) == expected
    assert [fold.label for fold in app.expander if fold.label.startswith("Other")] == ["Other items: 1 not mentioned"]
    for box in app.checkbox:
        box.check()
    app.run()
    press(app, "Give read-back")
    assert not app.exception
    assert lines(app) == expected
    assert any("It can be wrong, and blocks nothing." in text for text in texts(app))
    act_as(LOCAL, store, monkeypatch)
    app = open_screen("handover", slug=slug)
    assert lines(app) == expected
    next(box for box in app.text_input if box.label.startswith("What is missing")).set_value("The cards?").run()
    press(app, "Ask again")
    act_as(rita, store, monkeypatch)
    app = write(open_screen("handover", slug=slug), WHOLE)
    assert [line[: len(COVERED) + 2] for line in lines(app) if line.startswith("- ")][:2] == [f"- {COVERED}"] * 2
    for box in app.checkbox:
        box.check()
    app.run()
    press(app, "Give read-back")
    act_as(LOCAL, store, monkeypatch)
    app = press(open_screen("handover", slug=slug), "Confirm")
    assert not app.exception
    assert read_note(store, LOCAL, slug).state is NoteState.ACKNOWLEDGED
    assert [line[: len(COVERED) + 2] for line in lines(app) if line.startswith("- ")][:2] == [f"- {COVERED}"] * 2


def test_without_the_model_the_screen_says_so_and_the_read_back_is_given(
    open_screen: OpenScreen, baton: Baton, note: Note, rita: Person, model: TestModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.available = False
    act_as(rita, baton.store, monkeypatch)
    app = write(open_screen("handover", slug=note.page.slug), HALF)
    assert any("appears here by itself" in caption.value for caption in app.caption)
    for box in app.checkbox:
        box.check()
    app.run()
    press(app, "Give read-back")
    assert not app.exception
    assert len(note_read_backs(baton.store, rita, note)) == 1
    assert lines(app) == []
    model.available = True
    assert len([line for line in lines(app.run()) if line.startswith("- ")]) == 3
    model.available, model.failure = False, "no weights"
    act_as(LOCAL, baton.store, monkeypatch)
    assert len([line for line in lines(open_screen("handover", slug=note.page.slug)) if line.startswith("- ")]) == 3


def test_a_long_summary_is_compared_when_asked(
    open_screen: OpenScreen, baton: Baton, note: Note, rita: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(rita, baton.store, monkeypatch)
    app = write(open_screen("handover", slug=note.page.slug), WHOLE + " Then I read the guide." * 100)
    assert lines(app) == []
    press(app, "Check my summary")
    assert [line[: len(COVERED) + 2] for line in lines(app) if line.startswith("- ")][:2] == [f"- {COVERED}"] * 2
