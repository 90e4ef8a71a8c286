"""What people say about a note (questions, answers, read-backs, reasons) is looked at as its text is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.audit_log import find_entries
from kb.handover.models import Note
from kb.indexing import Indexer
from kb.models import Space
from kb.note_endings import cancel_note, close_note, reopen_note, return_note
from kb.note_steps import note_events
from kb.private_data import PrivateDataFound
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, decline, note_read_backs, read_back
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.crew import SUMMARY, Crew, hand_over

CARD = "4111 1111 1111 1111"
TEXT = f"Ask the bank about\ncard {CARD} first, please."
REASON = "A test card of the bank"

Say = Callable[[Store, Crew, Note, str], Note]  # takes the step; the last one is the reason


def _ask(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return ask(store, crew["Ana"], note, TEXT, blocking=True, private_reason=reason)


def _answer(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    thread = note_threads(store, crew["Ana"], note)[0].id
    return answer(store, crew["Sam"], note, thread, TEXT, private_reason=reason)


def _read_back(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return read_back(store, crew["Ana"], note, TEXT, {0}, private_reason=reason)


def _decline(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    given = note_read_backs(store, crew["Sam"], note)[0]
    return decline(store, crew["Sam"], note, given, TEXT, private_reason=reason)


def _return(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return return_note(store, crew["Ana"], note, TEXT, private_reason=reason)


def _cancel(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return cancel_note(store, crew["Sam"], note, TEXT, private_reason=reason)


def _close(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return close_note(store, crew["Sam"], note, TEXT, private_reason=reason)


def _reopen(store: Store, crew: Crew, note: Note, reason: str) -> Note:
    return reopen_note(store, crew["Sam"], note, TEXT, private_reason=reason)


def _asked(store: Store, crew: Crew, note: Note) -> Note:
    return ask(store, crew["Ana"], note, "Which bank?")


def _read(store: Store, crew: Crew, note: Note) -> Note:
    return read_back(store, crew["Ana"], note, SUMMARY, {0})


def _confirmed(store: Store, crew: Crew, note: Note) -> Note:
    note = _read(store, crew, note)
    return confirm(store, crew["Sam"], note, note_read_backs(store, crew["Sam"], note)[0])


def _closed(store: Store, crew: Crew, note: Note) -> Note:
    return close_note(store, crew["Sam"], _confirmed(store, crew, note))


def _as_it_is(store: Store, crew: Crew, note: Note) -> Note:
    return note


def everything_stored(store: Store) -> str:
    with store.reading() as db:
        return "\n".join(str(row) for name in db.table_names() for row in db[name].rows)


@pytest.mark.parametrize(
    ("say", "before", "where"),
    [
        (_ask, _as_it_is, "your question, line 2"),
        (_answer, _asked, "your answer, line 2"),
        (_read_back, _as_it_is, "your read-back, line 2"),
        (_decline, _read, "your remark"),  # reasons are one line
        (_return, _as_it_is, "your reason"),
        (_cancel, _as_it_is, "your reason"),
        (_close, _confirmed, "your reason"),
        (_reopen, _closed, "your reason"),
    ],
)
def test_it_is_not_sent_without_a_reason(
    store: Store,
    crew: Crew,
    handed_over: Note,
    say: Say,
    before: Callable[[Store, Crew, Note], Note],
    where: str,
) -> None:
    note = before(store, crew, handed_over)
    with pytest.raises(PrivateDataFound) as refused:
        say(store, crew, note, "")
    assert [str(one) for one in refused.value.found] == [f"card number ending 1111 in {where}"]
    assert CARD not in f"{refused.value} {refused.value!r} {everything_stored(store)}"
    steps = len(note_events(store, LOCAL, note))
    note = say(store, crew, note, REASON)
    assert len(note_events(store, LOCAL, note)) == steps + 1
    entries, _ = find_entries(store, LOCAL, AuditFilter(actions=("private_data.kept",)))
    assert [(entry.subject_id, entry.detail) for entry in entries] == [
        (note.page.id, f"card number ending 1111 in {where}. Reason: {REASON}")
    ]


def test_what_the_note_itself_may_hold_is_not_asked_about_again(store: Store, crew: Crew, handed_over: Note) -> None:
    note = _ask(store, crew, handed_over, REASON)
    note = _answer(store, crew, note, "")
    assert [post.text for post in note_threads(store, LOCAL, note)[0].posts] == [TEXT, TEXT]
    assert read_back(store, crew["Ana"], note, TEXT, {0}).state == "read back"


def test_a_reason_at_one_note_is_none_at_another(
    store: Store, indexer: Indexer, space: Space, crew: Crew, handed_over: Note
) -> None:
    other = hand_over(store, indexer, space, crew, client="Northwind")
    _ask(store, crew, handed_over, REASON)
    with pytest.raises(PrivateDataFound):
        _ask(store, crew, other, "")


def test_what_was_refused_for_another_reason_keeps_no_reason(store: Store, crew: Crew, handed_over: Note) -> None:
    with pytest.raises(Exception, match="Only"):
        return_note(store, crew["Eve"], handed_over, TEXT, private_reason=REASON)
    assert find_entries(store, LOCAL, AuditFilter(actions=("private_data.kept",)))[1] == 0
