"""The figures of a run under load, as a table and as sentences. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarking.measuring import nearest_rank
from tests.load.people import Asked

# What is wanted of up to this many searches a second.
WANTED_RATE = 25.0
WANTED_P50_MS, WANTED_P95_MS, WANTED_P95_REBUILDING_MS = 80.0, 200.0, 600.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds a search."""

    p50: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Percentiles:
        ordered = sorted(milliseconds)
        if not ordered:
            return cls(0.0, 0.0, 0.0, 0.0)
        p50, p95, p99 = (nearest_rank(ordered, percent) for percent in (50, 95, 99))
        return cls(p50, p95, p99, ordered[-1])


@dataclass(frozen=True, slots=True)
class Used:
    """Cores that each process kept busy on average; ``rebuild`` is 0.0 where none ran."""

    server: float
    search: float
    rebuild: float
    client: float


@dataclass(frozen=True, slots=True)
class Phase:
    """What was measured in one phase. Memory in MB at its end."""

    name: str
    seconds: float
    searches: int
    shown: Percentiles  # until the results are on the screen
    finished: Percentiles  # until the run has ended
    words_only: int  # answers in which meaning had no say
    errors: dict[str, int]  # what went wrong, and how often
    cores: Used
    server_mb: float
    search_mb: float
    load: float  # processes that wanted a core in the minute before
    rebuilding: bool = False
    rebuilds: int = 0  # that were done within the phase


def phase_of(name: str, asked: Asked, seconds: float, cores: Used, memory: tuple[float, float], load: float) -> Phase:
    """Put together what one phase brought.

    :param memory: of the server and of the process that searches, in MB.
    """
    return Phase(
        name=name,
        seconds=seconds,
        searches=asked.count,
        shown=Percentiles.of([answer.shown_ms for answer in asked.answers]),
        finished=Percentiles.of([answer.finished_ms for answer in asked.answers]),
        words_only=sum(not answer.by_meaning for answer in asked.answers),
        errors=dict(Counter(asked.errors)),
        cores=cores,
        server_mb=memory[0],
        search_mb=memory[1],
        load=load,
    )


def phases_table(phases: Sequence[Phase]) -> str:
    """One row a phase, in Markdown."""
    header = [
        "searches", "a second", "shown ms (p50, p95, p99, max)", "finished ms (p50, p95)", "errors",
        "cores: server, search, rebuild, client", "memory MB: server, search", "load",
    ]  # fmt: skip
    rows = [
        [
            f"{p.searches:,} {p.name}",
            f"{p.searches / p.seconds:.1f}",
            f"{p.shown.p50:.0f}, {p.shown.p95:.0f}, {p.shown.p99:.0f}, {p.shown.max:.0f}",
            f"{p.finished.p50:.0f}, {p.finished.p95:.0f}",
            f"{sum(p.errors.values())}",
            f"{p.cores.server:.2f}, {p.cores.search:.2f}, {p.cores.rebuild:.2f}, {p.cores.client:.2f}",
            f"{p.server_mb:.0f}, {p.search_mb:.0f}",
            f"{p.load:.1f}",
        ]
        for p in phases
    ]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def wrong(phases: Sequence[Phase]) -> list[str]:
    """A sentence for each error."""
    return [f"{p.name}: {count} times: {what}" for p in phases for what, count in p.errors.items()]


def missed(phases: Sequence[Phase]) -> list[str]:
    """A sentence for each figure that is not as wanted."""
    sentences = []
    for p in phases:
        if p.searches / p.seconds > WANTED_RATE * 1.1:
            continue  # nothing was promised there
        wanted = [("p50", p.shown.p50, WANTED_P50_MS), ("p95", p.shown.p95, WANTED_P95_MS)]
        if p.rebuilding:
            wanted = [("p95", p.shown.p95, WANTED_P95_REBUILDING_MS)]
        sentences += [
            f"{p.name}: {what} is {value:.0f} ms; wanted is less than {most:g}."
            for what, value, most in wanted
            if value >= most
        ]
        if p.words_only:
            sentences.append(f"{p.name}: {p.words_only} answers came by words alone; wanted is none.")
        if p.rebuilding and not p.rebuilds:
            sentences.append(f"{p.name}: no rebuild was done in that time; give more --seconds.")
    return sentences
