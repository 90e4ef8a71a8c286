"""Who looks after which page, and giving it to somebody else."""

from __future__ import annotations

import pytest

from kb import people
from kb.access import NotAllowed
from kb.audit_log import find_entries
from kb.handover.models import Header, NoteText
from kb.handovers import save_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space, SpaceKind
from kb.ownership import OwnedPage, OwnershipError, owned_by, possible_owners, reassign
from kb.pages import PageText, create_page, read_page, trash_page
from kb.sharing import share_space
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from tests.people import add_person


@pytest.fixture
def ines(store: Store) -> Person:
    return add_person(store, "Ines")


@pytest.fixture
def kenji(store: Store) -> Person:
    return add_person(store, "Kenji", Role.LEAD)


@pytest.fixture
def page(store: Store, indexer: Indexer, space: Space, ines: Person) -> OwnedPage:
    return OwnedPage.of(create_page(store, indexer, ines, space, PageText("Refunds", "text")))


def names(owned: list[OwnedPage]) -> list[str]:
    return [page.title for page in owned]


def test_what_a_person_owns_is_listed_by_title_without_the_trash(
    store: Store, indexer: Indexer, space: Space, ines: Person, page: OwnedPage
):
    create_page(store, indexer, ines, space, PageText("accounts", "text"))
    trash_page(store, ines, create_page(store, indexer, ines, space, PageText("Old", "text")))
    create_page(store, indexer, LOCAL, space, PageText("Somebody else's", "text"))
    assert names(owned_by(store, LOCAL, ines)) == ["accounts", "Refunds"]


def test_what_the_viewer_may_not_see_is_neither_listed_nor_counted(
    store: Store, ines: Person, kenji: Person, space: Space, page: OwnedPage
):
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, ines], [])
    assert owned_by(store, kenji, ines) == []
    assert names(owned_by(store, LOCAL, ines)) == ["Refunds"]
    with pytest.raises(OwnershipError, match="gone, or not shared with you"):
        reassign(store, kenji, [page], kenji)


@pytest.mark.parametrize("actor", ["owner", "lead", "administrator", "Baton"])
def test_owner_lead_and_administrator_give_a_page_on(
    store: Store, ines: Person, kenji: Person, page: OwnedPage, actor: str
):
    acting = {"owner": ines, "lead": kenji, "administrator": LOCAL, "Baton": SYSTEM}[actor]
    maria = add_person(store, "Maria")
    before = read_page(store, LOCAL, page.slug)
    assert reassign(store, acting, [page], maria) == 1
    after = read_page(store, LOCAL, page.slug)
    assert (after.owner, after.revision, after.updated_at) == (maria, before.revision, before.updated_at)
    (entry,), _ = find_entries(store, LOCAL, AuditFilter(actions=("page.reassigned",)))
    assert (entry.actor, entry.subject, entry.subject_id, entry.detail) == (
        acting, "page", page.id, f"owner {ines.id} to {maria.id}",
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.READER, Role.AUTHOR])
def test_nobody_else_gives_a_page_on(store: Store, page: OwnedPage, role: Role):
    other = add_person(store, "Zoe", role)
    with pytest.raises(NotAllowed):
        reassign(store, other, [page], LOCAL)
    assert read_page(store, LOCAL, page.slug).owner == page.owner


def test_all_change_hands_or_none(store: Store, indexer: Indexer, space: Space, ines: Person, page: OwnedPage):
    mine = OwnedPage.of(create_page(store, indexer, LOCAL, space, PageText("Mine", "text")))
    with pytest.raises(NotAllowed, match="“Mine” is local's"):
        reassign(store, ines, [page, mine], add_person(store, "Maria"))
    assert names(owned_by(store, LOCAL, ines)) == ["Refunds"]
    assert reassign(store, LOCAL, [page, mine], ines) == 1  # one is hers already
    assert names(owned_by(store, LOCAL, ines)) == ["Mine", "Refunds"]


def test_what_changed_hands_meanwhile_is_not_overwritten(store: Store, ines: Person, kenji: Person, page: OwnedPage):
    reassign(store, ines, [page], kenji)
    with pytest.raises(OwnershipError, match="is Kenji's meanwhile"):
        reassign(store, LOCAL, [page], LOCAL)
    assert read_page(store, LOCAL, page.slug).owner == kenji


def test_the_new_owner_must_see_the_space_and_may_write(store: Store, ines: Person, space: Space, page: OwnedPage):
    reader, author = add_person(store, "Rita", Role.READER), add_person(store, "Aki")
    gone = add_person(store, "Gus")
    people.disable(store, LOCAL, gone.id)
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [ines, reader], [])
    assert [person.name for person in possible_owners(store, LOCAL, [page])] == ["Ines", "local"]
    for refused, why in ((reader, "Rita is a reader"), (author, "Aki does not see"), (gone, "disabled or unknown")):
        with pytest.raises(OwnershipError, match=why):
            reassign(store, LOCAL, [page], refused)
    with pytest.raises(OwnershipError, match="disabled or unknown"):
        reassign(store, LOCAL, [page], SYSTEM)


def test_a_draft_of_a_note_stays_its_writers_secret_and_goes_along_when_they_give_it_on(
    store: Store, indexer: Indexer, space: Space, ines: Person, kenji: Person
):
    draft = save_note(store, indexer, ines, NoteText("shift", 1, Header(client="ACME")), space)
    assert owned_by(store, LOCAL, ines) == []
    reassign(store, ines, owned_by(store, ines, ines), kenji)
    assert names(owned_by(store, kenji, kenji)) == [draft.page.title]
    assert owned_by(store, LOCAL, kenji) == []
