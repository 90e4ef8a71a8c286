"""kb.drafts: nothing that somebody typed is lost, and nothing is saved twice or over somebody else's text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb.drafts import (
    MAX_DRAFT,
    Draft,
    DraftTooLong,
    PageGone,
    as_new_page,
    drop_draft,
    edit_draft,
    find_draft,
    keep_draft,
    new_draft,
    rebase_draft,
    save_draft,
    text_of,
    unfinished_drafts,
)
from kb.indexing import Indexer
from kb.kept_drafts import DraftGone
from kb.models import Page, Person
from kb.pages import PageError, PageText, StaleEdit, all_spaces, edit_page, history, recently_updated, trash_page
from kb.space_choice import SpaceChoice
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.handbook import save_page


@pytest.fixture
def page(store: Store, indexer: Indexer) -> Page:
    return save_page(store, indexer, "Refunds", "Check the invoice.", ("billing",))


def typed(draft: Draft, body: str) -> Draft:
    return replace(draft, text=replace(draft.text, body=body))


def titles(store: Store) -> list[str]:
    return [page.title for page in recently_updated(store, LOCAL)]


def test_a_kept_draft_comes_back_as_it_was(store: Store, page: Page) -> None:
    draft = replace(edit_draft(page), summary="Why", text=PageText("Title", "Text", ("a",), ("b", "c d")))
    kept = keep_draft(store, LOCAL, draft)
    assert find_draft(store, LOCAL, draft.key) == kept
    assert (kept.revision, kept.base, kept.kept_at is not None) == (1, text_of(page), True)


def test_a_draft_survives_a_restart(tmp_path: Path) -> None:
    before = Store.open(tmp_path / "baton.db")
    kept = keep_draft(before, LOCAL, typed(new_draft(before, LOCAL, "Title"), "Text"))
    before.close()
    after = Store.open(tmp_path / "baton.db")
    assert unfinished_drafts(after, LOCAL) == [kept]
    after.close()


def test_drafts_are_listed_all_or_those_of_one_page(store: Store, page: Page) -> None:
    new = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "new"))
    edit = keep_draft(store, LOCAL, typed(edit_draft(page), "edit"))
    assert {draft.key for draft in unfinished_drafts(store, LOCAL)} == {new.key, edit.key}
    assert unfinished_drafts(store, LOCAL, page.slug) == [edit]
    assert unfinished_drafts(store, LOCAL, "another") == []


def test_a_draft_belongs_to_its_person(store: Store, stranger: Person) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "mine"))
    assert find_draft(store, stranger, kept.key) is None
    assert unfinished_drafts(store, stranger) == []


def test_a_draft_in_which_nothing_is_typed_is_not_kept(store: Store, page: Page) -> None:
    assert keep_draft(store, LOCAL, new_draft(store, LOCAL)).kept_at is None
    assert keep_draft(store, LOCAL, edit_draft(page)).kept_at is None
    kept = keep_draft(store, LOCAL, typed(edit_draft(page), "typed"))
    assert keep_draft(store, LOCAL, typed(kept, page.body)).kept_at is None
    assert unfinished_drafts(store, LOCAL, page.slug) == []


def test_two_windows_on_one_draft_keep_a_text_each(store: Store) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "start"))
    here = keep_draft(store, LOCAL, typed(kept, "here"))
    there = keep_draft(store, LOCAL, typed(kept, "there"))
    assert here.key == kept.key != there.key
    assert {draft.text.body for draft in unfinished_drafts(store, LOCAL)} == {"here", "there"}


def test_a_text_that_is_too_long_to_save_is_kept(store: Store, indexer: Indexer) -> None:
    draft = typed(new_draft(store, LOCAL, "Long"), "x" * MAX_DRAFT)
    with pytest.raises(PageError, match="The text has 4,000,000 characters"):
        save_draft(store, indexer, LOCAL, draft)
    assert [kept.text for kept in unfinished_drafts(store, LOCAL)] == [draft.text]


def test_a_text_beyond_all_measure_is_refused(store: Store) -> None:
    with pytest.raises(DraftTooLong, match="too many to keep as a draft"):
        keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "x" * (MAX_DRAFT + 1)))


def test_a_new_page_begins_in_the_space_last_written_in(store: Store, indexer: Indexer) -> None:
    assert new_draft(store, LOCAL).space == SpaceChoice("General")
    save_page(store, indexer, "Page", "", space="Contoso")
    assert new_draft(store, LOCAL).space.name == "Contoso"
    northwind = SpaceChoice("Northwind", 7)
    assert new_draft(store, LOCAL, space=northwind).space == northwind


def test_saving_a_new_page_ends_its_draft(store: Store, indexer: Indexer) -> None:
    kept = keep_draft(
        store,
        LOCAL,
        typed(replace(new_draft(store, LOCAL, "Title"), space=SpaceChoice("Contoso", is_new=True)), "Text"),
    )
    saved = save_draft(store, indexer, LOCAL, kept)
    assert (saved.title, saved.body, saved.space.name) == ("Title", "Text", "Contoso")
    assert unfinished_drafts(store, LOCAL) == []


def test_saving_an_edit_makes_the_next_revision(store: Store, indexer: Indexer, page: Page) -> None:
    draft = replace(typed(edit_draft(page), "Check the invoice twice."), summary="  Twice\n is safer ")
    saved = save_draft(store, indexer, LOCAL, draft)
    assert (saved.revision, saved.body) == (2, "Check the invoice twice.")
    assert history(store, LOCAL, page)[0].summary == "Twice is safer"
    assert unfinished_drafts(store, LOCAL, page.slug) == []


def test_a_rule_that_is_broken_loses_nothing(store: Store, indexer: Indexer) -> None:
    draft = replace(typed(new_draft(store, LOCAL), "Text without a title"), space=SpaceChoice("Brand new", is_new=True))
    with pytest.raises(PageError, match="Give the page a title"):
        save_draft(store, indexer, LOCAL, draft)
    assert [kept.text.body for kept in unfinished_drafts(store, LOCAL)] == ["Text without a title"]
    assert all_spaces(store, LOCAL) == []


def test_a_draft_is_saved_once(store: Store, indexer: Indexer) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL, "Title"), "Text"))
    save_draft(store, indexer, LOCAL, kept)
    with pytest.raises(DraftGone, match="in another window"):
        save_draft(store, indexer, LOCAL, kept)
    assert titles(store) == ["Title"]


def test_a_draft_that_another_window_ended_can_be_kept_and_saved_again(store: Store, indexer: Indexer) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL, "Title"), "Text"))
    drop_draft(store, LOCAL, kept)
    again = keep_draft(store, LOCAL, kept)
    assert again.key != kept.key
    save_draft(store, indexer, LOCAL, again)
    assert titles(store) == ["Title"]


def test_keeping_the_same_again_changes_nothing(store: Store) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "Text"))
    assert keep_draft(store, LOCAL, kept) == kept


def test_a_failed_save_leaves_the_draft_as_the_window_knows_it(store: Store, indexer: Indexer) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL), "Text without a title"))
    with pytest.raises(PageError):
        save_draft(store, indexer, LOCAL, kept)
    assert keep_draft(store, LOCAL, typed(kept, "goes on")).key == kept.key


def test_an_edit_that_changes_nothing_makes_no_revision(store: Store, indexer: Indexer, page: Page) -> None:
    newer = edit_page(store, indexer, LOCAL, page, PageText("Refunds", "Theirs."))
    assert save_draft(store, indexer, LOCAL, edit_draft(page)) == newer


def test_a_stale_edit_keeps_the_draft_and_can_go_on_top(store: Store, indexer: Indexer, page: Page) -> None:
    mine = keep_draft(store, LOCAL, typed(edit_draft(page), "Mine."))
    edit_page(store, indexer, LOCAL, page, PageText("Refunds", "Theirs."))
    with pytest.raises(StaleEdit) as stale:
        save_draft(store, indexer, LOCAL, mine)
    kept = unfinished_drafts(store, LOCAL, page.slug)
    assert [draft.text.body for draft in kept] == ["Mine."]
    saved = save_draft(store, indexer, LOCAL, rebase_draft(kept[0], stale.value.current))
    assert [revision.body for revision in history(store, LOCAL, saved)] == ["Mine.", "Theirs.", "Check the invoice."]


def test_an_edit_of_a_trashed_page_can_become_a_new_page(store: Store, indexer: Indexer, page: Page) -> None:
    mine = keep_draft(store, LOCAL, typed(edit_draft(page), "Mine."))
    trash_page(store, LOCAL, page)
    with pytest.raises(PageGone, match="save your text as a new page"):
        save_draft(store, indexer, LOCAL, mine)
    saved = save_draft(store, indexer, LOCAL, as_new_page(store, LOCAL, mine))
    assert unfinished_drafts(store, LOCAL, "refunds") == []
    assert (saved.title, saved.body, saved.slug) == ("Refunds", "Mine.", "refunds-2")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\x00\ud800'); DROP TABLE drafts; --", "x" * 1_000_000])
def test_hostile_and_long_text_is_only_text(store: Store, text: str) -> None:
    kept = keep_draft(store, LOCAL, typed(new_draft(store, LOCAL, text[:100]), text))
    assert find_draft(store, LOCAL, kept.key) == kept
