"""Due dates for calendar programs: read back with the library that calendar programs of Python use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar, Event

from kb.access import NotAllowed
from kb.agenda import CONFIDENTIAL_ITEM, CONFIDENTIAL_NOTE
from kb.audit_log import find_entries
from kb.calendar_feed import NoCalendar, calendar_of, make_address, my_address, remove_address
from kb.handover.ical import Entry, calendar_file
from kb.handover.models import Confidentiality, Note
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Person, Space, SpaceKind
from kb.people import disable, enable
from kb.questions import ask
from kb.sessions import token_hash
from kb.settings import Settings
from kb.sharing import share_space
from kb.store.audit import AuditFilter
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.crew import DUE, SUBMITTED_AT, Crew, hand_over, off
from tests.unit.handover_samples import shift_note
from tests.unit.test_escalation import manila

SETTINGS = Settings(public_url="https://wiki.example.com")
MOMENT = SUBMITTED_AT + timedelta(hours=1)
HALF_AN_HOUR = timedelta(minutes=30)


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def content(store: Store, person: Person, moment: datetime = MOMENT) -> bytes:
    return calendar_of(store, SETTINGS, token_of(make_address(store, SETTINGS, person)), moment)


def events(store: Store, person: Person, moment: datetime = MOMENT) -> list[Event]:
    return list(Calendar.from_ical(content(store, person, moment)).events)


def test_a_note_is_due_at_its_time_and_an_item_on_its_day(store: Store, crew: Crew, handed_over: Note) -> None:
    note, item = events(store, crew["Ana"])
    place = f"https://wiki.example.com/handover?slug={handed_over.page.slug}"
    assert (note["summary"], note["description"], note["url"]) == (
        f"Read back: {handed_over.page.title}", f"From Sam. {place}", place,
    )  # fmt: skip
    assert (note.start, note.end, note.DTSTAMP) == (DUE - HALF_AN_HOUR, DUE, MOMENT)
    (alarm,) = note.walk("VALARM")
    assert (alarm["action"], alarm.TRIGGER) == ("DISPLAY", timedelta(0))
    assert (item["summary"], item["description"]) == ("Due: Refund batch stuck", f"Call the bank\n{place}")
    assert (item.start, item.end) == (date(2026, 11, 22), date(2026, 11, 23))
    assert (item["transp"], item.walk("VALARM")) == ("TRANSPARENT", [])


def test_the_calendar_names_itself_and_says_how_often_to_ask(store: Store, crew: Crew, handed_over: Note) -> None:
    lines = content(store, crew["Ana"]).decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "PRODID:-//Baton//Handover dates//EN", "METHOD:PUBLISH", "X-WR-CALNAME:Baton"} <= {*lines}
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "DTSTART;VALUE=DATE:20261122"} <= {*lines}
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert max(len(line.encode()) for line in lines) <= 75  # RFC 5545, 3.1


def test_who_has_nothing_due_gets_an_empty_calendar(store: Store, crew: Crew) -> None:
    assert events(store, crew["Dee"]) == []


def test_what_is_overdue_and_whom_one_stands_in_for_is_said(store: Store, crew: Crew, handed_over: Note) -> None:
    off(store, crew["Ana"], "2026-11-26", "2026-11-30", crew["Dee"])
    (note,) = events(store, crew["Dee"], manila("2026-11-30T12:00"))
    assert note["description"].startswith("From Sam. It is overdue. You stand in for Ana. https://")


def test_an_event_stays_the_same_while_it_is_the_same_thing_to_do(store: Store, crew: Crew, handed_over: Note) -> None:
    first = [event.uid for event in events(store, crew["Ana"])]
    with store.atomic() as db:
        db.execute("UPDATE pages SET title = 'Other', slug = 'other' WHERE id = ?", [handed_over.page.id])
        db.execute("UPDATE handovers SET acknowledge_by = '2026-12-01T00:00:00Z'")
    later = events(store, crew["Ana"], MOMENT + timedelta(hours=1))
    assert ([event.uid for event in later], later[0]["summary"]) == (first, "Read back: Other")
    with store.atomic() as db:
        db.execute("UPDATE handovers SET confidentiality = 'confidential'")
    assert [event.uid for event in events(store, crew["Ana"])] == first
    assert len({*first}) == 2
    ask(store, crew["Ana"], replace(handed_over, page=replace(handed_over.page, slug="other")), "Why?", blocking=True)
    (question,) = events(store, crew["Sam"])
    assert question["summary"] == "Answer: A confidential note"
    assert question.uid not in first


@pytest.mark.parametrize("by", ["space", "marking"])
def test_of_a_confidential_note_only_that_there_is_one(
    store: Store, indexer: Indexer, space: Space, crew: Crew, by: str
) -> None:
    level = Confidentiality.CONFIDENTIAL if by == "marking" else Confidentiality.INTERNAL
    for title in ("Zebra", "Zebra two"):  # due at the same time
        note = hand_over(store, indexer, space, crew, title=title, client="Umbra", confidentiality=level)
    if by == "space":
        share_space(store, LOCAL, space, SpaceKind.CONFIDENTIAL, [LOCAL, crew["Sam"], crew["Ana"], crew["Dee"]], [])
    off(store, crew["Ana"], "2026-11-26", "2026-11-26", crew["Dee"])
    found = events(store, crew["Ana"])
    assert sorted(event["summary"] for event in found) == [
        *[f"Due: {CONFIDENTIAL_ITEM}"] * 2, *[f"Read back: {CONFIDENTIAL_NOTE}"] * 2,
    ]  # fmt: skip
    assert len({event.uid for event in found}) == 4
    assert {event["description"] for event in found} == {
        "https://wiki.example.com/my-day", "https://wiki.example.com/actions",
    }  # fmt: skip
    for person in (crew["Ana"], crew["Dee"]):
        told = content(store, person).decode().replace("\r\n ", "").casefold()
        words = ("zebra", "umbra", "sam", "ana", "refund", "bank", "inc-4711", note.page.slug, "slug=")
        assert [word for word in words if word in told.replace("baton", "")] == []


def test_hostile_titles_are_only_text(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    hostile = "a;b,c\\n:\\ END:VEVENT <b>x</b> \N{RIGHT-TO-LEFT OVERRIDE}" + "ü" * 60
    hand_over(store, indexer, space, crew, title=hostile)
    note, _ = events(store, crew["Ana"])
    assert note["summary"] == f"Read back: {hostile}"
    injected = Entry("1@baton", DUE, "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\nX:y", "b\x00\r\nATTACH:x", "https://x/")
    (event,) = Calendar.from_ical(calendar_file([injected], MOMENT)).events
    assert event["summary"] == "a\nEND:VEVENT\nBEGIN:VEVENT\nX:y"
    assert event["description"] == "b \nATTACH:x"
    assert not {"X", "ATTACH"} & {*event}


def test_what_one_may_not_see_any_more_is_gone(store: Store, space: Space, crew: Crew, handed_over: Note) -> None:
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL, crew["Sam"]], [])
    assert events(store, crew["Ana"]) == []


def test_the_token_is_kept_nowhere(store: Store, crew: Crew) -> None:
    token = token_of(make_address(store, SETTINGS, crew["Ana"]))
    assert len(token) == 43
    with store.reading() as db:
        everything = "\n".join(db.conn.iterdump())
    assert (token in everything, token_hash(token) in everything) == (False, True)
    assert [(one.action, one.subject_id, one.detail) for one in find_entries(store, LOCAL, AuditFilter())[0]][:1] == [
        ("calendar.made", crew["Ana"].id, "")
    ]


def test_an_address_ends_with_the_next_one_and_with_its_removal(store: Store, crew: Crew) -> None:
    first, second = (token_of(make_address(store, SETTINGS, crew["Ana"])) for _ in range(2))
    with pytest.raises(NoCalendar):
        calendar_of(store, SETTINGS, first, MOMENT)
    assert calendar_of(store, SETTINGS, second, MOMENT)
    remove_address(store, crew["Ana"])
    remove_address(store, crew["Ana"])
    with pytest.raises(NoCalendar):
        calendar_of(store, SETTINGS, second, MOMENT)
    assert my_address(store, crew["Ana"]) is None
    assert [one.action for one in find_entries(store, LOCAL, AuditFilter())[0]][:3] == [
        "calendar.removed", "calendar.made", "calendar.made",
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["", "x", "\udcff", "é" * 2000, token_hash("")])
def test_an_invented_token_is_nobodys(store: Store, crew: Crew, token: str) -> None:
    hashed = token_hash(token_of(make_address(store, SETTINGS, crew["Ana"])))
    for one in (token, hashed):
        with pytest.raises(NoCalendar):
            calendar_of(store, SETTINGS, one, MOMENT)


def test_the_calendar_of_a_disabled_person_is_closed(store: Store, crew: Crew) -> None:
    token = token_of(make_address(store, SETTINGS, crew["Ana"]))
    disable(store, LOCAL, crew["Ana"].id)
    with pytest.raises(NoCalendar):
        calendar_of(store, SETTINGS, token, MOMENT)
    with pytest.raises(NotAllowed):
        make_address(store, SETTINGS, crew["Ana"])
    enable(store, LOCAL, crew["Ana"].id)
    assert calendar_of(store, SETTINGS, token, MOMENT)


def test_when_a_calendar_last_read_it_is_known_and_waits_for_nobody(store: Store, crew: Crew) -> None:
    token = token_of(make_address(store, SETTINGS, crew["Ana"]))
    with store.atomic():  # somebody else is writing
        assert calendar_of(store, SETTINGS, token, datetime.now(UTC))
    found = my_address(store, crew["Ana"])
    assert found is not None
    assert found.read_at is None
    calendar_of(store, SETTINGS, token, datetime.now(UTC))
    with store.reading() as db:
        changes = db.conn.total_changes
        first = my_address(store, crew["Ana"])
        calendar_of(store, SETTINGS, token, datetime.now(UTC))
        assert db.conn.total_changes == changes
    assert first is not None
    assert first.read_at is not None
    assert my_address(store, crew["Ana"]) == first


def test_a_note_to_nobody_with_an_account_is_in_no_calendar(
    store: Store, indexer: Indexer, space: Space, crew: Crew
) -> None:
    submit_note(store, indexer, crew["Sam"], shift_note(effective=SUBMITTED_AT, acknowledge_by=DUE), space)
    assert events(store, crew["Sam"]) == []
