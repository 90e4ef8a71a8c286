"""Putting a backup in place of the database: all of it or nothing, whatever happens meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.backup import checksum_file
from kb.files import Progress, copy_to, force_to_disk, new_private_file, sha256_of
from kb.store import snapshot
from kb.store.db import StoreError, use_alone

_CHECKSUM = re.compile(r"([0-9a-f]{64})(?:[ \t].*)?\s*", re.ASCII)


class RestoreFailed(RuntimeError):
    """The backup was not restored, or not surely; the message says which, why and what to do."""


class BackupUnsound(RestoreFailed):
    """The backup did not pass its check."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A backup that is the database now. ``replaced`` is where the former one is kept; None where there was none.

    ``ended`` is how many sessions and one-time links of the backup are no longer: since then they may have been ended
    and used.
    """

    database: Path
    wiki_pages: int
    embeddings: int
    ended: int
    replaced: Path | None
    notes: tuple[str, ...]
    seconds: float


def checksum_in(text: str) -> str | None:
    """The SHA-256 in a checksum file, 64 hexadecimal digits; None where there is none."""
    found = _CHECKSUM.fullmatch(text)
    return found[1] if found else None


def restore(backup: Path, database: Path, progress: Progress, *, force: bool = False) -> RestoreReport:
    """Check the backup, then put a copy of it in place of the database.

    A kill at any moment leaves either the former database or the restored one.

    :param force: replace an existing database; it is kept beside.
    :raises Busy: while Baton or one of its scripts uses the database.
    :raises BackupUnsound: when the backup is damaged or of a newer Baton.
    :raises RestoreFailed: when it cannot be restored.
    """
    started = time.monotonic()
    if not backup.is_file():
        raise RestoreFailed(f"There is no backup {backup}.")
    with _failures_told(database), use_alone(database):
        if database.exists() and not force:
            raise RestoreFailed(f"There is a database {database} already. --force replaces it, and keeps it beside.")
        if database.exists() and database.samefile(backup):
            raise RestoreFailed(f"{backup} is the database itself: name a backup.")
        notes = []
        sha256 = sha256_of(backup, progress)
        expected = _expected_sha256(backup)
        if expected is None:
            notes.append(f"There is no {checksum_file(backup).name}: only the database's own checks were made.")
        elif expected != sha256:
            raise BackupUnsound(f"{backup} is not what {checksum_file(backup).name} says: use another backup.")
        _examine(backup, progress)
        arriving = database.with_name(f"{database.name}.restoring")
        try:
            ended = _copy(backup, arriving, database, sha256, progress)
            replaced = _keep_former(database, progress)
            os.replace(arriving, database)  # noqa: PTH105  atomic, as its name says
        finally:
            arriving.unlink(missing_ok=True)
        with _told_after_switch(database, replaced):
            force_to_disk(database.parent)
            examined = snapshot.examine(database, progress)
    if examined.broken_embeddings:
        notes.append(f"{examined.broken_embeddings} embeddings are broken: run scripts/rebuild_index.py.")
    return RestoreReport(
        database=database,
        wiki_pages=examined.wiki_pages,
        embeddings=examined.embeddings,
        ended=ended,
        replaced=replaced,
        notes=tuple(notes),
        seconds=time.monotonic() - started,
    )


def _expected_sha256(backup: Path) -> str | None:
    file = checksum_file(backup)
    if not file.exists():
        return None
    found = checksum_in(file.read_text(encoding="utf-8", errors="replace"))
    if found is None:
        raise BackupUnsound(f"{file} holds no SHA-256, so it is damaged: use another backup.")
    return found


def _examine(backup: Path, progress: Progress) -> None:
    log = backup.with_name(f"{backup.name}-wal")
    if log.exists() and log.stat().st_size:
        raise BackupUnsound(
            f"{backup} has a write-ahead log beside it, so it is a database in use or a plain copy of one: use a "
            "backup that scripts/backup.py made."
        )
    try:
        snapshot.examine(backup, progress)
    except snapshot.Unsound as error:
        raise BackupUnsound(f"The backup did not pass its check: {error} Use another backup.") from error


def _copy(backup: Path, arriving: Path, database: Path, sha256: str, progress: Progress) -> int:
    """Copy the backup beside its place, without the sessions and one-time links that it holds.

    :return: how many of them there were.
    """
    free, needed = shutil.disk_usage(database.parent).free, backup.stat().st_size
    if free < needed:
        raise RestoreFailed(
            f"{database.parent} has {free / 2**20:,.0f} MB free, and the database takes {needed / 2**20:,.0f} MB: free "
            "some. Nothing was changed."
        )
    for suffix in ("-wal", "-shm", "-journal"):  # of a copy that a killed run left, where the backup kept such a log
        arriving.with_name(arriving.name + suffix).unlink(missing_ok=True)
    new_private_file(arriving)
    if copy_to(backup, arriving, progress) != sha256:
        raise RestoreFailed(f"{backup} changed while it was copied. Nothing was restored; try again.")
    ended = snapshot.end_sessions(arriving)
    force_to_disk(arriving)
    # As the former database was; a new one belongs to whom its folder belongs to, also when root restores.
    former = database.stat() if database.exists() else None
    if former is not None:
        arriving.chmod(former.st_mode & 0o777)
    owner = former or database.parent.stat()
    if os.geteuid() == 0:
        os.chown(arriving, owner.st_uid, owner.st_gid)
    return ended


def _keep_former(database: Path, progress: Progress) -> Path | None:
    """Keep the former database, if there is one, under a name of its own as well.

    Its write-ahead log is out of the way before the new database has its name: SQLite would apply it.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    replaced = database.with_name(f"{database.name}.replaced-{stamp}")
    there_was_one = database.exists()
    if there_was_one:
        _drop_unfinished_replacements(database)
        snapshot.fold_log(database)
    # What is left of a log now belongs to a database that is damaged or gone.
    for suffix in ("-wal", "-journal"):
        log = database.with_name(database.name + suffix)
        if log.exists():
            log.rename(replaced.with_name(replaced.name + suffix))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    force_to_disk(database.parent)
    if there_was_one:
        _give_second_name(database, replaced, progress)
    return replaced if there_was_one else None


def _give_second_name(database: Path, replaced: Path, progress: Progress) -> None:
    """Keep the former database under another name too: there is to be a database at every moment."""
    try:
        os.link(database, replaced)
    except OSError:  # a file system without hard links
        new_private_file(replaced)
        copy_to(database, replaced, progress)


def _drop_unfinished_replacements(database: Path) -> None:
    """A restore that was killed before its last step left the database with a second name."""
    for other in database.parent.glob(f"{database.name}.replaced-*"):
        with suppress(FileNotFoundError):
            if other.samefile(database):
                other.unlink()


@contextmanager
def _told_after_switch(database: Path, replaced: Path | None) -> Iterator[None]:
    """Say of what fails now that the backup is in its place already."""
    former = f"; the former database is {replaced}." if replaced else "."
    try:
        yield
    except snapshot.Unsound as error:
        raise RestoreFailed(
            f"The restored database did not pass its check: {error} Check the disk, then restore again{former}"
        ) from error
    except OSError as error:
        raise RestoreFailed(
            f"The backup is {database} now, but the disk may not keep it ({error}). Check the disk, then restore "
            f"again{former}"
        ) from error


@contextmanager
def _failures_told(database: Path) -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise RestoreFailed(f"Nothing was restored. {error}") from error
    except OSError as error:
        raise RestoreFailed(f"Nothing was restored: {database} is as it was ({error}).") from error
