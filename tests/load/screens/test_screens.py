"""A small wiki as the benchmark makes it: it holds every kind of note, is sound, and its screens open."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarking.sizes import DATABASE, copy_database
from kb.handover.actions import CARRIED_LONG
from kb.handover.life import DONE
from kb.handover.models import NoteState
from kb.models import Person
from kb.note_measures import MeasureFilter, measured_notes
from kb.rebuild import check
from kb.store import db, note_life
from kb.store.db import Connection, Store
from kb.verification import verify_handovers
from tests.clock import own_clock
from tests.load.screens.figures import Measured, Script, measured, missed, screens_table, scripts_table, wrong
from tests.load.screens.history import DAYS, LARGEST, LATELY, plans
from tests.load.screens.opening import Stop, Taken, open_screen
from tests.load.screens.tour import EmptyWiki, cast_of, stops
from tests.load.screens.wiki import build
from tests.load.tab import RunFailed
from tests.server import Server, free_port

UNTIL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOTES, ITEMS = 60, 180


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screens")
    build(folder / "baton.db", NOTES, ITEMS, lambda what, done, total: None)
    return folder


@pytest.fixture(scope="module")
def built(data: Path) -> Iterator[Store]:
    store = Store.open(data / "baton.db")
    yield store
    store.close()


def test_plans_have_all_items_and_the_last_note_has_most() -> None:
    found = plans(random.Random(1), 5_000, 50_000, UNTIL)
    assert len(found) == 5_000
    assert sum(plan.items for plan in found) == 50_000
    assert max(plan.items for plan in found) == found[-1].items == LARGEST
    assert min(plan.items for plan in found) > 0
    assert found[0].begins == UNTIL - timedelta(days=DAYS)
    assert sum(plan.late for plan in found) == sum(plan.begins >= UNTIL - LATELY for plan in found) == 300
    assert found == plans(random.Random(1), 5_000, 50_000, UNTIL)


def test_a_built_wiki_has_all_notes_and_items_and_is_sound(built: Store) -> None:
    with built.reading() as connection:
        items = connection.execute("SELECT count(*) FROM handover_items").fetchone()[0]
        states = dict(connection.execute("SELECT state, count(*) FROM handovers GROUP BY state").fetchall())
        kinds = {row[0] for row in connection.execute("SELECT DISTINCT template FROM handovers")}
    assert (sum(states.values()), items) == (NOTES, ITEMS)
    assert {"closed", "superseded", "acknowledged"} <= states.keys()
    assert kinds == {"shift", "role", "client"}
    assert check(built) == []
    verified = verify_handovers(built, "", lambda what, done, total: None)
    assert verified.findings == ()
    assert verified.seals >= states["closed"]


def test_the_tour_names_every_state_that_the_wiki_has(built: Store) -> None:
    found = {stop.name for stop in stops(built, cast_of(built))}
    assert {f"Note, {state}" for state in (NoteState.CLOSED, NoteState.SUPERSEDED, NoteState.ACKNOWLEDGED)} <= found
    assert {"My day, lead", "Relay, a week", "Actions, member", "Handover notes, one client", "Templates"} <= found


def test_an_empty_wiki_has_no_tour(store: Store) -> None:
    with pytest.raises(EmptyWiki, match="There is nobody here"):
        cast_of(store)


def test_the_clock_is_given_back() -> None:
    real = db.now
    with own_clock() as clock:
        clock.moment = UNTIL
        assert db.now() == vars(note_life)["now"]() == UNTIL
    assert db.now is vars(note_life)["now"] is real


def test_screens_open_and_other_ones_are_told(data: Path, built: Store) -> None:
    by_name = {stop.name: stop for stop in stops(built, cast_of(built))}
    server = Server(data, free_port())
    server.start(wait_for_model=False)
    try:
        assert server.process is not None
        pids = (server.process.pid, None)

        def opened(stop: Stop) -> Taken:
            token = server.sign_in(Person(stop.person, ""))
            # In a thread of its own: the browser's tests may keep a loop running in this one.
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(asyncio.run, open_screen(server.port, token, stop, pids)).result()

        for name in ("My day, member", "Actions, only mine", "Handover dashboard, by client", "Note, closed"):
            taken = opened(by_name[name])
            assert taken.wall_ms > 0
            assert taken.server_ms > 0
            assert taken.kilobytes > 1
        with pytest.raises(RunFailed, match="came instead of “Relay”"):
            opened(replace(by_name["My day, lead"], title="Relay"))
        with pytest.raises(RunFailed, match="there is no field relay_zoom"):
            opened(replace(by_name["Relay, a week"], change=("relay_zoom", True)))
    finally:
        server.stop()


# ---- figures ------------------------------------------------------------------------------------------------------


def taken(*walls: float) -> list[Taken]:
    return [Taken(wall, wall / 2, 1.0, 40.0) for wall in walls]


def test_the_first_opening_is_told_apart() -> None:
    found = measured("Relay", taken(900.0, *(float(n) for n in range(1, 101))))
    assert (found.times, found.first_ms) == (100, 900.0)
    assert (found.wall.p50, found.wall.p95, found.wall.max) == (50.0, 95.0, 100.0)
    assert found.server.p50 == 25.0


def test_one_row_a_screen() -> None:
    found: list[Measured] = [measured("Relay", taken(900.0, 50.0)), measured("Gone", [], "no connection")]
    assert screens_table(found).splitlines()[2:] == ["| Relay | 50 | 50 | 50 | 900 | 25, 25 | 1 | 40 |"]
    assert scripts_table([Script("check", 1.26, 1.0, 0, "")]).splitlines()[2:] == ["| check | 1.3 | 1.0 | 0 |"]


def test_what_is_slow_and_what_is_wrong_is_said() -> None:
    slow, fine = measured("Relay", taken(900.0, 500.0)), measured("Actions", taken(900.0, 499.0))
    gone = measured("My day", taken(900.0), "no connection")
    assert missed([slow, fine, gone]) == ["Relay: p95 is 500 ms (p50 500, processor 250); wanted is less than 500."]
    assert wrong([slow, gone], [Script("check", 1.0, 1.0, 0, ""), Script("verify", 1.0, 1.0, 1, "changed")]) == [
        "My day: no connection",
        "verify ended with 1: changed",
    ]


# ---- the measures of many notes, which are asked of all at once ----

ALWAYS = MeasureFilter(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_SUBMITTED = "SELECT min(at) FROM handover_events WHERE page_id = ? AND step IN ('submit', 'pass on')"
_ANSWERED = "SELECT count(DISTINCT key) FROM handovers, json_each(answers) WHERE page_id = ? AND key != 'items'"
_HAS_ITEMS = """SELECT count(*) FROM handover_items WHERE page_id = :id
                UNION SELECT count(*) FROM handovers, json_each(answers) WHERE page_id = :id AND key = 'items'"""
_TEAMS = """SELECT DISTINCT teams.name FROM handover_parties AS p JOIN teams
            LEFT JOIN team_members AS m ON m.team_id = teams.id
            WHERE p.page_id = ? AND p.part = 'receiver' AND (p.team_id = teams.id OR p.person_id = m.person_id)"""
_PLACES_BEFORE = """SELECT (SELECT count(*) FROM item_places AS b WHERE b.origin = here.origin AND b.id < here.id)
                    FROM item_places AS here WHERE page_id = ?"""
_UNOWNED = """SELECT count(*) FROM handover_items AS i LEFT JOIN actions USING (origin)
              WHERE i.page_id = ? AND coalesce(actions.owner, i.owner) = '' AND NOT coalesce(actions.done, i.done)
              AND (actions.origin IS NULL OR i.id IN (SELECT item_id FROM action_places))"""


@pytest.fixture
def measured_wiki(data: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of the small wiki, in which more went wrong than in so few notes by chance."""
    copy_database(data / DATABASE, tmp_path / DATABASE)
    store = Store.open(tmp_path / DATABASE)
    with store.atomic() as connection:  # nobody owns some of them any more, also of those that never were in a version
        connection.execute(
            "UPDATE actions SET owner = '', owner_id = NULL WHERE done = 0 AND substr(origin, 1, 1) < '8'"
        )
        connection.execute("UPDATE handover_items SET owner = '', origin = 'new' || id, done = 0 WHERE id % 17 = 0")
        connection.execute(
            """INSERT OR IGNORE INTO item_places(origin, page_id, at)
               SELECT often.origin, places.page_id, places.at FROM item_places AS places, item_places AS often
               WHERE often.id % 20 = 0 AND places.id % 9 = 0 AND often.id < places.id ORDER BY places.id"""
        )
    yield store
    store.close()


