"""The rules of pages."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import pages as rules
from kb.indexing import Indexer, Prepared
from kb.models import PageKind, Person, Space
from kb.pages import PageError, PageNotFound, PageText, StaleEdit
from kb.search import Retriever
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder


def test_a_page_is_read_as_it_was_saved(store: Store, write):
    saved = write("Refund policy", "Refunds take [[five-days|5 days]].", tags=("Money", "client care"))
    page = rules.read_page(store, LOCAL, "refund-policy")
    assert page == saved
    assert (page.title, page.revision, page.kind) == ("Refund policy", 1, PageKind.PAGE)
    assert page.tags == ("money", "client-care")


def test_two_pages_of_one_title_get_two_addresses(write):
    assert [write("On call", "x").slug for _ in range(3)] == ["on-call", "on-call-2", "on-call-3"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Café & Co: 2nd shift", "cafe-co-2nd-shift"),
        ("  ---  ", "page"),
        ("日本語のページ", "日本語のページ"),
        ("Überstunden in Łódź", "uberstunden-in-łodz"),
        ("a/b\\c?d=e#f", "abcdef"),
        ("x" * 300, "x" * 80),
        ("A:\u0300", "a"),
    ],
)
def test_addresses_are_readable(title: str, slug: str):
    assert rules.slug_of(title) == slug


@settings(max_examples=500)
@given(st.text(max_size=300))
def test_an_address_is_stable_safe_and_never_empty(title: str):
    slug = rules.slug_of(title)
    assert 0 < len(slug) <= rules.MAX_SLUG
    assert not set(slug) & set(" /?#%&[]|\\\"'<>\n\t")
    assert rules.slug_of(slug) == slug


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PageText("  ", "x"), "Give the page a title."),
        (PageText("t" * 201, "x"), "The title has 201 characters; shorten it to 200."),
        (PageText("t", "x", tags=tuple(f"t{i}" for i in range(31))), "A page has at most 30 tags; remove 1."),
    ],
)
def test_a_text_that_breaks_a_rule_is_refused_with_the_remedy(text: PageText, message: str):
    with pytest.raises(PageError) as error:
        rules.checked(text)
    assert str(error.value) == message


def test_what_cannot_be_stored_is_tidied_not_lost():
    text = rules.checked(PageText("A\ud800 title\x00", "one\r\ntwo\rthree\x00", tags=("#Tag One", "tag one")))
    assert text == PageText("A? title", "one\ntwo\nthree", tags=("tag-one",))


def test_an_edit_makes_a_revision_and_keeps_the_old_one(store: Store, indexer: Indexer, write):
    page = write("On call", "Ring Ada.")
    edited = rules.edit_page(store, indexer, LOCAL, page, PageText("On call", "Ring Bob."), summary="Bob took over")
    assert (edited.revision, edited.body) == (2, "Ring Bob.")
    assert [(r.number, r.body, r.summary) for r in rules.history(store, LOCAL, page)] == [
        (2, "Ring Bob.", "Bob took over"),
        (1, "Ring Ada.", "Created"),
    ]


def test_an_edit_that_changes_nothing_makes_no_revision(store: Store, indexer: Indexer, write):
    page = write("On call", "Ring Ada.")
    assert rules.edit_page(store, indexer, LOCAL, page, PageText("On call", "Ring Ada.")).revision == 1


def test_a_stale_edit_is_refused_and_both_texts_are_kept(store: Store, indexer: Indexer, write):
    page = write("On call", "Ring Ada.")
    rules.edit_page(store, indexer, LOCAL, page, PageText("On call", "Ring Bob."))
    with pytest.raises(StaleEdit) as stale:
        rules.edit_page(store, indexer, LOCAL, page, PageText("On call", "Ring Cem."))
    assert stale.value.current.body == "Ring Bob."
    assert rules.read_page(store, LOCAL, "on-call").body == "Ring Bob."


def test_an_old_revision_comes_back_as_the_newest(store: Store, indexer: Indexer, write):
    page = write("On call", "Ring Ada.")
    edited = rules.edit_page(store, indexer, LOCAL, page, PageText("On call", "Ring Bob."))
    restored = rules.restore_revision(store, indexer, LOCAL, edited, 1)
    assert (restored.revision, restored.body) == (3, "Ring Ada.")
    with pytest.raises(PageNotFound):
        rules.restore_revision(store, indexer, LOCAL, restored, 9)


def test_a_trashed_page_is_out_of_sight_and_comes_back_whole(
    store: Store, indexer: Indexer, retriever: Retriever, write
):
    page = write("Escalation", "Call the duty manager.")
    rules.trash_page(store, LOCAL, page)
    assert retriever.search("duty manager", LOCAL).results == ()
    with pytest.raises(PageNotFound):
        rules.read_page(store, LOCAL, "escalation")
    (trashed,) = rules.trashed_pages(store, LOCAL)
    rules.restore_from_trash(store, indexer, LOCAL, trashed)
    assert [r.page.slug for r in retriever.search("duty manager", LOCAL).results] == ["escalation"]
    assert rules.trashed_pages(store, LOCAL) == []


def test_a_page_comes_back_with_its_newest_text_also_from_an_older_list(
    store: Store, indexer: Indexer, retriever: Retriever, write
):
    page = write("Zebra manual", "stripes")
    rules.trash_page(store, LOCAL, page)
    (older,) = rules.trashed_pages(store, LOCAL)
    page = rules.restore_from_trash(store, indexer, LOCAL, older)
    rules.trash_page(store, LOCAL, rules.edit_page(store, indexer, LOCAL, page, PageText("Zebra manual", "hooves")))
    back = rules.restore_from_trash(store, indexer, LOCAL, older)
    assert (back.body, back.trashed_at) == ("hooves", None)
    assert [found.page.id for found in retriever.search("hooves", LOCAL).results] == [page.id]


def test_a_page_that_is_changed_while_it_is_restored_stays_in_the_trash(
    store: Store, indexer: Indexer, embedder: WordEmbedder, write
):
    page = write("Zebra manual", "stripes")
    rules.trash_page(store, LOCAL, page)

    class Slow(Indexer):
        """While it prepares, somebody else restores, edits and trashes the page."""

        def prepare(self, title: str, body: str, tags: Sequence[str] = (), keywords: Sequence[str] = ()) -> Prepared:
            back = rules.restore_from_trash(store, indexer, LOCAL, page)
            rules.trash_page(
                store, LOCAL, rules.edit_page(store, indexer, LOCAL, back, PageText("Zebra manual", "hooves"))
            )
            return super().prepare(title, body, tags, keywords)

    with pytest.raises(PageError, match=r"a moment ago\. Restore it again"):
        rules.restore_from_trash(store, Slow(store, embedder), LOCAL, page)
    assert [one.id for one in rules.trashed_pages(store, LOCAL)] == [page.id]


def test_a_page_in_the_trash_cannot_be_edited(store: Store, indexer: Indexer, write):
    page = write("Escalation", "Call.")
    rules.trash_page(store, LOCAL, page)
    with pytest.raises(PageError, match="trash"):
        rules.edit_page(store, indexer, LOCAL, page, PageText("Escalation", "Do not call."))


def test_wiki_links_lead_by_address_and_by_title(store: Store, write):
    write("Refund policy", "x")
    found = rules.resolve_links(store, LOCAL, "[[refund-policy]] [[Refund Policy#late|late]] [[Nowhere]] [[ ]]")
    assert {name: target.slug for name, target in found.items()} == {
        "refund-policy": "refund-policy",
        "Refund Policy": "refund-policy",
        "Nowhere": None,
    }


def test_a_page_knows_who_links_to_it(store: Store, write):
    target = write("Refund policy", "x")
    write("By address", "see [[refund-policy#late|there]]")
    write("By title", "see [[Refund policy]]")
    write("Not at all", "see `refund-policy`")
    assert [p.title for p in rules.backlinks(store, LOCAL, target)] == ["By address", "By title"]


def test_a_space_is_found_again_whatever_its_case(store: Store, space: Space):
    assert rules.ensure_space(store, LOCAL, "  acme ") == space
    assert rules.ensure_space(store, LOCAL, "Acme & Co").slug == "acme-co"
    with pytest.raises(PageError, match="name"):
        rules.ensure_space(store, LOCAL, "   ")


def test_what_changed_last_comes_first(store: Store, indexer: Indexer, write, stranger: Person):
    first, second = write("First", "x"), write("Second", "x")
    with store.atomic() as db:
        db.execute("UPDATE pages SET updated_at = '2026-01-01T00:00:00Z' WHERE id = ?", [second.id])
    assert [p.id for p in rules.recently_updated(store, LOCAL)] == [first.id, second.id]
    assert rules.recently_updated(store, stranger, PageKind.GUIDE) == []
