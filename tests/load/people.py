"""People at work: each searches again and again at moments of their own, whatever the others do."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarking.queries import SEED
from tests.load.visitor import Answer, SearchFailed, Visitor
from tests.server import Server

BREATH_S = 0.5  # after a failure, so that a server that is down is not asked in a busy loop


@dataclass(slots=True)
class Asked:
    """What a number of searches brought."""

    answers: list[Answer] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.answers) + len(self.errors)


async def open_all(server: Server, people: int) -> list[Visitor]:
    """Tabs on the search screen, each with a session of its own, opened one after another.

    :raises SearchFailed: when one cannot be opened.
    """
    visitors = [Visitor(server.port, server.sign_in()) for _ in range(people)]
    for visitor in visitors:
        await visitor.open()
    return visitors


async def close_all(visitors: Sequence[Visitor]) -> None:
    """Close the tabs."""
    await asyncio.gather(*(visitor.close() for visitor in visitors))


async def ask_in_turn(visitors: Sequence[Visitor], queries: Iterator[str]) -> Asked:
    """One search of each, never two at once."""
    asked = Asked()
    for visitor in visitors:
        await _ask(visitor, next(queries), asked)
    return asked


async def ask_for(
    visitors: Sequence[Visitor], queries: Iterator[str], every_s: float, seconds: float, seen: Callable[[int], None]
) -> Asked:
    """Everybody searches about every ``every_s`` seconds, for ``seconds``.

    :param queries: shared, so that each is asked once. At most ``most_searches`` are taken.
    :param seen: called with the number of searches that were answered, after each.
    """
    asked = Asked()
    begun = time.perf_counter()

    async def one(visitor: Visitor, chance: random.Random) -> None:
        due = begun + chance.uniform(0, every_s)
        while due < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= begun + seconds:
                break
            await _ask(visitor, next(queries), asked)
            seen(asked.count)
            # Uneven, as people are: even moments would keep everybody out of each other's way all along. The next one
            # counts from when this one was due, so that a slow server is not asked less.
            due += chance.uniform(0.5, 1.5) * every_s

    await asyncio.gather(*(one(visitor, random.Random(SEED + n)) for n, visitor in enumerate(visitors)))
    return asked


def most_searches(people: int, every_s: float, seconds: float) -> int:
    """How many queries :func:`ask_for` can use at most."""
    return people * (int(seconds / (0.5 * every_s)) + 1)


async def _ask(visitor: Visitor, query: str, asked: Asked) -> None:
    try:
        asked.answers.append(await visitor.search(query))
    except SearchFailed as failure:
        asked.errors.append(str(failure))
        await asyncio.sleep(BREATH_S)
        try:
            await visitor.open()
        except SearchFailed as again:
            asked.errors.append(str(again))
