"""The screen "History": what changed, and the way back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.models import Page
from kb.pages import PageText, edit_page, history, read_page, trash_page
from kb.store.people import LOCAL
from kb.ui import diff_view
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, SavePage, texts


@pytest.fixture
def page(baton: Baton, save: SavePage) -> Page:
    """A page of three revisions."""
    first = save("Shifts", "Early: six.", tags=("hours",))
    second = edit(baton, first, "Early: seven.", "Later start")
    return edit(baton, second, "Early: seven.\nLate: two.", "")


def edit(baton: Baton, page: Page, body: str, summary: str) -> Page:
    return edit_page(baton.store, baton.indexer, LOCAL, page, PageText(page.title, body, page.tags), summary=summary)


def revisions(app: AppTest) -> list[str]:
    """The first line of each listed revision."""
    return [text.split("  \n")[0] for text in texts(app) if text.startswith("**")]


def compared(app: AppTest) -> tuple[int, int]:
    return app.selectbox(key="history_old").value, app.selectbox(key="history_new").value


def test_revisions_are_listed_with_summary_and_size(open_screen: OpenScreen, page: Page) -> None:
    app = open_screen("history", slug=page.slug)
    assert app.title[0].value == "History of “Shifts”"
    assert revisions(app) == ["**3** · the page now · No summary", "**2** · Later start", "**1** · Created"]
    sizes = [text.rsplit(" · ", 1)[1] for text in texts(app) if text.startswith("**")]
    assert sizes == ["+2 words]", "+1 −1 words]", "+2 words]"]


def test_the_newest_revision_is_compared_with_the_one_before(open_screen: OpenScreen, page: Page) -> None:
    assert compared(open_screen("history", slug=page.slug)) == (2, 3)


def test_any_two_revisions_can_be_compared(
    open_screen: OpenScreen, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(diff_view, "_COMPONENT", lambda **_: None)
    monkeypatch.setattr("kb.ui.history.show_diff", lambda old, new, key: shown.append((old.body, new.body)))
    app = open_screen("history", slug=page.slug)
    app.selectbox(key="history_old").set_value(1).run()
    assert shown[-1] == ("Early: six.", "Early: seven.\nLate: two.")
    app.button(key="changes_2").click().run()
    assert (compared(app), shown[-1]) == ((1, 2), ("Early: six.", "Early: seven."))


def test_restoring_saves_the_old_text_as_the_newest(open_screen: OpenScreen, baton: Baton, page: Page) -> None:
    app = open_screen("history", slug=page.slug)
    app.button(key="restore_1").click().run()
    assert [toast.value for toast in app.toast] == ["Revision 1 is the newest text again"]
    assert history(baton.store, LOCAL, page)[0].body == "Early: six."
    assert revisions(app)[0] == "**4** · the page now · Restored revision 1"
    assert compared(app) == (3, 4)


def test_restoring_does_not_replace_what_was_saved_meanwhile(open_screen: OpenScreen, baton: Baton, page: Page) -> None:
    app = open_screen("history", slug=page.slug)
    edit(baton, page, "Somebody else's text.", "")
    app.button(key="restore_1").click().run()
    assert "saved the page meanwhile" in app.error[0].value
    assert read_page(baton.store, LOCAL, page.slug).body == "Somebody else's text."
    assert revisions(app)[0].startswith("**4** · the page now")


def test_the_newest_revision_cannot_be_restored(open_screen: OpenScreen, page: Page) -> None:
    app = open_screen("history", slug=page.slug)
    assert [button.key for button in app.button if button.label == "Restore"] == ["restore_2", "restore_1"]


def test_a_page_with_one_revision_has_nothing_to_compare(open_screen: OpenScreen) -> None:
    app = open_screen("history", slug="refund-policy")
    assert app.info[0].value == "This page was never changed: there is nothing to compare yet."
    assert revisions(app) == ["**1** · the page now · Created"]


def test_many_revisions_are_listed_in_parts(open_screen: OpenScreen, baton: Baton, page: Page) -> None:
    for number in range(4, 21):
        page = edit(baton, page, f"Text {number}.", f"Edit {number}")
    assert len(revisions(open_screen("history", slug=page.slug))) == 15


@pytest.mark.parametrize("trashed", [True, False])
def test_a_page_that_is_not_there_is_told(open_screen: OpenScreen, baton: Baton, page: Page, trashed: bool) -> None:
    trash_page(baton.store, LOCAL, page)
    app = open_screen("history", slug=page.slug if trashed else "no-such-page")
    assert "There is no page at" in texts(app)[0]
    assert not app.exception


def test_hostile_text_is_only_text(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("<img src=x onerror=alert(1)>", "text")
    edit(baton, page, "other text", "**bold** :smile: <script>alert(1)</script>")
    app = open_screen("history", slug=page.slug)
    assert app.title[0].value == f"History of “{escape(page.title)}”"
    assert revisions(app)[0] == f"**2** · the page now · {escape('**bold** :smile: <script>alert(1)</script>')}"
