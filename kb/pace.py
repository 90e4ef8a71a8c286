"""How often something happens just now, and how many do it at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator


class Pace:
    """The pace of events. Safe to use from several threads.

    :param events: so many within ``seconds`` are a high pace. Moments are seconds of a clock that never goes back.
    """

    def __init__(self, events: int, seconds: float) -> None:
        self._seconds = seconds
        self._latest: deque[float] = deque(maxlen=events)

    def count(self, now: float | None = None) -> None:
        """One more event."""
        self._latest.append(time.monotonic() if now is None else now)

    def is_high(self, now: float | None = None) -> bool:
        """Whether that many events were counted within the last seconds."""
        latest = list(self._latest)
        moment = time.monotonic() if now is None else now
        return len(latest) == self._latest.maxlen and moment - latest[0] <= self._seconds


class Turns:
    """Lets a few threads work at once; the others wait for their turn.

    Python runs one thread at a time: of many that work at once each takes as long as all of them together.

    :param at_once: so many work.
    :param patience_s: nobody waits longer, so that work that hangs keeps nobody away.
    """

    def __init__(self, at_once: int, patience_s: float) -> None:
        self._free = threading.Semaphore(at_once)
        self._patience_s = patience_s

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and keep it for the block."""
        in_turn = self._free.acquire(timeout=self._patience_s)
        try:
            yield
        finally:
            if in_turn:
                self._free.release()
