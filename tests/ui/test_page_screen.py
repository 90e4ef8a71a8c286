"""The page screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from kb import guide_pages
from kb.application import Baton
from kb.guide_pages import shipped_guides
from kb.pages import PageText, edit_page, read_page
from kb.store.people import LOCAL
from tests.ui.conftest import OpenScreen, SavePage, lately, texts


def test_a_page_shows_its_head_text_and_what_leads_on(open_screen: OpenScreen) -> None:
    app = open_screen("page", slug="shift-calendar")
    assert app.title[0].value == "Shift calendar"
    place, tags, facts, contents, body, *_ = texts(app)
    assert place == ":small[[Operations](</?space=operations>) › Shift calendar]"
    assert tags == "[shifts](</?tag=shifts>) [holidays](</?tag=holidays>)"
    assert lately(facts) == (
        ":small[Page · owner [local](</colleague?id=1>) · updated lately by [local](</colleague?id=1>) · "
        "[revision 1](</history?slug=shift-calendar>)]"
    )
    assert contents == (
        "- [Hours](<#hours>)\n- [Public holidays](<#public-holidays>)\n- [Swapping a shift](<#swapping-a-shift>)"
    )
    assert '[A page that nobody wrote yet](</write?title=A+page+that+nobody+wrote+yet> "Not written yet' in body
    assert texts(app)[-2:] == ["## Pages that link here", "- [Invoice disputes](</page?slug=invoice-disputes>)"]


def test_related_pages_leave_the_page_out(open_screen: OpenScreen) -> None:
    said = texts(open_screen("page", slug="refund-policy"))
    related = said[said.index("## Related pages") + 1].splitlines()
    assert len(related) == 5
    assert not any("refund-policy" in line for line in related)


def test_coming_from_a_search_there_is_a_way_back(open_screen: OpenScreen) -> None:
    app = open_screen("page", slug="refund-policy", q="money back & more")
    assert texts(app)[0] == "[← Back to results](</?q=money+back+%26+more>)"


def test_a_guide_page_leads_to_the_previous_and_the_next(open_screen: OpenScreen) -> None:
    said = texts(open_screen("page", slug="kpo-landscape"))
    assert ":small[Previous page]  \n← [Guide\\: working in an international KPO team](</page?slug=guide-kpo>)" in said
    assert (
        ":small[Next page]  \n[Cultural awareness in an international team](</page?slug=kpo-cultural-awareness>) →"
        in said
    )
    assert not any(text.startswith(":small[Previous page]") for text in texts(open_screen("page", slug="guide-kpo")))


@pytest.mark.parametrize("slug", ["no-such-page", "<b>$x$</b>", "a" * 5_000])
def test_a_missing_page_offers_search_and_writing(open_screen: OpenScreen, slug: str) -> None:
    app = open_screen("page", slug=slug)
    assert not app.exception
    assert app.title[0].value == "Page not found"
    assert "[Search for “" in texts(app)[0]
    assert "[Write this page](</write?title=" in texts(app)[0]


def test_no_address_at_all(open_screen: OpenScreen) -> None:
    assert texts(open_screen("page")) == ["The address names no page. [Search the wiki](/)."]


def test_an_edited_guide_offers_the_newer_shipped_text(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = read_page(baton.store, LOCAL, "kpo-landscape")
    edit_page(baton.store, baton.indexer, LOCAL, page, PageText(page.title, "Our own words."))
    newer = tuple(
        replace(guide, hash="newer", text=replace(guide.text, body="Shipped words."))
        if guide.slug == page.slug
        else guide
        for guide in shipped_guides()
    )
    monkeypatch.setattr(guide_pages, "shipped_guides", lambda: newer)
    app = open_screen("page", slug=page.slug)
    assert "Our own words." in texts(app)
    button(app, "Take the newer text").click().run()
    assert "Shipped words." in texts(app)
    assert "Our own words." not in texts(app)


def test_declining_the_newer_text_keeps_ours(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = read_page(baton.store, LOCAL, "kpo-landscape")
    edit_page(baton.store, baton.indexer, LOCAL, page, PageText(page.title, "Our own words."))
    newer = tuple(replace(g, hash="newer") if g.slug == page.slug else g for g in shipped_guides())
    monkeypatch.setattr(guide_pages, "shipped_guides", lambda: newer)
    app = open_screen("page", slug=page.slug)
    button(app, "Keep ours").click().run()
    assert "Our own words." in texts(app)
    assert [b.label for b in app.button] == ["Move", "Move to trash"]


def test_an_empty_page_says_so(open_screen: OpenScreen, save: SavePage) -> None:
    assert "*This page has no text yet.*" in texts(open_screen("page", slug=save("Empty", "").slug))


def test_a_page_can_be_moved_to_any_other_space_that_one_sees(open_screen: OpenScreen, save: SavePage) -> None:
    page = save("Payroll", "text")
    app = open_screen("page", slug=page.slug)
    button(app, "Move").click().run()
    assert "“Payroll” is in **Northwind**. Its address and its history stay." in texts(app)
    options = app.selectbox(key=f"move_to_{page.id}").options
    assert "Operations" in options
    assert "Northwind" not in options
    assert app.button(key="confirm_move").disabled


def button(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(button for button in app.button if button.label == label)
