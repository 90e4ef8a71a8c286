"""Whether something happens often just now."""

from __future__ import annotations

import time
from collections import deque


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
