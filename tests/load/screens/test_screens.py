"""A small wiki as the benchmark makes it: it holds every kind of note, is sound, and its screens open."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb.handover.models import NoteState
from kb.models import Person
from kb.rebuild import check
from kb.store import db, note_life
from kb.store.db import Store
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
