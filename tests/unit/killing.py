"""Killing a process at each of its steps: after the first file operation, the second, and so on until it ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

# What Python tells of itself before it does it: each is a moment at which a kill leaves other files behind.
STEPS = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "os.chown", "sqlite3.connect"})


def killed_at_step(step: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a process of its own that is killed (SIGKILL) before its ``step``-th file operation.

    :return: False when the work ended before it came so far.
    """
    child = os.fork()
    if child == 0:
        _die_at(step)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die_at(step: int) -> None:
    left = step

    def count(event: str, _: object) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
