"""A zip as a tree of files. Entries are read into memory one at a time; nothing is ever unpacked to disk."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from kb.importers.limits import (
    EXPANSION_CHECK_BYTES,
    MAX_ENTRIES,
    MAX_EXPANSION,
    MAX_FILE_BYTES,
    MAX_UNPACKED_BYTES,
    megabytes,
)
from kb.importers.sources import ImportSourceError, SkipFileError, is_ignored, too_large
from kb.models import SkippedFile

_CHUNK_BYTES = 256 * 1024  # what a zip bomb can add between two looks at the limits
_DRIVE_LETTER = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1  # general purpose bit 0


class Archive:
    """The entries of one zip; see :class:`kb.importers.sources.FileTree`. Use it as a context manager.

    :raises ImportSourceError: it does not exist or is not a zip.
    """

    def __init__(self, path_or_file: Path | BinaryIO) -> None:
        name = path_or_file if isinstance(path_or_file, Path) else "the file"
        try:
            self._zip = zipfile.ZipFile(path_or_file)
        except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
            if isinstance(error, FileNotFoundError):
                raise ImportSourceError(f"there is no file {name}: check the path") from error
            if isinstance(error, OSError):
                raise ImportSourceError(
                    f"{name} cannot be read ({error.strerror}): allow the account that runs Baton to read it"
                ) from error
            raise ImportSourceError(
                f"{name} is not a zip that can be opened: pack the folder again and import the new zip"
            ) from error
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._skipped: list[SkippedFile] = []
        self._unpacked = 0
        for entry in self._zip.infolist():
            name = entry.orig_filename.replace("\0", "?")
            problem = _unsafe(entry)
            if problem and not entry.is_dir():
                self._skipped.append(SkippedFile(name, problem))
            elif name in self._entries:
                again = "the zip holds this name more than once; the first one was imported"
                self._skipped.append(SkippedFile(name, again))
            elif not entry.is_dir() and not is_ignored(name):
                self._entries[name] = entry

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        self._zip.close()

    def files(self) -> Iterator[str | SkippedFile]:
        found: list[str | SkippedFile] = [*self._entries, *self._skipped]
        found.sort(key=lambda item: item.source if isinstance(item, SkippedFile) else item)
        yield from found[:MAX_ENTRIES]
        if len(found) > MAX_ENTRIES:
            first = found[MAX_ENTRIES]
            yield SkippedFile(
                first.source if isinstance(first, SkippedFile) else first,
                f"this and {len(found) - MAX_ENTRIES - 1} more files were left out: "
                f"one import holds at most {MAX_ENTRIES:,} files, so split the zip",
            )

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        entry = self._entries[path]
        try:
            with self._zip.open(entry) as file:
                return self._read_counting(file, entry, limit)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise SkipFileError("it is damaged inside the zip: pack the folder again") from error
        except (NotImplementedError, RuntimeError) as error:  # a compression or encryption we do not know
            raise SkipFileError(
                "it is packed in a way that Baton cannot read: pack the folder again as an ordinary zip"
            ) from error

    def _read_counting(self, file: IO[bytes], entry: zipfile.ZipInfo, limit: int) -> bytes:
        """Believes no size that the zip declares, only the bytes that come out."""
        pieces: list[bytes] = []
        size = 0
        while piece := file.read(_CHUNK_BYTES):
            size += len(piece)
            self._unpacked += len(piece)
            if size > limit:
                raise too_large(max(size, entry.file_size), limit)
            if size > EXPANSION_CHECK_BYTES and size > MAX_EXPANSION * max(1, entry.compress_size):
                raise SkipFileError("it unpacks to hundreds of times its size, as zip bombs do")
            if self._unpacked > MAX_UNPACKED_BYTES:
                raise SkipFileError(
                    f"the zip unpacks to more than {megabytes(MAX_UNPACKED_BYTES)}: split it into smaller ones"
                )
            pieces.append(piece)
        return b"".join(pieces)


def _unsafe(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry must not be touched; None if it may be read."""
    name = entry.orig_filename
    if "\0" in name:
        return "its name holds a NUL character, as in attempts to hide a file's type"
    if "\\" in name:
        return "its name holds a backslash: pack the folder again with a tool that writes / between folders"
    if name.startswith("/") or _DRIVE_LETTER.match(name):
        return "its name is an absolute path, which could point anywhere: pack the folder with relative names"
    if ".." in name.split("/"):
        return "its name leads out of the zip (..), as in attempts to overwrite other files"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a symbolic link, which is never followed: pack the file itself"
    if entry.flag_bits & _ENCRYPTED:
        return "it is protected by a password: unpack the zip and import the folder"
    return None
