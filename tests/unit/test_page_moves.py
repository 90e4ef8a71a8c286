"""Moving a page to another space. Who sees it afterwards is in test_visibility.py, who may in test_permissions.py."""

import pytest

from kb.indexing import Indexer
from kb.models import Page, PageKind, Space
from kb.page_moves import move_page, spaces_to_move_to
from kb.pages import PageError, PageNotFound, PageText, create_page, ensure_space, history, read_page, trash_page
from kb.store import audit
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL


@pytest.fixture
def spaces(store: Store) -> tuple[Space, Space]:
    return ensure_space(store, LOCAL, "Here"), ensure_space(store, LOCAL, "There")


@pytest.fixture
def page(store: Store, indexer: Indexer, spaces: tuple[Space, Space]) -> Page:
    return create_page(store, indexer, LOCAL, spaces[0], PageText("Refunds", "Ask the bank."))


def test_a_moved_page_keeps_its_address_and_its_history(store: Store, page: Page, spaces: tuple[Space, Space]):
    moved = move_page(store, LOCAL, page, spaces[1])
    assert read_page(store, LOCAL, page.slug) == moved
    assert (moved.space, moved.revision) == (spaces[1], page.revision)
    assert [revision.number for revision in history(store, LOCAL, moved)] == [1]
    with store.reading() as db:
        last = audit.find(db, AuditFilter(), 1)[0]
    assert (last.action, last.detail) == ("page.moved", f"from space {spaces[0].id} to {spaces[1].id}")


def test_moving_a_page_to_where_it_is_changes_nothing(store: Store, page: Page, spaces: tuple[Space, Space]):
    assert move_page(store, LOCAL, page, spaces[0]) == page
    with store.reading() as db:
        assert audit.find(db, AuditFilter(), 1)[0].action == "page.created"


def test_of_two_people_who_move_a_page_the_second_is_told(store: Store, page: Page, spaces: tuple[Space, Space]):
    elsewhere = ensure_space(store, LOCAL, "Elsewhere")
    moved = move_page(store, LOCAL, page, spaces[1])
    with pytest.raises(PageError, match="Somebody moved this page meanwhile"):
        move_page(store, LOCAL, page, elsewhere)
    assert read_page(store, LOCAL, page.slug) == moved


def test_what_cannot_be_moved(store: Store, indexer: Indexer, page: Page, spaces: tuple[Space, Space]):
    note = create_page(store, indexer, LOCAL, spaces[0], PageText("Note", ""), kind=PageKind.HANDOVER)
    with pytest.raises(PageError, match="its form says"):
        move_page(store, LOCAL, note, spaces[1])
    trash_page(store, LOCAL, page)
    with pytest.raises(PageError, match="restore it first"):
        move_page(store, LOCAL, page, spaces[1])
    with store.atomic() as db:
        db.execute("DELETE FROM pages WHERE id = ?", [page.id])
    with pytest.raises(PageNotFound):
        move_page(store, LOCAL, page, spaces[1])


def test_all_other_spaces_are_offered(store: Store, page: Page, spaces: tuple[Space, Space]):
    assert [space.name for space in spaces_to_move_to(store, LOCAL, page)] == ["There"]
