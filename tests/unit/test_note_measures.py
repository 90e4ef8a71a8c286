"""What is measured of real notes, whose they are to see, and the export."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kb.action_lists import find_action
from kb.actions import mark_done
from kb.drafts import save_draft
from kb.handover.measures import NoteFacts
from kb.handover.models import Answer, Header, Note, NoteItem, NoteState, NoteText, PartyId
from kb.handover.solved import solved_in
from kb.handover.templates import template_of
from kb.handovers import SPACE, save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, SpaceKind
from kb.note_endings import close_note, reopen_note, return_note
from kb.note_measures import COLUMNS, MeasureFilter, export_measures, measured_notes
from kb.note_pages import draft_solution
from kb.pages import ensure_space
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, note_read_backs, read_back
from kb.sharing import make_space
from kb.store import audit, people
from kb.store.audit import AuditFilter
from kb.store.db import Store, now
from kb.store.people import LOCAL
from kb.teams import save_team
from tests.unit.handover_samples import ITEM, nothing_but, shift_note

DAY = timedelta(days=1)
ALWAYS = MeasureFilter(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
SUMMARY = "I call the bank about the refund batch."


@pytest.fixture
def sam(store: Store) -> Person:
    return person(store, "Sam", Role.AUTHOR)


@pytest.fixture
def rita(store: Store) -> Person:
    return person(store, "Rita", Role.READER)


@pytest.fixture
def lea(store: Store) -> Person:
    return person(store, "Lea", Role.LEAD)


def person(store: Store, name: str, role: Role) -> Person:
    with store.atomic() as db:
        return people.add(db, name, f"{name.lower()}@example.com", role)


def submitted(store: Store, sender: Person, to: Person, text: NoteText | None = None, **header: object) -> Note:
    begins = now() + timedelta(hours=1)
    names = {"sender": sender.name, "sender_id": PartyId(sender.id), "receiver": to.name,
             "receiver_id": PartyId(to.id), "effective": begins, "acknowledge_by": begins + DAY}  # fmt: skip
    text = text or shift_note()
    text = replace(text, header=replace(text.header, **{**names, **header}))
    return submit_note(store, Indexer(store, None), sender, text, ensure_space(store, LOCAL, SPACE))


def acknowledged(store: Store, sender: Person, receiver: Person, note: Note) -> Note:
    note = read_back(store, receiver, note, SUMMARY, {0})
    return confirm(store, sender, note, note_read_backs(store, sender, note)[0])


def moved_back(store: Store, note: Note, by: timedelta) -> None:
    """As if everything about the note had happened earlier."""
    with store.atomic() as db:
        for sql in (
            "UPDATE handover_events SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, ?) WHERE page_id = ?",
            "UPDATE handover_questions SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, ?) WHERE page_id = ?",
        ):
            db.execute(sql, [f"-{int(by.total_seconds())} seconds", note.page.id])


def only(store: Store, viewer: Person) -> NoteFacts:
    (facts,) = measured_notes(store, viewer, ALWAYS)
    return facts


def test_a_note_that_went_well(store: Store, sam: Person, rita: Person, lea: Person):
    note = acknowledged(store, sam, rita, submitted(store, sam, rita))
    facts = only(store, lea)
    assert (facts.slug, facts.template, facts.client, facts.state) == (
        note.page.slug, "shift", "ACME", NoteState.ACKNOWLEDGED,
    )  # fmt: skip
    assert facts.begun == facts.submitted <= facts.acknowledged
    assert facts.acknowledge_by == note.text.header.acknowledge_by
    assert (facts.sections, facts.answered) == (10, 10)
    assert (facts.returned, facts.closed, facts.reopened_early, facts.ended) == (False, False, False, None)
    assert (facts.questions, facts.unowned, facts.tasks) == (0, 0, 0)


def test_drafts_are_not_measured(store: Store, sam: Person, lea: Person):
    draft = save_note(store, Indexer(store, None), sam, shift_note(), ensure_space(store, LOCAL, SPACE))
    assert draft.version == 0
    assert measured_notes(store, lea, ALWAYS) == []


def test_an_edited_note_began_with_its_first_version_and_waits_with_its_present_one(
    store: Store, sam: Person, rita: Person, lea: Person
):
    note = acknowledged(store, sam, rita, submitted(store, sam, rita))
    moved_back(store, note, 3 * DAY)
    changed = replace(note.text, answers={**note.text.answers, "big_picture": Answer("Other.")})
    submit_note(store, Indexer(store, None), sam, changed, note.page.space, note)
    facts = only(store, lea)
    assert facts.acknowledged is None
    assert facts.submitted - facts.begun >= 3 * DAY


def test_questions_wait_for_the_next_answer_in_their_thread(store: Store, sam: Person, rita: Person, lea: Person):
    note = submitted(store, sam, rita)
    note = ask(store, rita, note, "Why?")
    thread = note_threads(store, sam, note)[0].id
    ask(store, rita, note, "And when?", thread=thread)
    moved_back(store, note, timedelta(hours=5))
    note = answer(store, sam, note, thread, "So.")
    ask(store, rita, note, "Open?")
    facts = only(store, lea)
    assert facts.questions == 3
    assert [round(waited / timedelta(hours=1)) for waited in facts.answer_times] == [5, 5]


@pytest.mark.parametrize(("waited", "early"), [(6 * DAY, True), (8 * DAY, False)])
def test_a_note_reopened_soon_after_it_was_closed(
    store: Store, sam: Person, rita: Person, lea: Person, waited: timedelta, early: bool
):
    note = close_note(store, sam, acknowledged(store, sam, rita, submitted(store, sam, rita)))
    moved_back(store, note, waited)
    reopen_note(store, sam, note, "Not done")
    facts = only(store, lea)
    assert (facts.closed, facts.reopened_early) == (True, early)


def test_a_returned_note_stays_counted_as_returned(store: Store, sam: Person, rita: Person, lea: Person):
    note = return_note(store, rita, submitted(store, sam, rita), "Which bank?")
    submit_note(store, Indexer(store, None), sam, note.text, note.page.space, note)
    assert only(store, lea).returned


def test_open_items_without_an_owner_and_sections_without_an_answer(
    store: Store, sam: Person, rita: Person, lea: Person
):
    items = (ITEM, NoteItem("Nobody's", next_step="Look"), NoteItem("Done", next_step="Look", done=True))
    submitted(store, sam, rita, replace(shift_note(), items=items))
    facts = only(store, lea)
    assert (facts.unowned, facts.sections, facts.answered) == (1, 10, 10)


def test_an_item_counts_where_it_lives_now_and_in_each_note_that_it_came_to_too_often(
    store: Store, sam: Person, rita: Person, lea: Person
):
    items = (NoteItem("Nobody's", next_step="Look"),)
    note = submitted(store, sam, rita, replace(shift_note(), items=items))
    for _ in range(4):
        note = submitted(store, sam, rita, replace(shift_note(), items=note.text.items))
    facts = measured_notes(store, lea, ALWAYS)
    assert sorted((found.unowned, found.carried_long) for found in facts) == [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1)]
    (item,) = note.text.items
    mark_done(store, sam, find_action(store, sam, item.origin))
    assert {found.unowned for found in measured_notes(store, lea, ALWAYS)} == {0}


def test_pages_that_came_of_a_note(store: Store, sam: Person, rita: Person, lea: Person):
    note = submitted(store, sam, rita, replace(shift_note(), items=(ITEM, replace(ITEM, title="Solved", done=True))))
    solved = next(one for one in solved_in(template_of("shift"), note.text) if one.words == "Solved")
    save_draft(store, Indexer(store, None), sam, draft_solution(store, sam, note, solved))
    assert only(store, lea).pages == 1


def test_tasks_that_name_no_page(store: Store, sam: Person, rita: Person, lea: Person):
    answers = nothing_but(
        "role",
        leaving=Answer(rows=({"reason": "Other", "last_day": "2026-12-01"},)),
        responsibilities=Answer(rows=({"task": "Refunds", "page": "Refund guide"}, {"task": "Calls"}, {"task": "X"})),
        items=Answer(nothing=True),
    )
    submitted(store, sam, rita, NoteText("role", 1, Header(client="ACME"), answers))
    facts = only(store, lea)
    assert (facts.tasks, facts.undocumented) == (3, 2)
    assert facts.answered == facts.sections


def test_a_note_belongs_to_the_teams_that_receive_it(store: Store, sam: Person, rita: Person, lea: Person):
    night = save_team(store, LOCAL, "Night", "", None, [rita])
    save_team(store, LOCAL, "Day", "", None, [rita, lea])
    submitted(store, sam, rita)
    assert only(store, lea).teams == ("Day", "Night")
    submitted(store, sam, rita, receiver="Night", receiver_id=PartyId(team=night.id), client="Initech")
    assert {facts.client: facts.teams for facts in measured_notes(store, lea, ALWAYS)} == {
        "ACME": ("Day", "Night"), "Initech": ("Night",),
    }  # fmt: skip
    found = measured_notes(store, lea, replace(ALWAYS, team="Day"))
    assert [facts.client for facts in found] == ["ACME"]


def test_filters_by_time_client_and_kind(store: Store, sam: Person, rita: Person, lea: Person):
    moved_back(store, submitted(store, sam, rita, client="Old"), 40 * DAY)
    submitted(store, sam, rita, client="ACME")

    def clients(**changes: object) -> list[str]:
        return [facts.client for facts in measured_notes(store, lea, replace(ALWAYS, **changes))]

    assert clients() == ["ACME", "Old"]
    assert clients(since=now() - DAY) == ["ACME"]
    assert clients(until=now() - DAY) == ["Old"]
    assert clients(client="acme") == ["ACME"]
    assert clients(template="role") == []


def test_a_client_is_one_however_it_is_spelt(store: Store, sam: Person, rita: Person, lea: Person):
    moved_back(store, submitted(store, sam, rita, client="Acme"), DAY)
    submitted(store, sam, rita, client="ACME")
    assert [facts.client for facts in measured_notes(store, lea, ALWAYS)] == ["ACME", "ACME"]


def test_a_lead_measures_only_notes_that_they_may_see(store: Store, sam: Person, rita: Person, lea: Person):
    vault = make_space(store, LOCAL, "Vault", SpaceKind.CONFIDENTIAL, [LOCAL, sam, rita], []).space
    text = shift_note(
        sender="Sam", sender_id=PartyId(sam.id), receiver="Rita", receiver_id=PartyId(rita.id), effective=now() + DAY,
        acknowledge_by=now() + 2 * DAY,
    )  # fmt: skip
    submit_note(store, Indexer(store, None), sam, text, vault)
    assert measured_notes(store, lea, ALWAYS) == []
    assert "ACME" not in export_measures(store, lea, ALWAYS)
    assert len(measured_notes(store, LOCAL, ALWAYS)) == 1


def test_the_export_has_a_row_for_each_note_and_no_formula(store: Store, sam: Person, rita: Person, lea: Person):
    submitted(store, sam, rita, client="=HYPERLINK(1)", title="@SUM(A1)")
    rows = list(csv.reader(io.StringIO(export_measures(store, lea, ALWAYS))))
    assert rows[0] == list(COLUMNS)
    (row,) = (dict(zip(rows[0], values, strict=True)) for values in rows[1:])
    assert (row["note"], row["client"], row["kind"]) == ("'@SUM(A1)", "'=HYPERLINK(1)", "Shift handover")
    assert row["acknowledged"] == row["acknowledged on time"] == row["time to acknowledge (hours)"] == ""
    assert (row["sections complete (%)"], row["returned for rework"], row["questions per note"]) == ("100", "no", "0")
    with store.reading() as db:
        (entry,) = audit.find(db, AuditFilter(actions=("measures.exported",)), 10)
    assert (entry.actor, entry.subject, entry.detail) == (lea, "measures", "1 notes")
