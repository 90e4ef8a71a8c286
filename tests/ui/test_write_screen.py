"""The screen "Write a page": drafts, saving, and two people on one page."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.drafts import Draft, unfinished_drafts
from kb.models import Page
from kb.pages import PageText, edit_page, history, read_page, trash_page
from kb.store.db import StoreError
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, SavePage, texts


def field(app: AppTest, label: str) -> Any:
    """The input field of this name."""
    fields = [*app.text_input, *app.text_area, *app.selectbox, *app.multiselect]
    return next(found for found in fields if found.label == label)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def type_in(app: AppTest, **values: object) -> AppTest:
    for label, value in values.items():
        field(app, label).set_value(value).run()
    return app


def drafts(baton: Baton, slug: str = "") -> list[Draft]:
    return unfinished_drafts(baton.store, LOCAL, slug)


def saved_by_another(baton: Baton, page: Page, body: str, title: str = "") -> Page:
    return edit_page(baton.store, baton.indexer, LOCAL, page, PageText(title or page.title, body, page.tags))


def body_now(baton: Baton, page: Page) -> str:
    return read_page(baton.store, LOCAL, page.slug).body


def test_a_new_page_is_saved_and_shown(open_screen: OpenScreen, baton: Baton) -> None:
    app = type_in(open_screen("write"), Title="Night desk", Tags=["desk"], Text="Call the night desk first.")
    press(app, "Save")
    assert not app.exception
    assert app.title[0].value == "Night desk"
    assert [toast.value for toast in app.toast] == ["Saved"]
    page = read_page(baton.store, LOCAL, "night-desk")
    assert (page.body, page.tags, page.space.name) == ("Call the night desk first.", ("desk",), "Operations")
    assert drafts(baton) == []


def test_what_is_typed_is_kept_at_once(open_screen: OpenScreen, baton: Baton) -> None:
    app = type_in(open_screen("write"), Text="Half a tho")
    assert [draft.text.body for draft in drafts(baton)] == ["Half a tho"]
    assert any(caption.value.startswith("Draft kept ") for caption in app.caption)


def test_an_untouched_editor_keeps_no_draft(open_screen: OpenScreen, baton: Baton) -> None:
    open_screen("write", title="Wanted page").run()
    open_screen("write", slug="refund-policy").run()
    assert drafts(baton) == drafts(baton, "refund-policy") == []


def test_the_title_in_the_address_is_taken(open_screen: OpenScreen) -> None:
    assert field(open_screen("write", title="Wanted page"), "Title").value == "Wanted page"


@pytest.mark.parametrize(
    ("title", "sentence"),
    [("", "Give the page a title"), ("x" * 201, "The title has 201 characters; shorten it to 200")],
)
def test_a_rule_that_is_broken_is_told_and_loses_nothing(open_screen: OpenScreen, title: str, sentence: str) -> None:
    app = press(type_in(open_screen("write"), Title=title, Text="My text"), "Save")
    assert sentence in app.error[0].value.replace("\\", "")
    assert (field(app, "Title").value, field(app, "Text").value) == (title, "My text")


def test_a_returning_writer_is_offered_the_draft_and_continues_it(open_screen: OpenScreen, baton: Baton) -> None:
    type_in(open_screen("write"), Title="Half", Text="Half a text")
    app = open_screen("write")
    assert "**You have an unfinished draft.**" in texts(app)
    assert field(app, "Text").value == ""
    press(app, "Continue")
    assert (field(app, "Title").value, field(app, "Text").value) == ("Half", "Half a text")
    press(app, "Save")
    assert (read_page(baton.store, LOCAL, "half").body, drafts(baton)) == ("Half a text", [])


def test_several_drafts_are_listed_and_one_discarded(open_screen: OpenScreen, baton: Baton) -> None:
    for title in ("One", "Two"):
        type_in(open_screen("write"), Title=title)
    app = open_screen("write")
    assert "**You have unfinished drafts.**" in texts(app)
    two = next(draft for draft in drafts(baton) if draft.text.title == "Two")
    app.button(key=f"discard_{two.key}").click().run()
    app.button(key="confirm_discard").click().run()
    assert [draft.text.title for draft in drafts(baton)] == ["One"]


def test_a_reload_goes_on_with_the_draft_in_the_address(open_screen: OpenScreen, baton: Baton) -> None:
    type_in(open_screen("write"), Text="Half a text")
    app = open_screen("write", draft=drafts(baton)[0].key)
    assert field(app, "Text").value == "Half a text"
    assert "**You have an unfinished draft.**" not in texts(app)


def test_an_unknown_draft_begins_a_new_page(open_screen: OpenScreen) -> None:
    app = open_screen("write", draft="nothing")
    assert (app.title[0].value, field(app, "Text").value) == ("Write a page", "")


def test_tags_are_tidied_while_typing(open_screen: OpenScreen) -> None:
    app = open_screen("write")
    app.session_state[field(app, "Tags").key] = ["Client A"]
    type_in(app, Title="Page")
    assert field(app, "Tags").value == ["client-a"]


def test_an_edit_begins_with_the_page_and_makes_a_revision(open_screen: OpenScreen, baton: Baton) -> None:
    before = read_page(baton.store, LOCAL, "refund-policy")
    app = open_screen("write", slug="refund-policy")
    assert (field(app, "Title").value, field(app, "Text").value) == (before.title, before.body)
    type_in(app, Text="Shorter.", **{"What did you change? (optional)": "Shortened"})
    press(app, "Save")
    newest = history(baton.store, LOCAL, before)[0]
    assert (newest.number, newest.body, newest.summary) == (2, "Shorter.", "Shortened")


def test_saving_without_a_change_makes_no_revision(open_screen: OpenScreen, baton: Baton) -> None:
    app = press(open_screen("write", slug="refund-policy"), "Save")
    assert [toast.value for toast in app.toast] == ["Nothing was changed"]
    assert read_page(baton.store, LOCAL, "refund-policy").revision == 1


def test_a_stale_edit_shows_the_ways_on_and_keeps_both(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Shifts", "Early: six.\n\nLate: two.")
    app = open_screen("write", slug=page.slug)
    saved_by_another(baton, page, "Early: six.\n\nLate: three.")
    press(type_in(app, Text="Early: six.\n\nLate: four."), "Save")
    assert app.title[0].value == "Two edits of “Shifts”"
    assert [button.label for button in app.button] == ["Keep mine on top of theirs", "Edit mine further", "Take theirs"]
    assert body_now(baton, page) == "Early: six.\n\nLate: three."
    assert [draft.text.body for draft in drafts(baton, page.slug)] == ["Early: six.\n\nLate: four."]
    press(app, "Keep mine on top of theirs")
    assert [revision.body[-7:] for revision in history(baton.store, LOCAL, page)] == [": four.", " three.", "e: two."]
    assert drafts(baton, page.slug) == []


def test_edits_of_different_places_are_put_together(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Shifts", "Early: six.\n\nLate: two.")
    app = open_screen("write", slug=page.slug)
    saved_by_another(baton, page, "Early: seven.\n\nLate: two.", title="Shift times")
    press(type_in(app, Text="Early: six.\n\nLate: four."), "Save")
    press(app, "Put both together")
    assert (field(app, "Title").value, field(app, "Text").value) == ("Shift times", "Early: seven.\n\nLate: four.")
    assert body_now(baton, page) == "Early: seven.\n\nLate: two."
    press(app, "Save")
    assert body_now(baton, page) == "Early: seven.\n\nLate: four."


def test_taking_theirs_keeps_mine_as_a_draft(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Shifts", "Early: six.")
    app = open_screen("write", slug=page.slug)
    saved_by_another(baton, page, "Early: seven.")
    press(type_in(app, Text="Early: five."), "Save")
    press(app, "Take theirs")
    assert (app.title[0].value, body_now(baton, page)) == ("Shifts", "Early: seven.")
    assert [draft.text.body for draft in drafts(baton, page.slug)] == ["Early: five."]


def test_editing_mine_further_asks_again_before_it_replaces_theirs(
    open_screen: OpenScreen, baton: Baton, save: SavePage
) -> None:
    page = save("Shifts", "Early: six.")
    app = open_screen("write", slug=page.slug)
    saved_by_another(baton, page, "Early: seven.")
    press(type_in(app, Text="Early: five."), "Save")
    press(app, "Edit mine further")
    assert field(app, "Text").value == "Early: five."
    assert "after you began" in app.info[0].value
    press(type_in(app, Text="Early: five, or seven."), "Save")
    assert app.title[0].value == "Two edits of “Shifts”"
    press(app, "Keep mine on top of theirs")
    assert body_now(baton, page) == "Early: five, or seven."


def test_a_third_edit_meanwhile_is_not_replaced_either(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Shifts", "Early: six.")
    app = open_screen("write", slug=page.slug)
    second = saved_by_another(baton, page, "Early: seven.")
    press(type_in(app, Text="Early: five."), "Save")
    saved_by_another(baton, second, "Early: eight.")
    press(app, "Keep mine on top of theirs")
    assert (app.title[0].value, body_now(baton, page)) == ("Two edits of “Shifts”", "Early: eight.")


def test_a_page_that_went_to_the_trash_can_be_saved_as_a_new_one(
    open_screen: OpenScreen, baton: Baton, save: SavePage
) -> None:
    page = save("Shifts", "Early: six.")
    app = type_in(open_screen("write", slug=page.slug), Text="Early: five.")
    trash_page(baton.store, LOCAL, page)
    press(app, "Save")
    assert "This page is in the trash now" in app.warning[0].value
    app = open_screen("write", slug=page.slug, draft=drafts(baton, page.slug)[0].key)
    assert "This page is in the trash now" in app.warning[0].value
    press(app, "Save as a new page")
    assert (app.title[0].value, field(app, "Text").value) == ("Write a page", "Early: five.")
    press(app, "Save")
    assert read_page(baton.store, LOCAL, "shifts-2").body == "Early: five."


def test_an_address_of_no_page_says_so(open_screen: OpenScreen) -> None:
    app = open_screen("write", slug="no-such-page")
    assert app.title[0].value == "Page not found"
    assert not app.exception


def test_a_hostile_title_is_only_text(open_screen: OpenScreen, save: SavePage) -> None:
    title = "<b>$x$</b> :red[y] **z**"
    page = save(title, "text")
    assert open_screen("write", slug=page.slug).title[0].value == f"Edit “{escape(title)}”"


def test_another_page_can_be_begun_while_the_draft_waits(open_screen: OpenScreen, baton: Baton) -> None:
    app = type_in(open_screen("write"), Title="First")
    press(app, "Begin another")
    assert field(app, "Title").value == ""
    assert [draft.text.title for draft in drafts(baton)] == ["First"]


def test_the_draft_can_be_discarded(open_screen: OpenScreen, baton: Baton) -> None:
    app = press(type_in(open_screen("write", slug="refund-policy"), Text="Never mind"), "Discard draft")
    assert any("The page stays as it is." in text.value for text in app.markdown)
    press(app, "Keep it")
    assert [draft.text.body for draft in drafts(baton, "refund-policy")] == ["Never mind"]
    press(app, "Discard draft")
    app.button(key="confirm_discard").click().run()
    assert (app.title[0].value, drafts(baton, "refund-policy")) == ("Refund policy", [])


def test_a_disk_that_is_full_is_told_and_the_text_stays(
    open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("Nothing was saved: the disk is full.")

    app = open_screen("write")
    monkeypatch.setattr("kb.ui.writing.keep_draft", full)
    type_in(app, Text="My text")
    assert "the disk is full" in app.error[0].value
    assert field(app, "Text").value == "My text"
