"""What a summary covers: the same for both people, kept once, and never in the way of anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb import handovers
from kb.handover.differences import Change
from kb.handover.models import Note, NoteItem, PartyId, Priority
from kb.handover.readback import ItemState
from kb.handovers import read_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space, SpaceKind
from kb.pages import PageNotFound
from kb.read_back_advice import ItemAdvice, check_summary, read_back_coverage
from kb.read_backs import confirm, decline, note_read_backs, read_back
from kb.sharing import share_space
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.verification import verify_handovers
from tests.conftest import WordEmbedder
from tests.unit.handover_samples import NOW, shift_note

LATER = NoteItem("Archive the old invoices", next_step="Move them to the archive", owner="Ben")
BANK = NoteItem("Refund batch stuck", next_step="Call the bank before 14:00", owner="Ana", priority=Priority.CRITICAL)
CARDS = NoteItem("Print visitor cards", next_step="Print 40 cards", owner="Ben", priority=Priority.CRITICAL)
DONE = NoteItem("Reset the router", next_step="Nothing", done=True)


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def rita(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Rita", "rita@example.com", Role.READER)


@pytest.fixture
def note(store: Store, indexer: Indexer, space: Space, rita: Person) -> Note:
    text = shift_note(receiver="Rita", receiver_id=PartyId(rita.id))
    return submit_note(store, indexer, LOCAL, replace(text, items=(LATER, BANK, DONE, CARDS)), space)


SUMMARY = "Ana calls the bank about the stuck refund batch before 16:00."


def states(found: tuple[ItemAdvice, ...] | None) -> list[tuple[str, ItemState]]:
    return [(one.title, one.state) for one in found or ()]


def test_critical_items_come_first_and_done_ones_are_left_out(
    store: Store, embedder: WordEmbedder, note: Note, rita: Person
) -> None:
    found = check_summary(store, embedder, rita, note, SUMMARY)
    assert states(found) == [
        ("Refund batch stuck", ItemState.PARTLY),
        ("Print visitor cards", ItemState.MISSING),
        ("Archive the old invoices", ItemState.MISSING),
    ]
    assert found is not None
    assert [one.position for one in found] == [1, 3, 0]
    assert found[0].sentence == SUMMARY
    assert [(d.change, d.item, d.summary) for d in found[0].differences] == [(Change.CHANGED, "14:00", "16:00")]
    assert (found[1].sentence, found[1].differences) == ("", ())


def test_both_see_the_same_also_when_the_model_is_gone_or_another(
    store: Store, embedder: WordEmbedder, note: Note, rita: Person
) -> None:
    note = read_back(store, rita, note, SUMMARY, {1, 3})
    given = note_read_backs(store, rita, note)[0]
    first = read_back_coverage(store, embedder, rita, note, given)
    assert states(first)[:2] == [("Refund batch stuck", ItemState.PARTLY), ("Print visitor cards", ItemState.MISSING)]
    embedder.available = False
    assert read_back_coverage(store, embedder, LOCAL, note, given) == first
    embedder.available = True
    embedded = len(embedder.encoded)
    assert read_back_coverage(store, embedder, LOCAL, note, given) == first
    assert len(embedder.encoded) == embedded
    done = confirm(store, LOCAL, note, given)
    assert read_back_coverage(store, embedder, rita, done, given) == first


def test_without_the_model_there_is_none_yet_and_nothing_waits_for_it(
    store: Store, embedder: WordEmbedder, note: Note, rita: Person
) -> None:
    embedder.available = False
    assert check_summary(store, embedder, rita, note, SUMMARY) is None
    note = read_back(store, rita, note, SUMMARY, {1, 3})
    given = note_read_backs(store, rita, note)[0]
    assert read_back_coverage(store, embedder, rita, note, given) is None
    note = confirm(store, LOCAL, note, given)
    embedder.available = True
    assert read_back_coverage(store, embedder, rita, note, given) == ()  # nobody saw any when it was confirmed


def test_what_a_declined_read_back_covered_stays_with_it(
    store: Store, embedder: WordEmbedder, note: Note, rita: Person
) -> None:
    note = read_back(store, rita, note, SUMMARY, {1, 3})
    first = note_read_backs(store, rita, note)[0]
    covered = read_back_coverage(store, embedder, LOCAL, note, first)
    note = decline(store, LOCAL, note, first, "And the cards?")
    note = read_back(store, rita, note, f"{SUMMARY} Ben prints 40 visitor cards.", {1, 3})
    second = note_read_backs(store, rita, note)[0]
    assert states(read_back_coverage(store, embedder, LOCAL, note, second))[1][1] is ItemState.COVERED
    assert read_back_coverage(store, embedder, LOCAL, note, first) == covered


def test_advice_is_no_part_of_a_seal(store: Store, embedder: WordEmbedder, note: Note, rita: Person) -> None:
    note = read_back(store, rita, note, SUMMARY, {1, 3})
    given = note_read_backs(store, rita, note)[0]
    read_back_coverage(store, embedder, rita, note, given)
    confirm(store, LOCAL, note, given)
    with store.atomic() as db:
        db.execute("DELETE FROM read_back_coverage")
    assert verify_handovers(store).findings == ()


def test_who_may_not_see_the_note_sees_no_coverage(
    store: Store, embedder: WordEmbedder, note: Note, rita: Person, space: Space, stranger: Person
) -> None:
    note = read_back(store, rita, note, SUMMARY, {1, 3})
    given = note_read_backs(store, rita, note)[0]
    read_back_coverage(store, embedder, rita, note, given)
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [rita], [])
    for show in (
        lambda: check_summary(store, embedder, stranger, note, SUMMARY),
        lambda: read_back_coverage(store, embedder, stranger, note, given),
    ):
        with pytest.raises(PageNotFound):
            show()
    assert read_back_coverage(store, embedder, rita, read_note(store, rita, note.page.slug), given)


def test_relative_dates_are_those_of_the_note(store: Store, embedder: WordEmbedder, note: Note, rita: Person) -> None:
    item = NoteItem("Print visitor cards", next_step="Print cards", owner="Ben", due=date(2026, 11, 22))
    note = replace(note, text=replace(note.text, items=(item,)))
    found = check_summary(store, embedder, rita, note, "Ben prints cards tomorrow.")
    assert found is not None
    assert found[0].differences == ()
