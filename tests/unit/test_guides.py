"""The shipped guides: complete, linked, and loaded without ever overwriting somebody's edit."""

from dataclasses import replace

import pytest

from index.chunking import outline
from kb.guide_pages import ShippedGuide, decline_offer, load_guides, offer_for, shipped_guides, take_offer
from kb.indexing import Indexer
from kb.pages import PageText, edit_page, history, read_page, trash_page
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.wiki_links import WIKI_LINK


@pytest.fixture
def two(store: Store, indexer: Indexer) -> tuple[ShippedGuide, ...]:
    shipped = shipped_guides()[:2]
    assert load_guides(store, indexer, LOCAL, shipped) == 2
    return shipped


def newer(guide: ShippedGuide) -> ShippedGuide:
    return replace(guide, text=PageText(guide.text.title, "Newer shipped text."), hash="newer")


def test_every_wiki_link_of_the_guides_leads_to_a_heading_that_is_there():
    anchors = {g.slug: {h.anchor for h in outline(g.text.body)} for g in shipped_guides()}
    for guide in shipped_guides():
        for link in WIKI_LINK.finditer(guide.text.body):
            assert link.group(1) in anchors, (guide.slug, link.group())
            assert not link.group(2) or link.group(2) in anchors[link.group(1)], (guide.slug, link.group())


def test_the_guides_cover_their_topics():
    by_guide: dict[str, int] = {}
    for guide in shipped_guides():
        by_guide[guide.guide] = by_guide.get(guide.guide, 0) + 1
    assert by_guide == {"A career in international BPO": 9, "Working in an international KPO team": 12, "": 1}
    (glossary,) = (g for g in shipped_guides() if g.slug == "glossary")
    assert glossary.text.body.count("\n- **") >= 60


def test_topics_have_400_to_900_words():
    topics = [g for g in shipped_guides() if g.slug not in ("glossary", "guide-kpo", "guide-bpo")]
    assert [g.slug for g in topics if not 400 <= len(g.text.body.split()) <= 900] == []


def test_a_second_start_changes_nothing(store: Store, indexer: Indexer, two: tuple[ShippedGuide, ...]):
    assert load_guides(store, indexer, LOCAL, two) == 0
    assert read_page(store, LOCAL, two[0].slug).revision == 1


def test_an_upgrade_updates_a_page_that_nobody_edited(store: Store, indexer: Indexer, two: tuple[ShippedGuide, ...]):
    assert load_guides(store, indexer, LOCAL, (newer(two[0]), two[1])) == 1
    page = read_page(store, LOCAL, two[0].slug)
    assert (page.body, page.revision) == ("Newer shipped text.", 2)
    assert load_guides(store, indexer, LOCAL, (newer(two[0]), two[1])) == 0


def test_an_upgrade_never_overwrites_an_edit_but_offers_the_new_text(
    store: Store, indexer: Indexer, two: tuple[ShippedGuide, ...], monkeypatch: pytest.MonkeyPatch
):
    page = read_page(store, LOCAL, two[0].slug)
    page = edit_page(store, indexer, LOCAL, page, PageText(page.title, "Our own words."))
    assert offer_for(store, LOCAL, page) is None
    upgraded = (newer(two[0]), two[1])
    assert load_guides(store, indexer, LOCAL, upgraded) == 0
    assert read_page(store, LOCAL, two[0].slug).body == "Our own words."

    monkeypatch.setattr("kb.guide_pages.shipped_guides", lambda: upgraded)
    offer = offer_for(store, LOCAL, page)
    assert offer == upgraded[0]
    taken = take_offer(store, indexer, LOCAL, page, offer)
    assert [r.body for r in history(store, LOCAL, taken)][:2] == ["Newer shipped text.", "Our own words."]
    assert offer_for(store, LOCAL, taken) is None


def test_a_declined_offer_is_not_made_again(
    store: Store, indexer: Indexer, two: tuple[ShippedGuide, ...], monkeypatch: pytest.MonkeyPatch
):
    page = read_page(store, LOCAL, two[0].slug)
    page = edit_page(store, indexer, LOCAL, page, PageText(page.title, "Our own words."))
    monkeypatch.setattr("kb.guide_pages.shipped_guides", lambda: (newer(two[0]), two[1]))
    decline_offer(store, LOCAL, newer(two[0]))
    assert offer_for(store, LOCAL, page) is None


def test_a_trashed_guide_stays_in_the_trash(store: Store, indexer: Indexer, two: tuple[ShippedGuide, ...]):
    trash_page(store, LOCAL, read_page(store, LOCAL, two[0].slug))
    assert load_guides(store, indexer, LOCAL, (newer(two[0]), two[1])) == 0
