"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

WITHIN_S = 60.0


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait until it has happened; a test fails that waits for too long."""
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
