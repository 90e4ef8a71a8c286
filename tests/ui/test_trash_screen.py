"""The screen "Trash": look and restore."""

from __future__ import annotations

from kb.application import Baton
from kb.pages import read_page, trash_page, trashed_pages
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, SavePage, texts


def test_an_empty_trash_says_so(open_screen: OpenScreen) -> None:
    app = open_screen("trash")
    assert app.info[0].value.startswith("The trash is empty")
    assert not app.exception


def test_trashed_pages_are_listed_with_their_space(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Old codes", "E1: paper", space="Contoso")
    trash_page(baton.store, LOCAL, page)
    app = open_screen("trash")
    assert "1 page. " in texts(app)[0]
    assert "nothing is deleted for good in this version" in texts(app)[0]
    assert texts(app)[1].startswith("**Old codes**  \n:small[Page in Contoso · in the trash since ")


def test_a_page_is_restored(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    page = save("Old codes", "E1: paper")
    trash_page(baton.store, LOCAL, page)
    app = open_screen("trash")
    app.button(key=f"restore_{page.id}").click().run()
    assert app.success[0].value == "[Old codes](</page?slug=old-codes>) is back."
    assert trashed_pages(baton.store, LOCAL) == []
    assert read_page(baton.store, LOCAL, page.slug).body == "E1: paper"


def test_restoring_what_somebody_restored_already_does_no_harm(
    open_screen: OpenScreen, baton: Baton, save: SavePage
) -> None:
    page = save("Old codes", "E1: paper")
    trash_page(baton.store, LOCAL, page)
    first, second = open_screen("trash"), open_screen("trash")
    for app in (first, second):
        app.button(key=f"restore_{page.id}").click().run()
        assert not app.exception
    assert read_page(baton.store, LOCAL, page.slug).trashed_at is None


def test_a_full_trash_is_shown_in_parts(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    for number in range(21):
        trash_page(baton.store, LOCAL, save(f"Page {number}", "text"))
    app = open_screen("trash")
    assert "21 pages. " in texts(app)[0]
    assert len([button for button in app.button if button.label == "Restore"]) == 20


def test_hostile_text_is_only_text(open_screen: OpenScreen, baton: Baton, save: SavePage) -> None:
    title = "<script>alert(1)</script> $x$"
    trash_page(baton.store, LOCAL, save(title, "text"))
    assert texts(open_screen("trash"))[1].startswith(f"**{escape(title)}**")