def one(connection: Connection, sql: str, page: int) -> Any:
    return connection.execute(sql, [page]).fetchone()[0]


def test_measures_of_all_notes_are_those_asked_of_each_note_alone(measured_wiki: Store) -> None:
    found = measured_notes(measured_wiki, cast_of(measured_wiki).lead, ALWAYS)
    totals = {"answered": 0, "carried": 0, "unowned": 0, "teams": 0}
    with measured_wiki.reading() as connection:
        for facts in found:
            page = connection.execute("SELECT id FROM pages WHERE slug = ?", [facts.slug]).fetchone()[0]
            assert facts.begun == datetime.fromisoformat(str(one(connection, _SUBMITTED, page)))
            has_items = any(row[0] for row in connection.execute(_HAS_ITEMS, {"id": page}))
            assert facts.answered == one(connection, _ANSWERED, page) + has_items
            assert sorted(facts.teams) == sorted(row[0] for row in connection.execute(_TEAMS, [page]))
            assert facts.carried_long == sum(
                row[0] > CARRIED_LONG for row in connection.execute(_PLACES_BEFORE, [page])
            )
            assert facts.unowned == (0 if facts.state in DONE else one(connection, _UNOWNED, page))
            for name, number in (("answered", facts.answered), ("carried", facts.carried_long),
                                 ("unowned", facts.unowned), ("teams", len(facts.teams))):  # fmt: skip
                totals[name] += number
    assert all(totals.values()), totals  # else nothing would be shown by it


def test_measures_of_a_shorter_time_are_of_the_notes_that_began_in_it(measured_wiki: Store) -> None:
    lead, until = cast_of(measured_wiki).lead, db.now()
    since = until - timedelta(days=91)
    assert measured_notes(measured_wiki, lead, MeasureFilter(since, until)) == [
        facts for facts in measured_notes(measured_wiki, lead, ALWAYS) if since <= facts.begun < until
    ]
