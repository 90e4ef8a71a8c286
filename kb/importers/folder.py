"""A folder on disk as a tree of files. Only reads, and never leaves the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kb.importers.limits import MAX_ENTRIES, MAX_FILE_BYTES
from kb.importers.sources import ImportSourceError, SkipFileError, is_ignored, too_large
from kb.models import SkippedFile


class Folder:
    """The files below ``root``; see :class:`kb.importers.sources.FileTree`.

    :raises ImportSourceError: ``root`` does not exist, is not a folder or may not be listed.
    """

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise ImportSourceError(f"there is no folder {root}: check the path")
        if not root.is_dir():
            raise ImportSourceError(f"{root} is not a folder: choose the folder that holds the documents")
        try:
            with os.scandir(root) as entries:
                next(entries, None)
        except OSError as error:
            raise ImportSourceError(
                f"{root} cannot be read ({error.strerror}): allow the account that runs Baton to read it"
            ) from error
        self._root = root.resolve()

    def files(self) -> Iterator[str | SkippedFile]:
        found = sorted(self._walk(), key=lambda item: item.source if isinstance(item, SkippedFile) else item)
        yield from found[:MAX_ENTRIES]
        if len(found) > MAX_ENTRIES:
            first = found[MAX_ENTRIES]
            yield SkippedFile(
                first.source if isinstance(first, SkippedFile) else first,
                f"this and {len(found) - MAX_ENTRIES - 1} more files were left out: "
                f"one import holds at most {MAX_ENTRIES:,} files, so import the folder in parts",
            )

    def __contains__(self, path: str) -> bool:
        real = self._real_path(path)
        return real is not None and real.is_file()

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        real = self._real_path(path)
        if real is None:
            raise SkipFileError("it is a link to a place outside the folder, which is never followed")
        try:
            with real.open("rb") as file:
                # Read one byte more than allowed: a size from stat() could be stale or, for devices, zero.
                content = file.read(limit + 1)
        except OSError as error:
            raise SkipFileError(
                f"it cannot be read ({error.strerror}): allow the account that runs Baton to read it"
            ) from error
        if len(content) > limit:
            raise too_large(real.stat().st_size, limit)
        return content

    def _real_path(self, path: str) -> Path | None:
        try:
            real = (self._root / path).resolve()
        except (OSError, RuntimeError, ValueError):  # a loop of links; a NUL in the path
            return None
        return real if real.is_relative_to(self._root) else None

    def _walk(self) -> Iterator[str | SkippedFile]:
        for folder, subfolders, names in os.walk(self._root):  # does not follow links to folders
            here = Path(folder)
            for name in [*names, *(sub for sub in subfolders if (here / sub).is_symlink())]:
                path = (here / name).relative_to(self._root).as_posix()
                if not is_ignored(path):
                    yield from self._check(here / name, path)
            subfolders[:] = [
                sub for sub in subfolders if not is_ignored((here / sub).relative_to(self._root).as_posix())
            ]

    def _check(self, file: Path, path: str) -> Iterator[str | SkippedFile]:
        if any(0xDC80 <= ord(char) <= 0xDCFF for char in path):
            readable = os.fsencode(path).decode("utf-8", "replace")
            yield SkippedFile(readable, "its name is not valid UTF-8: rename the file and import it again")
        elif self._real_path(path) is None:
            yield SkippedFile(path, "it is a link to a place outside the folder, which is never followed")
        elif file.is_symlink() and not file.exists():
            yield SkippedFile(path, "it is a link to a file that does not exist")
        elif file.is_file():  # neither a device nor a pipe, which would block the import; nor a linked folder,
            yield path  # whose files are imported under their own path
