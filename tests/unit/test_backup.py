"""Backups: their names, what they hold while others write, what is kept, and what a kill leaves."""

from __future__ import annotations

import hashlib
import resource
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import backup
from kb.backup import (
    BackupFailed,
    BackupReport,
    DatabaseUnsound,
    back_up,
    backup_name,
    leftovers,
    moment_of,
    superfluous,
)
from kb.locks import Busy, only_one
from kb.models import Page
from kb.store import chunks, snapshot
from kb.store.db import Store
from tests.unit.killing import killed_at_step

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def silent(what: str, done: int, total: int) -> None:
    pass


def made(store: Store, folder: Path, keep: int = 14, at: datetime = NOON) -> BackupReport:
    return back_up(store.path, folder, keep, silent, clock=lambda: at)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


# ---- names --------------------------------------------------------------------------------------------------------


def test_a_name_is_its_moment_in_utc():
    assert backup_name(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "baton-20260102T030405Z.db"


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1), timezones=st.timezones()))
def test_every_name_gives_its_moment_back(moment: datetime):
    assert moment_of(backup_name(moment)) == moment.astimezone(UTC).replace(microsecond=0)


@given(st.text(), st.sampled_from(["", "baton-", "baton-20260102T030405Z", ".db"]), st.text())
def test_only_a_name_that_is_given_has_a_moment(before: str, middle: str, after: str):
    name = before + middle + after
    moment = moment_of(name)
    assert moment is None or backup_name(moment) == name


@pytest.mark.parametrize(
    "name",
    [
        "baton-20261301T000000Z.db",  # a thirteenth month
        "baton-20260102T030405Z.db\n",
        "baton-２０２６0102T030405Z.db",
        "baton-20260102T030405Z.db.sha256",
        "baton-20260102T030405Z (copy).db",
        "baton.db",
        "BATON-20260102T030405Z.DB",
    ],
)
def test_other_names_are_no_backups(name: str):
    assert moment_of(name) is None


def test_the_newest_are_kept():
    found = [backup_name(NOON + timedelta(days=day)) for day in range(5)]
    assert superfluous([*found, "notes.txt", "baton.db"], 2, found[4]) == found[:3]
    assert superfluous(found, 5, found[4]) == []


def test_the_one_just_made_is_kept_also_when_the_clock_was_set_back():
    later = [backup_name(NOON + timedelta(days=day)) for day in (1, 2)]
    just_made = backup_name(NOON)
    assert superfluous([*later, just_made], 1, just_made) == later
    assert superfluous([*later, just_made], 2, just_made) == later[:1]


def test_leftovers_are_unfinished_files_and_checksums_without_their_backup():
    whole = "baton-20260102T030405Z.db"
    others = [whole, f"{whole}.sha256", "baton-notes.db.sha256", ".hidden", "backup.lock"]
    gone = [".baton-20260102T030406Z.db.unfinished", ".baton-20260102T030406Z.db.unfinished-journal"]
    gone += [".baton-20260102T030406Z.db.sha256.unfinished", "baton-20260102T030407Z.db.sha256"]
    assert leftovers([*others, *gone]) == sorted(gone)


# ---- making one ---------------------------------------------------------------------------------------------------


