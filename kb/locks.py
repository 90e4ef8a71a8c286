"""One at a time, between processes: a lock that the system gives back even after kill -9."""

from __future__ import annotations

import contextlib
import fcntl
import os
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


class HeldLock:
    """A lock file that this process holds, together with others or alone, until :meth:`release` or its end."""

    def __init__(self, path: Path, *, alone: bool, otherwise: str) -> None:
        """Take the lock now or never.

        :param otherwise: the sentence for whoever comes in vain.
        :raises Busy: when another holder does not allow it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        # Read-only: a lock file that root made must not keep Baton's own user out. Closed in children (O_CLOEXEC).
        self._file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise Busy(otherwise) from error

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def __enter__(self) -> HeldLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
