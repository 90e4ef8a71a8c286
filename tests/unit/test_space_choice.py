"""kb.space_choice: a draft stays in the space it was written for, whatever that is called meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb import drafts, handover_drafts, handovers
from kb.access import NotAllowed
from kb.handover.models import Note
from kb.handovers import save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Space, SpaceKind
from kb.pages import PageError, PageNotFound, PageText, all_spaces, read_page
from kb.sharing import make_space, rename_space, share_space
from kb.space_choice import SpaceChoice, choose, chosen_space, labels
from kb.store import drafts as stored
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import NOW, shift_note


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def secret(store: Store) -> Space:
    return make_space(store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL], []).space


@pytest.fixture
def note(store: Store, indexer: Indexer, secret: Space) -> Note:
    return submit_note(store, indexer, LOCAL, shift_note(), secret)


def spaces(store: Store) -> list[tuple[str, SpaceKind]]:
    return [(space.name, space.kind) for space in all_spaces(store, LOCAL)]


def test_an_edit_of_a_note_stays_in_its_space_when_that_is_renamed(
    store: Store, indexer: Indexer, secret: Space, note: Note, stranger: Person
) -> None:
    draft = handover_drafts.edit_draft(note)
    draft = handover_drafts.keep_draft(store, LOCAL, replace(draft, text=shift_note(client="Initech")))
    rename_space(store, LOCAL, secret, "Pay")
    saved = handover_drafts.save_draft(store, indexer, LOCAL, draft, submit=True)
    assert (saved.version, saved.page.space) == (2, replace(secret, name="Pay"))
    assert spaces(store) == [("Pay", SpaceKind.CONFIDENTIAL)]
    with pytest.raises(PageNotFound):
        read_page(store, stranger, saved.page.slug)


def test_a_new_page_goes_into_the_space_it_was_begun_in_when_that_is_renamed(
    store: Store, indexer: Indexer, secret: Space
) -> None:
    draft = drafts.new_draft(store, LOCAL, "Price", SpaceChoice.of(secret))
    draft = drafts.keep_draft(store, LOCAL, replace(draft, text=PageText("Price", "It is high.")))
    rename_space(store, LOCAL, secret, "Pay")
    kept = drafts.find_draft(store, LOCAL, draft.key)
    assert kept is not None
    assert drafts.save_draft(store, indexer, LOCAL, kept).space.id == secret.id
    assert spaces(store) == [("Pay", SpaceKind.CONFIDENTIAL)]


def test_a_note_that_moved_meanwhile_takes_an_older_edit_along(
    store: Store, indexer: Indexer, space: Space, note: Note
) -> None:
    draft, chosen = handover_drafts.edit_draft(note), SpaceChoice.of(space)
    moved = submit_note(store, indexer, LOCAL, note.text, space, note)
    assert handover_drafts.rebased(draft, moved).space == chosen
    elsewhere = SpaceChoice("Elsewhere", is_new=True)
    assert handover_drafts.rebased(replace(draft, space=elsewhere), moved).space == elsewhere


def test_a_draft_of_before_is_known_by_its_spaces_name(
    store: Store, indexer: Indexer, secret: Space, note: Note
) -> None:
    for form, module, draft in (
        ("handover", handover_drafts, handover_drafts.NoteDraft("n", shift_note(), SpaceChoice.of(secret))),
        ("page", drafts, drafts.Draft("p", PageText("Price", "High"), SpaceChoice.of(secret))),
    ):
        module.keep_draft(store, LOCAL, draft)
        with store.atomic() as db:
            kept = stored.get(db, LOCAL, form, draft.key)
            assert kept is not None
            content = {name: value for name, value in kept.content.items() if name != "home"}
            stored.keep(db, LOCAL, form, draft.key, {**content, "space": "Payroll"})
        old = module.find_draft(store, LOCAL, draft.key)
        assert old is not None
        assert old.space == SpaceChoice("Payroll")
        assert chosen_space(store, LOCAL, old.space) == secret
    rename_space(store, LOCAL, secret, "Pay")
    with pytest.raises(PageError, match="There is no space “Payroll” any more, or it is not shared with you"):
        drafts.save_draft(store, indexer, LOCAL, old)
    assert spaces(store) == [("Pay", SpaceKind.CONFIDENTIAL)]
    assert drafts.find_draft(store, LOCAL, "p") is not None


def test_a_space_is_made_only_where_its_name_was_typed_as_a_new_one(store: Store, space: Space) -> None:
    assert chosen_space(store, LOCAL, SpaceChoice("Initech", is_new=True)).name == "Initech"
    assert chosen_space(store, LOCAL, SpaceChoice("Handover notes")).name == "Handover notes"
    with pytest.raises(PageError, match="There is no space “Contoso”"):
        chosen_space(store, LOCAL, SpaceChoice("Contoso"))
    assert [name for name, _ in spaces(store)] == ["ACME", "Handover notes", "Initech"]


def test_a_space_that_is_hidden_now_is_refused_as_one_that_never_was(
    store: Store, secret: Space, stranger: Person
) -> None:
    said = set()
    for choice in (SpaceChoice.of(secret), SpaceChoice("Any", 99)):
        with pytest.raises(NotAllowed) as refused:
            chosen_space(store, stranger, choice)
        said.add(str(refused.value))
    share_space(store, LOCAL, secret, SpaceKind.RESTRICTED, [LOCAL, stranger], [])
    assert len(said) == 1
    assert chosen_space(store, stranger, SpaceChoice.of(secret)).id == secret.id


def test_what_a_field_says() -> None:
    acme, initech = Space(1, "acme", "ACME"), Space(2, "initech", "Initech Ltd")
    before = SpaceChoice("Initech", 2)  # renamed since
    assert labels([acme, initech], before) == ["ACME", "Initech"]
    assert choose("Initech", [acme, initech], before) is before
    assert choose("acme", [acme, initech], before) == SpaceChoice("ACME", 1)
    assert choose("Contoso", [acme, initech], before) == SpaceChoice("Contoso", is_new=True)
    assert labels([acme], SpaceChoice("")) == ["ACME"]


def test_saving_a_draft_of_a_note_leaves_it_in_its_space(store: Store, indexer: Indexer, secret: Space) -> None:
    saved = save_note(store, indexer, LOCAL, shift_note(), secret)
    draft = replace(handover_drafts.edit_draft(saved), text=shift_note(client="Initech"))
    assert handover_drafts.save_draft(store, indexer, LOCAL, draft, submit=False).page.space == secret
