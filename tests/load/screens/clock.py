"""A clock for the services, so that notes can be written as they would have been over a year and a half."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from kb.store import db


@dataclass
class Clock:
    """Tells the moment that it was set to."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@contextmanager
def own_clock() -> Iterator[Clock]:
    """All of Baton in this process goes by the clock that is given, until the end."""
    real = db.now
    clock = Clock(real())
    _exchange(real, clock)
    try:
        yield clock
    finally:
        _exchange(clock, real)


def _exchange(one: Callable[[], datetime], other: Callable[[], datetime]) -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "kb" and getattr(module, "now", None) is one:
            module.now = other  # type: ignore[attr-defined]
