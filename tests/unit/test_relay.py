"""Handovers on a time-line: which are drawn, and where their people's hours, holidays and absences lie."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from kb.formats import Formats
from kb.handover.models import Note, NoteState, Part, PartyId
from kb.indexing import Indexer
from kb.models import Person, Profile, Role, Space
from kb.note_endings import return_note
from kb.profiles import save_profile
from kb.relay import MOST_LANES, Band, BandKind, Lane, relay
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.teams import save_team
from kb.ui.relay_chart import Window, chart, city, said, window_around
from tests.unit.crew import DUE, SUBMITTED_AT, Crew, SetClock, hand_over, off
from tests.unit.test_escalation import berlin, manila, new_york

FIRST, LAST = berlin("2026-11-26T00:00"), berlin("2026-11-27T00:00")
BERLIN_TIME = Formats(ZoneInfo("Europe/Berlin"), "en_GB")
WORK, HOLIDAY, AWAY = BandKind.WORK, BandKind.HOLIDAY, BandKind.AWAY


def lanes(store: Store, person: Person, moment: datetime = SUBMITTED_AT, **more: object) -> tuple[Lane, ...]:
    window = {"first": FIRST, "last": LAST, "moment": moment, "language": "en_US"} | more
    return relay(store, person, **window).lanes  # type: ignore[arg-type]


def test_a_lane_has_the_hours_of_both_sides(store: Store, crew: Crew, handed_over: Note) -> None:
    (lane,) = lanes(store, crew["Eve"])
    assert (lane.slug, lane.effective, lane.due, lane.overdue) == (handed_over.page.slug, SUBMITTED_AT, DUE, False)
    assert (lane.holder, lane.my_turn) == ("Ana", False)
    assert (lane.sender.zone, lane.receiver.zone) == ("Europe/Berlin", "Asia/Manila")
    assert lane.sender.bands == (Band(WORK, berlin("2026-11-26T09:00"), berlin("2026-11-26T17:00")),)
    assert lane.receiver.bands == (Band(WORK, manila("2026-11-26T09:00"), manila("2026-11-26T17:00")),)


def test_holidays_and_absences_are_bands_on_their_own_calendar(
    store: Store, indexer: Indexer, space: Space, crew: Crew
) -> None:
    hand_over(store, indexer, space, crew, receiver="Cleo", receiver_id=PartyId(crew["Cleo"].id), lead_id=None)
    off(store, crew["Sam"], "2026-11-26", "2026-11-28", crew["Dee"])
    (lane,) = lanes(store, crew["Eve"])
    assert lane.sender.bands == (Band(AWAY, FIRST, LAST),)
    # Thanksgiving begins at midnight in New York, six hours later than in Berlin; on Wednesday Cleo worked.
    assert lane.receiver.bands == (
        Band(HOLIDAY, new_york("2026-11-26T00:00"), LAST, "Thanksgiving Day"),
    )  # fmt: skip
    assert [(one.part, one.person) for one in lane.stand_ins] == [(Part.SENDER, crew["Dee"])]


def test_of_a_team_the_hours_are_joined(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    team = save_team(store, LOCAL, "Day", "", None, [crew["Dee"], crew["Eve"], crew["Ana"]])
    save_profile(store, LOCAL, crew["Eve"].id, Profile("Europe/Berlin", hours=((15 * 60, 22 * 60),) * 7))
    hand_over(store, indexer, space, crew, receiver="Day", receiver_id=PartyId(team=team.id))
    (lane,) = lanes(store, crew["Eve"])
    assert lane.receiver.bands == (Band(WORK, manila("2026-11-26T09:00"), berlin("2026-11-26T22:00")),)
    assert lane.my_turn


def test_a_name_without_an_account_has_no_hours(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    hand_over(store, indexer, space, crew, receiver="the day shift", receiver_id=None)
    (lane,) = lanes(store, crew["Eve"])
    assert (lane.receiver.name, lane.receiver.zone, lane.receiver.bands) == ("the day shift", "", ())


def test_only_what_is_under_way_is_drawn_the_most_urgent_first(
    store: Store, indexer: Indexer, space: Space, crew: Crew, set_clock: SetClock
) -> None:
    later = hand_over(store, indexer, space, crew, client="later", acknowledge_by=DUE + timedelta(hours=5))
    sooner = hand_over(store, indexer, space, crew, client="sooner")
    hand_over(store, indexer, space, crew, client="next week", effective=LAST + timedelta(days=4),
              acknowledge_by=LAST + timedelta(days=5))  # fmt: skip
    assert [lane.slug for lane in lanes(store, crew["Eve"])] == [sooner.page.slug, later.page.slug]
    return_note(store, crew["Ana"], sooner, "Name the bank")
    assert [(lane.slug, lane.state) for lane in lanes(store, crew["Eve"])] == [
        (sooner.page.slug, NoteState.RETURNED), (later.page.slug, NoteState.SUBMITTED),
    ]  # fmt: skip
    assert lanes(store, crew["Eve"], mine=True) == ()
    assert [lane.slug for lane in lanes(store, crew["Cleo"], mine=True)] == [sooner.page.slug, later.page.slug]


def test_an_overdue_note_stays_in_view_with_whom_it_went_to(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = new_york("2026-11-30T09:00")
    (lane,) = lanes(store, crew["Cleo"], moment, first=moment, last=moment + timedelta(hours=24))
    assert (lane.overdue, lane.holder, lane.my_turn) == (True, "Cleo", True)
    assert [(call.part, call.when) for call in lane.calls] == [(Part.BACKUP, DUE), (Part.LEAD, moment)]


def test_there_is_a_limit_and_it_is_told(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    for _ in range(MOST_LANES + 2):
        hand_over(store, indexer, space, crew)
    found = relay(store, crew["Eve"], FIRST, LAST, SUBMITTED_AT)
    assert (len(found.lanes), found.total) == (MOST_LANES, MOST_LANES + 2)


# ---- the drawing --------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """The elements of a text, each with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of the elements with this class."""
        return [attrs for _, attrs in self.found if name in (attrs.get("class") or "").split()]


def draw(found: tuple[Lane, ...], moment: datetime = SUBMITTED_AT) -> str:
    return chart(
        found, Window(FIRST, LAST, 360), BERLIN_TIME, moment, [f"/handover?slug={lane.slug}" for lane in found]
    )


def test_bands_and_bars_lie_where_their_time_is(store: Store, crew: Crew, handed_over: Note) -> None:
    drawn = Tags(draw(lanes(store, crew["Eve"])))
    assert [band["style"] for band in drawn.of("band")] == ["left:37.50%;width:33.33%", "left:8.33%;width:33.33%"]
    assert [band["title"] for band in drawn.of("band")] == [
        "Sam works 09:00 to 17:00 their time", "Ana works 09:00 to 17:00 their time",
    ]  # fmt: skip
    assert [bar["style"] for bar in drawn.of("bar")[:1]] == ["left:50.00%;width:50.00%"]
    assert [line["style"] for line in drawn.of("now") if "style" in line] == ["left:50.00%"]
    assert [link["href"] for tag, link in drawn.found if tag == "a"] == [f"/handover?slug={handed_over.page.slug}"]


def test_marks_are_on_the_readers_clock_and_told_on_the_others(store: Store, crew: Crew, handed_over: Note) -> None:
    drawn = draw(lanes(store, crew["Eve"]))
    axes = re.findall(r'<div class="name">(.*?)</div><div class="ticks">(.*?)</div>', drawn)
    told = {name: re.findall(r">([^<]+)</span>", ticks) for name, ticks in axes}
    assert told == {
        "Your time": ["Thu 26 Nov", "06:00", "12:00", "18:00", "Fri 27 Nov"],
        "Manila": ["07:00", "13:00", "19:00", "01:00", "07:00"],
    }


def test_marks_keep_to_the_clock_when_it_changes() -> None:
    window = Window(berlin("2026-03-29T00:00"), berlin("2026-03-30T00:00"), 360)
    drawn = chart((), window, BERLIN_TIME, window.first, ())
    places = [float(place) for place in re.findall(r'class="tick[^"]*" style="left:([\d.]+)%', drawn)]
    assert places == [0.0, pytest.approx(500 / 23, abs=0.01), pytest.approx(1100 / 23, abs=0.01),
                      pytest.approx(1700 / 23, abs=0.01), 100.0]  # fmt: skip


def test_a_lane_is_said_in_words(store: Store, crew: Crew, handed_over: Note) -> None:
    (lane,) = lanes(store, crew["Ana"])
    assert said(lane, BERLIN_TIME) == (
        f"{handed_over.page.title}: from Sam to Ana, takes effect 26 Nov 2026, 12:00 Europe/Berlin, acknowledge by "
        "27 Nov 2026, 23:30 Asia/Manila (16:30 yours), your turn"
    )


def test_what_is_overdue_and_whom_it_went_to_is_marked(store: Store, crew: Crew, handed_over: Note) -> None:
    moment = DUE + timedelta(hours=2)
    found = lanes(store, crew["Ben"], moment)
    window = window_around(moment, 24, 4, 180)
    drawn = Tags(chart(found, window, BERLIN_TIME, moment, ["/x"]))
    assert len([bar for bar in drawn.of("over") if "style" in bar]) == 1
    assert [call["title"] for call in drawn.of("call")] == ["To the backup Ben: 16:30"]
    assert (window.first, window.last) == (
        datetime(2026, 11, 27, 13, tzinfo=UTC), datetime(2026, 11, 28, 13, tzinfo=UTC),
    )  # fmt: skip


def test_what_people_wrote_is_only_text(store: Store, indexer: Indexer, space: Space, crew: Crew) -> None:
    hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>"
    with store.atomic() as db:
        people.add(db, hostile, "evil@example.com", Role.AUTHOR)
    hand_over(store, indexer, space, crew, title=hostile, client=hostile, receiver=hostile, receiver_id=None)
    plain = Tags(draw(lanes(store, crew["Eve"])))
    assert {tag for tag, _ in plain.found} <= {"div", "span", "ol", "ul", "li", "a"}
    assert all(not name.startswith("on") for _, attrs in plain.found for name in attrs)


def test_a_zone_is_called_by_its_place() -> None:
    assert [city(zone) for zone in ("America/New_York", "UTC", "America/Argentina/Buenos_Aires")] == [
        "New York", "UTC", "Buenos Aires",
    ]  # fmt: skip
