"""kb.uploads: what people upload becomes pages, whatever its name."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.import_job import ImportJob
from kb.imports import ImportReport
from kb.indexing import Indexer
from kb.locks import only_one
from kb.pages import PageError, read_page, recently_updated
from kb.space_choice import SpaceChoice
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.uploads import MAX_FILES, Upload, UploadError, check_uploads, file_name, import_uploads

WAIT_S = 60.0  # a busy machine is slow, not wrong


def packed(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.md", text)
    return content.getvalue()


def run(store: Store, indexer: Indexer, *uploads: Upload, sync: bool = False) -> ImportReport:
    return import_uploads(store, indexer, LOCAL, uploads, SpaceChoice.named("Claims"), sync=sync)


@given(st.text(max_size=400))
def test_a_file_name_stays_in_its_folder(name: str) -> None:
    safe = file_name(name)
    assert Path("folder", safe).parent == Path("folder")
    assert safe not in ("", ".", "..")
    assert not safe.startswith(".")
    assert "\x00" not in safe
    assert len(safe.encode()) <= 255


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("guide.md", "guide.md"),
        ("../../etc/passwd.md", "passwd.md"),
        ("C:\\Users\\ana\\guide.md", "guide.md"),
        (".hidden.md", "hidden.md"),
        ("~$lock.docx", "lock.docx"),
        ("Übersicht 退款.md", "Übersicht 退款.md"),
        ("a\x00b\n.md", "ab.md"),
        ("..", "file"),
        ("x" * 300 + ".md", "x" * 197 + ".md"),
    ],
)
def test_file_names(name: str, safe: str) -> None:
    assert file_name(name) == safe


def test_zips_and_loose_files_are_imported_together(store: Store, indexer: Indexer) -> None:
    report = run(
        store, indexer, Upload("one.zip", packed(a="# A")), Upload("two.ZIP", packed(b="# B")), Upload("c.md", b"# C")
    )
    assert (report.added, report.skipped, report.space.name) == (("A", "B", "C"), (), "Claims")


def test_a_bad_zip_does_not_stop_the_others(store: Store, indexer: Indexer) -> None:
    report = run(store, indexer, Upload("bad.zip", b"no zip"), Upload("c.md", b"# C"))
    assert report.added == ("C",)
    assert [skip.source for skip in report.skipped] == ["bad.zip"]


def test_the_second_file_of_a_name_is_skipped(store: Store, indexer: Indexer) -> None:
    report = run(store, indexer, Upload("a.md", b"# First"), Upload("sub/A.md", b"# Second"))
    assert report.added == ("First",)
    assert [(skip.source, skip.reason) for skip in report.skipped] == [
        ("sub/A.md", "another file has this name too: rename it and upload it again")
    ]


def test_no_uploaded_file_stays_on_the_disk(store: Store, indexer: Indexer) -> None:
    run(store, indexer, Upload("a.md", b"# A"), Upload("b.zip", packed(b="# B")))
    assert list(store.path.with_name("uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("names", "sync", "sentence"),
    [
        ([], False, "at least one file"),
        (["a.md"] * (MAX_FILES + 1), False, "pack them into a zip"),
        (["a.md"], True, "one zip that holds all"),
        (["a.zip", "b.zip"], True, "one zip that holds all"),
    ],
)
def test_what_cannot_be_imported_together(names: list[str], sync: bool, sentence: str) -> None:
    with pytest.raises(UploadError, match=sentence):
        check_uploads(names, sync=sync)


def test_a_space_needs_a_name(store: Store, indexer: Indexer) -> None:
    with pytest.raises(PageError, match="Give the space a name"):
        import_uploads(store, indexer, LOCAL, [Upload("a.md", b"# A")], SpaceChoice.named(" "))


def test_an_import_waits_for_the_one_before(store: Store, indexer: Indexer) -> None:
    told: list[str] = []
    waits = threading.Event()

    def tell(what: str, done: int, total: int) -> None:
        told.append(what)
        if what.startswith("Waiting"):
            waits.set()

    job = ImportJob(
        lambda _: import_uploads(
            store, indexer, LOCAL, [Upload("a.md", b"# A")], SpaceChoice.named("Claims"), progress=tell
        )
    )
    with only_one(store.path.with_name("import.lock"), "Another import"):
        job.start()
        assert waits.wait(WAIT_S)
        assert not job.ended
    job.wait(WAIT_S)
    assert (job.report and job.report.added, told[0]) == (("A",), "Waiting for another import")


def test_two_imports_at_once_bring_everything_of_both(store: Store, indexer: Indexer) -> None:
    def job_of(letter: str) -> ImportJob:
        uploads = [Upload(f"{letter}{n}.md", f"# Page {letter}{n}".encode()) for n in range(10)]
        return ImportJob(
            lambda told: import_uploads(store, indexer, LOCAL, uploads, SpaceChoice.named("Claims"), progress=told)
        ).start()

    jobs = [job_of("a"), job_of("b")]
    for job in jobs:
        job.wait(WAIT_S)
    assert [job.report and len(job.report.added) for job in jobs] == [10, 10]
    assert len(recently_updated(store, LOCAL, limit=100)) == 20


def test_a_job_tells_its_problem_in_a_sentence(store: Store, indexer: Indexer) -> None:
    job = ImportJob(lambda told: run(store, indexer, Upload("bad.zip", b"no zip"))).start()
    job.wait(WAIT_S)
    assert job.problem == "bad.zip is not a zip that can be opened: pack the folder again and import the new zip."


def test_a_job_that_fails_unexpectedly_ends(caplog: pytest.LogCaptureFixture) -> None:
    job = ImportJob(lambda told: 1 / 0)  # type: ignore[arg-type,return-value]
    job.start().wait(WAIT_S)
    assert (job.ended, job.report) == (True, None)
    assert job.problem.startswith("The import stopped half-way")


def test_an_imported_page_is_found_under_its_address(store: Store, indexer: Indexer) -> None:
    run(store, indexer, Upload("a.md", b"# Claims desk"))
    assert read_page(store, LOCAL, "claims-desk").source == "a.md"
