"""Where files come from: what a folder and a zip have in common, and the two ways in which reading fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from kb.importers.limits import MAX_FILE_BYTES, megabytes
from kb.models import SkippedFile


class ImportSourceError(Exception):
    """The folder, zip or file to import cannot be read at all; the message says why and what to do."""


class SkipFileError(Exception):
    """This one file cannot become a page; the message is the reason that people read."""


class FileTree(Protocol):
    """A folder or a zip. Paths are POSIX paths relative to its root."""

    def files(self) -> Iterator[str | SkippedFile]:
        """Every file that may matter, sorted by path; a SkippedFile where an entry is not safe to touch."""
        ...

    def __contains__(self, path: str) -> bool: ...

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """The file's content.

        :raises SkipFileError: it is larger than ``limit`` bytes, or it cannot be read.
        """
        ...


# Of tools, and of site generators: templates and styles, no pages.
_IGNORED_FOLDERS = frozenset({"node_modules", "__MACOSX", "__pycache__", "_includes", "_layouts", "_sass", "_plugins"})
_IGNORED_FILES = frozenset({"thumbs.db", "desktop.ini"})


def is_ignored(path: str) -> bool:
    """Whether a path is hidden or belongs to a tool, so that nobody expects it to be imported."""
    *folders, name = path.split("/")
    return (
        any(part.startswith(".") and part not in (".", "..") for part in (*folders, name))
        or not _IGNORED_FOLDERS.isdisjoint(folders)
        or name.lower() in _IGNORED_FILES
        or name.startswith("~$")  # the lock file of an open office document
    )


def too_large(size: int, limit: int) -> SkipFileError:
    """The reason for a file of ``size`` bytes over ``limit``."""
    return SkipFileError(
        f"it has {megabytes(size)}, and Baton reads files up to {megabytes(limit)}: split it or import a part of it"
    )
