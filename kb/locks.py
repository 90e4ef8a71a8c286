"""One at a time, between processes: a lock that the system gives back even after kill -9."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


class Busy(RuntimeError):
    """Another process is doing this already; the message says what."""


@contextlib.contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file at ``path`` for the block.

    :raises Busy: when another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"{what} is running already. Wait until it has ended, then try again.") from error
        yield
