"""The bell on every screen, and the address of one's calendar in My profile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.calendar_feed import NoCalendar, calendar_of
from kb.handover.models import Note, PartyId
from kb.handovers import SPACE, submit_note
from kb.models import Person, Role
from kb.my_day import MOST_CHANGES
from kb.pages import ensure_space
from kb.questions import ask
from kb.store import people
from kb.store.people import LOCAL
from tests.ui.conftest import OpenScreen, act_as
from tests.unit.handover_samples import shift_note


@pytest.fixture
def ana(baton: Baton) -> Person:
    with baton.store.atomic() as db:
        return people.add(db, "Ana", "ana@example.com", Role.READER)


@pytest.fixture
def handed_over(baton: Baton, ana: Person) -> Note:
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    text = shift_note(
        sender="local", sender_id=PartyId(LOCAL.id), receiver="Ana", receiver_id=PartyId(ana.id), effective=begins,
        acknowledge_by=begins + timedelta(hours=1),
    )  # fmt: skip
    return submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def rung(app: AppTest) -> tuple[str, str]:
    """What the bell says to who cannot see it, and the figure on it."""
    assert not app.exception
    (shown,) = [one.value for one in app.get("html") if "#what-changed" in one.value]
    assert 'href="/my-day#what-changed"' in shown
    (label,) = re.findall(r'aria-label="([^"]*)"', shown)
    figure = re.search(r'class="count"[^>]*>([^<]*)<', shown)
    return label, figure[1] if figure else ""


def press(app: AppTest, key: str) -> AppTest:
    return next(button for button in app.button if button.key == key).click().run()


def shown_address(app: AppTest) -> str:
    (address,) = [one.value for one in app.code]
    return address


# ---- the bell -----------------------------------------------------------------------------------------------------


def test_the_bell_is_quiet_when_nothing_is_new(open_screen: OpenScreen) -> None:
    for screen in ("", "my-day", "colleagues", "page"):
        assert rung(open_screen(screen)) == ("Nothing new in your handover notes", "")


def test_the_bell_counts_what_others_did_until_it_was_seen(
    open_screen: OpenScreen, baton: Baton, ana: Person, handed_over: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rung(open_screen()) == ("Nothing new in your handover notes", "")  # one's own step
    ask(baton.store, ana, handed_over, "Which bank?")
    ask(baton.store, ana, handed_over, "And when?")
    assert rung(open_screen("profile")) == ("2 new in your handover notes", "2")
    app = open_screen("my-day")
    assert rung(app) == ("2 new in your handover notes", "2")
    assert rung(press(app, "mark_seen")) == ("Nothing new in your handover notes", "")
    act_as(ana, baton.store, monkeypatch)
    assert rung(open_screen()) == ("1 new in your handover notes", "1")


def test_who_receives_a_note_no_longer_is_told_so(
    open_screen: OpenScreen, baton: Baton, ana: Person, handed_over: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = replace(handed_over.text.header, receiver="Somebody <b>else</b>", receiver_id=None)
    space, text = handed_over.page.space, replace(handed_over.text, header=header)
    submit_note(baton.store, baton.indexer, LOCAL, text, space, handed_over)
    act_as(ana, baton.store, monkeypatch)
    app = open_screen("my-day")
    assert rung(app)[1] == "1"
    (told,) = [one.value for one in app.markdown if "no part in it any more" in one.value]
    assert told.startswith("**Submitted version 2** by")
    assert [one.value for one in app.success] == ["Nothing waits for you."]


def test_the_bell_does_not_count_for_ever(
    open_screen: OpenScreen, baton: Baton, ana: Person, handed_over: Note
) -> None:
    with baton.store.atomic() as db:
        db.execute("UPDATE handover_events SET actor_id = ?", [ana.id])
        for _ in range(MOST_CHANGES):
            db.execute(
                "INSERT INTO handover_events(page_id, state, version, revision, reason, actor_id, at, step) "
                "SELECT page_id, state, version, revision, reason, actor_id, at, step FROM handover_events LIMIT 1"
            )
    assert rung(open_screen()) == ("50+ new in your handover notes", "50+")


# ---- the calendar -------------------------------------------------------------------------------------------------


def test_an_address_is_made_shown_once_replaced_and_taken_away(open_screen: OpenScreen, baton: Baton) -> None:
    def works(address: str) -> bool:
        (token,) = parse_qs(urlsplit(address).query)["token"]
        try:
            return bool(calendar_of(baton.store, baton.settings, token, datetime.now(UTC)))
        except NoCalendar:
            return False

    app = open_screen("profile")
    labels = {button.key: button.label for button in app.button}
    assert (labels["make_calendar"], "remove_calendar" in labels, len(app.code)) == ("Make an address", False, 0)
    app = press(app, "make_calendar")
    assert not app.exception
    first = shown_address(app)
    assert first.startswith("http://127.0.0.1:8501/calendar.ics?token=")
    assert works(first)
    app = open_screen("profile")
    assert len(app.code) == 0  # never again
    made, read = next(one.value for one in app.caption if one.value.startswith("Address made ")).split(", last read ")
    assert (bool(made), bool(read)) == (True, True)
    assert {button.key: button.label for button in app.button}["make_calendar"] == "Make a new address"
    second = shown_address(press(app, "make_calendar"))
    assert (works(first), works(second)) == (False, True)
    app = press(open_screen("profile"), "remove_calendar")
    assert not app.exception
    assert works(second) is False
    assert "remove_calendar" not in {button.key for button in app.button}


def test_nobody_makes_an_address_for_somebody_else(open_screen: OpenScreen, ana: Person) -> None:
    app = open_screen("profile", id=str(ana.id))
    assert app.title[0].value == "Profile of Ana"
    assert "make_calendar" not in {button.key for button in app.button}
