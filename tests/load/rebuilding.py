"""A full rebuild that runs for as long as something else is measured."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.load.processes import processor_s
from tests.server import ROOT


class RebuildFailed(RuntimeError):
    """The rebuild ended with an error; the message is what it said."""


@dataclass(slots=True)
class Rebuilds:
    """``done`` rebuilds, and one under way. ``failure`` is what one said that has failed; none is begun after it."""

    done: int = 0
    failure: str = ""
    pid: int | None = None  # of the one under way
    ended_s: float = 0.0  # processor time of those that have ended

    def processor_s(self) -> float:
        """Processor time in seconds that all of them have used until now."""
        return self.ended_s + (processor_s(self.pid) if self.pid else 0.0)


@contextlib.asynccontextmanager
async def rebuilding(data: Path) -> AsyncIterator[Rebuilds]:
    """Rebuild the index in a process of its own, again and again, until the block ends; the last one is ended then.

    :raises RebuildFailed: at the end of the block, when one has failed.
    """
    count = Rebuilds()
    task = asyncio.create_task(_rebuild(data, count))
    try:
        yield count
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    if count.failure:
        raise RebuildFailed(count.failure)


async def _rebuild(data: Path, count: Rebuilds) -> None:
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "scripts" / "rebuild_index.py"),
            "--full",
            env={**os.environ, "BATON_DATA": str(data)},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        before, count.pid = _of_ended_children(), process.pid
        try:
            _, said = await process.communicate()
        except asyncio.CancelledError:
            process.kill()  # a kill loses nothing
            await process.wait()
            raise
        count.ended_s += _of_ended_children() - before
        count.pid = None
        if process.returncode:
            count.failure = said.decode(errors="replace").strip()[-500:]
            return
        count.done += 1


def _of_ended_children() -> float:
    """Processor time in seconds of the child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system
