"""Handover notes as the store keeps them."""

from __future__ import annotations

import time
from dataclasses import replace

from kb.handover.life import DONE
from kb.handover.models import Answer, NoteFilter, NoteState, NoteText, Step
from kb.models import PageKind, Person, Space
from kb.store import handovers, note_life, pages
from kb.store.db import Connection, Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import HEADER, ITEM, NOW, shift_note


def add(db: Connection, space: Space, slug: str, text: NoteText, *, private: bool = False) -> int:
    new = pages.NewPage(slug, PageKind.HANDOVER, space, slug.title(), "text", private=private)
    page_id = pages.add(db, new, LOCAL, "", ())
    handovers.add(db, page_id, text)
    return page_id


def step(db: Connection, page_id: int, actor: Person, what: Step, state: NoteState, reason: str = "") -> None:
    note = handovers.by_page_id(db, page_id)
    assert note is not None
    note_life.add(db, actor, replace(note, version=1), what, state, reason)


def test_a_note_is_read_as_it_was_written(store: Store, space: Space) -> None:
    text = shift_note(links=("a", "b"), title="Own", backup="B", lead="L")
    with store.atomic() as db:
        page_id = add(db, space, "note", text)
    with store.reading() as db:
        note = handovers.by_slug(db, "note", LOCAL)
        assert note is not None
        assert (note.text, note.state, note.version, note.submitted_at) == (text, NoteState.DRAFT, 0, None)
        assert handovers.by_page_id(db, page_id) == note


def test_an_ordinary_page_is_no_note(store: Store, space: Space) -> None:
    with store.atomic() as db:
        pages.add(db, pages.NewPage("page", PageKind.PAGE, space, "Page", "text"), LOCAL, "", ())
        assert handovers.by_slug(db, "page", LOCAL) is None
        assert handovers.by_slug(db, "missing", LOCAL) is None


def test_a_private_note_is_read_by_its_writer_only(store: Store, space: Space, stranger: Person) -> None:
    with store.atomic() as db:
        add(db, space, "note", shift_note(), private=True)
        assert handovers.by_slug(db, "note", stranger) is None
        assert handovers.by_slug(db, "note", LOCAL) is not None
        assert handovers.find(db, stranger, NoteFilter(), NOW, DONE, 10) == []
        assert handovers.count(db, stranger, NoteFilter(), NOW) == 0
        assert handovers.clients(db, stranger) == []


def test_a_new_text_replaces_the_items(store: Store, space: Space) -> None:
    with store.atomic() as db:
        page_id = add(db, space, "note", shift_note())
        text = replace(
            shift_note(client="Initech"),
            answers={"staffing": Answer(nothing=True)},
            items=(replace(ITEM, title="Second", due=None, details={}), replace(ITEM, title="Third", done=True)),
        )
        handovers.set_text(db, page_id, text)
        note = handovers.by_page_id(db, page_id)
        assert note is not None
        assert note.text == text
        assert db.execute("SELECT count(*) FROM handover_items").fetchone()[0] == 2


def test_each_step_is_kept(store: Store, space: Space, stranger: Person) -> None:
    with store.atomic() as db:
        page_id = add(db, space, "note", shift_note())
        step(db, page_id, LOCAL, Step.SUBMIT, NoteState.SUBMITTED)
        step(db, page_id, stranger, Step.CLOSE, NoteState.CLOSED, "done")
        note = handovers.by_page_id(db, page_id)
        assert note is not None
        assert (note.state, note.version) == (NoteState.CLOSED, 1)
        assert note.submitted_at is not None
        steps = [(e.state, e.version, e.revision, e.reason, e.actor) for e in note_life.events(db, page_id)]
        assert steps == [
            (NoteState.CLOSED, 1, 1, "done", stranger),
            (NoteState.SUBMITTED, 1, 1, "", LOCAL),
        ]


def test_a_page_that_goes_takes_its_note_along(store: Store, space: Space) -> None:
    with store.atomic() as db:
        page_id = add(db, space, "note", shift_note())
        step(db, page_id, LOCAL, Step.SUBMIT, NoteState.SUBMITTED)
        db.execute("DELETE FROM pages WHERE id = ?", [page_id])
        for table in ("handovers", "handover_items", "handover_events"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0  # noqa: S608


def test_clients_are_listed_once_the_last_used_first(store: Store, space: Space) -> None:
    with store.atomic() as db:
        for number, client in enumerate(("Initech", "ACME", "acme", "")):
            page_id = add(db, space, f"note-{number}", shift_note(client=client))
            db.execute("UPDATE pages SET updated_at = ? WHERE id = ?", [f"2026-11-2{number}T00:00:00Z", page_id])
        assert handovers.clients(db, LOCAL) == ["acme", "Initech"]


def test_titles_are_those_of_visible_pages_the_latest_first(store: Store, space: Space, stranger: Person) -> None:
    with store.atomic() as db:
        add(db, space, "first", shift_note())
        add(db, space, "second", shift_note(), private=True)
        assert handovers.titles(db, LOCAL, 10) == [("second", "Second"), ("first", "First")]
        assert handovers.titles(db, LOCAL, 1) == [("second", "Second")]
        assert handovers.titles(db, stranger, 10) == [("first", "First")]


def test_five_thousand_notes_are_listed_fast(store: Store, space: Space) -> None:
    text = replace(shift_note(), items=(ITEM,) * 10)
    with store.atomic() as db:
        for number in range(5_000):
            header = replace(HEADER, client=f"Client {number % 40}")
            page_id = add(db, space, f"note-{number}", replace(text, header=header))
            state = (NoteState.SUBMITTED, NoteState.CLOSED, NoteState.CANCELLED)[number % 3]
            step(db, page_id, LOCAL, Step.SUBMIT, state)
    with store.reading() as db:
        started = time.thread_time()  # of a processor: what others do on the machine is no matter
        notes = handovers.find(db, LOCAL, NoteFilter(), NOW, DONE, 30)
        total = handovers.count(db, LOCAL, NoteFilter(), NOW)
        elapsed = time.thread_time() - started
    assert [note.state for note in notes] == [NoteState.SUBMITTED] * 30
    assert (total, notes[0].open_items, notes[0].critical_items) == (5_000, 10, 10)
    assert elapsed < 0.5
