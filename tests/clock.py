"""A clock for the services: tests whose moments are fixed pass on every day, and a year of notes is written at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from kb.store import db

# Who is signed in stays so, however far away the moment is.
NOT_SET = {"kb.sessions", "kb.store.sessions"}


@dataclass
class Clock:
    """Tells the moment that it was set to."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment


@contextmanager
def own_clock(moment: datetime | None = None) -> Iterator[Clock]:
    """All of Baton in this process but its sessions goes by the clock that is given, until the end.

    :param moment: what it tells first; None for the present.
    """
    real = db.now
    clock = Clock(moment or real())
    _exchange(real, clock)
    try:
        yield clock
    finally:
        _exchange(clock, real)


def _exchange(one: Callable[[], datetime], other: Callable[[], datetime]) -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "kb" and name not in NOT_SET and getattr(module, "now", None) is one:
            module.now = other  # type: ignore[attr-defined]
