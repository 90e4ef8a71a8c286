"""Past items like the one that is typed: what fixed them, where, and only for who may know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kb import handovers
from kb.handover.models import Answer, Note, NoteItem
from kb.handover.solved import Solved
from kb.handovers import save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Space, SpaceKind
from kb.recall import PastItem, Recalled, past_items
from kb.search import Retriever
from kb.sharing import share_space
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.ui.handover_rows import Rows
from tests.conftest import WordEmbedder
from tests.unit.handover_samples import NOW, shift_note

RESOLVED = {"what": "Printer jam on floor three", "cause": "Wet paper", "fix": "Dried it", "follow_up": "Order a dryer"}
DONE = NoteItem("Invoice export hangs", next_step="Restarted the exporter", done=True)
OPEN = NoteItem("Invoice export slow", next_step="Ask the vendor")


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def note(store: Store, indexer: Indexer, space: Space) -> Note:
    text = shift_note()
    text = replace(text, items=(DONE, OPEN), answers={**text.answers, "resolved": Answer(rows=(RESOLVED,))})
    return submit_note(store, indexer, LOCAL, text, space)


def words(found: Recalled) -> list[tuple[str, bool]]:
    return [(item.solved.words, item.fixed) for item in found.items]


def test_what_fixed_it_then(store: Store, retriever: Retriever, note: Note) -> None:
    (item,) = past_items(store, retriever, LOCAL, "Jam of the printer, floor three").items
    assert item == PastItem(
        Solved(RESOLVED["what"], "", (), "Wet paper", "Dried it", "Order a dryer"), True, note.page.slug,
        note.page.title, item.at, item.nearness,
    )  # fmt: skip
    assert item.at == note.submitted_at


def test_solved_items_come_before_open_ones(store: Store, retriever: Retriever, note: Note) -> None:
    assert words(past_items(store, retriever, LOCAL, "invoice export slow again")) == [
        ("Invoice export hangs", True),
        ("Invoice export slow", False),
    ]


def test_what_nothing_is_like_and_what_says_too_little_finds_nothing(
    store: Store, retriever: Retriever, note: Note, embedder: WordEmbedder
) -> None:
    assert past_items(store, retriever, LOCAL, "Order plants for the office") == Recalled()
    embedder.encoded.clear()
    assert past_items(store, retriever, LOCAL, "export") == past_items(store, retriever, LOCAL, "") == Recalled()
    assert embedder.encoded == []


def test_neither_the_note_itself_nor_drafts_count(
    store: Store, retriever: Retriever, indexer: Indexer, note: Note, space: Space
) -> None:
    draft = replace(shift_note(), items=(NoteItem("Lift stuck on floor two", next_step="x", done=True),))
    save_note(store, indexer, LOCAL, draft, space)
    assert past_items(store, retriever, LOCAL, "Lift stuck on floor two") == Recalled()
    assert past_items(store, retriever, LOCAL, "Invoice export hangs", note.page.slug) == Recalled()


def test_an_item_that_was_carried_on_is_told_once_where_it_was_solved(
    store: Store, retriever: Retriever, indexer: Indexer, note: Note, space: Space
) -> None:
    later = replace(OPEN, title="Invoice  Export slow", done=True, next_step="Vendor gave a patch")
    text = shift_note(effective=NOW + timedelta(hours=2), acknowledge_by=NOW + timedelta(hours=3))
    solved_in = submit_note(store, indexer, LOCAL, replace(text, items=(later,)), space)
    found = past_items(store, retriever, LOCAL, "invoice export slow")
    assert found.items[0].slug == solved_in.page.slug
    assert [(" ".join(text.split()).lower(), fixed) for text, fixed in words(found)].count(
        ("invoice export slow", True)
    ) == 1
    assert ("Invoice export slow", False) not in words(found)


def test_only_notes_that_the_viewer_may_see_are_told(
    store: Store, retriever: Retriever, note: Note, space: Space, stranger: Person
) -> None:
    assert len(past_items(store, retriever, stranger, "Printer jam on floor three").items) == 1
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL], [])
    assert past_items(store, retriever, stranger, "Printer jam on floor three") == Recalled()


def test_without_the_model_words_alone_tell(
    store: Store, retriever: Retriever, note: Note, embedder: WordEmbedder
) -> None:
    embedder.available = False
    found = past_items(store, retriever, LOCAL, "printer jam on floor three")
    assert (words(found), found.by_meaning) == ([(RESOLVED["what"], True)], False)
    assert past_items(store, retriever, LOCAL, "printer is out of ink today").items == ()


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({"edited_rows": {1: {"title": "B"}}}, 1),
        ({"added_rows": [{"title": "c"}]}, 2),
        ({"deleted_rows": [0]}, None),
        ({}, None),
    ],
)
def test_the_row_that_was_written_in_last(
    changes: dict[str, object], touched: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Rows([{"title": "a"}, {"title": "b"}])
    rows.take_table(changes)
    assert rows.touched == touched
