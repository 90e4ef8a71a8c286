"""The load client sees what a browser sees, in the real application; how long it takes is no matter here."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from tests.load.people import ask_for, ask_in_turn, close_all, most_searches, open_all
from tests.load.processes import child_of, processor_s
from tests.load.rebuilding import RebuildFailed, rebuilding
from tests.load.visitor import SearchFailed, Visitor
from tests.server import Server, free_port

pytestmark = pytest.mark.model
Result = TypeVar("Result")
QUERIES = {
    "somebody paid the same bill two times": "Invoice disputes",
    "VPN-809": "Remote access",
    "escalation phone numbers": "Escalation matrix",
    "how often is work checked": "Quality checks",
    "where is the shift calendar": "Shift calendar",
    "the customer wants the money back": "Refund policy",
}


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work gives. In a thread of its own: the browser's tests may keep a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_each_of_several_people_gets_the_results_of_their_own_query(server: Server) -> None:
    async def search() -> list[str]:
        visitors = await open_all(server, 3)
        queries = list(QUERIES)
        found = []
        for asked in (queries[:3], queries[3:]):
            answers = await asyncio.gather(*(v.search(query) for v, query in zip(visitors, asked, strict=True)))
            assert all(answer.by_meaning and 0 < answer.shown_ms <= answer.finished_ms for answer in answers)
            found += [answer.titles[0] for answer in answers]
        await close_all(visitors)
        return found

    assert finished(search()) == list(QUERIES.values())


def test_everybody_goes_on_searching_until_the_time_is_over(server: Server) -> None:
    async def search() -> tuple[int, int, list[str]]:
        visitors = await open_all(server, 3)
        queries = (f"refund {n}" for n in range(most_searches(3, 0.5, 2.0)))
        asked = await ask_for(visitors, queries, every_s=0.5, seconds=2.0, seen=lambda count: None)
        left = len(list(queries))
        await close_all(visitors)
        return asked.count, most_searches(3, 0.5, 2.0) - left, asked.errors

    count, taken, errors = finished(search())
    assert count == taken >= 3
    assert errors == []


def test_what_a_process_uses_is_known(server: Server) -> None:
    assert server.process is not None
    searching = child_of(server.process.pid, "kb.search_process")
    assert searching is not None
    assert processor_s(searching) > 0
    assert child_of(os.getpid(), "kb.search_process") is None


def test_nobody_listening_is_a_failed_search() -> None:
    with pytest.raises(SearchFailed, match="no connection"):
        finished(Visitor(free_port(), "").open())


def test_a_rebuild_that_fails_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_MODEL", "/no/such/model")

    async def rebuild() -> None:
        async with rebuilding(server.data) as rebuilds:
            while not rebuilds.failure:
                await asyncio.sleep(0.1)
            assert rebuilds.processor_s() > 0

    with pytest.raises(RebuildFailed, match="/no/such/model"):
        finished(rebuild())


def test_an_exception_in_the_application_and_an_answer_without_results_are_errors(server: Server) -> None:
    """The last test of this file: it breaks the database."""

    async def search() -> list[str]:
        visitors = await open_all(server, 1)
        none = await ask_in_turn(visitors, iter(['"no page holds these words in a row"']))
        with sqlite3.connect(server.data / "baton.db") as db:
            db.execute("ALTER TABLE chunks RENAME TO gone")
        broken = await ask_in_turn(visitors, iter(["refund"]))
        await close_all(visitors)
        return [*none.errors, *broken.errors]

    none, broken = finished(search())
    assert none == "'\"no page holds these words in a row\"' was answered by no results"
    assert broken.startswith("the screen shows an error: ")
