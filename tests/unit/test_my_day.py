"""What waits for somebody, what they wait for, and what changed since they last looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from kb.handover.models import Note, Part, Step
from kb.handover.templates import template_of
from kb.handover_drafts import edit_draft, keep_draft, new_draft
from kb.handovers import save_note, submit_note
from kb.indexing import Indexer
from kb.models import Space, SpaceKind
from kb.my_day import (
    LOOK_BACK,
    Task,
    Waiting,
    awaited_by,
    changes_for,
    count_changes,
    is_soon,
    mark_seen,
    my_day,
    waiting_for,
)
from kb.note_endings import close_note, return_note
from kb.note_steps import note_events
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, note_read_backs, read_back
from kb.sharing import share_space
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.crew import DUE, SUBMITTED_AT, SUMMARY, Crew, SetClock, hand_over, off
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import berlin, manila, new_york


def told(found: list[Waiting]) -> list[tuple[Task, str, bool]]:
    return [(one.task, one.who, one.overdue) for one in found]


def test_a_note_waits_for_its_receiver_and_its_sender_waits_for_them(
    store: Store, crew: Crew, handed_over: Note
) -> None:
    moment = SUBMITTED_AT + timedelta(hours=1)
    (waiting,) = waiting_for(store, crew["Ana"], moment)
    page, (submitted,) = handed_over.page, note_events(store, LOCAL, handed_over)
    assert waiting == Waiting(
        Task.READ_BACK, page.slug, page.title, "ACME", "shift", "Sam", submitted.at, DUE, "Europe/Berlin",
        page_id=page.id,
    )  # fmt: skip
    (awaited,) = awaited_by(store, crew["Sam"], moment)
    assert (awaited.task, awaited.who, awaited.due) == (Task.READ_BACK, "Ana", DUE)
    for name in ("Sam", "Ben", "Cleo", "Dee"):
        assert waiting_for(store, crew[name], moment) == []
    for name in ("Ana", "Ben", "Cleo", "Dee"):
        assert awaited_by(store, crew[name], moment) == []


def test_each_step_moves_it_to_the_other_side(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = SUBMITTED_AT + timedelta(hours=1)

    def both() -> list[list[tuple[Task, str, bool]]]:
        return [told(find(store, crew[name], moment)) for name in ("Sam", "Ana") for find in (waiting_for, awaited_by)]

    asked = ask(store, crew["Ana"], handed_over, "Which bank?", blocking=True)
    assert both() == [[(Task.ANSWER, "Ana", False)], [], [], [(Task.ANSWER, "Sam", False)]]
    answered = answer(store, crew["Sam"], asked, note_threads(store, LOCAL, asked)[0].id, "The blue one.")
    assert both() == [[], [(Task.READ_BACK, "Ana", False)], [(Task.READ_BACK, "Sam", False)], []]
    given = read_back(store, crew["Ana"], answered, SUMMARY, {0})
    assert both() == [[(Task.CONFIRM, "Ana", False)], [], [], [(Task.CONFIRM, "Sam", False)]]
    confirm(store, crew["Sam"], given, note_read_backs(store, LOCAL, given)[0])
    assert both() == [[], [], [], []]


def test_a_question_that_blocks_nothing_wants_an_answer_too(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = SUBMITTED_AT + timedelta(hours=1)
    asked = ask(store, crew["Ben"], handed_over, "Is that the new bank?")
    assert told(waiting_for(store, crew["Sam"], moment)) == [(Task.ANSWER, "Ana", False)]
    given = read_back(store, crew["Ana"], asked, SUMMARY, {0})
    done = confirm(store, crew["Sam"], given, note_read_backs(store, LOCAL, given)[0])
    assert told(waiting_for(store, crew["Sam"], moment)) == [(Task.ANSWER, "Ana", False)]
    answer(store, crew["Sam"], done, note_threads(store, LOCAL, done)[0].id, "Yes.")
    assert waiting_for(store, crew["Sam"], moment) == []
    asked = ask(store, crew["Ana"], done, "And now?")
    close_note(store, crew["Ana"], asked)
    assert waiting_for(store, crew["Sam"], moment) == []


def test_a_returned_note_and_drafts_wait_for_their_writer(
    store: Store, indexer: Indexer, space: Space, crew: Crew, handed_over: Note
) -> None:
    sam, moment = crew["Sam"], SUBMITTED_AT + timedelta(hours=1)
    return_note(store, crew["Ana"], handed_over, "Name the bank")
    saved = save_note(store, indexer, sam, shift_note(client="Globex"), space)
    begun = keep_draft(
        store, sam, replace(new_draft(template_of("role"), "UTC", moment), text=shift_note(client="Umbra"))
    )
    first, *drafts = waiting_for(store, sam, moment)
    found = [first, *sorted(drafts, key=lambda one: one.client)]  # both were kept in the same second
    assert [(one.task, one.client, one.due, one.slug, one.draft) for one in found] == [
        (Task.CHANGE, "ACME", DUE, handed_over.page.slug, ""),
        (Task.FINISH, "Globex", None, saved.page.slug, ""),
        (Task.FINISH, "Umbra", None, "", begun.key),
    ]
    # An edit that was begun belongs to its note: it is told once.
    edit = keep_draft(store, sam, replace(edit_draft(saved), text=shift_note(client="Globex", title="More")))
    assert {(one.slug, one.draft) for one in waiting_for(store, sam, moment)[1:]} == {
        (saved.page.slug, edit.key), ("", begun.key),
    }  # fmt: skip
    assert told(waiting_for(store, crew["Ana"], moment)) == []


def test_the_most_urgent_comes_first(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    dues = {
        "late": DUE,
        "later": DUE + timedelta(days=3),
        "soon": DUE + timedelta(hours=20),
        "over": DUE - timedelta(hours=2),
    }
    for client, due in dues.items():
        hand_over(store, indexer, space, crew, client=client, acknowledge_by=due)
    moment = DUE + timedelta(minutes=1)
    found = waiting_for(store, crew["Ana"], moment)
    assert [(one.client, one.overdue, is_soon(one, moment)) for one in found] == [
        ("over", True, False), ("late", True, False), ("soon", False, True), ("later", False, False),
    ]  # fmt: skip


def test_what_went_to_somebody_says_in_which_part_and_since_when(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = new_york("2026-11-30T09:30")
    (ben,), (cleo,) = (waiting_for(store, crew[name], moment) for name in ("Ben", "Cleo"))
    assert (ben.task, ben.went_to, ben.since, ben.overdue) == (Task.READ_BACK, Part.BACKUP, DUE, True)
    assert (cleo.went_to, cleo.since) == (Part.LEAD, new_york("2026-11-30T09:00"))
    (ana,) = waiting_for(store, crew["Ana"], moment)
    assert (ana.went_to, ana.overdue) == (None, True)
    (awaited,) = awaited_by(store, crew["Sam"], moment)
    assert (awaited.who, awaited.went_to, awaited.since) == ("Cleo", Part.LEAD, new_york("2026-11-30T09:00"))


def test_a_stand_in_sees_what_waits_and_what_changed_while_the_absence_lasts(
    store: Store, crew: Crew, handed_over: Note
) -> None:
    off(store, crew["Ana"], "2026-11-27", "2026-11-27", crew["Dee"])
    moment = manila("2026-11-27T08:00")
    day = my_day(store, crew["Dee"], moment)
    assert [(one.task, one.instead_of) for one in day.waiting] == [(Task.READ_BACK, crew["Ana"])]
    assert day.stands_in_for == (crew["Ana"],)
    assert [(one.step, one.actor) for one in day.changes] == [(Step.SUBMIT, crew["Sam"])]
    day = my_day(store, crew["Dee"], manila("2026-11-28T08:00"))
    assert (day.waiting, day.stands_in_for, day.changes) == ((), (), ())
    # Ana still sees it herself.
    assert told(waiting_for(store, crew["Ana"], moment)) == [(Task.READ_BACK, "Sam", False)]


def test_what_others_did_is_news_until_it_was_seen(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = SUBMITTED_AT + timedelta(minutes=1)
    ask(store, crew["Ana"], handed_over, "Which bank?", blocking=True)

    def news(name: str) -> list[tuple[Step | None, str]]:
        return [(one.step, one.actor.name) for one in changes_for(store, crew[name], moment)]

    assert news("Sam") == [(Step.BLOCK, "Ana")]
    assert news("Cleo") == [(Step.BLOCK, "Ana"), (Step.SUBMIT, "Sam")]
    assert news("Dee") == []
    (latest, *_) = changes_for(store, crew["Cleo"], moment)
    mark_seen(store, crew["Cleo"], latest.id)
    assert (news("Cleo"), news("Sam")) == ([], [(Step.BLOCK, "Ana")])
    mark_seen(store, crew["Cleo"], 0)  # what was seen stays seen
    mark_seen(store, crew["Cleo"], 10**9)  # and nothing that comes later is
    ask(store, crew["Ana"], handed_over, "And why?")
    assert news("Cleo") == [(Step.ASK, "Ana")]


def test_what_is_long_past_is_no_news(store: Store, crew: Crew, handed_over: Note) -> None:
    assert changes_for(store, crew["Ana"], SUBMITTED_AT + LOOK_BACK - timedelta(minutes=1)) != []
    assert changes_for(store, crew["Ana"], SUBMITTED_AT + LOOK_BACK + timedelta(minutes=1)) == []


def test_what_somebody_may_not_see_any_more_is_not_told(
    store: Store, space: Space, crew: Crew, handed_over: Note
) -> None:
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, crew["Sam"]], [])
    day = my_day(store, crew["Ana"], SUBMITTED_AT + timedelta(minutes=1))
    assert (day.waiting, day.awaited, day.changes) == ((), (), ())


@pytest.mark.parametrize("moment", [berlin("2026-11-26T13:00"), berlin("2026-12-26T13:00")])
def test_both_ways_to_ask_say_the_same(store: Store, crew: Crew, handed_over: Note, moment: datetime) -> None:
    for person in crew.values():
        day = my_day(store, person, moment)
        assert list(day.waiting) == waiting_for(store, person, moment)
        assert list(day.awaited) == awaited_by(store, person, moment)
        assert list(day.changes) == changes_for(store, person, moment)
        assert len(day.changes) == count_changes(store, person, moment)


def test_a_note_to_nobody_with_an_account_is_waited_for_by_name(
    store: Store, indexer: Indexer, space: Space, crew: Crew
) -> None:
    submit_note(store, indexer, crew["Sam"], shift_note(effective=SUBMITTED_AT, acknowledge_by=DUE), space)
    assert told(awaited_by(store, crew["Sam"], SUBMITTED_AT)) == [(Task.READ_BACK, "day", False)]
