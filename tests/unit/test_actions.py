"""Open items after their note was submitted: carried forward, done, reopened, reassigned, listed. On a real store."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from kb import action_lists, actions, focus, handovers, sealing
from kb.access import NotAllowed, RuleError
from kb.action_lists import action_choices, action_events, done_actions, find_action, open_actions
from kb.actions import MAX_FIX, StaleAction, mark_done, reassign, reopen, say_fix, set_due
from kb.carrying import carried_items, item_ages, item_lives
from kb.focus import finish_round, rounds_today
from kb.handover.actions import NOBODY, Action, ActionFilter, Age, Change, Quadrant
from kb.handover.json import text_from_json, text_to_json
from kb.handover.merge import merge_notes
from kb.handover.models import Note, NoteItem, NoteText, Party, PartyId, Priority, Status
from kb.handover.origins import with_origins
from kb.handover.templates import template_of
from kb.handover.text import NoteError
from kb.handovers import find_notes, next_note, read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Profile, Role, Space, SpaceKind
from kb.note_endings import cancel_note
from kb.pages import PageNotFound, restore_from_trash, trash_page
from kb.private_data import PrivateDataFound
from kb.profiles import save_profile
from kb.read_backs import confirm, note_read_backs, read_back
from kb.store import actions as store_actions
from kb.store import audit, people, spaces
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.verification import verify_handovers
from tests.unit.handover_samples import ITEM, NOW, shift_note

SECOND = NoteItem("Reply to the client", next_step="Write", owner="Somebody", due=date(2026, 12, 24))


class Clock:
    """What every module takes for the present moment."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    from kb.store import note_life

    for module in (handovers, actions, action_lists, store_actions, note_life, sealing, focus):
        monkeypatch.setattr(module, "now", clock)
    return clock


