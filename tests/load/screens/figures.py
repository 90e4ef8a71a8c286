"""What opening the screens took, as a table and as sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarking.measuring import Latency, latency
from tests.load.screens.opening import Taken

WANTED_MS = 500.0  # every screen, from the request to the end of its script


@dataclass(frozen=True, slots=True)
class Measured:
    """A screen that was opened ``times`` times after the first. Milliseconds; ``server`` and ``search`` (the process
    that searches) of processor time; sizes of what was sent, in kB.
    """

    name: str
    times: int
    first_ms: float
    wall: Latency
    server: Latency
    search: Latency
    kilobytes: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was run once. ``status`` is its exit status, ``said`` the end of what it printed."""

    name: str
    seconds: float
    processor_s: float
    status: int
    said: str


def measured(name: str, taken: Sequence[Taken], fault: str = "") -> Measured:
    """Put together what the openings of a screen took, the first apart."""
    later = taken[1:] or taken
    return Measured(
        name=name,
        times=len(taken) - 1 if len(taken) > 1 else len(taken),
        first_ms=taken[0].wall_ms if taken else 0.0,
        wall=latency([one.wall_ms for one in later]),
        server=latency([one.server_ms for one in later]),
        search=latency([one.search_ms for one in later]),
        kilobytes=later[-1].kilobytes if later else 0.0,
        fault=fault,
    )


def screens_table(found: Sequence[Measured]) -> str:
    """One row a screen, in Markdown."""
    header = ["screen", "p50 ms", "p95", "max", "first", "processor ms (p50, max)", "search ms", "kB"]
    rows = [
        [
            one.name,
            f"{one.wall.p50:.0f}",
            f"{one.wall.p95:.0f}",
            f"{one.wall.max:.0f}",
            f"{one.first_ms:.0f}",
            f"{one.server.p50:.0f}, {one.server.max:.0f}",
            f"{one.search.p50:.0f}",
            f"{one.kilobytes:.0f}",
        ]
        for one in found
        if not one.fault
    ]
    return _table(header, rows)


def scripts_table(found: Sequence[Script]) -> str:
    """One row a script, in Markdown."""
    header = ["script", "s", "processor s", "exit status"]
    return _table(header, [[s.name, f"{s.seconds:.1f}", f"{s.processor_s:.1f}", str(s.status)] for s in found])


def wrong(screens: Sequence[Measured], scripts: Sequence[Script]) -> list[str]:
    """A sentence for each screen that did not come, and each script that found something."""
    return [
        *(f"{one.name}: {one.fault}" for one in screens if one.fault),
        *(f"{one.name} ended with {one.status}: {one.said}" for one in scripts if one.status),
    ]


def missed(screens: Sequence[Measured]) -> list[str]:
    """A sentence for each screen that took longer than wanted, once in twenty times or more."""
    return [
        f"{one.name}: p95 is {one.wall.p95:.0f} ms (p50 {one.wall.p50:.0f}, processor {one.server.p50:.0f}); "
        f"wanted is less than {WANTED_MS:g}."
        for one in screens
        if not one.fault and one.wall.p95 >= WANTED_MS
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
