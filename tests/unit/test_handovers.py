"""The rules of handover notes: their life, the gate, saving and finding, drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import handovers
from kb.access import NotAllowed
from kb.handover.gate import is_answered, missing
from kb.handover.json import text_from_json, text_to_json
from kb.handover.life import DONE, OPEN, TRANSITIONS, may_become, shown_state
from kb.handover.merge import merge_notes
from kb.handover.models import (
    Answer,
    Confidentiality,
    Header,
    Note,
    NoteFilter,
    NoteItem,
    NoteState,
    NoteText,
    Priority,
    Status,
    Step,
)
from kb.handover.templates import template_of
from kb.handover.text import NoteError, tidied
from kb.handover_drafts import (
    drop_draft,
    edit_draft,
    find_draft,
    keep_draft,
    new_draft,
    rebased,
    save_draft,
    unfinished_drafts,
)
from kb.handovers import (
    NotReady,
    find_notes,
    last_note,
    linkable_pages,
    next_note,
    note_clients,
    page_title,
    proposed_title,
    read_note,
    save_note,
    submit_note,
)
from kb.indexing import Indexer
from kb.kept_drafts import DraftGone
from kb.models import PageKind, Person, Space
from kb.note_endings import cancel_note, close_note
from kb.note_steps import StaleNote, WrongState, note_events, possible_steps
from kb.pages import (
    PageError,
    PageNotFound,
    PageText,
    edit_page,
    ensure_space,
    history,
    restore_from_trash,
    restore_revision,
    trash_page,
)
from kb.search import Retriever
from kb.space_choice import SpaceChoice
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import HEADER, ITEM, NOW, nothing_but, shift_note

SHIFT = template_of("shift")
S = NoteState


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "now", lambda: NOW)


@pytest.fixture
def saved(store: Store, indexer: Indexer, space: Space) -> Note:
    return save_note(store, indexer, LOCAL, shift_note(), space)


@pytest.fixture
def submitted(store: Store, indexer: Indexer, space: Space) -> Note:
    return submit_note(store, indexer, LOCAL, shift_note(), space)


def found(retriever: Retriever, query: str, viewer: Person = LOCAL) -> list[tuple[str, str]]:
    return [(result.page.slug, result.anchor) for result in retriever.search(query, viewer).results]


# ---- life ---------------------------------------------------------------------------------------------------------

ALLOWED = {
    (S.DRAFT, S.SUBMITTED),
    (S.DRAFT, S.CANCELLED),
    (S.SUBMITTED, S.SUBMITTED),
    (S.SUBMITTED, S.QUESTIONS),
    (S.SUBMITTED, S.READ_BACK),
    (S.SUBMITTED, S.CLOSED),
    (S.SUBMITTED, S.RETURNED),
    (S.SUBMITTED, S.OVERDUE),
    (S.SUBMITTED, S.SUPERSEDED),
    (S.SUBMITTED, S.CANCELLED),
    (S.QUESTIONS, S.SUBMITTED),
    (S.QUESTIONS, S.QUESTIONS),
    (S.QUESTIONS, S.RETURNED),
    (S.QUESTIONS, S.OVERDUE),
    (S.QUESTIONS, S.SUPERSEDED),
    (S.QUESTIONS, S.CANCELLED),
    (S.OVERDUE, S.SUBMITTED),
    (S.OVERDUE, S.QUESTIONS),
    (S.OVERDUE, S.READ_BACK),
    (S.READ_BACK, S.ACKNOWLEDGED),
    (S.READ_BACK, S.SUBMITTED),
    (S.READ_BACK, S.OVERDUE),
    (S.READ_BACK, S.SUPERSEDED),
    (S.READ_BACK, S.CANCELLED),
    (S.OVERDUE, S.CLOSED),
    (S.OVERDUE, S.RETURNED),
    (S.OVERDUE, S.SUPERSEDED),
    (S.OVERDUE, S.CANCELLED),
    (S.RETURNED, S.SUBMITTED),
    (S.RETURNED, S.SUPERSEDED),
    (S.RETURNED, S.CANCELLED),
    (S.ACKNOWLEDGED, S.SUBMITTED),
    (S.ACKNOWLEDGED, S.CLOSED),
    (S.ACKNOWLEDGED, S.SUPERSEDED),
    (S.CLOSED, S.REOPENED),
    (S.REOPENED, S.SUBMITTED),
    (S.REOPENED, S.CLOSED),
    (S.REOPENED, S.SUPERSEDED),
}


@pytest.mark.parametrize(("state", "target"), list(product(S, S)))
def test_which_steps_a_notes_life_allows(state: NoteState, target: NoteState) -> None:
    assert may_become(state, target) is ((state, target) in ALLOWED)


def test_every_state_has_its_steps_and_is_open_or_done() -> None:
    assert set(TRANSITIONS) == set(NoteState)
    assert set(OPEN) | set(DONE) == set(NoteState)
    assert set(DONE) == {S.CLOSED, S.SUPERSEDED, S.CANCELLED}


def test_a_submitted_note_is_shown_as_overdue_after_its_acknowledge_by() -> None:
    due = NOW
    assert shown_state(S.SUBMITTED, due, NOW) is S.SUBMITTED
    assert shown_state(S.SUBMITTED, due, NOW + timedelta(seconds=1)) is S.OVERDUE
    assert shown_state(S.SUBMITTED, None, NOW) is S.SUBMITTED
    assert shown_state(S.CLOSED, due, NOW + timedelta(days=1)) is S.CLOSED
    assert shown_state(S.DRAFT, due, NOW + timedelta(days=1)) is S.DRAFT


# ---- title and text -----------------------------------------------------------------------------------------------


def test_a_title_is_proposed_from_the_header() -> None:
    assert proposed_title(SHIFT, HEADER) == "Shift handover: ACME, 21 Nov, night → day"
    assert proposed_title(SHIFT, Header()) == "Shift handover"
    assert proposed_title(SHIFT, Header(receiver="day")) == "Shift handover: day"
    # 22:30 UTC is the next day in Kolkata.
    late = replace(HEADER, effective=datetime(2026, 11, 21, 22, 30, tzinfo=UTC), zone="Asia/Kolkata")
    assert proposed_title(SHIFT, late) == "Shift handover: ACME, 22 Nov, night → day"
    assert len(proposed_title(SHIFT, replace(HEADER, client="x" * 120, sender="y" * 120))) == 200


def test_the_writers_own_title_wins() -> None:
    assert page_title(SHIFT, replace(HEADER, title="Black Friday")) == "Black Friday"


def test_a_title_that_was_only_taken_over_goes_on_following_the_fields(
    store: Store, indexer: Indexer, space: Space
) -> None:
    note = save_note(store, indexer, LOCAL, shift_note(title="Shift handover: ACME, 21 Nov, night → day"), space)
    assert note.text.header.title == ""
    note = save_note(store, indexer, LOCAL, shift_note(receiver="evening"), space, note)
    assert note.page.title == "Shift handover: ACME, 21 Nov, night → evening"


def test_a_text_is_tidied() -> None:
    text = NoteText(
        "shift",
        1,
        Header(client="  AC\n ME ", links=("a", " a ", ""), zone="Mars/Olympus"),
        {
            "big_picture": Answer("\r\n text \r\n\r\n", nothing=True),
            "shift": Answer(rows=({"shift": " Night ", "site": "", "moon": "full"},), nothing=True),
            "promises": Answer(rows=({"promise": " "}, {"promise": "Call"})),
            "staffing": Answer("   ", nothing=True),
            "items": Answer(nothing=True),
            "unknown": Answer("kept ", nothing=True),
            "unknown_none": Answer(nothing=True),
        },
        (NoteItem("", priority=Priority.HIGH), NoteItem("", details={"situation": "a\ud800 \x00b", "moon": "full"})),
    )
    assert tidied(SHIFT, text) == NoteText(
        "shift",
        1,
        Header(client="AC ME", links=("a",), zone="UTC"),
        {
            "shift": Answer(rows=({"shift": "Night", "moon": "full"},)),
            "big_picture": Answer(" text"),
            "promises": Answer(rows=({"promise": "Call"},)),
            "staffing": Answer(nothing=True),
            "unknown": Answer("kept"),
        },
        (NoteItem("", details={"situation": "a? b", "moon": "full"}),),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (shift_note(receiver="x" * 121), "“To” has 121 characters; shorten it to 120."),
        (shift_note(title="x" * 201), "The title has 201 characters; shorten it to 200."),
        (shift_note(links=tuple(map(str, range(51)))), "The note has 51 linked pages; keep at most 50."),
        (replace(shift_note(), items=(ITEM,) * 501), "The note has 501 open items; keep at most 500."),
        (
            replace(shift_note(), answers={"staffing": Answer("x" * 100_001)}),
            "“Staffing and absences” has 100,001 characters; shorten it to 100,000.",
        ),
        (
            replace(shift_note(), items=(replace(ITEM, owner="x" * 4001),)),
            "A field of “Open items” has 4,001 characters; shorten it to 4,000.",
        ),
        (
            replace(shift_note(), answers={"promises": Answer(rows=({"promise": "x"},) * 501)}),
            "“Promises made to the client” has 501 rows; keep at most 500.",
        ),
    ],
)
def test_limits(store: Store, indexer: Indexer, space: Space, text: NoteText, message: str) -> None:
    with pytest.raises(PageError) as raised:
        save_note(store, indexer, LOCAL, text, space)
    assert str(raised.value) == message


# ---- the gate -----------------------------------------------------------------------------------------------------


def test_a_complete_note_lacks_nothing() -> None:
    assert missing(SHIFT, shift_note(), NOW) == []


def test_an_empty_note_lacks_everything_in_reading_order() -> None:
    gaps = missing(SHIFT, NoteText("shift", 1), NOW)
    assert [(gap.place, gap.message) for gap in gaps] == [
        ("client", "Name the client or process."),
        ("sender", "Say who hands over."),
        ("receiver", "Name a receiver: a person or a team."),
        ("effective", "Say when the handover takes effect."),
        ("acknowledge_by", "Say by when it must be acknowledged."),
        ("shift", "“Shift and site” is not answered: it needs an answer."),
        ("big_picture", "“Big picture” is not answered: write something, or tick None."),
        ("items", "“Open items” is not answered: write something, or tick None."),
        ("contingencies", "“If this, then that” is not answered: write something, or tick None."),
        ("resolved", "“Resolved this shift” is not answered: write something, or tick None."),
        ("changes", "“Changes, outages and workarounds” is not answered: write something, or tick None."),
        ("promises", "“Promises made to the client” is not answered: write something, or tick None."),
        ("staffing", "“Staffing and absences” is not answered: write something, or tick None."),
        ("coming_up", "“Coming up next shift” is not answered: write something, or tick None."),
        ("reachable", "“Reachable until” is not answered: write something, or tick None."),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"acknowledge_by": HEADER.effective}, "Acknowledge by must be later than the time it takes effect."),
        (
            {"effective": NOW - timedelta(hours=3), "acknowledge_by": NOW},
            "Acknowledge by has passed already: choose a later time.",
        ),
        ({"receiver": ""}, "Name a receiver: a person or a team."),
    ],
)
def test_what_the_header_lacks(header: dict[str, object], message: str) -> None:
    assert [gap.message for gap in missing(SHIFT, shift_note(**header), NOW)] == [message]


def test_what_rows_and_items_lack() -> None:
    note = shift_note()
    answers = {
        **note.answers,
        "shift": Answer(rows=({"site": "Pune"},)),
        "contingencies": Answer(rows=({"if": "a", "then": "b"}, {"if": "only if"})),
    }
    items = (
        ITEM,
        replace(ITEM, title="Lost parcel", owner="", next_step=""),
        NoteItem("", reference="INC-2"),
        replace(ITEM, title="Over", owner="", next_step="", done=True),
        NoteItem("Minor", next_step="wait"),
    )
    gaps = missing(SHIFT, replace(note, answers=answers, items=items), NOW)
    assert [(gap.place, gap.message) for gap in gaps] == [
        ("shift", "“Shift and site”: Shift is missing."),
        ("items", "“Lost parcel”: say what to do next."),
        ("items", "“Lost parcel” is critical: name its owner."),
        ("items", "“Open items”, row 3: say what it is about."),
        ("items", "“Open items”, row 3: say what to do next."),
        ("contingencies", "“If this, then that”, row 2: Then is missing."),
    ]


def test_none_is_an_answer_and_empty_is_not() -> None:
    section = SHIFT.section("items")
    assert is_answered(section, NoteText("shift", 1, items=(ITEM,)))
    assert is_answered(section, NoteText("shift", 1, answers={"items": Answer(nothing=True)}))
    assert not is_answered(section, NoteText("shift", 1))
    text = SHIFT.section("staffing")
    assert not is_answered(text, NoteText("shift", 1, answers={"staffing": Answer("  \n")}))
    assert is_answered(text, NoteText("shift", 1, answers={"staffing": Answer("None")}))


def test_an_incomplete_note_cannot_be_submitted(store: Store, indexer: Indexer, space: Space) -> None:
    with pytest.raises(NotReady) as raised:
        submit_note(store, indexer, LOCAL, shift_note(receiver=" "), space)
    assert [gap.message for gap in raised.value.missing] == ["Name a receiver: a person or a team."]
    assert str(raised.value) == "Not submitted yet: Name a receiver: a person or a team."
    assert find_notes(store, LOCAL, NoteFilter()) == ([], 0)


# ---- saving and finding -------------------------------------------------------------------------------------------


def test_a_saved_note_is_a_page_of_its_writer(saved: Note, space: Space) -> None:
    assert (saved.state, saved.version, saved.submitted_at) == (S.DRAFT, 0, None)
    assert saved.text == shift_note()
    page = saved.page
    assert (page.slug, page.title) == (
        "shift-handover-acme-21-nov-night-day",
        "Shift handover: ACME, 21 Nov, night → day",
    )
    assert (page.kind, page.space, page.private, page.revision) == (PageKind.HANDOVER, space, True, 1)
    assert page.tags == ("shift-handover", "acme")
    assert "## Open items\n\n| Item | Reference |" in page.body


def test_a_draft_is_found_by_its_writer_only(saved: Note, retriever: Retriever, store: Store, stranger: Person) -> None:
    assert found(retriever, "refund batch bank")[0] == (saved.page.slug, "open-items")
    assert found(retriever, "refund batch bank", stranger) == []
    assert read_note(store, LOCAL, saved.page.slug) == saved
    with pytest.raises(PageNotFound):
        read_note(store, stranger, saved.page.slug)
    assert find_notes(store, stranger, NoteFilter()) == ([], 0)


def test_a_submitted_note_is_found_by_everybody(
    saved: Note, retriever: Retriever, store: Store, indexer: Indexer, space: Space, stranger: Person
) -> None:
    note = submit_note(store, indexer, LOCAL, saved.text, space, saved)
    assert (note.state, note.version, note.page.private, note.page.revision) == (S.SUBMITTED, 1, False, 2)
    assert found(retriever, "refund batch bank", stranger)[0] == (saved.page.slug, "open-items")
    assert found(retriever, "INC-4711", stranger)[0] == (saved.page.slug, "open-items")
    assert read_note(store, stranger, saved.page.slug) == note


def test_an_items_details_are_found_at_the_item(submitted: Note, retriever: Retriever) -> None:
    assert found(retriever, "file was rejected") == [(submitted.page.slug, "refund-batch-stuck")]


def test_a_note_can_be_submitted_at_once(submitted: Note) -> None:
    assert (submitted.state, submitted.version, submitted.page.revision, submitted.page.private) == (
        S.SUBMITTED,
        1,
        1,
        False,
    )


def test_a_submitted_text_is_frozen_as_its_version(
    store: Store, indexer: Indexer, space: Space, submitted: Note
) -> None:
    changed = replace(submitted.text, items=())
    changed = replace(changed, answers={**changed.answers, "items": Answer(nothing=True)})
    second = submit_note(store, indexer, LOCAL, changed, space, submitted)
    assert (second.state, second.version, second.page.revision) == (S.SUBMITTED, 2, 2)
    assert [(e.state, e.version, e.revision, e.actor) for e in note_events(store, LOCAL, second)] == [
        (S.SUBMITTED, 2, 2, LOCAL),
        (S.SUBMITTED, 1, 1, LOCAL),
    ]
    first = history(store, LOCAL, second.page)[1]
    assert (first.number, first.summary) == (1, "Submitted as version 1")
    assert first.body == submitted.page.body
    assert "INC-4711" in first.body
    assert "INC-4711" not in second.page.body


def test_a_submission_that_changes_nothing_makes_no_version(
    store: Store, indexer: Indexer, space: Space, submitted: Note
) -> None:
    assert submit_note(store, indexer, LOCAL, submitted.text, space, submitted) == submitted


def test_a_submitted_note_cannot_become_a_draft_again(
    store: Store, indexer: Indexer, space: Space, submitted: Note
) -> None:
    with pytest.raises(WrongState, match="submit it again, which makes a new version"):
        save_note(store, indexer, LOCAL, shift_note(client="Initech"), space, submitted)


def test_saving_a_draft_again_changes_its_page(
    store: Store, indexer: Indexer, retriever: Retriever, space: Space, saved: Note
) -> None:
    text = replace(saved.text, items=(replace(ITEM, title="Parcel lost"),))
    again = save_note(store, indexer, LOCAL, text, space, saved)
    assert (again.state, again.version, again.page.revision, again.page.private) == (S.DRAFT, 0, 2, True)
    assert again.page.slug == saved.page.slug
    assert again.text.items[0].title == "Parcel lost"
    assert found(retriever, "parcel lost")[0] == (saved.page.slug, "parcel-lost")
    assert "Refund" not in again.page.body
    assert save_note(store, indexer, LOCAL, text, space, again) == again


def test_a_note_can_move_to_another_space(store: Store, indexer: Indexer, saved: Note) -> None:
    other = ensure_space(store, LOCAL, handovers.SPACE)
    assert save_note(store, indexer, LOCAL, saved.text, other, saved).page.space == other


def test_two_notes_of_one_name_have_two_addresses(store: Store, indexer: Indexer, space: Space, saved: Note) -> None:
    second = save_note(store, indexer, LOCAL, shift_note(), space)
    assert second.page.slug == "shift-handover-acme-21-nov-night-day-2"


def test_a_stale_edit_is_refused_and_both_texts_are_kept(
    store: Store, indexer: Indexer, space: Space, saved: Note
) -> None:
    theirs = save_note(store, indexer, LOCAL, shift_note(receiver="evening"), space, saved)
    with pytest.raises(StaleNote) as raised:
        save_note(store, indexer, LOCAL, shift_note(receiver="late"), space, saved)
    assert raised.value.current == theirs
    assert read_note(store, LOCAL, saved.page.slug).text.header.receiver == "evening"
    with pytest.raises(StaleNote):
        submit_note(store, indexer, LOCAL, shift_note(receiver="late"), space, saved)
    with pytest.raises(StaleNote):
        cancel_note(store, LOCAL, saved, "mistake")


def test_nothing_is_written_when_a_note_cannot_be_saved(
    store: Store, indexer: Indexer, space: Space, saved: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(handovers, "write_chunks", fail)
    with pytest.raises(OSError, match="disk full"):
        submit_note(store, indexer, LOCAL, shift_note(client="Initech"), space, saved)
    assert read_note(store, LOCAL, saved.page.slug) == saved
    assert len(history(store, LOCAL, saved.page)) == 1
    with pytest.raises(OSError, match="disk full"):
        save_note(store, indexer, LOCAL, shift_note(client="Initech"), space)
    assert find_notes(store, LOCAL, NoteFilter())[1] == 1


# ---- who may what -------------------------------------------------------------------------------------------------


def test_only_the_writer_may_edit_submit_or_cancel(
    store: Store, indexer: Indexer, space: Space, submitted: Note, stranger: Person
) -> None:
    with pytest.raises(NotAllowed, match="Only local, whose note this is"):
        submit_note(store, indexer, stranger, shift_note(client="Initech"), space, submitted)
    with pytest.raises(NotAllowed):
        cancel_note(store, stranger, submitted, "mine now")
    assert possible_steps(store, stranger, submitted) == {Step.CLOSE, Step.SUPERSEDE}
    assert {Step.SUBMIT, Step.CANCEL} < possible_steps(store, LOCAL, submitted)
    assert read_note(store, LOCAL, submitted.page.slug) == submitted


def test_whoever_sees_a_submitted_note_may_close_it(store: Store, submitted: Note, stranger: Person) -> None:
    closed = close_note(store, stranger, submitted, "All done")
    assert closed.state is S.CLOSED
    last = note_events(store, LOCAL, closed)[0]
    assert (last.state, last.reason, last.actor) == (
        S.CLOSED,
        "All done",
        stranger,
    )


def test_a_draft_cannot_be_closed_and_is_nobody_elses_business(store: Store, saved: Note, stranger: Person) -> None:
    with pytest.raises(WrongState, match="You cannot close it: this note is draft"):
        close_note(store, LOCAL, saved)
    with pytest.raises(PageNotFound):
        close_note(store, stranger, saved)


def test_cancelling_needs_a_reason_and_ends_the_note(
    store: Store, indexer: Indexer, space: Space, submitted: Note
) -> None:
    with pytest.raises(NoteError, match="Say why the note is cancelled"):
        cancel_note(store, LOCAL, submitted, "  ")
    cancelled = cancel_note(store, LOCAL, submitted, " Wrong\nclient ")
    assert (cancelled.state, cancelled.version) == (S.CANCELLED, 1)
    assert note_events(store, LOCAL, cancelled)[0].reason == "Wrong client"
    with pytest.raises(WrongState, match="This note is cancelled: its text stays as it is"):
        submit_note(store, indexer, LOCAL, shift_note(client="Initech"), space, cancelled)
    with pytest.raises(WrongState, match="You cannot close it: this note is cancelled"):
        close_note(store, LOCAL, cancelled)
    with pytest.raises(WrongState, match="You cannot cancel it: this note is cancelled"):
        cancel_note(store, LOCAL, cancelled, "again")
    assert possible_steps(store, LOCAL, cancelled) == frozenset()


def test_a_trashed_note_is_found_by_nobody_and_comes_back_as_it_was(
    store: Store, indexer: Indexer, retriever: Retriever, space: Space, submitted: Note, stranger: Person
) -> None:
    trash_page(store, LOCAL, submitted.page)
    assert found(retriever, "refund batch") == []
    assert find_notes(store, LOCAL, NoteFilter()) == ([], 0)
    with pytest.raises(PageNotFound):
        read_note(store, LOCAL, submitted.page.slug)
    with pytest.raises(WrongState, match="in the trash"):
        submit_note(store, indexer, LOCAL, shift_note(client="Initech"), space, submitted)
    with pytest.raises(WrongState, match="in the trash"):
        close_note(store, LOCAL, submitted)
    restore_from_trash(store, indexer, LOCAL, submitted.page)
    assert read_note(store, stranger, submitted.page.slug).text == submitted.text
    assert found(retriever, "refund batch", stranger)[0][0] == submitted.page.slug


def test_a_notes_page_is_only_changed_by_its_form(store: Store, indexer: Indexer, submitted: Note) -> None:
    with pytest.raises(PageError, match="edit it in its own form"):
        edit_page(store, indexer, LOCAL, submitted.page, PageText("Mine", "now"))
    with pytest.raises(PageError, match="edit it in its own form"):
        restore_revision(store, indexer, LOCAL, submitted.page, 1)


# ---- lists --------------------------------------------------------------------------------------------------------


def test_overdue_notes_come_first_then_open_ones_by_time_then_done_ones(
    store: Store, indexer: Indexer, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit(client: str, hours: int) -> Note:
        times = {"effective": NOW + timedelta(hours=hours - 1), "acknowledge_by": NOW + timedelta(hours=hours)}
        return submit_note(store, indexer, LOCAL, shift_note(client=client, **times), space)

    done = submit("done", 2)
    for client, hours in (("later", 9), ("soon", 6), ("late", 1)):
        submit(client, hours)
    close_note(store, LOCAL, done)
    save_note(store, indexer, LOCAL, NoteText("shift", 1, Header(client="begun")), space)
    monkeypatch.setattr(handovers, "now", lambda: NOW + timedelta(hours=3))

    def clients(**wanted: object) -> list[str]:
        return [note.client for note in find_notes(store, LOCAL, NoteFilter(**wanted))[0]]  # type: ignore[arg-type]

    assert clients() == ["late", "soon", "later", "begun", "done"]
    assert clients(states=OPEN) == ["late", "soon", "later", "begun"]
    assert clients(states=(S.OVERDUE,)) == ["late"]
    assert clients(states=(S.SUBMITTED,)) == ["soon", "later"]
    assert clients(states=DONE) == ["done"]
    assert clients(states=(S.DRAFT, S.CLOSED)) == ["begun", "done"]


def test_filters(store: Store, indexer: Indexer, space: Space, stranger: Person) -> None:
    role = NoteText("role", 1, Header(client="Payroll 100%", sender="Jonas", status=Status.CRITICAL))
    save_note(store, indexer, LOCAL, role, space)
    submit_note(store, indexer, LOCAL, shift_note(), space)
    submit_note(store, indexer, stranger, shift_note(client="Initech"), space)

    def clients(**wanted: object) -> set[str]:
        return {note.client for note in find_notes(store, LOCAL, NoteFilter(**wanted))[0]}  # type: ignore[arg-type]

    assert clients() == {"Payroll 100%", "ACME", "Initech"}
    assert clients(template="role") == {"Payroll 100%"}
    assert clients(client="acme") == {"ACME"}
    assert clients(status=Status.CRITICAL) == {"Payroll 100%"}
    assert clients(mine=True) == {"Payroll 100%", "ACME"}
    assert clients(text="night ACME") == {"ACME"}
    assert clients(text="100%") == {"Payroll 100%"}
    assert clients(text="%") == {"Payroll 100%"}
    assert clients(text="_") == set()
    assert clients(text="jonas", template="shift") == set()


def test_a_summary_counts_what_is_open_and_critical(store: Store, indexer: Indexer, space: Space) -> None:
    items = (ITEM, replace(ITEM, done=True), NoteItem("Minor", next_step="wait"))
    submit_note(store, indexer, LOCAL, replace(shift_note(), items=items), space)
    (summary,), total = find_notes(store, LOCAL, NoteFilter())
    assert (summary.open_items, summary.critical_items, total) == (2, 1, 1)
    assert (summary.state, summary.version, summary.status) == (S.SUBMITTED, 1, Status.WATCH)
    assert (summary.client, summary.sender, summary.receiver) == ("ACME", "night", "day")
    assert (summary.effective, summary.acknowledge_by, summary.zone) == (
        HEADER.effective,
        HEADER.acknowledge_by,
        "Europe/Berlin",
    )
    assert summary.owner == LOCAL


def test_a_list_is_cut_and_says_how_many_there_are(store: Store, indexer: Indexer, space: Space) -> None:
    for number in range(5):
        save_note(store, indexer, LOCAL, NoteText("shift", 1, Header(client=f"Client {number}")), space)
    notes, total = find_notes(store, LOCAL, NoteFilter(), limit=3)
    assert ([note.client for note in notes], total) == (["Client 4", "Client 3", "Client 2"], 5)


def test_clients_and_pages_to_choose_from(
    store: Store, indexer: Indexer, space: Space, saved: Note, stranger: Person
) -> None:
    submit_note(store, indexer, LOCAL, shift_note(client="Initech"), space)
    assert set(note_clients(store, LOCAL)) == {"ACME", "Initech"}
    assert note_clients(store, stranger) == ["Initech"]
    assert saved.page.slug in linkable_pages(store, LOCAL)
    assert saved.page.slug not in linkable_pages(store, stranger)


# ---- from one note to the next ------------------------------------------------------------------------------------


def test_the_last_note_of_a_client(store: Store, indexer: Indexer, space: Space, saved: Note, stranger: Person) -> None:
    assert last_note(store, LOCAL, "shift", "ACME") is None
    note = submit_note(store, indexer, LOCAL, saved.text, space, saved)
    assert last_note(store, stranger, "shift", " acme ") == note
    assert last_note(store, LOCAL, "role", "ACME") is None
    cancel_note(store, LOCAL, note, "wrong")
    assert last_note(store, LOCAL, "shift", "ACME") is None


def test_the_next_note_goes_on_where_the_last_one_ended(submitted: Note) -> None:
    promises = Answer(rows=({"promise": "Call Ms. Ortega"},))
    answers = {**submitted.text.answers, "promises": promises}
    header = replace(submitted.text.header, lead="Marta", links=("glossary",))
    old = replace(submitted, text=replace(submitted.text, header=header, answers=answers))
    begun = NoteText(
        "shift",
        1,
        Header(client="ACME", receiver="evening", effective=NOW, zone="UTC"),
        {"staffing": Answer("All here")},
    )
    text = next_note(old, begun, SHIFT, [ITEM])
    assert text.header == Header(
        client="ACME",
        sender="day",
        receiver="evening",
        lead="Marta",
        effective=NOW,
        zone="UTC",
        status=Status.WATCH,
        links=("glossary",),
    )
    assert text.items == (ITEM,)
    assert text.answers == {
        "contingencies": Answer(nothing=True),
        "changes": Answer(nothing=True),
        "promises": promises,
        "staffing": Answer("All here"),
    }


# ---- drafts -------------------------------------------------------------------------------------------------------


def test_a_new_draft_takes_effect_at_the_next_quarter_and_is_not_kept_while_blank(store: Store) -> None:
    draft = new_draft(SHIFT, "Asia/Manila", datetime(2026, 11, 21, 4, 1, tzinfo=UTC))
    assert draft.text.header == Header(
        effective=datetime(2026, 11, 21, 4, 15, tzinfo=UTC),
        acknowledge_by=datetime(2026, 11, 21, 5, 15, tzinfo=UTC),
        zone="Asia/Manila",
    )
    assert new_draft(SHIFT, "Nowhere", NOW).text.header.zone == "UTC"
    assert new_draft(SHIFT, "UTC", NOW).text.header.effective == NOW
    assert draft.is_blank
    assert keep_draft(store, LOCAL, draft).kept_at is None
    assert unfinished_drafts(store, LOCAL) == []


def test_a_draft_is_kept_for_its_person_until_it_is_dropped(store: Store, saved: Note, stranger: Person) -> None:
    typed = replace(new_draft(SHIFT, "UTC", NOW), text=shift_note())
    kept = keep_draft(store, LOCAL, typed)
    edit = edit_draft(saved)
    assert edit.is_blank
    changed = keep_draft(store, LOCAL, replace(edit, text=shift_note(client="Initech")))
    assert find_draft(store, LOCAL, kept.key) == kept
    assert find_draft(store, LOCAL, changed.key) == changed
    assert find_draft(store, stranger, kept.key) is None
    assert unfinished_drafts(store, LOCAL, "") == [kept]
    assert unfinished_drafts(store, LOCAL, saved.page.slug) == [changed]
    assert len(unfinished_drafts(store, LOCAL)) == 2
    drop_draft(store, LOCAL, kept)
    assert find_draft(store, LOCAL, kept.key) is None
    # Typing everything back leaves nothing to keep.
    assert keep_draft(store, LOCAL, replace(changed, text=saved.text)).kept_at is None
    assert unfinished_drafts(store, LOCAL) == []


def test_a_draft_is_saved_then_submitted_and_forgotten(store: Store, indexer: Indexer) -> None:
    draft = replace(new_draft(SHIFT, "UTC", NOW), text=shift_note())
    note = save_draft(store, indexer, LOCAL, draft, submit=False)
    assert (note.state, note.page.space.name) == (S.DRAFT, "Handover notes")
    assert unfinished_drafts(store, LOCAL) == []
    edit = replace(edit_draft(note), text=shift_note(client="Initech"), space=SpaceChoice("Initech", is_new=True))
    submitted = save_draft(store, indexer, LOCAL, edit, submit=True)
    assert (submitted.page.id, submitted.version, submitted.page.space.name) == (note.page.id, 1, "Initech")
    assert unfinished_drafts(store, LOCAL) == []


def test_a_blank_form_is_not_saved(store: Store, indexer: Indexer) -> None:
    with pytest.raises(NoteError, match="there is nothing to save"):
        save_draft(store, indexer, LOCAL, new_draft(SHIFT, "UTC", NOW), submit=False)
    with pytest.raises(NotReady):
        save_draft(store, indexer, LOCAL, new_draft(SHIFT, "UTC", NOW), submit=True)
    assert find_notes(store, LOCAL, NoteFilter()) == ([], 0)


def test_a_draft_that_cannot_be_saved_is_kept(store: Store, indexer: Indexer, saved: Note, space: Space) -> None:
    draft = replace(edit_draft(saved), text=shift_note(receiver="late"))
    theirs = save_note(store, indexer, LOCAL, shift_note(receiver="evening"), space, saved)
    with pytest.raises(StaleNote):
        save_draft(store, indexer, LOCAL, draft, submit=False)
    kept = find_draft(store, LOCAL, draft.key)
    assert kept is not None
    assert kept.text.header.receiver == "late"
    note = save_draft(store, indexer, LOCAL, rebased(kept, theirs), submit=True)
    assert (note.text.header.receiver, note.page.revision) == ("late", 3)
    incomplete = replace(edit_draft(note), text=shift_note(receiver=""))
    with pytest.raises(NotReady):
        save_draft(store, indexer, LOCAL, incomplete, submit=True)
    assert find_draft(store, LOCAL, incomplete.key) is not None


def test_two_windows_on_one_draft_of_a_note_keep_a_text_each(store: Store) -> None:
    kept = keep_draft(store, LOCAL, replace(new_draft(SHIFT, "UTC", NOW), text=shift_note(receiver="start")))
    here = keep_draft(store, LOCAL, replace(kept, text=shift_note(receiver="here")))
    there = keep_draft(store, LOCAL, replace(kept, text=shift_note(receiver="there")))
    assert here.key == kept.key != there.key
    assert {draft.text.header.receiver for draft in unfinished_drafts(store, LOCAL)} == {"here", "there"}


def test_a_draft_of_a_note_is_saved_once(store: Store, indexer: Indexer) -> None:
    kept = keep_draft(store, LOCAL, replace(new_draft(SHIFT, "UTC", NOW), text=shift_note()))
    save_draft(store, indexer, LOCAL, kept, submit=True)
    with pytest.raises(DraftGone, match="in another window"):
        save_draft(store, indexer, LOCAL, kept, submit=True)
    assert find_notes(store, LOCAL, NoteFilter())[1] == 1
    again = keep_draft(store, LOCAL, kept)
    assert again.key != kept.key
    save_draft(store, indexer, LOCAL, again, submit=True)
    assert find_notes(store, LOCAL, NoteFilter())[1] == 2


def test_a_draft_ends_in_the_transaction_that_saves_its_note(
    store: Store, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep_draft(store, LOCAL, replace(new_draft(SHIFT, "UTC", NOW), text=shift_note()))
    monkeypatch.setattr(handovers, "write_chunks", lambda *_: 1 / 0)  # the last thing before the commit
    with pytest.raises(ZeroDivisionError):
        save_draft(store, indexer, LOCAL, kept, submit=True)
    monkeypatch.undo()
    assert (find_draft(store, LOCAL, kept.key), find_notes(store, LOCAL, NoteFilter())[1]) == (kept, 0)


def test_a_draft_of_a_note_in_the_trash_is_kept(store: Store, indexer: Indexer, saved: Note) -> None:
    draft = replace(edit_draft(saved), text=shift_note(receiver="late"))
    trash_page(store, LOCAL, saved.page)
    with pytest.raises(PageNotFound):
        save_draft(store, indexer, LOCAL, draft, submit=False)
    assert find_draft(store, LOCAL, draft.key) is not None


_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda m: m.replace(microsecond=0, tzinfo=UTC))
_ROWS = st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3)


@given(
    header=st.builds(
        Header,
        title=st.text(),
        client=st.text(),
        sender=st.text(),
        effective=st.none() | _MOMENTS,
        acknowledge_by=st.none() | _MOMENTS,
        status=st.sampled_from(Status),
        confidentiality=st.sampled_from(Confidentiality),
        links=st.lists(st.text(), max_size=3).map(tuple),
    ),
    answers=st.dictionaries(
        st.text(max_size=5),
        st.builds(Answer, text=st.text(), rows=st.lists(_ROWS, max_size=2).map(tuple), nothing=st.booleans()).filter(
            lambda answer: answer != Answer()
        ),
        max_size=3,
    ),
    items=st.lists(
        st.builds(
            NoteItem,
            title=st.text(),
            due=st.none() | st.dates(),
            priority=st.sampled_from(Priority),
            done=st.booleans(),
            details=_ROWS,
        ),
        max_size=3,
    ).map(tuple),
)
def test_a_text_survives_json(header: Header, answers: dict[str, Answer], items: tuple[NoteItem, ...]) -> None:
    text = NoteText("shift", 1, header, answers, items)
    assert text_from_json(text_to_json(text)) == text


def test_two_edits_of_different_parts_are_put_together() -> None:
    base = shift_note()
    mine = replace(
        base, header=replace(base.header, receiver="late"), answers={**base.answers, "staffing": Answer("x")}
    )
    theirs = replace(base, items=(), answers={k: v for k, v in base.answers.items() if k != "promises"})
    merged = merge_notes(base, mine, theirs)
    assert merged is not None
    assert (merged.header, merged.items) == (mine.header, ())
    assert merged.answers == {k: v for k, v in mine.answers.items() if k != "promises"}
    assert merge_notes(base, mine, base) == mine
    assert merge_notes(base, base, theirs) == theirs
    assert merge_notes(base, mine, mine) == mine


@pytest.mark.parametrize(
    "theirs",
    [
        shift_note(receiver="evening"),
        replace(shift_note(), answers={**shift_note().answers, "staffing": Answer("y")}),
        replace(shift_note(), items=(ITEM, ITEM)),
    ],
)
def test_two_edits_of_the_same_part_are_for_a_person_to_decide(theirs: NoteText) -> None:
    mine = replace(shift_note(receiver="late"), items=(), answers={**shift_note().answers, "staffing": Answer("x")})
    assert merge_notes(shift_note(), mine, theirs) is None


def test_priorities_count_from_the_most_urgent() -> None:
    assert [priority.rank for priority in (Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW)] == [
        0,
        1,
        2,
        3,
    ]


def test_a_role_note_from_draft_to_submitted(
    store: Store, indexer: Indexer, retriever: Retriever, space: Space
) -> None:
    role = NoteText(
        "role",
        1,
        replace(HEADER, client="Invoices", sender="Jonas", receiver="Aylin", effective=NOW + timedelta(days=9),
                acknowledge_by=NOW + timedelta(days=12)),
        nothing_but(
            "role",
            leaving=Answer(rows=({"reason": "Long leave", "last_day": "2026-11-30"},)),
            workarounds=Answer("# Orion\n\nChange the tax code to V2 by hand"),
            items=Answer(nothing=True),
        ),
    )  # fmt: skip
    note = submit_note(store, indexer, LOCAL, role, space)
    assert note.page.title == "Role handover: Invoices, 30 Nov, Jonas → Aylin"
    assert found(retriever, "tax code by hand") == [(note.page.slug, "orion")]
