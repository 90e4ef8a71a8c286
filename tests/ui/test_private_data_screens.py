"""A text that looks private, on the screens where people write: masked, edited, or kept for a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.audit_log import find_entries
from kb.drafts import unfinished_drafts
from kb.handover.models import Note, PartyId
from kb.handover_drafts import unfinished_drafts as unfinished_notes
from kb.handovers import SPACE, read_note, save_note, submit_note
from kb.models import Person, Role
from kb.pages import PageText, create_page, edit_page, ensure_space, read_page
from kb.questions import note_threads
from kb.read_backs import kept_read_back, note_read_backs
from kb.store import people
from kb.store.audit import AuditFilter
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, SavePage, act_as, texts
from tests.unit.handover_samples import shift_note

CARD, SECRET = "4111 1111 1111 1111", "Summer2026!"
BODY = f"Use {CARD}.\n\nThe password is {SECRET}"
REASON = "A test card of the bank"


def field(app: AppTest, label: str) -> Any:
    return next(found for found in [*app.text_input, *app.text_area] if found.label == label)


def press(app: AppTest, label: str, key: str = "") -> AppTest:
    found = next(button for button in app.button if button.label == label and key in (str(button.key), ""))
    return found.click().run()


def found(app: AppTest) -> list[str]:
    """What the box names."""
    return [text for text in texts(app) if text.startswith("**") and "** in " in text]


def told(app: AppTest) -> str:
    """Everything that is told around the fields."""
    parts = [app.error, app.toast, app.warning, app.info, app.caption, app.success]
    return "\n".join(
        [text for text in texts(app) if "removed" not in text and "password is" not in text]
        + [element.value for part in parts for element in part]
    )


@pytest.fixture
def asked(open_screen: OpenScreen) -> AppTest:
    """The page editor after a first attempt to save."""
    app = open_screen("write")
    field(app, "Title").set_value("Refunds").run()
    field(app, "Text").set_value(BODY).run()
    return press(app, "Save")


def test_a_page_that_looks_private_is_not_saved_and_the_box_does_not_tell_it(asked: AppTest, baton: Baton) -> None:
    assert not asked.exception
    assert found(asked) == ["**card number ending 1111** in the text, line 1", "**password** in the text, line 3"]
    assert (CARD in told(asked), SECRET in told(asked)) == (False, False)
    assert [draft.text.body for draft in unfinished_drafts(baton.store, LOCAL)] == [BODY]
    assert any("Until you decide, only your own draft holds the text" in text for text in texts(asked))


def test_it_is_masked_one_by_one_or_at_once_then_saved(asked: AppTest, baton: Baton) -> None:
    press(asked, "Mask", "mask_0")
    assert field(asked, "Text").value == BODY.replace(CARD, "[card number removed]")
    assert found(asked) == ["**password** in the text, line 3"]
    press(asked, "Mask", "mask_0")
    assert [element.value for element in asked.success] == ["Nothing private is left: save it."]
    press(asked, "Save")
    assert not asked.exception
    assert read_page(baton.store, LOCAL, "refunds").body == (
        "Use [card number removed].\n\nThe password is [password removed]"
    )


def test_it_is_edited_away(asked: AppTest, baton: Baton) -> None:
    field(asked, "Text").set_value("Ask the vault.").run()
    assert found(asked) == []
    press(asked, "Save")
    assert read_page(baton.store, LOCAL, "refunds").body == "Ask the vault."


def test_it_stays_for_a_reason_and_is_not_asked_again(asked: AppTest, open_screen: OpenScreen, baton: Baton) -> None:
    press(asked, "Save it as it is")
    assert "Refunds" in [box.value for box in asked.text_input]  # without a reason nothing is saved
    assert len(found(asked)) == 2
    field(asked, "Or say why it has to stay").set_value(f"It is {CARD}").run()
    press(asked, "Save it as it is")
    assert "The reason itself holds" in asked.error[0].value
    assert CARD not in told(asked)
    field(asked, "Or say why it has to stay").set_value(REASON).run()
    press(asked, "Save it as it is")
    assert not asked.exception
    assert read_page(baton.store, LOCAL, "refunds").body == BODY
    app = open_screen("write", slug="refunds")
    field(app, "Text").set_value(BODY + "\n\nMore.").run()
    press(app, "Save")
    assert read_page(baton.store, LOCAL, "refunds").revision == 2


def test_a_conflict_leads_back_to_the_box(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Refunds", "one\n\ntwo")
    app = open_screen("write", slug=page.slug)
    field(app, "Text").set_value(BODY).run()
    edit_page(baton.store, baton.indexer, LOCAL, page, PageText("Refunds", "other\n\ntwo"))
    press(app, "Save")
    press(app, "Keep mine on top of theirs")
    assert not app.exception
    assert len(found(app)) == 2


def test_restoring_a_revision_that_holds_some_is_refused_with_what_to_do(open_screen: OpenScreen, baton: Baton) -> None:
    space = ensure_space(baton.store, LOCAL, "Northwind")
    page = create_page(baton.store, baton.indexer, LOCAL, space, PageText("Refunds", "one"))
    edit_page(baton.store, baton.indexer, LOCAL, page, PageText("Refunds", "two"))
    with baton.store.atomic() as db:
        db.execute("UPDATE revisions SET body = ? WHERE page_id = ? AND number = 1", [BODY, page.id])
    app = press(open_screen("history", slug=page.slug), "Restore")
    assert "looks private" in app.error[0].value
    assert read_page(baton.store, LOCAL, page.slug).body == "two"


# ---- notes --------------------------------------------------------------------------------------------------------


def test_a_note_is_masked_then_saved(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift")
    field(app, "Client or process").set_value("ACME").run()
    field(app, "Staffing and absences").set_value(BODY).run()
    press(app, "Save")
    assert not app.exception
    assert found(app) == [
        "**card number ending 1111** in “Staffing and absences”, line 1",
        "**password** in “Staffing and absences”, line 3",
    ]
    assert (CARD in told(app), SECRET in told(app)) == (False, False)
    (draft,) = unfinished_notes(baton.store, LOCAL)
    assert draft.text.answers["staffing"].text == BODY
    press(app, "Go there", "reach_1")
    press(app, "Mask all")
    assert field(app, "Staffing and absences").value == (
        "Use [card number removed].\n\nThe password is [password removed]"
    )
    press(app, "Save")
    assert not app.exception
    assert app.title[0].value.startswith("Shift handover\\: ACME")


def test_a_draft_from_an_older_baton_is_not_submitted_unseen(open_screen: OpenScreen, baton: Baton) -> None:
    start = now().replace(second=0) + timedelta(hours=1)
    text = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1), client=f"ACME {CARD}")
    space = ensure_space(baton.store, LOCAL, SPACE)
    note = save_note(baton.store, baton.indexer, LOCAL, text, space, private_reason=REASON)
    with baton.store.atomic() as db:
        db.execute("DELETE FROM private_data_reasons")
    app = press(open_screen("handover", slug=note.page.slug), "Submit")
    assert not app.exception
    assert app.title[0].value == escape("Edit: shift handover note")
    assert found(app) == ["**card number ending 1111** in “Client or process”"]
    app = press(open_screen("handover-edit", slug=note.page.slug), "Submit")
    field(app, "Or say why it has to stay").set_value(REASON).run()
    press(app, "Save it as it is")
    assert not app.exception
    assert read_note(baton.store, LOCAL, note.page.slug).version == 1


# ---- what is said about a note ------------------------------------------------------------------------------------


@pytest.fixture
def to_rita(baton: Baton, monkeypatch: pytest.MonkeyPatch) -> tuple[Note, Person]:
    """A note that Rita has received; it is her screen."""
    with baton.store.atomic() as db:
        rita = people.add(db, "Rita", "rita@example.com", Role.READER)
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender="local", sender_id=PartyId(LOCAL.id), receiver="Rita", receiver_id=PartyId(rita.id),
        effective=start, acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    note = submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))
    act_as(rita, baton.store, monkeypatch)
    return note, rita


def test_a_question_is_masked_then_asked(open_screen: OpenScreen, baton: Baton, to_rita: tuple[Note, Person]) -> None:
    note, rita = to_rita
    app = open_screen("handover", slug=note.page.slug)
    field(app, "Your question").set_value(f"Is {CARD} theirs? The password is {SECRET}").run()
    press(app, "Ask")
    assert not app.exception
    assert found(app) == ["**card number ending 1111** in your question", "**password** in your question"]
    assert any("the text is on your screen only" in text for text in texts(app))
    assert (CARD in told(app), SECRET in told(app), note_threads(baton.store, rita, note)) == (False, False, [])
    press(app, "Mask all")
    masked = "Is [card number removed] theirs? The password is [password removed]"
    assert field(app, "Your question").value == masked
    assert [element.value for element in app.success] == ["Nothing private is left: send it."]
    press(app, "Ask")
    assert [thread.posts[0].text for thread in note_threads(baton.store, rita, note)] == [masked]
    assert found(app) == []


def test_a_read_back_is_given_for_a_reason_and_its_mask_is_kept(
    open_screen: OpenScreen, baton: Baton, to_rita: tuple[Note, Person]
) -> None:
    note, rita = to_rita
    app = open_screen("handover", slug=note.page.slug)
    summary = f"I call the bank about {CARD}. The password is {SECRET}"
    field(app, "What I understood").set_value(summary).run()
    next(box for box in app.checkbox if box.label.startswith("Refund batch stuck")).check().run()
    press(app, "Give read-back")
    assert found(app) == ["**card number ending 1111** in your read-back", "**password** in your read-back"]
    press(app, "Mask", next(str(button.key) for button in app.button if str(button.key).endswith("_summary_1")))
    assert kept_read_back(baton.store, rita, note).summary == summary.replace(SECRET, "[password removed]")
    press(app, "Send it as it is")
    assert [error.value for error in app.error] == ["Say in a few words why it has to stay."]
    field(app, "Or say why it has to stay").set_value(REASON).run()
    press(app, "Send it as it is")
    assert not app.exception
    given = note_read_backs(baton.store, rita, note)
    assert [one.summary for one in given] == [summary.replace(SECRET, "[password removed]")]
    assert find_entries(baton.store, LOCAL, AuditFilter(actions=("private_data.kept",)))[1] == 1
