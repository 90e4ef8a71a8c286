"""Backups: one file each, taken while Baton runs, checked before it gets its name, and the oldest given up."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.files import Progress, force_to_disk, new_private_file, sha256_of
from kb.locks import only_one
from kb.store import snapshot
from kb.store.db import StoreError, now

KEEP = 14  # backups: two weeks of one a day
FOLDER = "backups"  # inside BATON_DATA
LOCK = "backup.lock"
# Exactly the names that this module gives: retention deletes nothing else.
_NAME = re.compile(r"baton-(\d{8}T\d{6}Z)\.db", re.ASCII)
_UNFINISHED = re.compile(r"\.baton-\d{8}T\d{6}Z\.db(\.sha256)?\.unfinished(-journal|-wal|-shm)?", re.ASCII)
_STAMP = "%Y%m%dT%H%M%SZ"


class BackupFailed(RuntimeError):
    """No backup was made, and the earlier ones are as they were; the message says why and what to do."""


class DatabaseUnsound(BackupFailed):
    """The copy did not pass its check, so the database itself is damaged."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made and checked. ``deleted`` are those that it made superfluous."""

    path: Path
    bytes: int
    sha256: str
    wiki_pages: int
    embeddings: int
    notes: tuple[str, ...]
    deleted: tuple[str, ...]
    seconds: float


# ---- names --------------------------------------------------------------------------------------------------------


def backup_name(moment: datetime) -> str:
    """``baton-YYYYmmddTHHMMSSZ.db``, in UTC."""
    return f"baton-{moment.astimezone(UTC).strftime(_STAMP)}.db"


def moment_of(name: str) -> datetime | None:
    """When the backup of this name was taken; None for a name that :func:`backup_name` never gives."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # a thirteenth month
        return None
    return moment if backup_name(moment) == name else None


def checksum_file(backup: Path) -> Path:
    """Where the SHA-256 of a backup is written, as ``sha256sum --check`` reads it."""
    return backup.with_name(f"{backup.name}.sha256")


def superfluous(names: Iterable[str], keep: int, just_made: str) -> list[str]:
    """The backups to delete: all but the ``keep`` newest, and never the one that was just made and checked.

    :return: oldest first; names that are no backup's are left out.
    """
    # By the clock of the names: after the clock was set back, the one just made is not the newest of them.
    earlier = sorted((name for name in names if moment_of(name) and name != just_made), reverse=True)
    return earlier[keep - 1 :][::-1]


def leftovers(names: Iterable[str]) -> list[str]:
    """What a killed backup left: unfinished files, and checksums of backups that do not exist."""
    held = set(names)
    return sorted(
        name
        for name in held
        if _UNFINISHED.fullmatch(name) or (name.endswith(".sha256") and moment_of(name[:-7]) and name[:-7] not in held)
    )


# ---- making one ---------------------------------------------------------------------------------------------------


def back_up(
    database: Path, folder: Path, keep: int, progress: Progress, clock: Callable[[], datetime] = now
) -> BackupReport:
    """Copy the database into ``folder``, check the copy, then delete the backups that it makes superfluous.

    A kill at any moment leaves no file under a backup's name that is not whole and checked.

    :param keep: how many backups stay, this one included; at least 1.
    :raises Busy: when another backup into this folder runs.
    :raises DatabaseUnsound: when the copy does not pass its check.
    :raises BackupFailed: when it cannot be made.
    """
    if keep < 1:
        raise ValueError("keep at least one backup")
    if not database.is_file():
        raise BackupFailed(f"There is no database {database}: set BATON_DATA to the folder that Baton uses.")
    started = time.monotonic()
    with _failures_told(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
        with only_one(folder / LOCK, f"A backup into {folder}"):
            _delete(folder, leftovers(_files(folder)))
            _need_space(database, folder)
            path = folder / _free_name(folder, clock)
            unfinished = folder / f".{path.name}.unfinished"
            try:
                examined, sha256 = _make(database, unfinished, path, progress)
            finally:
                _delete(folder, [name for name in leftovers(_files(folder)) if path.name in name])
            deleted = superfluous(_files(folder), keep, path.name)
            for name in deleted:  # the backup first: a checksum alone is cleared away the next time
                _delete(folder, [name, checksum_file(folder / name).name])
    notes: tuple[str, ...] = ()
    if examined.broken_embeddings:
        notes = (
            f"{examined.broken_embeddings} embeddings are broken in the database, and so in this backup: "
            "run scripts/rebuild_index.py, which makes them anew.",
        )
    return BackupReport(
        path=path,
        bytes=path.stat().st_size,
        sha256=sha256,
        wiki_pages=examined.wiki_pages,
        embeddings=examined.embeddings,
        notes=notes,
        deleted=tuple(deleted),
        seconds=time.monotonic() - started,
    )


def _make(database: Path, unfinished: Path, path: Path, progress: Progress) -> tuple[snapshot.Examined, str]:
    new_private_file(unfinished)
    try:
        pages = snapshot.take(database, unfinished, progress)
        examined = snapshot.examine(unfinished, progress)
        if examined.pages != pages:
            raise snapshot.Unsound(f"The copy has {examined.pages} of {pages} pages of SQLite.")
    except snapshot.Unsound as error:
        raise DatabaseUnsound(
            f"The copy of {database} did not pass its check and was not kept: {error} Earlier backups are all kept. "
            "Try again; if it fails again, the database is damaged: restore the latest backup."
        ) from error
    force_to_disk(unfinished)
    sha256 = sha256_of(unfinished, progress)
    # The checksum first, so that a backup is never without.
    checksum = unfinished.with_name(f".{checksum_file(path).name}.unfinished")
    new_private_file(checksum)
    checksum.write_text(f"{sha256}  {path.name}\n", encoding="ascii")
    force_to_disk(checksum)
    os.replace(checksum, checksum_file(path))  # noqa: PTH105  atomic, as its name says
    os.replace(unfinished, path)  # noqa: PTH105
    force_to_disk(path.parent)
    return examined, sha256


def _free_name(folder: Path, clock: Callable[[], datetime]) -> str:
    while (folder / (name := backup_name(clock()))).exists():  # names have whole seconds
        time.sleep(0.05)
    return name


def _files(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.is_file() and not entry.is_symlink()]


def _delete(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _need_space(database: Path, folder: Path) -> None:
    log = database.with_name(f"{database.name}-wal")
    needed = database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupFailed(
            f"{folder} has {free / 2**20:,.0f} MB free, and the backup takes up to {needed / 2**20:,.0f} MB: free "
            "some, or choose another folder with --to. Nothing was changed."
        )


@contextmanager
def _failures_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise BackupFailed(f"No backup was made, earlier ones are kept. {error}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise BackupFailed(
                f"No backup was made, earlier ones are kept: the disk of {folder} is full. Free some space, or choose "
                "another folder with --to."
            ) from error
        raise BackupFailed(
            f"No backup was made, earlier ones are kept: {folder} cannot be used ({error}). Choose another folder with "
            "--to, or let this user write there."
        ) from error