def test_a_backup_is_one_private_file_with_everything(store: Store, write: Callable[..., Page], tmp_path: Path):
    write("Refunds", "Up to 50 euros without approval.", tags=("billing",))
    with store.atomic() as db:
        db.execute("INSERT INTO attachments VALUES ('abc', 'plan.png', 'image/png', x'010203')")
    report = made(store, tmp_path / "b")
    assert report.path == tmp_path / "b" / "baton-20261122T120000Z.db"
    assert names(tmp_path / "b") == ["backup.lock", "baton-20261122T120000Z.db", "baton-20261122T120000Z.db.sha256"]
    assert ((tmp_path / "b").stat().st_mode & 0o777, report.path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert report.sha256 == hashlib.sha256(report.path.read_bytes()).hexdigest()
    checksum = (tmp_path / "b" / "baton-20261122T120000Z.db.sha256").read_text()
    assert checksum == f"{report.sha256}  baton-20261122T120000Z.db\n"
    assert (report.wiki_pages, report.embeddings, report.bytes) == (1, 1, report.path.stat().st_size)
    assert rows(report.path, "SELECT title FROM pages") == [("Refunds",)]
    assert rows(report.path, "SELECT name, content FROM attachments") == [("plan.png", b"\x01\x02\x03")]
    assert rows(report.path, "PRAGMA journal_mode") == [("delete",)]


def test_what_others_write_meanwhile_is_wholly_in_it_or_not_at_all(
    store: Store, write: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(snapshot, "STEP_PAGES", 5)  # many steps, between which others write
    write("First", "text " * 5000)
    ended = threading.Event()
    written = 0

    def go_on_writing() -> None:
        nonlocal written
        while not ended.is_set():
            with store.atomic() as db:  # always as many spaces as people
                db.execute("INSERT INTO people(name, created_at) VALUES (hex(randomblob(400)), '')")
                db.execute(
                    "INSERT INTO spaces(slug, name, created_at) VALUES (hex(randomblob(9)), hex(randomblob(9)), '')"
                )
            written += 1

    with store.reading() as db:
        more = db.execute("SELECT (SELECT count(*) FROM people) - (SELECT count(*) FROM spaces)").fetchone()[0]
    writer = threading.Thread(target=go_on_writing)
    writer.start()
    try:
        counts = []
        for number in range(5):
            before = written
            report = made(store, tmp_path / "b", at=NOON + timedelta(seconds=number))
            assert written > before
            ((people, spaces),) = rows(
                report.path, "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM spaces)"
            )
            assert people - spaces == more
            counts.append(people)
    finally:
        ended.set()
        writer.join()
    assert counts == sorted(set(counts))


def test_only_its_own_older_files_are_deleted(store: Store, tmp_path: Path):
    folder = tmp_path / "b"
    folder.mkdir()
    for name in ("baton.db", "baton-20200101T000000Z.db.bak", "letter.txt", "baton-20209901T000000Z.db"):
        (folder / name).write_text("mine")
    (folder / "baton-20200101T000000Z.db").symlink_to(store.path)
    first, second, third = (made(store, folder, keep=2, at=NOON + timedelta(days=day)) for day in range(3))
    assert (first.deleted, second.deleted, third.deleted) == ((), (), (first.path.name,))
    assert names(folder) == sorted(
        [
            "backup.lock",
            "baton.db",
            "baton-20200101T000000Z.db",
            "baton-20200101T000000Z.db.bak",
            "baton-20209901T000000Z.db",
            "letter.txt",
            *(f"{report.path.name}{suffix}" for report in (second, third) for suffix in ("", ".sha256")),
        ]
    )


def test_a_database_of_an_earlier_baton_is_backed_up_as_it_is(store: Store, tmp_path: Path):
    with store.atomic() as db:
        (newest,) = db.execute("SELECT max(name) FROM _sqlite_migrations").fetchone()
        db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", [newest])
    report = made(store, tmp_path / "b")
    assert newest not in {name for (name,) in rows(report.path, "SELECT name FROM _sqlite_migrations")}


def test_a_broken_embedding_is_told_and_does_not_stop_the_backup(
    store: Store, write: Callable[..., Page], tmp_path: Path
):
    write("Refunds", "Up to 50 euros.")
    with store.atomic() as db:
        db.execute("UPDATE chunks SET embedding = x'0102'")
    report = made(store, tmp_path / "b")
    assert report.notes == (
        "1 embeddings are broken in the database, and so in this backup: run scripts/rebuild_index.py, which makes "
        "them anew.",
    )


def test_two_backups_in_one_second_get_two_names(store: Store, tmp_path: Path):
    moments = iter([NOON, NOON, NOON + timedelta(seconds=1)])
    for _ in range(2):
        back_up(store.path, tmp_path / "b", 14, silent, clock=lambda: next(moments))
    assert [name for name in names(tmp_path / "b") if name.endswith(".db")] == [
        "baton-20261122T120000Z.db",
        "baton-20261122T120001Z.db",
    ]


# ---- when it cannot be made ---------------------------------------------------------------------------------------


def test_a_damaged_database_gives_no_backup_and_deletes_none(store: Store, write: Callable[..., Page], tmp_path: Path):
    for number in range(30):
        write(f"Page {number}", "text " * 300)
    first = made(store, tmp_path / "b")
    damaged = tmp_path / "damaged.db"
    shutil.copy(first.path, damaged)
    with damaged.open("r+b") as file:
        for page in range(40, 60):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(DatabaseUnsound, match=r"did not pass its check.*Earlier backups are all kept"):
        back_up(damaged, tmp_path / "b", 1, silent, clock=lambda: NOON + timedelta(days=1))
    assert names(tmp_path / "b") == ["backup.lock", first.path.name, f"{first.path.name}.sha256"]


def test_a_file_that_is_no_database_of_baton_gives_no_backup(tmp_path: Path):
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE t (x)")
    with pytest.raises(DatabaseUnsound, match="no database of Baton"):
        back_up(other, tmp_path / "b", 14, silent)


def test_without_a_database_nothing_is_made(tmp_path: Path):
    with pytest.raises(BackupFailed, match="BATON_DATA"):
        back_up(tmp_path / "none.db", tmp_path / "b", 14, silent)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_said_before(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(BackupFailed, match=r"0 MB free, .* --to"):
        made(store, tmp_path / "b")


def test_a_disk_that_fills_up_meanwhile_leaves_the_earlier_backups_alone(store: Store, tmp_path: Path):
    first = made(store, tmp_path / "b")
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, former[1]))  # no file may grow any more, as on a full disk
    try:
        with pytest.raises(BackupFailed, match="full or cannot be written"):
            made(store, tmp_path / "b", keep=1, at=NOON + timedelta(days=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert names(tmp_path / "b") == ["backup.lock", first.path.name, f"{first.path.name}.sha256"]


def test_a_folder_that_cannot_be_written_is_named(store: Store, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupFailed, match=f"{tmp_path / 'file' / 'b'} cannot be used"):
        made(store, tmp_path / "file" / "b")


def test_one_backup_at_a_time(store: Store, tmp_path: Path):
    with only_one(tmp_path / "b" / "backup.lock", "X"), pytest.raises(Busy, match="A backup into"):
        made(store, tmp_path / "b")


def test_a_kill_at_any_step_leaves_only_whole_backups(store: Store, write: Callable[..., Page], tmp_path: Path):
    write("Refunds", "Up to 50 euros.")
    store.close()  # a fork and an open connection do not go together
    folder = tmp_path / "b"
    step = 0
    while killed_at_step(step, partial(made, store, folder, keep=2, at=NOON + timedelta(seconds=step))):
        for name in names(folder) if folder.is_dir() else []:
            if moment_of(name):
                assert snapshot.examine(folder / name, silent).wiki_pages == 1
                recorded = (folder / f"{name}.sha256").read_text()
                assert recorded == f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        step += 1
    assert step > 10
    made(store, folder, keep=2, at=NOON + timedelta(days=1))
    assert leftovers(names(folder)) == []
    assert [name for name in names(folder) if name.startswith(".")] == []
    assert len([name for name in names(folder) if moment_of(name)]) == 2


def test_an_examination_reads_every_embedding(store: Store, write: Callable[..., Page], tmp_path: Path):
    write("Refunds", "Up to 50 euros.")
    report = made(store, tmp_path / "b")
    with store.reading() as db:
        assert report.embeddings == chunks.count(db) == 1
