"""From notes to pages: what is described, what came of solved problems, linked and counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb import handovers
from kb.drafts import find_draft, keep_draft, save_draft, unfinished_drafts
from kb.gaps import Description, described_tasks, seen_again
from kb.handover.how_to import Task, tasks_of
from kb.handover.models import Answer, Note, NoteItem, NoteText
from kb.handover.page_texts import search_phrases, solved_body
from kb.handover.solved import Solved, solved_in
from kb.handover.templates import template_of
from kb.handover.text import NoteError
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import OriginCause, Page, Person, Role, Space, SpaceKind
from kb.note_pages import (
    count_pages_from_notes,
    draft_how_to,
    draft_solution,
    draft_unsaved_how_to,
    pages_of_note,
)
from kb.pages import PageText, create_page, ensure_space, resolve_links, trash_page
from kb.search import Retriever
from kb.sharing import share_space
from kb.space_choice import SpaceChoice
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder
from tests.unit.handover_samples import NOW, shift_note

HOSTILE = "=HYPERLINK(1) <b>x</b> [[evil|y]] **bold** | cell"


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


def role_text(*tasks: dict[str, str], items: tuple[NoteItem, ...] = ()) -> NoteText:
    return NoteText("role", 1, answers={"responsibilities": Answer(rows=tasks)}, items=items)


DONE = NoteItem(
    "Export of invoices hangs", reference="INC-99", next_step="Restarted the exporter", done=True,
    details={"situation": "Nothing since 02:00", "severity": "Sev 2", "tried": "Waited\nPrayed"},
)  # fmt: skip
RESOLVED = {"what": "Printer jam", "cause": "Wet paper", "fix": "Dried the paper", "follow_up": "Order a dryer"}


@pytest.fixture
def note(store: Store, indexer: Indexer, space: Space) -> Note:
    text = shift_note()
    resolved = Answer(rows=(RESOLVED, {"what": HOSTILE, "fix": HOSTILE}))
    text = replace(text, items=(*text.items, DONE), answers={**text.answers, "resolved": resolved})
    return submit_note(store, indexer, LOCAL, text, space)


# ---- what is described --------------------------------------------------------------------------------------------


def test_tasks_are_responsibilities_and_open_items_with_the_pages_that_the_note_names() -> None:
    text = role_text(
        {"task": "Pay  invoices", "frequency": "daily", "page": "invoices, Other page"},
        {"task": "pay invoices"},
        {"frequency": "weekly"},
        items=(
            NoteItem("Chase ACME", next_step="See [[Dunning#late|how]]", reference="A-1", details={"state": "open"}),
            DONE,
        ),
    )
    assert tasks_of(template_of("role"), text) == [
        Task("responsibilities", "Pay invoices", ("invoices", "Other page"), (("How often", "daily"),)),
        Task(
            "items", "Chase ACME", ("Dunning",),
            (("Reference", "A-1"), ("What to do next", "See [[Dunning#late|how]]"), ("State so far", "open")),
        ),
    ]  # fmt: skip


def test_process_topics_are_tasks_and_owned_pages_are_none() -> None:
    client = NoteText("client", 1, answers={"processes": Answer(rows=({"topic": "Dunning", "page": "x"},))})
    assert [(task.words, task.named) for task in tasks_of(template_of("client"), client)] == [("Dunning", ("x",))]
    role = NoteText("role", 1, answers={"pages": Answer(rows=({"page": "Dunning"},))})
    assert tasks_of(template_of("role"), role) == []


@pytest.fixture
def refunds(write) -> Page:  # type: ignore[no-untyped-def]
    write("Parking", "Where to park bicycles.")
    return write("Approve refunds", "How to approve refunds of customers.")


def described(store: Store, retriever: Retriever, viewer: Person, *words: str) -> list[tuple[Description, str]]:
    found = described_tasks(store, retriever, viewer, role_text(*({"task": each} for each in words)))
    return [(one.description, one.page.title if one.page else "") for one in found]


def test_each_task_has_its_page_or_is_undocumented(store: Store, retriever: Retriever, refunds: Page) -> None:
    assert described(store, retriever, LOCAL, "Approve refunds of customers", "Feed the elephants") == [
        (Description.FOUND, "Approve refunds"),
        (Description.UNDOCUMENTED, described(store, retriever, LOCAL, "Feed the elephants")[0][1]),
    ]


def test_a_page_that_the_note_names_describes_it_where_it_is_there(
    store: Store, retriever: Retriever, refunds: Page
) -> None:
    text = role_text(
        {"task": "Feed the elephants", "page": "approve refunds"}, {"task": "Feed the lions", "page": "lions"}
    )
    first, second = described_tasks(store, retriever, LOCAL, text)
    assert (first.description, first.page and first.page.slug) == (Description.NAMED, refunds.slug)
    assert second.description is Description.UNDOCUMENTED


def test_a_note_describes_nothing(store: Store, retriever: Retriever, note: Note) -> None:
    assert described(store, retriever, LOCAL, "Refund batch stuck") == [(Description.UNDOCUMENTED, "")]


def test_without_the_model_nobody_can_tell(
    store: Store, retriever: Retriever, refunds: Page, embedder: WordEmbedder
) -> None:
    embedder.available = False
    assert described(store, retriever, LOCAL, "Approve refunds") == [(Description.UNKNOWN, "Approve refunds")]


def test_only_pages_that_the_viewer_may_see_count(
    store: Store, retriever: Retriever, refunds: Page, space: Space, stranger: Person
) -> None:
    text = role_text({"task": "Approve refunds of customers"}, {"task": "Lions", "page": "approve refunds"})
    before = described_tasks(store, retriever, stranger, text)
    assert [one.description for one in before] == [Description.FOUND, Description.NAMED]
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [], [])
    after = described_tasks(store, retriever, stranger, text)
    assert [(one.description, one.page) for one in after] == [(Description.UNDOCUMENTED, None)] * 2
    assert seen_again(store, stranger, before) == after
    assert seen_again(store, LOCAL, before) == before


def test_texts_of_tasks_are_no_operators(store: Store, retriever: Retriever, refunds: Page) -> None:
    assert described(store, retriever, LOCAL, "approve refunds -customers space:nowhere")[0][1] == "Approve refunds"
    best, empty = retriever.best_pages(["approve refunds", "   "], LOCAL)
    assert [result.page.title for result in best.results] == ["Approve refunds"]
    assert (empty.results, empty.good_match) == ((), False)


def test_many_tasks_are_embedded_a_few_at_a_time(
    store: Store, retriever: Retriever, refunds: Page, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    encode = embedder.encode_queries
    monkeypatch.setattr(embedder, "encode_queries", lambda texts: asked.append(len(texts)) or encode(texts))
    assert len(described(store, retriever, LOCAL, *(f"Task {number}" for number in range(20)))) == 20
    assert asked == [8, 8, 4]


def test_a_gap_becomes_a_page_that_describes_it(
    store: Store, indexer: Indexer, retriever: Retriever, note: Note, space: Space
) -> None:
    (gap,) = described_tasks(store, retriever, LOCAL, note.text, note)
    assert gap.description is Description.UNDOCUMENTED
    draft = draft_how_to(store, LOCAL, note, gap.task)
    assert draft.text.title == "Refund batch stuck"
    assert "- **What to do next:** Call the bank" in draft.text.body
    assert "- **Situation:** The file was rejected" in draft.text.body
    assert draft_how_to(store, LOCAL, note, gap.task) == find_draft(store, LOCAL, draft.key)
    assert len(unfinished_drafts(store, LOCAL)) == 1
    page = save_draft(store, indexer, LOCAL, draft)
    (came,) = pages_of_note(store, LOCAL, note)
    assert (came.slug, came.cause, came.words) == (page.slug, OriginCause.UNDOCUMENTED, "Refund batch stuck")
    (now_described,) = described_tasks(store, retriever, LOCAL, note.text, note)
    assert (now_described.description, now_described.page and now_described.page.slug) == (
        Description.NAMED, page.slug,
    )  # fmt: skip
    assert [target.slug for target in resolve_links(store, LOCAL, page.body).values()] == [note.page.slug]


def test_the_page_that_the_note_wants_gets_its_title(store: Store) -> None:
    draft = draft_unsaved_how_to(store, LOCAL, Task("responsibilities", "Feed the lions", ("Lion care",)))
    assert (draft.text.title, draft.origin) == ("Lion care", None)
    assert "handover note [[" not in draft.text.body


# ---- what was solved ----------------------------------------------------------------------------------------------


def test_what_a_note_solved(note: Note) -> None:
    assert solved_in(template_of("shift"), note.text) == [
        Solved(
            "Export of invoices hangs", "INC-99",
            (("Situation", "Nothing since 02:00"), ("Tried so far", "Waited\nPrayed")), "", "Restarted the exporter",
        ),
        Solved("Printer jam", "", (), "Wet paper", "Dried the paper", "Order a dryer"),
        Solved(HOSTILE, "", (), "", HOSTILE),
    ]  # fmt: skip


def test_a_solved_problem_becomes_a_page_found_by_its_own_words(
    store: Store, indexer: Indexer, retriever: Retriever, note: Note
) -> None:
    solved = solved_in(template_of("shift"), note.text)[0]
    draft = draft_solution(store, LOCAL, note, solved)
    assert draft.text == PageText(
        "Export of invoices hangs",
        "## Problem\n\nExport of invoices hangs\n\n**Situation:** Nothing since 02:00\n\n"
        "**Tried so far:** Waited\\\nPrayed\n\n## Cause\n\n*Not known yet.*\n\n## Fix\n\nRestarted the exporter\n\n"
        f"From the handover note [[{note.page.slug}|{note.page.title}]], 21 Nov 2026.\n",
        ("acme",),
        ("Export of invoices hangs", "INC-99", "Nothing since 02:00", "Waited Prayed"),
    )
    page = save_draft(store, indexer, LOCAL, replace(draft, text=replace(draft.text, title="Exporter", body="Short.")))
    found = retriever.search("nothing since 02:00 type:page", LOCAL).results
    assert [result.page.slug for result in found] == [page.slug]
    assert count_pages_from_notes(store, LOCAL) == {OriginCause.SOLVED: 1, OriginCause.UNDOCUMENTED: 0}
    assert count_pages_from_notes(store, LOCAL, NOW.replace(year=2999))[OriginCause.SOLVED] == 0
    trash_page(store, LOCAL, page)
    assert pages_of_note(store, LOCAL, note) == []
    assert count_pages_from_notes(store, LOCAL)[OriginCause.SOLVED] == 0


def test_hostile_text_stays_text() -> None:
    body = solved_body(Solved(HOSTILE, "", (("x", HOSTILE),), HOSTILE, HOSTILE), "")
    assert "\\<b\\>x\\</b\\>" in body
    assert "\\*\\*bold\\*\\*" in body
    assert search_phrases(Solved("a " * 200))[0] == ("a " * 80).strip()
    assert search_phrases(Solved("a" * 200)) == ("a" * 160,)


def test_the_note_has_to_say_it(store: Store, note: Note) -> None:
    for draft in (
        lambda: draft_solution(store, LOCAL, note, Solved("Never happened")),
        lambda: draft_how_to(store, LOCAL, note, Task("items", "Never asked")),
    ):
        with pytest.raises(NoteError):
            draft()
    assert unfinished_drafts(store, LOCAL) == []


def test_what_few_may_read_goes_to_the_same_few_unless_chosen_otherwise(
    store: Store, indexer: Indexer, note: Note, space: Space, stranger: Person
) -> None:
    create_page(store, indexer, LOCAL, ensure_space(store, LOCAL, "Open hall"), PageText("Hall", ""))
    solved = solved_in(template_of("shift"), note.text)
    assert draft_solution(store, LOCAL, note, solved[0]).space.name == "Open hall"
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, stranger], [])
    assert draft_solution(store, stranger, note, solved[0]).space == SpaceChoice.of(space)


def test_a_page_of_a_note_that_one_may_not_see_any_more_is_saved_without_it(
    store: Store, indexer: Indexer, note: Note, space: Space, stranger: Person
) -> None:
    draft = draft_solution(store, stranger, note, solved_in(template_of("shift"), note.text)[0])
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL], [])
    with store.atomic() as db:
        people.set_role(db, stranger.id, Role.LEAD)
    draft = keep_draft(store, stranger, replace(draft, space=SpaceChoice("General")))
    page = save_draft(store, indexer, stranger, draft)
    assert page.space.name == "General"
    assert pages_of_note(store, LOCAL, note) == []
