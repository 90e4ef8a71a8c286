"""Uploaded files -> pages: zips as they are, all other files together as one folder. Believes no file name."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from kb.access import Ability, require
from kb.import_privacy import HOLD_ALL, PrivateChoices
from kb.importers import DOCUMENT_SUFFIXES, ImportSourceError
from kb.imports import ImportReport, Progress, import_documents
from kb.indexing import Indexer
from kb.locks import Busy
from kb.models import Person, SkippedFile
from kb.space_choice import SpaceChoice
from kb.store.db import Store

UPLOAD_SUFFIXES = (*DOCUMENT_SUFFIXES, ".zip")
MAX_FILES = 500  # more come as a zip, which also keeps their folders
MAX_NAME = 200  # bytes; file systems end at 255
WAIT_S = 600.0  # how long an import waits for another one to end
_LOOK_AGAIN_S = 0.5

_NO_NAME = re.compile(r"[\x00-\x1f\x7f]")


class UploadError(ValueError):
    """The files cannot be imported like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the browser sent it."""

    name: str
    content: bytes


def import_uploads(
    store: Store,
    indexer: Indexer,
    actor: Person,
    uploads: Sequence[Upload],
    choice: SpaceChoice,
    *,
    sync: bool = False,
    private: PrivateChoices = HOLD_ALL,
    progress: Progress | None = None,
) -> ImportReport:
    """Import uploaded files into a space. Waits while another import runs.

    :param sync: as for :func:`kb.imports.import_documents`; for one zip only, since what else is uploaded could never
        be everything that the space holds.
    :param private: likewise.
    :raises UploadError: when nothing can be imported.
    :raises NotAllowed: when the person may not write there, or not take pages of others to the trash.
    :raises PageError: when the space's name cannot be used, or the space is gone.
    :raises Busy: when another import takes longer than ``WAIT_S``.
    """
    with store.reading() as db:  # said before the work begins
        require(db, actor, Ability.MANAGE_PAGES if sync else Ability.WRITE)
    check_uploads([upload.name for upload in uploads], sync=sync)
    told = progress or (lambda what, done, total: None)
    zips = [upload for upload in uploads if _is_zip(upload.name)]
    loose = [upload for upload in uploads if not _is_zip(upload.name)]
    reports: list[ImportReport] = []
    failed: list[SkippedFile] = []
    waiting = store.path.with_name("uploads")
    waiting.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=waiting) as place:
        file, folder = Path(place, "upload.zip"), Path(place, "files")
        for upload in zips:
            file.write_bytes(upload.content)
            try:
                reports.append(_when_free(store, indexer, actor, file, choice, sync, private, told))
            except ImportSourceError as error:
                failed.append(SkippedFile(upload.name, str(error).replace(str(file), upload.name)))
        if loose:
            failed += _unpack(loose, folder)
            report = _when_free(store, indexer, actor, folder, choice, False, private, told)
            # What else the space holds has not vanished: nobody uploads all of it file by file.
            reports.append(replace(report, vanished=()))
    if not reports:
        raise UploadError(f"{failed[0].reason}.")
    return _sum(reports, failed)


def check_uploads(names: Sequence[str], *, sync: bool = False) -> None:
    """See whether files of these names can be imported together.

    :raises UploadError: when they cannot.
    """
    if not names:
        raise UploadError("Choose at least one file.")
    if len(names) > MAX_FILES:
        raise UploadError(f"These are more than {MAX_FILES} files: pack them into a zip and upload that.")
    if sync and not (len(names) == 1 and _is_zip(names[0])):
        raise UploadError(
            "To move pages whose files have vanished to the trash, upload one zip that holds all files of the space, "
            "and nothing else."
        )


def file_name(name: str) -> str:
    """A name under which an uploaded file may be written: no folder, not hidden, not too long."""
    base = _NO_NAME.sub("", re.split(r"[/\\]", name)[-1]).strip().lstrip("~$. ")
    path = PurePosixPath(base or "file")
    suffix = path.suffix[:20]
    stem = path.name.removesuffix(path.suffix).encode("utf-8", "ignore")[: MAX_NAME - len(suffix.encode())]
    return stem.decode("utf-8", "ignore") + suffix


def _when_free(
    store: Store,
    indexer: Indexer,
    actor: Person,
    path: Path,
    choice: SpaceChoice,
    sync: bool,
    private: PrivateChoices,
    told: Progress,
) -> ImportReport:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return import_documents(store, indexer, actor, path, choice, sync=sync, private=private, progress=told)
        except Busy:
            if time.monotonic() > deadline:
                raise
        told("Waiting for another import", 0, 1)
        time.sleep(_LOOK_AGAIN_S)


def _unpack(uploads: Sequence[Upload], folder: Path) -> list[SkippedFile]:
    """Write the files into ``folder``.

    :return: those whose name another one has already.
    """
    folder.mkdir()
    skipped = []
    taken = set()
    for upload in uploads:
        name = file_name(upload.name)
        if name.casefold() in taken:
            skipped.append(SkippedFile(upload.name, "another file has this name too: rename it and upload it again"))
            continue
        taken.add(name.casefold())
        (folder / name).write_bytes(upload.content)
    return skipped


def _sum(reports: Sequence[ImportReport], failed: Sequence[SkippedFile]) -> ImportReport:
    return replace(
        reports[0],
        added=tuple(title for report in reports for title in report.added),
        changed=tuple(title for report in reports for title in report.changed),
        unchanged=sum(report.unchanged for report in reports),
        skipped=(*failed, *(skip for report in reports for skip in report.skipped)),
        private=tuple(one for report in reports for one in report.private),
        unmatched=tuple(sorted(set.intersection(*(set(report.unmatched) for report in reports)))),
        # What one zip lacks another may hold; with sync there is only one.
        vanished=reports[0].vanished if len(reports) == 1 else (),
    )


def _is_zip(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".zip"
