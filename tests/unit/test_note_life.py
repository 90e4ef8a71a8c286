"""The life of a note among real people: who may do what when, and what happens when two act at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations, product

import pytest

from kb import handovers, note_parties
from kb.access import NotAllowed, RuleError
from kb.handover.life import RULES, TARGETS, TRANSITIONS, may_become, may_take
from kb.handover.models import Note, NoteFilter, NoteState, Part, PartyId, Step
from kb.handover.parties import Parties, parts_of
from kb.handover.text import NoteError
from kb.handovers import find_notes, read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, Space, SpaceKind
from kb.note_endings import cancel_note, close_note, reopen_note, return_note
from kb.note_steps import StaleNote, WrongState, begun_by, note_events, possible_steps
from kb.ownership import owned_by, reassign
from kb.people import disable
from kb.questions import answer, ask, note_threads
from kb.read_backs import (
    ReadBackDraft,
    confirm,
    decline,
    keep_read_back,
    kept_read_back,
    note_read_backs,
    note_seals,
    read_back,
)
from kb.sharing import make_space, share_space
from kb.store import audit, people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team
from tests.unit.handover_samples import NOW, shift_note

S = NoteState
SUMMARY = "I call the bank about the refund batch and tell Ana."
ADA, BEN, CHE, DEE = (Person(number, name) for number, name in enumerate(["Ada", "Ben", "Che", "Dee"], start=10))


@pytest.fixture(autouse=True)
def _four_in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (handovers, note_parties):
        monkeypatch.setattr(module, "now", lambda: NOW)


@dataclass(frozen=True)
class Cast:
    """People who hand over to each other. ``sender`` writes; ``night`` is a team of the receiver and the backup."""

    sender: Person
    receiver: Person
    backup: Person
    lead: Person
    other: Person
    night: int


@pytest.fixture
def cast(store: Store) -> Cast:
    with store.atomic() as db:
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = 1")
        named = [
            people.add(db, name, f"{name}@example.com", role)
            for name, role in (("Sam", Role.AUTHOR), ("Rita", Role.READER), ("Bo", Role.AUTHOR), ("Lea", Role.READER),
                               ("Olu", Role.AUTHOR))
        ]  # fmt: skip
    team = save_team(store, LOCAL, "Night", "", None, named[1:3])
    return Cast(*named, night=team.id)


@pytest.fixture
def submitted(store: Store, indexer: Indexer, space: Space, cast: Cast) -> Note:
    text = shift_note(
        sender="Sam", sender_id=PartyId(cast.sender.id), receiver="Rita", receiver_id=PartyId(cast.receiver.id),
        lead="Lea", lead_id=PartyId(cast.lead.id),
    )  # fmt: skip
    return submit_note(store, indexer, cast.sender, text, space)


@pytest.fixture
def to_team(store: Store, indexer: Indexer, space: Space, cast: Cast) -> Note:
    text = shift_note(receiver="Night", receiver_id=PartyId(team=cast.night))
    return submit_note(store, indexer, cast.sender, text, space)


def acknowledged(store: Store, cast: Cast, note: Note) -> Note:
    note = read_back(store, cast.receiver, note, SUMMARY, {0})
    return confirm(store, cast.sender, note, note_read_backs(store, cast.sender, note)[0])


# ---- the rules ----------------------------------------------------------------------------------------------------

W, SE, R, B, L, X = Part.WRITER, Part.SENDER, Part.RECEIVER, Part.BACKUP, Part.LEAD, Part.WITNESS
C = Part.CALLED
WAITING = {S.SUBMITTED, S.OVERDUE}
ALIVE = {S.SUBMITTED, S.QUESTIONS, S.READ_BACK, S.OVERDUE, S.RETURNED, S.ACKNOWLEDGED, S.REOPENED}
UNACKNOWLEDGED = ALIVE - {S.ACKNOWLEDGED, S.REOPENED}
# The whole table once more: step -> part -> the states in which, and the least role with which.
WANTED: dict[Step, dict[Part, tuple[set[NoteState], Role]]] = {
    Step.SUBMIT: {W: (ALIVE | {S.DRAFT}, Role.AUTHOR)},
    Step.ASK: dict.fromkeys((R, B, L), (ALIVE, Role.READER)),
    Step.BLOCK: dict.fromkeys((R, B), (WAITING | {S.QUESTIONS}, Role.READER)),
    Step.ANSWER: {SE: (ALIVE, Role.READER)},
    Step.READ_BACK: dict.fromkeys((R, B), (WAITING, Role.READER)),
    Step.CONFIRM: {SE: ({S.READ_BACK}, Role.READER)},
    Step.DECLINE: {SE: ({S.READ_BACK}, Role.READER)},
    Step.RETURN: dict.fromkeys((R, B), (WAITING | {S.QUESTIONS}, Role.READER)),
    Step.CLOSE: {
        **dict.fromkeys((SE, R, B, L), ({S.ACKNOWLEDGED, S.REOPENED}, Role.READER)),
        X: (WAITING | {S.ACKNOWLEDGED, S.REOPENED}, Role.AUTHOR),
    },
    Step.REOPEN: dict.fromkeys((SE, R, B, L), ({S.CLOSED}, Role.READER)),
    Step.CANCEL: {W: (UNACKNOWLEDGED | {S.DRAFT}, Role.AUTHOR), L: (UNACKNOWLEDGED, Role.AUTHOR)},
    Step.PASS_ON: {C: (WAITING, Role.READER)},
    Step.SUPERSEDE: dict.fromkeys((SE, R, B, L, X), (ALIVE, Role.AUTHOR)),
}


def test_every_step_in_every_state_by_every_part_and_role() -> None:
    for step, state, part, role in product(Step, S, Part, Role):
        states, least = WANTED[step].get(part, (set(), Role.READER))
        wanted = state in states and role.reaches(least)
        assert may_take(step, state, {part}, role) is wanted, (step, state, part, role)


def test_several_parts_allow_what_any_of_them_does() -> None:
    everything = list(chain.from_iterable(combinations(Part, size) for size in range(len(Part) + 1)))
    for step, state, parts in product(Step, S, everything):
        each = any(may_take(step, state, {part}, Role.AUTHOR) for part in parts)
        assert may_take(step, state, parts, Role.AUTHOR) is each


def test_every_rule_leads_where_the_life_of_a_note_goes() -> None:
    for rule in RULES:
        if rule.step in TARGETS:
            assert all(may_become(state, TARGETS[rule.step]) for state in rule.states), rule
    assert set(Step) - TARGETS.keys() == {Step.ASK, Step.ANSWER}
    reachable = {TARGETS[rule.step] for rule in RULES if rule.step in TARGETS} | {S.DRAFT, S.OVERDUE}
    assert reachable == set(TRANSITIONS)


@pytest.mark.parametrize(
    ("parties", "person", "role", "parts"),
    [
        (Parties(ADA, {SE: (ADA,), R: (BEN,)}), ADA, Role.AUTHOR, {W, SE}),
        (Parties(ADA, {SE: (ADA,), R: (BEN,)}), BEN, Role.READER, {R}),
        (Parties(ADA, {SE: (ADA,), R: (BEN,)}), CHE, Role.AUTHOR, set()),
        (Parties(ADA, {SE: (ADA,), R: (BEN,)}), CHE, Role.LEAD, {L}),
        (Parties(ADA, {SE: (CHE,), R: (BEN,), B: (BEN,)}), ADA, Role.AUTHOR, {W, SE}),
        (Parties(ADA, {SE: (CHE,), R: (BEN,), B: (BEN,)}), BEN, Role.AUTHOR, {R, B}),
        # Nobody hands over to themselves, also not as one of the team.
        (Parties(ADA, {SE: (ADA,), R: (ADA, BEN)}), ADA, Role.AUTHOR, {W, SE}),
        (Parties(ADA, {SE: (ADA, BEN), R: (ADA, BEN)}, sender_is_team=True), BEN, Role.AUTHOR, {R}),
        (Parties(ADA, {SE: (ADA, BEN), R: (CHE,)}, sender_is_team=True), BEN, Role.AUTHOR, {SE}),
        # Nobody here can receive it.
        (Parties(ADA, {}), CHE, Role.AUTHOR, {X}),
        (Parties(ADA, {R: (ADA,)}), ADA, Role.AUTHOR, {W, SE, X}),
        # Who handed over is gone: a lead speaks for them.
        (Parties(None, {R: (BEN,), L: (DEE,)}), DEE, Role.READER, {L, SE}),
        (Parties(None, {R: (BEN,)}), CHE, Role.ADMINISTRATOR, {L, SE}),
        (Parties(None, {R: (BEN,)}), CHE, Role.AUTHOR, set()),
    ],
)
def test_what_somebody_is_in_a_note(parties: Parties, person: Person, role: Role, parts: set[Part]) -> None:
    assert parts_of(parties, person, role) == parts


# ---- the way to an acknowledgement --------------------------------------------------------------------------------


def test_a_note_is_asked_about_answered_read_back_declined_and_acknowledged(
    store: Store, cast: Cast, submitted: Note
) -> None:
    asked = ask(store, cast.receiver, submitted, "Which bank?", blocking=True)
    assert asked.state is S.QUESTIONS
    with pytest.raises(WrongState, match="has to be answered before the note is read back"):
        read_back(store, cast.receiver, asked, SUMMARY, {0})
    (thread,) = note_threads(store, cast.sender, asked)
    assert (thread.is_open, thread.is_blocking) == (True, True)
    answered = answer(store, cast.sender, asked, thread.id, "The blue one.")
    assert answered.state is S.SUBMITTED
    given = read_back(store, cast.receiver, answered, SUMMARY, {0})
    assert given.state is S.READ_BACK
    (waiting,) = note_read_backs(store, cast.sender, given)
    again = decline(store, cast.sender, given, waiting, "And Ana?")
    assert again.state is S.SUBMITTED
    given = read_back(store, cast.receiver, again, SUMMARY + " Ana knows.", {0})
    second, first = note_read_backs(store, cast.sender, given)
    assert (first.verdict, first.remark, first.judge) == ("declined", "And Ana?", cast.sender)
    done = confirm(store, cast.sender, given, second)
    assert (done.state, done.version, done.submitted_at) == (S.ACKNOWLEDGED, 1, submitted.submitted_at)
    (seal,) = note_seals(store, cast.other, done)
    assert (seal.sequence, seal.version, len(seal.sha256)) == (1, 1, 64)
    closed = close_note(store, cast.receiver, done)
    reopened = reopen_note(store, cast.lead, closed, "The bank called back")
    assert (closed.state, reopened.state) == (S.CLOSED, S.REOPENED)
    steps = [(event.step, event.state, event.actor) for event in reversed(note_events(store, cast.other, done))]
    assert steps == [
        (Step.SUBMIT, S.SUBMITTED, cast.sender),
        (Step.BLOCK, S.QUESTIONS, cast.receiver),
        (Step.ANSWER, S.SUBMITTED, cast.sender),
        (Step.READ_BACK, S.READ_BACK, cast.receiver),
        (Step.DECLINE, S.SUBMITTED, cast.sender),
        (Step.READ_BACK, S.READ_BACK, cast.receiver),
        (Step.CONFIRM, S.ACKNOWLEDGED, cast.sender),
        (Step.CLOSE, S.CLOSED, cast.receiver),
        (Step.REOPEN, S.REOPENED, cast.lead),
    ]
    with store.reading() as db:
        logged = [entry.action for entry in audit.find(db, audit.AuditFilter(subject="page"), 20)]
    assert logged[:9] == [
        "note.reopen", "note.close", "note.confirm", "note.read_back", "note.decline", "note.read_back", "note.answer",
        "note.block", "note.submit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("summary", "ticked", "message"),
    [
        ("  ", {0}, "in your own words"),
        ("I take it over.", {0}, "in your own words"),
        ("x" * 20_001, {0}, "20,001 characters"),
        (SUMMARY, set(), "Not ticked yet: Refund batch stuck"),
        (SUMMARY, {1}, "Not ticked yet: Refund batch stuck"),
    ],
)
def test_a_read_back_needs_a_summary_and_every_critical_item(
    store: Store, cast: Cast, submitted: Note, summary: str, ticked: set[int], message: str
) -> None:
    with pytest.raises(NoteError, match=message):
        read_back(store, cast.receiver, submitted, summary, ticked)
    assert read_note(store, cast.receiver, submitted.page.slug) == submitted


def test_an_edit_after_acknowledgement_has_to_be_acknowledged_again(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    done = acknowledged(store, cast, submitted)
    changed = replace(done.text, answers={**done.text.answers, "staffing": done.text.answers["big_picture"]})
    second = submit_note(store, indexer, cast.sender, changed, space, done)
    assert (second.state, second.version) == (S.SUBMITTED, 2)
    with pytest.raises(StaleNote):
        read_back(store, cast.receiver, done, SUMMARY, {0})
    done = acknowledged(store, cast, second)
    assert [(seal.sequence, seal.version) for seal in note_seals(store, LOCAL, done)] == [(2, 2), (1, 1)]


def test_a_returned_note_comes_back_as_its_next_version_and_open_questions_go_on_blocking(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    asked = ask(store, cast.receiver, submitted, "Which bank?", blocking=True)
    with pytest.raises(NoteError, match="Say what has to be changed"):
        return_note(store, cast.receiver, asked, " ")
    returned = return_note(store, cast.receiver, asked, "Name the bank")
    assert returned.state is S.RETURNED
    changed = replace(
        returned.text, answers={**returned.text.answers, "staffing": returned.text.answers["big_picture"]}
    )
    again = submit_note(store, indexer, cast.sender, changed, space, returned)
    assert (again.state, again.version) == (S.QUESTIONS, 2)
    (thread,) = note_threads(store, cast.receiver, again)
    assert answer(store, cast.sender, again, thread.id, "See the new version").state is S.SUBMITTED


def test_only_the_last_answer_to_the_last_blocking_question_unblocks(store: Store, cast: Cast, submitted: Note) -> None:
    note = ask(store, cast.receiver, submitted, "One?", blocking=True)
    note = ask(store, cast.receiver, note, "Two?", blocking=True)
    note = ask(store, cast.lead, note, "By the way?")
    one, two, aside = note_threads(store, cast.sender, note)
    assert answer(store, cast.sender, note, one.id, "1").state is S.QUESTIONS
    note = ask(store, cast.receiver, note, "Really?", blocking=True, thread=one.id)
    assert answer(store, cast.sender, note, two.id, "2").state is S.QUESTIONS
    note = answer(store, cast.sender, note, one.id, "Yes")
    assert note.state is S.SUBMITTED
    assert [(t.id, t.is_open) for t in note_threads(store, cast.sender, note)] == [
        (one.id, False), (two.id, False), (aside.id, True),
    ]  # fmt: skip
    with pytest.raises(NoteError, match="no such question"):
        answer(store, cast.sender, note, 4711, "?")
    with pytest.raises(NoteError, match="Write your question"):
        ask(store, cast.receiver, note, " \n ")


# ---- who may what -------------------------------------------------------------------------------------------------


def test_others_have_no_part(store: Store, cast: Cast, submitted: Note) -> None:
    for act in (
        lambda: ask(store, cast.other, submitted, "Why?"),
        lambda: read_back(store, cast.other, submitted, SUMMARY, {0}),
        lambda: read_back(store, cast.sender, submitted, SUMMARY, {0}),
        lambda: return_note(store, cast.lead, submitted, "why"),
        lambda: close_note(store, cast.other, submitted),
        lambda: cancel_note(store, cast.receiver, submitted, "why"),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(WrongState, match="this note is submitted"):
        close_note(store, cast.receiver, submitted)
    assert possible_steps(store, cast.other, submitted) == frozenset()
    assert possible_steps(store, cast.receiver, submitted) == {Step.ASK, Step.BLOCK, Step.READ_BACK, Step.RETURN}


def test_who_read_back_does_not_confirm_it(store: Store, cast: Cast, submitted: Note) -> None:
    given = read_back(store, cast.receiver, submitted, SUMMARY, {0})
    (waiting,) = note_read_backs(store, cast.receiver, given)
    with pytest.raises(NotAllowed, match="Only the sender of this note may confirm"):
        confirm(store, cast.receiver, given, waiting)
    # The receiver becomes a lead, and the sender leaves: still not their own.
    with store.atomic() as db:
        people.set_role(db, cast.receiver.id, Role.LEAD)
    disable(store, LOCAL, cast.sender.id)
    with pytest.raises(NotAllowed, match="Somebody else has to confirm"):
        confirm(store, cast.receiver, given, waiting)
    assert confirm(store, cast.lead, given, waiting).state is S.ACKNOWLEDGED


def test_a_note_to_somebody_without_an_account_is_closed_by_hand(
    store: Store, indexer: Indexer, space: Space, cast: Cast
) -> None:
    note = submit_note(store, indexer, cast.sender, shift_note(), space)
    assert close_note(store, cast.other, note, "Told them").state is S.CLOSED


def test_a_receiver_who_left_leaves_nobody_stuck(store: Store, cast: Cast, submitted: Note) -> None:
    disable(store, LOCAL, cast.receiver.id)
    assert close_note(store, cast.sender, submitted, "Rita left").state is S.CLOSED


def test_a_receiver_must_be_somebody_else_who_sees_the_space(
    store: Store, indexer: Indexer, space: Space, cast: Cast
) -> None:
    own = shift_note(receiver="Sam", receiver_id=PartyId(cast.sender.id))
    with pytest.raises(NoteError, match="Nobody hands over to themselves"):
        submit_note(store, indexer, cast.sender, own, space)
    share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, cast.sender], [])
    text = shift_note(receiver="Rita", receiver_id=PartyId(cast.receiver.id))
    with pytest.raises(NoteError, match="Rita may not see the space ACME"):
        submit_note(store, indexer, cast.sender, text, space)
    disable(store, LOCAL, cast.receiver.id)
    with pytest.raises(NoteError, match="Rita has no account any more"):
        save_note(store, indexer, cast.sender, text, space)


def test_a_name_follows_its_account(store: Store, indexer: Indexer, space: Space, cast: Cast) -> None:
    text = shift_note(receiver="Somebody else", receiver_id=PartyId(team=cast.night))
    assert save_note(store, indexer, cast.sender, text, space).text.header.receiver == "Night"


# ---- lists and successors -----------------------------------------------------------------------------------------


def test_a_list_shows_what_waits_for_whom(store: Store, cast: Cast, submitted: Note) -> None:
    def waits_for(person: Person) -> int:
        return find_notes(store, person, NoteFilter(my_turn=True))[1]

    assert [waits_for(person) for person in (cast.sender, cast.receiver, cast.other)] == [0, 1, 0]
    (summary,), _ = find_notes(store, cast.receiver, NoteFilter())
    assert (summary.my_turn, summary.waits_for) == (True, "Rita")
    note = ask(store, cast.receiver, submitted, "Why?", blocking=True)
    assert [waits_for(person) for person in (cast.sender, cast.receiver)] == [1, 0]
    return_note(store, cast.receiver, note, "Say why")
    assert [waits_for(person) for person in (cast.sender, cast.receiver)] == [1, 0]


def test_the_next_note_replaces_the_last_one_where_its_writer_chooses_so(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    done = acknowledged(store, cast, submitted)
    with store.atomic() as db:
        people.set_role(db, cast.receiver.id, Role.AUTHOR)
    text = shift_note(sender="Rita", sender_id=PartyId(cast.receiver.id), receiver="Sam",
                      receiver_id=PartyId(cast.sender.id))  # fmt: skip
    with pytest.raises(NoteError, match="same client and kind"):
        submit_note(store, indexer, cast.receiver, replace(text, header=replace(text.header, client="Initech")), space,
                    replaces=done)  # fmt: skip
    with pytest.raises(NotAllowed):
        submit_note(store, indexer, cast.other, text, space, replaces=done)
    new = submit_note(store, indexer, cast.receiver, text, space, replaces=done)
    old = read_note(store, cast.other, done.page.slug)
    assert (old.state, old.superseded_by) == (S.SUPERSEDED, new.page.slug)
    assert possible_steps(store, cast.sender, old) == frozenset()


def test_a_replaced_note_does_not_name_a_newer_one_that_its_reader_may_not_see(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    secret = make_space(store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL, cast.sender, cast.receiver], []).space
    text = replace(submitted.text, header=replace(submitted.text.header, title="Layoffs on 3 May"))
    newer = submit_note(store, indexer, cast.sender, text, secret, replaces=submitted)
    assert read_note(store, cast.sender, submitted.page.slug).superseded_by == newer.page.slug
    assert read_note(store, cast.other, submitted.page.slug).superseded_by == ""


def test_a_note_that_another_one_replaced_meanwhile_is_told_by_its_name(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    cancel_note(store, cast.sender, submitted, "Not needed")
    with pytest.raises(NoteError, match=r"“Shift handover: .*” is not replaced: Sam cancelled this note at"):
        submit_note(store, indexer, cast.sender, submitted.text, space, replaces=submitted)


def test_a_note_that_was_given_to_its_receiver_can_still_be_acknowledged(
    store: Store, cast: Cast, submitted: Note
) -> None:
    with store.atomic() as db:
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = ?", [LOCAL.id])
        people.set_role(db, cast.receiver.id, Role.AUTHOR)
    given = read_back(store, cast.receiver, submitted, SUMMARY, {0})
    (waiting,) = note_read_backs(store, LOCAL, given)
    disable(store, LOCAL, cast.sender.id)
    reassign(store, LOCAL, owned_by(store, LOCAL, cast.sender), cast.receiver)
    given = read_note(store, LOCAL, given.page.slug)
    assert begun_by(store, LOCAL, given) == cast.sender
    assert Step.CONFIRM not in possible_steps(store, cast.receiver, given)
    assert confirm(store, LOCAL, given, waiting).state is S.ACKNOWLEDGED


def test_who_may_cancel_is_told_with_the_leads(store: Store, cast: Cast, submitted: Note) -> None:
    with pytest.raises(NotAllowed, match="Only Sam, whose note this is, or a lead, may cancel it"):
        cancel_note(store, cast.other, submitted, "No")


def test_submitting_again_asks_no_question(
    store: Store, indexer: Indexer, space: Space, cast: Cast, submitted: Note
) -> None:
    asked = ask(store, cast.receiver, submitted, "Which bank?", blocking=True)
    text = replace(asked.text, header=replace(asked.text.header, title="Again"))
    again = submit_note(store, indexer, cast.sender, text, space, asked)
    assert again.state is S.QUESTIONS
    assert [(event.step, event.actor) for event in note_events(store, cast.sender, again)] == [
        (Step.SUBMIT, cast.sender), (Step.BLOCK, cast.receiver), (Step.SUBMIT, cast.sender),
    ]  # fmt: skip


# ---- two at once --------------------------------------------------------------------------------------------------


def both_at_once(*acts: Callable[[], Note]) -> list[Note | RuleError]:
    barrier, outcomes = threading.Barrier(len(acts)), list[Note | RuleError]()

    def run(act: Callable[[], Note]) -> None:
        barrier.wait()
        try:
            outcomes.append(act())
        except RuleError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_receivers_at_once_one_takes_over_and_the_other_is_told_who(
    store: Store, cast: Cast, to_team: Note
) -> None:
    for _ in range(5):
        outcomes = both_at_once(
            partial(read_back, store, cast.receiver, to_team, SUMMARY, {0}),
            partial(read_back, store, cast.backup, to_team, SUMMARY, {0}),
        )
        (won,) = [outcome for outcome in outcomes if isinstance(outcome, Note)]
        (lost,) = [outcome for outcome in outcomes if isinstance(outcome, StaleNote)]
        (given, *_) = note_read_backs(store, LOCAL, won)
        assert str(lost).startswith(f"{given.person.name} read this note back at ")
        to_team = decline(store, cast.sender, won, given, "Again")
    assert len(note_read_backs(store, LOCAL, to_team)) == 5


def test_of_confirm_and_decline_at_once_one_counts(store: Store, cast: Cast, submitted: Note) -> None:
    given = read_back(store, cast.receiver, submitted, SUMMARY, {0})
    (waiting,) = note_read_backs(store, cast.sender, given)
    outcomes = both_at_once(
        lambda: confirm(store, cast.sender, given, waiting),
        lambda: decline(store, cast.sender, given, waiting, "No"),
        lambda: confirm(store, cast.sender, given, waiting),
    )
    assert [isinstance(outcome, Note) for outcome in outcomes].count(True) == 1
    now = read_note(store, LOCAL, given.page.slug)
    assert len(note_seals(store, LOCAL, now)) == (now.state is S.ACKNOWLEDGED)


def test_an_old_read_back_is_not_confirmed_in_the_place_of_a_new_one(store: Store, cast: Cast, to_team: Note) -> None:
    first = read_back(store, cast.receiver, to_team, SUMMARY, {0})
    (old,) = note_read_backs(store, cast.sender, first)
    again = decline(store, cast.sender, first, old, "No")
    second = read_back(store, cast.backup, again, SUMMARY, {0})
    with pytest.raises(StaleNote, match="Another read-back came meanwhile"):
        confirm(store, cast.sender, second, old)


# ---- drafts -------------------------------------------------------------------------------------------------------


def test_a_read_back_is_kept_while_it_is_written(store: Store, cast: Cast, submitted: Note) -> None:
    assert kept_read_back(store, cast.receiver, submitted) == ReadBackDraft()
    kept = keep_read_back(store, cast.receiver, submitted, "I call", {0})
    assert kept_read_back(store, cast.receiver, submitted) == kept
    assert (kept.summary, kept.ticked, kept.kept_at is not None) == ("I call", (0,), True)
    assert kept_read_back(store, cast.sender, submitted) == ReadBackDraft()
    read_back(store, cast.receiver, submitted, SUMMARY, {0})
    assert kept_read_back(store, cast.receiver, submitted) == ReadBackDraft()
