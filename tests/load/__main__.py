"""People searching in the real application, as many and as often as asked for. docs/benchmark.md tells more."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from benchmarking.measuring import resident_mb
from benchmarking.sizes import DATABASE, copy_database, passages_of
from kb.progress import ProgressBars
from kb.store.db import Store
from tests.load.figures import Phase, Used, missed, phase_of, phases_table, wrong
from tests.load.people import Asked, ask_for, ask_in_turn, close_all, most_searches, open_all
from tests.load.processes import child_of, processor_s
from tests.load.queries import TooFewQueries, distinct_queries
from tests.load.rebuilding import RebuildFailed, Rebuilds, rebuilding
from tests.load.visitor import SearchFailed, Visitor
from tests.server import ROOT, Server, ServerFailed, free_port

ALONE = 50  # searches one at a time, to compare with


class ImportFailed(RuntimeError):
    """The documents could not be imported; the message is what the script said."""


def main() -> int:
    options = _options()
    try:
        with tempfile.TemporaryDirectory(prefix="baton-load-") as folder:
            data = Path(folder)
            _fill(data, options)
            phases = _measure(data, options)
    except (ImportFailed, RebuildFailed, SearchFailed, ServerFailed, TooFewQueries) as error:
        print(error, file=sys.stderr)
        return 2
    errors, sentences = wrong(phases), missed(phases)
    if options.json:
        report = {"phases": [asdict(phase) for phase in phases], "errors": errors, "missed": sentences}
        print(json.dumps(report, indent=2))
    else:
        print("\n\n".join([phases_table(phases), *errors, *sentences]))
    return int(bool(errors))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--folder", type=_folder, help="documents to import into an empty wiki first")
    given.add_argument("--data", type=_folder, help="a data folder of Baton; a copy of its database is searched")
    parser.add_argument("--queries", type=Path, help="more queries: a queries.jsonl in BEIR layout")
    parser.add_argument("--people", type=_between(1, 500), default=50)
    parser.add_argument(
        "--every", type=_between(0.2, 60), default=2.0, metavar="S", help="a search of each (default 2)"
    )
    parser.add_argument("--seconds", type=_between(1, 600), default=60.0, metavar="S", help="of a phase (default 60)")
    parser.add_argument("--rebuild", action="store_true", help="then the same while the index is rebuilt in full")
    parser.add_argument("--port", type=_between(1, 65535), help="of this machine, for the application")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _fill(data: Path, options: argparse.Namespace) -> None:
    """:raises ImportFailed: when the documents cannot be read."""
    if options.data:
        copy_database(options.data / DATABASE, data / DATABASE)
        return
    command = [sys.executable, str(ROOT / "scripts" / "import_docs.py"), str(options.folder), "--space", "Load"]
    ended = subprocess.run(
        command,
        env={**os.environ, "BATON_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if ended.returncode:
        raise ImportFailed(ended.stderr.strip()[-500:])


def _measure(data: Path, options: argparse.Namespace) -> list[Phase]:
    queries = _queries(data, options)
    server = Server(data, int(options.port or free_port()))
    try:
        server.start()
        return asyncio.run(_Load(server, options, iter(queries)).phases())
    finally:
        server.stop()


def _queries(data: Path, options: argparse.Namespace) -> list[str]:
    judged: list[str] = []
    if options.queries:
        judged = [json.loads(line)["text"] for line in options.queries.read_text("utf-8").splitlines() if line.strip()]
    of_phase = most_searches(int(options.people), options.every, options.seconds)
    store = Store.open(data / DATABASE)
    try:
        wanted = int(options.people) + ALONE + of_phase * (2 if options.rebuild else 1)
        return distinct_queries(passages_of(store), judged, wanted)
    finally:
        store.close()


class _Load:
    """The phases, on one running server."""

    def __init__(self, server: Server, options: argparse.Namespace, queries: Iterator[str]) -> None:
        assert server.process is not None
        self._server, self._options, self._queries = server, options, queries
        self._pids = [server.process.pid, child_of(server.process.pid, "kb.search_process") or 0, os.getpid()]

    async def phases(self) -> list[Phase]:
        """:raises SearchFailed: when the screen cannot be opened."""
        people = int(self._options.people)
        visitors = await open_all(self._server, people)
        try:
            await ask_in_turn(visitors, self._queries)  # whatever is loaded or compiled at the first time
            found = [await self._alone(visitors), await self._phase(f"by {people} people", visitors)]
            if self._options.rebuild:
                async with rebuilding(self._server.data) as rebuilds:
                    found.append(await self._phase(f"by {people} people, full rebuild", visitors, rebuilds))
            return found
        finally:
            await close_all(visitors)

    async def _alone(self, visitors: Sequence[Visitor]) -> Phase:
        used, begun = self._used(), time.perf_counter()
        asked = await ask_in_turn([visitors[n % len(visitors)] for n in range(ALONE)], self._queries)
        return self._told("one at a time", asked, time.perf_counter() - begun, used)

    async def _phase(self, name: str, visitors: Sequence[Visitor], rebuilds: Rebuilds | None = None) -> Phase:
        used, begun = self._used(), time.perf_counter()
        rebuilt = rebuilds.processor_s() if rebuilds else 0.0
        with ProgressBars() as progress:
            total = int(len(visitors) * self._options.seconds / self._options.every)
            asked = await ask_for(
                visitors,
                self._queries,
                self._options.every,
                self._options.seconds,
                lambda done: progress(f"Searching, {name}", min(done, total), total),
            )
        phase = self._told(name, asked, time.perf_counter() - begun, used)
        if rebuilds is None:
            return phase
        cores = replace(phase.cores, rebuild=(rebuilds.processor_s() - rebuilt) / phase.seconds)
        return replace(phase, rebuilding=True, rebuilds=rebuilds.done, cores=cores)

    def _told(self, name: str, asked: Asked, seconds: float, before: Sequence[float]) -> Phase:
        server, search, client = ((now - then) / seconds for now, then in zip(self._used(), before, strict=True))
        memory = (resident_mb(self._pids[0]), resident_mb(self._pids[1]) if self._pids[1] else 0.0)
        return phase_of(name, asked, seconds, Used(server, search, 0.0, client), memory, os.getloadavg()[0])

    def _used(self) -> list[float]:
        return [processor_s(pid) for pid in self._pids]


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text)


class _between:  # noqa: N801  reads as a function where it is used
    """A number within bounds: the load must never grow beyond what was meant."""

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {self._least:g} to {self._most:g}")
        return number


if __name__ == "__main__":
    sys.exit(main())
