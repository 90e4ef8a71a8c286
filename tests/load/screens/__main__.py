"""Every handover screen of a wiki with thousands of notes, in the real application. docs/benchmark.md tells more."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarking.sizes import DATABASE, copy_database
from kb.calendar_feed import ROUTE, make_address
from kb.models import Person
from kb.progress import ProgressBars
from kb.settings import Settings
from kb.store.db import Store, StoreError
from tests.load.processes import child_of
from tests.load.screens.figures import Measured, Script, measured, missed, screens_table, scripts_table, wrong
from tests.load.screens.opening import Stop, Taken, open_screen, used_ms
from tests.load.screens.tour import EmptyWiki, cast_of, stops
from tests.load.screens.wiki import build
from tests.load.tab import RunFailed
from tests.server import ROOT, Server, ServerFailed, free_port

SCRIPTS = (("rebuild_index.py", "--check"), ("verify_handovers.py",))
MEGABYTE = 1024 * 1024


def main() -> int:
    options = _options()
    try:
        with ExitStack() as ending, ProgressBars() as progress:
            data = options.keep or Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="baton-screens-")))
            data.mkdir(parents=True, exist_ok=True)
            if options.data:
                copy_database(options.data / DATABASE, data / DATABASE)
            elif not (data / DATABASE).exists():
                build(data / DATABASE, options.notes, options.items, progress)
            size = _size(data)
            scripts = [_run_script(data, *script) for script in SCRIPTS if options.only.casefold() in script[0]]
            screens = _measure(data, options, progress)
    except (EmptyWiki, OSError, ServerFailed, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    errors, sentences = wrong(screens, scripts), missed(screens)
    load = os.getloadavg()[0]
    if options.json:
        report = {
            "wiki": size,
            "load": load,
            "screens": [asdict(one) for one in screens],
            "scripts": [asdict(one) for one in scripts],
            "errors": errors,
            "missed": sentences,
        }
        print(json.dumps(report, indent=2))
    else:
        about = ", ".join(f"{count:,} {what}" for what, count in size.items()) + f"; load {load:.1f}"
        tables = [screens_table(screens), scripts_table(scripts)]
        print("\n\n".join([about, *tables, *errors, *sentences]))
    return int(bool(errors))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.screens", description=__doc__)
    parser.add_argument("--notes", type=int, default=5_000, help="notes to write first (default 5000)")
    parser.add_argument("--items", type=int, default=50_000, help="items in them, in all (default 50000)")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--data", type=Path, metavar="FOLDER", help="a data folder of Baton, a copy of which is opened")
    given.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the wiki there; one that is there is used")
    parser.add_argument("--times", type=int, default=10, help="how often to open each screen after the first time")
    parser.add_argument("--only", default="", metavar="WORD", help="only the screens and scripts whose name holds this")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _size(data: Path) -> dict[str, int]:
    store = Store.open(data / DATABASE)
    try:
        with store.reading() as db:
            tables = {"notes": "handovers", "items": "handover_items", "passages": "chunks", "people": "people"}
            found = {
                what: int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  constants
                for what, table in tables.items()
            }
            opened = db.execute("SELECT count(*) FROM actions WHERE done = 0").fetchone()[0]
        return {**found, "open items": int(opened), "MB": (data / DATABASE).stat().st_size // MEGABYTE}
    finally:
        store.close()


def _run_script(data: Path, name: str, *arguments: str) -> Script:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / name), *arguments],
        env={**os.environ, "BATON_DATA": str(data)},
        capture_output=True,
        text=True,
    )
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = (ended.stdout + ended.stderr).strip()[-300:]
    return Script(" ".join([name, *arguments]), seconds, used, ended.returncode, said)


def _measure(data: Path, options: argparse.Namespace, progress: ProgressBars) -> list[Measured]:
    store = Store.open(data / DATABASE)
    try:
        cast = cast_of(store)
        chosen = [stop for stop in stops(store, cast) if options.only.casefold() in stop.name.casefold()]
        calendar = make_address(store, Settings(), cast.receiver).partition("?")[2]
    finally:
        store.close()
    server = Server(data, free_port())
    try:
        server.start()
        assert server.process is not None
        pids = (server.process.pid, child_of(server.process.pid, "kb.search_process"))
        found = asyncio.run(_open_all(server, chosen, options.times, pids, progress))
        if options.only.casefold() in "calendar feed":
            found.append(_fetch_all(f"{server.url}{ROUTE}?{calendar}", options.times, pids))
        return found
    finally:
        server.stop()


async def _open_all(
    server: Server, chosen: Sequence[Stop], times: int, pids: tuple[int, int | None], progress: ProgressBars
) -> list[Measured]:
    tokens = {stop.person: server.sign_in(Person(stop.person, "")) for stop in chosen}
    found = []
    for done, stop in enumerate(chosen, start=1):
        taken: list[Taken] = []
        fault = ""
        try:
            for _ in range(times + 1):
                taken.append(await open_screen(server.port, tokens[stop.person], stop, pids))  # noqa: PERF401
        except RunFailed as error:
            fault = str(error)
        found.append(measured(stop.name, taken, fault))
        progress("Opening screens", done, len(chosen))
    return found


def _fetch_all(url: str, times: int, pids: tuple[int, int | None]) -> Measured:
    taken = []
    for _ in range(times + 1):
        before, begun = used_ms(pids), time.perf_counter()
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  our own address
            size = len(answer.read())
        wall, after = (time.perf_counter() - begun) * 1000, used_ms(pids)
        taken.append(Taken(wall, after[0] - before[0], after[1] - before[1], size / 1000))
    return measured("Calendar feed", taken)


if __name__ == "__main__":
    sys.exit(main())