@pytest.fixture
def ana(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Ana", "ana@example.com", Role.READER)


@pytest.fixture
def rita(store: Store) -> Person:
    with store.atomic() as db:
        return people.add(db, "Rita", "rita@example.com", Role.READER)


Submit = Callable[..., Note]


@pytest.fixture
def submit(store: Store, indexer: Indexer, space: Space, rita: Person, clock: Clock) -> Submit:
    """Submits a note with these items: ``submit(ITEM, base=note, client="ACME")``."""

    def submitted(*items: NoteItem, base: Note | None = None, actor: Person = LOCAL, **header: object) -> Note:
        given = {"receiver": "Rita", "receiver_id": PartyId(rita.id), "effective": clock.moment + timedelta(hours=1),
                 "acknowledge_by": clock.moment + timedelta(hours=2), **header}  # fmt: skip
        text = replace(
            shift_note(**given),
            items=tuple(replace(item, next_step=item.next_step or "Go") for item in items or (ITEM,)),
        )
        return submit_note(store, indexer, actor, text, space, base)

    return submitted


def opened(store: Store, viewer: Person = LOCAL, **wanted: object) -> list[Action]:
    box = open_actions(store, viewer, ActionFilter(**wanted), dict.fromkeys(Quadrant, 50))  # type: ignore[arg-type]
    found = [action for place in Quadrant for action in box.shelves[place].actions]
    assert len(found) == box.total
    return found


def only(store: Store, note: Note, viewer: Person = LOCAL) -> Action:
    return find_action(store, viewer, note.text.items[0].origin)


def carry(store: Store, note: Note) -> NoteText:
    begun = NoteText("shift", 1, replace(shift_note().header, receiver="evening"))
    return next_note(note, begun, template_of(begun.template), carried_items(store, LOCAL, note))


def happened(store: Store, origin: str) -> list[tuple[Change, str, str]]:
    return [(event.change, event.detail, event.actor.name) for event in action_events(store, LOCAL, origin)]


# ---- which item is which ------------------------------------------------------------------------------------------


def made() -> Callable[[], str]:
    numbers = iter(range(100))
    return lambda: f"new {next(numbers)}"


def test_an_origin_is_given_once_and_kept() -> None:
    one, two = replace(ITEM, origin="a"), replace(SECOND, origin="")
    kept = with_origins([one, two], [], {"a"}, made())
    assert [item.origin for item in kept] == ["a", "new 0"]
    assert with_origins(kept, kept, {"a", "new 0"}, made()) == kept


def test_an_origin_that_is_not_known_or_comes_twice_is_not_believed() -> None:
    stolen, one = replace(ITEM, origin="of a note that they may not see"), replace(ITEM, origin="a")
    kept = with_origins([stolen, one, replace(SECOND, origin="a")], [], {"a"}, made())
    assert [item.origin for item in kept] == ["new 0", "a", "new 1"]


def test_a_row_that_was_written_anew_is_the_item_that_was_called_so() -> None:
    before = [replace(ITEM, origin="a"), replace(SECOND, origin="b")]
    again = with_origins([replace(ITEM, owner="Ben"), ITEM], before, {"a", "b"}, made())
    assert [item.origin for item in again] == ["a", "new 0"]


def test_an_origin_survives_texts_and_merging_and_makes_no_difference_between_texts() -> None:
    text = replace(shift_note(), items=(replace(ITEM, origin="a"),))
    assert [item.origin for item in text_from_json(text_to_json(text)).items] == ["a"]
    assert text == shift_note()
    mine = replace(text, items=(replace(ITEM, origin="a", owner="Ben"),))
    merged = merge_notes(text, mine, replace(text, answers={}))
    assert merged
    assert [(item.origin, item.owner) for item in merged.items] == [("a", "Ben")]


def test_a_text_of_before_items_had_origins_can_be_read() -> None:
    values = text_to_json(shift_note())
    for item in values["items"]:
        del item["origin"]
    assert text_from_json(values) == shift_note()


def test_drafts_and_new_versions_keep_the_origin(store: Store, indexer: Indexer, space: Space) -> None:
    draft = save_note(store, indexer, LOCAL, shift_note(), space)
    origin = draft.text.items[0].origin
    assert len(origin) == 16
    changed = replace(draft.text, items=(SECOND, replace(draft.text.items[0], title="Refund batch still stuck")))
    draft = save_note(store, indexer, LOCAL, changed, space, draft)
    first = submit_note(store, indexer, LOCAL, draft.text, space, draft)
    again = replace(first.text, items=(replace(ITEM, title="Refund batch still stuck", owner="Ben"),))
    second = submit_note(store, indexer, LOCAL, again, space, first)
    assert (first.text.items[1].origin, second.text.items[0].origin) == (origin, origin)


def test_nobody_takes_over_an_item_of_a_note_that_they_may_not_see(
    store: Store, indexer: Indexer, submit: Submit, stranger: Person
) -> None:
    hidden = submit()
    with store.atomic() as db:
        hall = spaces.add(db, "hall", "Hall")
        spaces.set_kind(db, hidden.page.space.id, SpaceKind.CONFIDENTIAL)
    stolen = replace(shift_note(), items=hidden.text.items)
    taken = submit_note(store, indexer, stranger, stolen, hall)
    assert taken.text.items[0].origin != hidden.text.items[0].origin


# ---- from note to note --------------------------------------------------------------------------------------------


def test_an_unfinished_item_goes_on_in_the_next_note_with_its_age(store: Store, submit: Submit, clock: Clock) -> None:
    first = submit(ITEM, replace(SECOND, done=True))
    origin = first.text.items[0].origin
    assert [(a.title, a.age) for a in opened(store)] == [("Refund batch stuck", Age(NOW, 0))]
    clock.moment += timedelta(days=1)
    carried = carry(store, first).items
    assert [(item.title, item.origin) for item in carried] == [("Refund batch stuck", origin)]
    second = submit(*carried, replace(SECOND, title="New"))
    assert {(a.title, a.note.slug, a.age) for a in opened(store)} == {
        ("Refund batch stuck", second.page.slug, Age(NOW, 1)),
        ("New", second.page.slug, Age(NOW + timedelta(days=1), 0)),
    }
    life = item_lives(store, LOCAL, first)[origin]
    assert life.carried_into
    assert (life.carried_into.slug, life.carried_into.title) == (second.page.slug, second.page.title)
    assert item_lives(store, LOCAL, second)[origin].carried_into is None
    assert carried_items(store, LOCAL, first) == ()  # it lives in the second
    assert happened(store, origin) == [(Change.CARRIED, "", "local")]


def test_an_item_carried_more_than_twice_is_pointed_out(store: Store, submit: Submit) -> None:
    note, ages = submit(), []
    for _ in range(3):
        note = submit(*carry(store, note).items)
        ages.append(only(store, note).age)
    assert [(age.carried, age.is_long) for age in ages] == [(1, False), (2, False), (3, True)]
    assert item_ages(store, LOCAL, [note.text.items[0].origin, "", "unknown"]) == {note.text.items[0].origin: ages[2]}


def test_a_done_item_is_not_carried_and_one_that_is_done_meanwhile_stays_done(store: Store, submit: Submit) -> None:
    first = submit(ITEM, SECOND)
    begun = carry(store, first)
    mark_done(store, LOCAL, only(store, first), "The bank sent it again")
    assert [item.title for item in carried_items(store, LOCAL, first)] == ["Reply to the client"]
    second = submit(*begun.items)  # it was begun before
    assert [action.title for action in opened(store)] == ["Reply to the client"]
    assert item_lives(store, LOCAL, second)[first.text.items[0].origin].fix == "The bank sent it again"


def test_what_was_changed_since_is_carried(store: Store, submit: Submit, ana: Person, rita: Person) -> None:
    first = submit()
    action = reassign(store, LOCAL, only(store, first), Party("Rita", PartyId(rita.id)))
    set_due(store, LOCAL, action, date(2026, 12, 1))
    (item,) = carry(store, first).items
    assert (item.owner, item.due, item.done) == ("Rita", date(2026, 12, 1), False)
    second = submit(replace(item, owner="ana", due=None))
    assert (only(store, second).owner, only(store, second).due) == (Party("Ana", PartyId(ana.id)), None)


def test_a_new_version_changes_what_it_says_newly_and_nothing_else(store: Store, submit: Submit) -> None:
    first = submit(ITEM, SECOND)
    origin = first.text.items[0].origin
    action = reassign(store, LOCAL, only(store, first), Party("Ben"))
    mark_done(store, LOCAL, set_due(store, LOCAL, action, date(2026, 12, 1)))
    same = submit(replace(ITEM, next_step="Ask Finance"), SECOND, base=first)
    now = only(store, same)
    assert (now.owner.name, now.due, now.done) == ("Ben", date(2026, 12, 1), True)
    other = submit(replace(ITEM, owner="Cleo", due=date(2026, 12, 5), done=True), SECOND, base=same)
    again = submit(replace(ITEM, owner="Cleo", due=date(2026, 12, 5)), SECOND, base=other)
    now = only(store, again)
    assert (now.owner.name, now.due, now.done) == ("Cleo", date(2026, 12, 5), False)
    assert [change for change, _, _ in happened(store, origin)] == [
        Change.REOPENED, Change.DUE, Change.OWNER, Change.DONE, Change.DUE, Change.OWNER,
    ]  # fmt: skip


def test_an_item_taken_out_of_a_new_version_is_open_no_more(store: Store, submit: Submit) -> None:
    first = submit(ITEM, SECOND)
    submit(SECOND, base=first)
    assert [action.title for action in opened(store)] == ["Reply to the client"]


def test_a_new_version_of_a_note_does_not_take_back_what_a_later_note_carries(store: Store, submit: Submit) -> None:
    first = submit()
    second = submit(*carry(store, first).items)
    submit(replace(ITEM, owner="Ben"), base=first)
    assert [(a.note.slug, a.owner.name) for a in opened(store)] == [(second.page.slug, "Ana")]


def test_an_item_goes_back_when_the_note_that_carried_it_is_cancelled_or_in_the_trash(
    store: Store, indexer: Indexer, submit: Submit
) -> None:
    first = submit()
    second = submit(*carry(store, first).items)
    trash_page(store, LOCAL, second.page)
    assert [action.note.slug for action in opened(store)] == [first.page.slug]
    restore_from_trash(store, indexer, LOCAL, second.page)
    assert [action.note.slug for action in opened(store)] == [second.page.slug]
    cancel_note(store, LOCAL, read_note(store, LOCAL, second.page.slug), "Wrong client")
    assert [(action.note.slug, action.age.carried) for action in opened(store)] == [(first.page.slug, 0)]


def test_lists_of_notes_count_what_is_open_now(store: Store, submit: Submit) -> None:
    def counts() -> dict[str, tuple[int, int]]:
        notes, _ = find_notes(store, LOCAL, handovers.NoteFilter())
        return {note.slug: (note.open_items, note.critical_items) for note in notes}

    first = submit(ITEM, SECOND)
    assert counts() == {first.page.slug: (2, 1)}
    mark_done(store, LOCAL, only(store, first))
    assert counts() == {first.page.slug: (1, 0)}
    second = submit(*carry(store, first).items)
    assert counts() == {first.page.slug: (0, 0), second.page.slug: (1, 0)}


def test_what_a_viewer_may_not_see_has_no_name_and_no_age(
    store: Store, indexer: Indexer, submit: Submit, stranger: Person
) -> None:
    first = submit()
    with store.atomic() as db:
        vault = spaces.add(db, "vault", "Vault")
        spaces.set_kind(db, vault.id, SpaceKind.CONFIDENTIAL)
        spaces.set_members(db, vault.id, [LOCAL.id], [])
    text = replace(shift_note(), items=carry(store, first).items)
    submit_note(store, indexer, LOCAL, text, vault)
    life = item_lives(store, stranger, first)[first.text.items[0].origin]
    assert life.carried_into
    assert (life.carried_into.slug, life.carried_into.title, life.age) == ("", "", Age(NOW, 0))
    assert opened(store, stranger) == []
    with pytest.raises(PageNotFound):
        only(store, first, stranger)
    assert only(store, first).age == Age(NOW, 1)


# ---- what people do -----------------------------------------------------------------------------------------------


def test_an_item_is_done_said_how_reopened_and_all_of_it_is_kept(store: Store, submit: Submit, clock: Clock) -> None:
    action = only(store, submit())
    done = mark_done(store, LOCAL, action, " The bank\nsent it again ")
    assert (done.done, done.fix, done.changes) == (True, "The bank sent it again", 1)
    assert opened(store) == []
    assert done_actions(store, LOCAL, ActionFilter(), 9) == ([done], 1)
    done = say_fix(store, LOCAL, done, "A new file")
    assert say_fix(store, LOCAL, done, "A new file") == done
    clock.moment += action_lists.DONE_FOR + timedelta(minutes=1)
    assert done_actions(store, LOCAL, ActionFilter(), 9) == ([], 0)
    reopened = reopen(store, LOCAL, done)
    assert (reopened.done, reopened.fix) == (False, "")
    assert happened(store, action.origin) == [
        (Change.REOPENED, "", "local"),
        (Change.FIX, "A new file", "local"),
        (Change.DONE, "The bank sent it again", "local"),
    ]
    with store.reading() as db:
        rows = db.execute("SELECT action, detail FROM audit WHERE action LIKE 'action.%' ORDER BY id").fetchall()
    assert rows == [(f"action.{word}", f"item {action.origin}") for word in ("done", "fix", "reopened")]


def test_what_makes_no_sense_is_refused(store: Store, submit: Submit) -> None:
    action = only(store, submit())
    for wrong, words in (
        (lambda: reopen(store, LOCAL, action), "open"),
        (lambda: say_fix(store, LOCAL, action, "so"), "mark it done first"),
        (lambda: mark_done(store, LOCAL, action, "x" * (MAX_FIX + 1)), "1,001 characters"),
        (lambda: reassign(store, LOCAL, action, Party("x" * 121)), "121 characters"),
        (lambda: reassign(store, LOCAL, action, Party("Gone", PartyId(999))), "no account any more"),
    ):
        with pytest.raises(NoteError, match=words):
            wrong()
    done = mark_done(store, LOCAL, action)
    for wrong in (
        lambda: mark_done(store, LOCAL, done),
        lambda: reassign(store, LOCAL, done, Party("Ben")),
        lambda: set_due(store, LOCAL, done, None),
    ):
        with pytest.raises(NoteError, match="done"):
            wrong()


def test_an_owner_is_a_person_with_an_account_where_the_name_says_so(
    store: Store, submit: Submit, ana: Person, rita: Person
) -> None:
    action = only(store, submit())
    assert action.owner == Party("Ana", PartyId(ana.id))
    action = reassign(store, LOCAL, action, Party(" rita "))
    assert action.owner == Party("Rita", PartyId(rita.id))
    action = reassign(store, LOCAL, action, Party("The bank"))
    assert action.owner == Party("The bank")
    assert reassign(store, LOCAL, action, Party("The bank")) == action  # nothing happened
    assert reassign(store, LOCAL, action, Party("")).owner == Party("")
    assert [detail for _, detail, _ in happened(store, action.origin)] == ["", "The bank", "Rita"]


def test_an_item_is_given_to_nobody_who_may_not_see_its_note(store: Store, submit: Submit, ana: Person) -> None:
    note = submit()
    with store.atomic() as db:
        spaces.set_kind(db, note.page.space.id, SpaceKind.RESTRICTED)
        db.execute("UPDATE actions SET owner_id = NULL")
    for party in (Party("Ana", PartyId(ana.id)), Party("Ana")):
        with pytest.raises(NoteError, match="Ana may not see the space ACME"):
            reassign(store, LOCAL, only(store, note), party)


def test_who_may_change_an_item(store: Store, submit: Submit, ana: Person, rita: Person, stranger: Person) -> None:
    note = submit()
    rights = {person.name: only(store, note, person).may_change for person in (LOCAL, ana, rita, stranger)}
    assert rights == {"local": True, "Ana": True, "Rita": True, "Ines": False}
    with pytest.raises(NotAllowed, match="Only its owner"):
        mark_done(store, stranger, only(store, note, stranger))
    assert reassign(store, ana, only(store, note, ana), Party("The bank")).may_change is False
    with pytest.raises(NotAllowed):
        mark_done(store, ana, only(store, note, ana))


def test_rights_in_a_list_are_those_of_each_note(store: Store, submit: Submit, ana: Person, rita: Person) -> None:
    submit(ITEM, replace(SECOND, title="Beside it"))  # to Rita; the first item is Ana's
    submit(replace(SECOND, title="For Ana"), receiver="Ana", receiver_id=PartyId(ana.id))
    rights = {who: {a.title: a.may_change for a in opened(store, person)} for who, person in (("a", ana), ("r", rita))}
    assert rights["a"] == {"Refund batch stuck": True, "Beside it": False, "For Ana": True}
    assert rights["r"] == {"Refund batch stuck": True, "Beside it": True, "For Ana": False}


def test_an_action_on_an_item_that_changed_meanwhile_is_refused_and_says_who_did_what(
    store: Store, submit: Submit, rita: Person, clock: Clock
) -> None:
    first = submit()
    seen = only(store, first)
    mark_done(store, rita, only(store, first, rita))
    with pytest.raises(StaleAction, match=r"^Rita marked this item done just now, after you opened it\."):
        mark_done(store, LOCAL, seen)
    reopened = reopen(store, LOCAL, only(store, first))
    reassign(store, rita, reopened, Party("Bo"))
    clock.moment += timedelta(minutes=3)
    with pytest.raises(StaleAction, match=r"^Rita gave this item to Bo 3 min ago") as error:
        set_due(store, LOCAL, reopened, None)
    assert error.value.current.owner == Party("Bo")
    seen = only(store, first)
    submit(*carry(store, first).items)
    with pytest.raises(StaleAction, match="carried this item into the next note"):
        mark_done(store, LOCAL, seen)


def test_of_two_who_act_at_once_one_wins(store: Store, submit: Submit, rita: Person) -> None:
    note = submit()
    barrier, outcomes = threading.Barrier(2), []

    def act(person: Person) -> None:
        action = only(store, note, person)
        barrier.wait()
        try:
            outcomes.append(mark_done(store, person, action, person.name).fix)
        except StaleAction as error:
            outcomes.append(error.current.fix)

    threads = [threading.Thread(target=act, args=[person]) for person in (LOCAL, rita)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2
    assert outcomes[0] == outcomes[1] == only(store, note).fix


def test_an_acknowledged_note_stays_sealed_whatever_becomes_of_its_items(
    store: Store, submit: Submit, rita: Person
) -> None:
    note = read_back(store, rita, submit(), "I call the bank about the refund batch.", {0})
    note = confirm(store, LOCAL, note, note_read_backs(store, LOCAL, note)[0])
    action = reassign(store, rita, only(store, note, rita), Party("Bo"))
    mark_done(store, rita, set_due(store, rita, action, date(2026, 12, 1)), "Sent again")
    submit(replace(SECOND, title="Other"), *carry(store, note).items)
    assert verify_handovers(store).findings == ()
    assert read_note(store, LOCAL, note.page.slug) == note
    with store.atomic() as db:  # which item it is, is sealed too
        db.execute("UPDATE handover_items SET origin = 'another' WHERE page_id = ?", [note.page.id])
    assert [finding.place for finding in verify_handovers(store).findings if "origin" in finding.place]


def test_what_happened_to_an_item_cannot_be_changed_or_removed_while_it_is_there(store: Store, submit: Submit) -> None:
    note = submit()
    mark_done(store, LOCAL, only(store, note), "Sent again")
    for sql in ("UPDATE action_events SET detail = 'x'", "DELETE FROM action_events"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.atomic() as db:
            db.execute(sql)
    with store.atomic() as db:
        db.execute("DELETE FROM pages WHERE id = ?", [note.page.id])
        left = [db[table].count for table in ("item_places", "actions", "action_events")]
    assert left == [0, 0, 0]


# ---- the box ------------------------------------------------------------------------------------------------------


def test_the_list_puts_every_item_where_the_rule_puts_it(store: Store, submit: Submit) -> None:
    save_profile(store, LOCAL, LOCAL.id, Profile(zone="Europe/Berlin"))
    dues = (date(2026, 11, 1), date(2026, 11, 25), date(2026, 11, 26), None)
    items = [NoteItem(f"{p} {d}", priority=p, due=d, owner="The bank") for p, d in product(Priority, dues)]
    for status in Status:
        submit(*items, status=status, client=str(status))
    box = open_actions(store, LOCAL, ActionFilter(), dict.fromkeys(Quadrant, 100))
    assert box.urgent_until == date(2026, 11, 25)  # from Saturday morning on
    assert box.total == len(items) * len(Status)
    for place, shelf in box.shelves.items():
        assert [action for action in shelf.actions if action.quadrant is not place] == []
        assert shelf.total == len(shelf.actions)
    due = [action.due for action in box.shelves[Quadrant.DO_NOW].actions]
    assert due == sorted(due, key=lambda day: day or date.max)
    few = open_actions(store, LOCAL, ActionFilter(), {Quadrant.DO_NOW: 2})
    assert few.shelves[Quadrant.DO_NOW].actions == box.shelves[Quadrant.DO_NOW].actions[:2]
    assert {place: shelf.total for place, shelf in few.shelves.items()} == {
        place: shelf.total for place, shelf in box.shelves.items()
    }


def test_the_box_is_narrowed_by_owner_client_overdue_and_what_is_mine(
    store: Store, submit: Submit, ana: Person
) -> None:
    late = NoteItem("Late", owner="ana", due=date(2026, 11, 20))
    submit(late, NoteItem("Nobody's", due=date(2026, 11, 21)), client="ACME")
    submit(NoteItem("Ana's", owner="Ana"), NoteItem("Bank", owner="The bank"), client="Initech")

    def titles(viewer: Person = LOCAL, **wanted: object) -> set[str]:
        return {action.title for action in opened(store, viewer, **wanted)}

    assert titles(client="acme") == {"Late", "Nobody's"}
    assert titles(owner="Ana") == {"Late", "Ana's"}
    assert titles(owner="the BANK") == {"Bank"}
    assert titles(owner=NOBODY) == {"Nobody's"}
    assert titles(overdue=True) == {"Late"}  # today is not overdue
    assert titles(ana, mine=True) == {"Late", "Ana's"}
    assert titles(mine=True) == set()
    assert action_choices(store, LOCAL) == (["Ana", "The bank"], ["ACME", "Initech"])


def test_today_is_the_viewers_own(store: Store, submit: Submit, clock: Clock) -> None:
    clock.moment = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # already Sunday in Manila
    submit(NoteItem("Due", due=date(2026, 11, 21)))
    limits = dict.fromkeys(Quadrant, 9)
    assert open_actions(store, LOCAL, ActionFilter(overdue=True), limits).total == 0
    assert open_actions(store, LOCAL, ActionFilter(overdue=True), limits, "Asia/Manila").total == 1
    save_profile(store, LOCAL, LOCAL.id, Profile(zone="Asia/Manila"))
    assert open_actions(store, LOCAL, ActionFilter(overdue=True), limits, "UTC").total == 1


# ---- the focus timer's count --------------------------------------------------------------------------------------


def test_finished_focus_rounds_are_counted_once_each_for_their_person_and_day(
    store: Store, clock: Clock, stranger: Person
) -> None:
    assert [finish_round(store, LOCAL, name) for name in ("1", "1", "2")] == [1, 1, 2]
    assert (rounds_today(store, LOCAL), rounds_today(store, stranger)) == (2, 0)
    clock.moment += timedelta(days=1)
    assert rounds_today(store, LOCAL) == 0
    assert finish_round(store, LOCAL, "3") == 1
    with store.reading() as db:
        assert db.execute("SELECT * FROM focus_rounds").fetchall() == [(LOCAL.id, "2026-11-22", 1, "3")]


def test_notes_of_before_items_had_a_life_are_followed_from_then_on(store: Store, submit: Submit, ana: Person) -> None:
    note = submit(ITEM, replace(SECOND, done=True))
    with store.atomic() as db:  # the database as the version before left it
        for view in ("action_places", "item_copies"):
            db.execute(f"DROP VIEW {view}")
        for table in ("action_events", "actions", "item_places", "focus_rounds"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DROP INDEX handover_items_origin")
        db.execute("ALTER TABLE handover_items DROP COLUMN origin")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm018_actions'")
    path = store.path
    store.close()
    again = Store.open(path)
    try:
        (action,) = opened(again)
        assert (action.title, action.owner, action.age) == (ITEM.title, Party("Ana", PartyId(ana.id)), Age(NOW, 0))
        assert action.note.slug == note.page.slug
        assert [item.title for item in carried_items(again, LOCAL, read_note(again, LOCAL, note.page.slug))] == [
            ITEM.title
        ]
    finally:
        again.close()


# ---- private data -------------------------------------------------------------------------------------------------

CARD, WHY = "4111 1111 1111 1111", "The bank's test card"


def test_what_fixed_it_and_a_typed_owner_hold_nothing_private_without_a_reason(store: Store, submit: Submit) -> None:
    action = only(store, submit())
    for refused in (
        lambda: mark_done(store, LOCAL, action, f"Sent {CARD} again"),
        lambda: reassign(store, LOCAL, action, Party(f"Bank {CARD}")),
    ):
        with pytest.raises(PrivateDataFound, match="card number ending 1111"):
            refused()
    with pytest.raises(RuleError, match="The reason itself"):
        mark_done(store, LOCAL, action, f"Sent {CARD} again", private_reason=f"It is {CARD}")
    assert find_action(store, LOCAL, action.origin) == action
    done = mark_done(store, LOCAL, action)
    with pytest.raises(PrivateDataFound, match="in what fixed it"):
        say_fix(store, LOCAL, done, f"Sent {CARD} again")
    done = say_fix(store, LOCAL, done, f"Sent {CARD} again", private_reason=WHY)
    assert done.fix == f"Sent {CARD} again"
    # One is asked once for each value of a note.
    assert reassign(store, LOCAL, reopen(store, LOCAL, done), Party(f"Bank {CARD}")).owner.name == f"Bank {CARD}"
    with store.reading() as db:
        (line,) = audit.find(db, AuditFilter(actions=("private_data.kept",)), 9)
    assert line.detail == f"card number ending 1111 in what fixed it. Reason: {WHY}"
