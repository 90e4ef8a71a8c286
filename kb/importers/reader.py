"""The ways in: a folder, a zip or one document becomes drafts and skipped files, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from kb.importers.archive import Archive
from kb.importers.folder import Folder
from kb.importers.html_page import html_draft
from kb.importers.limits import MAX_FILE_BYTES
from kb.importers.markdown import markdown_draft
from kb.importers.office import docx_draft, pptx_draft, xlsx_draft
from kb.importers.pdf import pdf_draft
from kb.importers.plain_text import word_set
from kb.importers.sources import FileTree, ImportSourceError, SkipFileError, too_large
from kb.importers.text import text_draft
from kb.models import PageDraft, SkippedFile

_Convert = Callable[[bytes, str, FileTree | None], PageDraft]
_CONVERTERS: dict[str, _Convert] = {
    ".md": markdown_draft,
    ".markdown": markdown_draft,
    ".mdx": markdown_draft,
    ".txt": text_draft,
    ".html": html_draft,
    ".htm": html_draft,
    ".docx": docx_draft,
    ".pptx": pptx_draft,
    ".xlsx": xlsx_draft,
    ".pdf": pdf_draft,
}
# Part of pages or of the site that made them: nobody expects a page of their own.
_SILENT_SUFFIXES = word_set(
    ".png .jpg .jpeg .gif .webp .svg .ico .bmp .tif .tiff .avif .css .scss .less .js .mjs .ts .tsx .jsx .map .json "
    ".yml .yaml .toml .lock .woff .woff2 .ttf .eot .otf .xml"
)
_SILENT_NAMES = frozenset({"license", "licence", "makefile", "dockerfile", "gemfile", "codeowners", "cname"})

# What to do about kinds that people will want to import.
_HINTS = {
    **dict.fromkeys((".doc", ".odt", ".rtf", ".pages"), ": save it as .docx or .pdf"),
    **dict.fromkeys((".ppt", ".odp", ".key"), ": save it as .pptx or .pdf"),
    **dict.fromkeys((".xls", ".ods", ".csv", ".tsv", ".numbers"), ": save it as .xlsx"),
    **dict.fromkeys((".zip", ".gz", ".tgz", ".7z", ".rar", ".tar"), ": unpack it, or import it alone if it is a .zip"),
}

DOCUMENT_SUFFIXES = tuple(sorted(_CONVERTERS))


def read_folder(root: Path) -> Iterator[PageDraft | SkippedFile]:
    """Every document below ``root`` as a draft, sorted by path; a SkippedFile for each that cannot be read.

    :raises ImportSourceError: ``root`` is not a folder that can be read.
    """
    yield from _read_tree(Folder(root))


def read_zip(path_or_file: Path | BinaryIO) -> Iterator[PageDraft | SkippedFile]:
    """Like :func:`read_folder`, for the documents in a zip; nothing is unpacked to disk.

    :raises ImportSourceError: it is not a zip that can be opened.
    """
    with Archive(path_or_file) as archive:
        yield from _read_tree(archive)


def read_path(path: Path) -> Iterator[PageDraft | SkippedFile]:
    """A folder, a zip, or a single document, whose images are looked for beside it.

    :raises ImportSourceError: there is nothing at ``path`` that can be read.
    """
    if path.is_dir():
        yield from read_folder(path)
    elif path.suffix.lower() == ".zip":
        yield from read_zip(path)
    elif path.is_file():
        yield _read_one(Folder(path.parent), path.name)
    else:
        raise ImportSourceError(f"there is no file or folder {path}: check the path")


def read_file(name: str, content: bytes) -> PageDraft | SkippedFile:
    """One document that was uploaded; it has no images but those inside it."""
    if len(content) > MAX_FILE_BYTES:
        return SkippedFile(name, str(too_large(len(content), MAX_FILE_BYTES)))
    return _convert(name, None, lambda: content)


def count_files(path: Path) -> int:
    """How many drafts and skipped files :func:`read_path` will give, without opening any.

    :raises ImportSourceError: as :func:`read_path`.
    """
    if path.is_dir():
        return sum(1 for _ in _reported(Folder(path)))
    if path.suffix.lower() == ".zip":
        with Archive(path) as archive:
            return sum(1 for _ in _reported(archive))
    if path.is_file():
        return 1
    raise ImportSourceError(f"there is no file or folder {path}: check the path")


def _reported(files: FileTree) -> Iterator[str | SkippedFile]:
    for file in files.files():
        if isinstance(file, SkippedFile) or not _is_silent(file):
            yield file


def _read_tree(files: FileTree) -> Iterator[PageDraft | SkippedFile]:
    for file in list(_reported(files)):
        yield file if isinstance(file, SkippedFile) else _read_one(files, file)


def _read_one(files: FileTree, path: str) -> PageDraft | SkippedFile:
    return _convert(path, files, lambda: files.read(path))


def _convert(path: str, files: FileTree | None, read: Callable[[], bytes]) -> PageDraft | SkippedFile:
    suffix = PurePosixPath(path).suffix.lower()
    convert = _CONVERTERS.get(suffix)
    if not convert:
        kind = suffix or PurePosixPath(path).name
        return SkippedFile(path, f"it is not a kind of document that Baton reads: {kind}{_HINTS.get(suffix, '')}")
    try:
        return convert(read(), path, files)
    except SkipFileError as reason:
        return SkippedFile(path, str(reason))
    except RecursionError:  # markdownify and PyYAML descend one call per level
        return SkippedFile(path, "its content is nested deeper than Baton reads: simplify it")


def _is_silent(path: str) -> bool:
    name = PurePosixPath(path)
    return name.suffix.lower() in _SILENT_SUFFIXES or (not name.suffix and name.name.lower() in _SILENT_NAMES)
