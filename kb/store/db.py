"""Connections to the one database file, and the transactions that everything runs in."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kb.locks import Busy, HeldLock
from kb.store import migrations

BUSY_TIMEOUT_MS = 15_000  # a writer waits this long for another one; a rebuild's switch takes a few seconds
POOL_SIZE = 8  # idle connections kept open; more are opened when needed and closed afterwards


class Connection(Database):
    """What a transaction hands to the functions of kb.store. Above kb.store it is only passed on, never used."""

    def query(
        self, sql: str, params: Sequence[object] | dict[str, object] | None = None
    ) -> Generator[dict[str, Any], None, None]:
        """The rows, as dictionaries, while they are iterated over.

        sqlite_utils puts a savepoint around each query, to undo a statement that was none. With it a query is three
        statements, and after each of them the other threads of the process may go first.
        """
        cursor = self.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class Store:
    """The database of one installation: short read and write transactions on pooled connections.

    Streamlit moves a session's reruns between threads, so connections belong to a transaction, not to a thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue(POOL_SIZE)
        self._closed = threading.Event()
        self._in_use: HeldLock | None = None

    @classmethod
    def open(cls, path: Path) -> Store:
        """Create or migrate the database at ``path`` and open it.

        :raises StoreError: when it cannot be created, is damaged, or was written by a newer Baton.
        """
        store = cls(path)
        try:
            store._in_use = use(path)
            with store._connection() as db:
                # WAL is a property of the file: readers go on while one writer writes.
                db.conn.execute("PRAGMA journal_mode=WAL")
                migrations.migrate(db, path)
        except (Busy, migrations.MigrationError) as error:
            store.close()
            raise StoreError(str(error)) from error
        except (sqlite3.Error, OSError) as error:
            store.close()
            raise StoreError(
                f"The database {path} cannot be opened ({error}). Check that the folder is writable and the disk "
                "is not full; if the file is damaged, restore a backup."
            ) from error
        return store

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database: what others commit meanwhile stays invisible."""
        with self._connection() as db:
            db.conn.execute("BEGIN")
            try:
                yield db
            finally:
                db.conn.rollback()

    @contextlib.contextmanager
    def atomic(self, *, wait: bool = True) -> Iterator[Connection]:
        """One write transaction: everything in it happens, or nothing does.

        :param wait: for another writer, up to BUSY_TIMEOUT_MS; False gives up at once.
        :raises StoreError: when nothing can be written now: the disk is full, or another writer holds on too long.
        """
        with self._connection() as db:
            try:
                if not wait:
                    db.conn.execute("PRAGMA busy_timeout=0")
                # IMMEDIATE: wait for the write lock now; a deferred transaction that upgrades later can fail at once.
                db.conn.execute("BEGIN IMMEDIATE")
                yield db
                db.conn.commit()
            except sqlite3.OperationalError as error:
                db.conn.rollback()
                sentence = _CANNOT_WRITE.get(error.sqlite_errorname)
                if sentence is None:
                    raise
                raise StoreError(sentence) from error
            except BaseException:
                db.conn.rollback()
                raise
            finally:
                if not wait:
                    db.conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def close(self) -> None:
        """Close the idle connections. Those in use are closed when they are given back."""
        self._closed.set()
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()
        if self._in_use is not None:
            self._in_use.release()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = _connect(self.path)
        try:
            yield db
        finally:
            try:
                if self._closed.is_set():
                    raise queue.Full
                self._idle.put_nowait(db)
            except queue.Full:
                db.close()


def use(path: Path) -> HeldLock:
    """Keep a restore away from the database at ``path`` for as long as the lock is held; others may use it too.

    :raises Busy: while a restore runs.
    """
    return HeldLock(_lock_file(path), alone=False, otherwise="A backup is being restored. Try again when that is done.")


def use_alone(path: Path) -> HeldLock:
    """Keep everybody else away from the database at ``path``.

    :raises Busy: while anybody uses it.
    """
    return HeldLock(
        _lock_file(path),
        alone=True,
        otherwise=f"Baton, or one of its scripts, is using {path}. Stop it, then try again.",
    )


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


_CANNOT_WRITE = {
    "SQLITE_FULL": "Nothing was saved: the disk is full. Free some space on it, then save again.",
    "SQLITE_BUSY": "Nothing was saved: something else is writing to the database for long. Try again in a minute.",
    "SQLITE_READONLY": "Nothing was saved: the database is read-only. Check who may write to the data folder.",
    "SQLITE_IOERR_WRITE": "Nothing was saved: the disk cannot be written. Check it, then save again.",
}


def _connect(path: Path) -> Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    # NORMAL keeps WAL consistent through any crash; only a power cut may lose the last commits.
    connection.execute("PRAGMA synchronous=NORMAL")
    # 64 MB of pages, in KiB: the handbook's full text stays in memory.
    connection.execute("PRAGMA cache_size=-65536")
    return Connection(connection)


def now() -> datetime:
    """The current moment in UTC, to the second: what the store keeps."""
    return datetime.now(UTC).replace(microsecond=0)


def to_text(moment: datetime) -> str:
    """A moment as the store keeps it: ISO 8601 in UTC, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_moment(text: str) -> datetime:
    """The moment that :func:`to_text` wrote."""
    return datetime.fromisoformat(text)  # a tenth of what strptime takes
