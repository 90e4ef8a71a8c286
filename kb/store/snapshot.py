"""Copies of the whole database: taken while others write, and examined before anybody relies on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.store import chunks, migrations
from kb.store.db import Connection, StoreError

STEP_PAGES = 2_560  # 10 MB between two reports of progress
BYTES_OF_FLOAT32 = 4

Progress = Callable[[str, int, int], None]


class Unsound(Exception):
    """A file is damaged, is no database of Baton, or is of a newer Baton; the message says which."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A database file that passed every check."""

    schema: str  # the last migration that it has taken
    pages: int  # of SQLite, each of a few kB
    wiki_pages: int  # those that people read, the trash included
    embeddings: int
    broken_embeddings: int  # no float32 numbers: made anew by a rebuild


def take(source: Path, target: Path, progress: Progress) -> int:
    """Copy the database as it is at this moment into the empty file ``target``; others go on reading and writing.

    :return: how many pages the database had.
    :raises Unsound: when the database is damaged.
    :raises StoreError: when the one cannot be read or the other not be written.
    """
    try:
        with closing(_connect(source, "ro")) as original, closing(_connect(target, "rw")) as copy:
            # The read transaction holds one view for all steps; without it each commit of others would begin the
            # copy anew.
            original.execute("BEGIN")
            (pages,) = original.execute("PRAGMA page_count").fetchone()
            original.backup(
                copy, pages=STEP_PAGES, progress=lambda _, left, total: progress("Copying", total - left, total)
            )
            original.execute("ROLLBACK")
            # Out of the write-ahead log, so that the copy is one file wherever it is opened.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if _damaged(error):
            raise Unsound(f"{source} is damaged ({error}).") from error
        raise StoreError(_why_not_copied(error, source, target)) from error
    return int(pages)


def _why_not_copied(error: sqlite3.Error, source: Path, target: Path) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name in ("SQLITE_FULL", "SQLITE_IOERR_WRITE"):
        return f"The disk of {target.parent} is full or cannot be written ({error})."
    return f"The database {source} cannot be copied to {target.parent} ({error})."


def examine(path: Path, progress: Progress) -> Examined:
    """Read everything in a database that nobody has open, and change nothing.

    :raises Unsound: when something in it is wrong.
    """
    try:
        with closing(_connect(path, "ro&immutable=1")) as connection:
            db = Connection(connection)
            progress("Checking", 0, 3)
            (fault,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if fault != "ok":
                raise Unsound(f"{path} is damaged ({fault}).")
            progress("Checking", 1, 3)
            schema = migrations.newest_step(db)
            if schema is None:
                raise Unsound(f"{path} is no database of Baton.")
            stray = connection.execute("PRAGMA foreign_key_check").fetchone()
            if stray is not None:
                raise Unsound(f"{path} is damaged (a row of {stray[0]} belongs to a row of {stray[2]} that is gone).")
            progress("Checking", 2, 3)
            embeddings = broken = 0
            for _, blob in chunks.iter_embeddings(db):
                embeddings += 1
                broken += not blob or len(blob) % BYTES_OF_FLOAT32 != 0
            examined = Examined(
                schema=schema,
                pages=connection.execute("PRAGMA page_count").fetchone()[0],
                wiki_pages=connection.execute("SELECT count(*) FROM pages").fetchone()[0],
                embeddings=embeddings,
                broken_embeddings=broken,
            )
            progress("Checking", 3, 3)
            return examined
    except migrations.MigrationError as error:
        raise Unsound(f"{path} is of a newer Baton than this one: use that Baton's scripts. ({error})") from error
    except sqlite3.Error as error:
        raise Unsound(f"{path} is damaged ({error}).") from error


def end_sessions(path: Path) -> int:
    """Remove the sessions and one-time links from a copy that nobody uses yet.

    :return: how many of both.
    :raises StoreError: when the copy cannot be written.
    """
    try:
        with closing(_connect(path, "rw")) as connection:
            # No journal beside the copy, which a killed run would leave to the next one: a spoilt copy is thrown away.
            connection.execute("PRAGMA journal_mode=MEMORY")
            known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            # A backup of an early Baton has none of these.
            tables = [table for table in ("sessions", "one_time_links") if table in known]
            return sum(connection.execute(f"DELETE FROM {table}").rowcount for table in tables)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be written ({error}).") from error


def fold_log(path: Path) -> bool:
    """Bring the write-ahead log into the database, so that the one file at ``path`` is all of it.

    :return: False when the database is too damaged for that.
    :raises StoreError: when another program has it open, or it cannot be written.
    """
    try:
        with closing(_connect(path, "rw")) as connection:
            # SQLite leaves the write-ahead log only when nobody else has the database open.
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        if _damaged(error):
            return False
        raise StoreError(f"{path} is open in another program, or cannot be written ({error}).") from error
    if mode != "delete":
        raise StoreError(f"{path} is open in another program: close that, then try again.")
    return True


def _damaged(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # A URI, so that a wrong path is an error and never a new, empty database.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=2)


@contextmanager
def reading_damaged(path: Path) -> Iterator[None]:
    """Turn what SQLite says while it reads a file that may be damaged into a sentence.

    :raises StoreError: when it says something.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read ({error}). If it is damaged, restore a backup.") from error
