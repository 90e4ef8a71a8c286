"""Files that must survive a kill and a power cut: written beside, forced to the disk, then put in place at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

BLOCK = 4 * 2**20  # bytes between two reports of progress

Progress = Callable[[str, int, int], None]


def force_to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def new_private_file(path: Path) -> None:
    """Make an empty file that only its owner may read, in place of what an earlier, killed run left."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def sha256_of(path: Path, progress: Progress) -> str:
    """:return: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    total = path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            progress("Hashing", file.tell(), total)
    return digest.hexdigest()


def copy_to(source: Path, target: Path, progress: Progress) -> str:
    """Copy into the existing file ``target`` and force it to the disk.

    :return: the SHA-256 of what was read.
    """
    digest = hashlib.sha256()
    total = source.stat().st_size
    with source.open("rb") as original, target.open("wb") as copy:
        while block := original.read(BLOCK):
            digest.update(block)
            copy.write(block)
            progress("Copying", original.tell(), total)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()
