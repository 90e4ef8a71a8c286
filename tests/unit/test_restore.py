"""Restoring: what is refused, what is kept, and that a kill never mixes two databases."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.backup import back_up
from kb.files import force_to_disk
from kb.locks import Busy
from kb.models import Page
from kb.people import LinkGone, new_link, use_link
from kb.restore import BackupUnsound, RestoreFailed, checksum_in, restore
from kb.sessions import session_of, sign_in, token_hash
from kb.store import snapshot
from kb.store.db import Store, StoreError, use, use_alone
from kb.store.people import LOCAL
from tests.people import PASSWORD, add_person, sign_up
from tests.unit.killing import killed_at_step


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def backup(store: Store, write: Callable[..., Page], tmp_path: Path) -> Path:
    """A backup with one page, "Backed up"; nobody has the store open any more."""
    write("Backed up", "Kept in the backup.")
    made = back_up(store.path, tmp_path / "backups", 14, silent).path
    store.close()
    return made


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where to restore: a folder with nothing in it yet."""
    return tmp_path / "other" / "baton.db"


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [row[0] for row in db.execute("SELECT title FROM pages ORDER BY id")]


LEAVE_UNCLOSED = """
import os, sys
from pathlib import Path
from kb.store.db import Store
store = Store.open(Path(sys.argv[1]))
connection = store._connection().__enter__()
for number in range(400):
    connection.conn.execute(
        "INSERT INTO people(name, created_at) VALUES (?, '')", [f"Person {number} " + "x" * 500])
    connection.conn.execute("INSERT INTO spaces(slug, name, created_at) VALUES (?, ?, '')", [str(number)] * 2)
    connection.conn.commit()
os._exit(9)
"""


def leave_unclosed(database: Path) -> None:
    """A database whose last changes are in its write-ahead log alone: its process was killed."""
    subprocess.run([sys.executable, "-c", LEAVE_UNCLOSED, str(database)], check=False, env={**os.environ})
    assert database.with_name("baton.db-wal").stat().st_size > 0


def people(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(db.execute("SELECT count(*) FROM people WHERE name LIKE 'Person %'").fetchone()[0])


@given(st.text())
def test_a_checksum_is_64_digits_and_nothing_else(text: str):
    found = checksum_in(text)
    assert found is None or (len(found) == 64 and text.startswith(found))


def test_a_checksum_is_read_as_sha256sum_writes_it():
    digits = "0a" * 32
    assert checksum_in(f"{digits}  baton-20260102T030405Z.db\n") == digits
    assert checksum_in(f"{digits}\n") == digits
    assert checksum_in(f"{digits}0\n") is None


def test_a_backup_becomes_the_database(backup: Path, database: Path):
    report = restore(backup, database, silent)
    assert (report.database, report.wiki_pages, report.embeddings) == (database, 1, 1)
    assert (report.replaced, report.notes) == (None, ())
    assert sorted(entry.name for entry in database.parent.iterdir()) == ["baton.db", "baton.db.lock"]
    store = Store.open(database)
    store.close()
    assert titles(database) == ["Backed up"]


def test_no_session_and_no_one_time_link_comes_back(store: Store, tmp_path: Path):
    ada = add_person(store, "Ada")
    ended = sign_up(store, ada)
    link = new_link(store, LOCAL, ada.id)
    backup = back_up(store.path, tmp_path / "backups", 14, silent).path
    use_link(store, link.token, "quite another four words")
    store.close()
    assert restore(backup, store.path, silent, force=True).ended == 2
    restored = Store.open(store.path)
    assert session_of(restored, token_hash(ended.token)) is None
    with pytest.raises(LinkGone):
        use_link(restored, link.token, "words of somebody else")
    assert sign_in(restored, "ada@example.com", PASSWORD).person == ada
    restored.close()


@pytest.mark.parametrize(
    ("fails_at", "restored", "said"),
    [
        (2, [], r"^Nothing was restored: .* is as it was"),
        (3, ["Backed up"], r"now, but the disk may not keep it.*again; "),
    ],
)
def test_a_failing_disk_is_told_apart_before_and_after_the_switch(
    backup: Path, database: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, restored: list[str], said: str
):
    Store.open(database).close()
    forced: list[Path] = []

    def failing(path: Path) -> None:
        forced.append(path)
        if len(forced) == fails_at:
            raise OSError(5, "Input/output error")
        force_to_disk(path)

    monkeypatch.setattr("kb.restore.force_to_disk", failing)
    with pytest.raises(RestoreFailed, match=said):
        restore(backup, database, silent, force=True)
    assert titles(database) == restored


def test_a_database_is_not_overwritten_unasked(backup: Path, store: Store):
    before = store.path.read_bytes()
    with pytest.raises(RestoreFailed, match="--force"):
        restore(backup, store.path, silent)
    assert store.path.read_bytes() == before


def test_by_force_the_former_database_is_kept_beside_with_its_last_changes(backup: Path, database: Path):
    leave_unclosed(database)
    report = restore(backup, database, silent, force=True)
    assert titles(database) == ["Backed up"]
    assert people(database) == 0
    assert report.replaced is not None
    assert people(report.replaced) == 400
    assert sorted(entry.name for entry in database.parent.iterdir()) == [
        "baton.db",
        "baton.db.lock",
        report.replaced.name,
    ]


def test_a_damaged_database_is_replaced_and_kept(backup: Path, database: Path):
    leave_unclosed(database)
    database.write_bytes(b"no database" * 1000)
    database.with_name("baton.db-wal").write_bytes(b"no log" * 1000)
    report = restore(backup, database, silent, force=True)
    assert titles(database) == ["Backed up"]
    assert report.replaced is not None
    assert report.replaced.read_bytes() == b"no database" * 1000
    assert not database.with_name("baton.db-wal").exists()


def test_a_log_without_its_database_is_never_applied_to_the_restored_one(backup: Path, database: Path):
    leave_unclosed(database)
    database.unlink()
    restore(backup, database, silent)
    assert (titles(database), people(database)) == (["Backed up"], 0)


def test_a_backup_that_changed_since_is_refused(backup: Path, database: Path):
    with backup.open("r+b") as file:
        file.seek(70_000)
        file.write(b"\7\7\7")
    with pytest.raises(BackupUnsound, match=r"is not what .*sha256 says"):
        restore(backup, database, silent)
    assert not database.exists()


def test_a_backup_that_was_cut_is_refused_also_without_its_checksum(backup: Path, database: Path, tmp_path: Path):
    cut = tmp_path / "cut.db"
    cut.write_bytes(backup.read_bytes()[:-40_000])
    with pytest.raises(BackupUnsound, match="did not pass its check"):
        restore(cut, database, silent)


def test_a_backup_without_its_checksum_is_restored_and_that_is_said(backup: Path, database: Path, tmp_path: Path):
    alone = tmp_path / "alone.db"
    shutil.copy(backup, alone)
    report = restore(alone, database, silent)
    assert report.notes == ("There is no alone.db.sha256: only the database's own checks were made.",)


def test_a_backup_of_a_newer_baton_is_refused(backup: Path, database: Path, tmp_path: Path):
    newer = tmp_path / "newer.db"
    shutil.copy(backup, newer)
    with closing(sqlite3.connect(newer)) as db, db:
        db.execute("INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES ('baton', 'm999_moon', '')")
    with pytest.raises(BackupUnsound, match=r"newer Baton.*m999_moon"):
        restore(newer, database, silent)
    assert not database.exists()


def test_a_plain_copy_of_a_database_in_use_is_refused(backup: Path, database: Path, tmp_path: Path):
    leave_unclosed(tmp_path / "used" / "baton.db")
    with pytest.raises(BackupUnsound, match=r"scripts/backup\.py"):
        restore(tmp_path / "used" / "baton.db", database, silent)


def test_a_backup_that_is_not_there_is_named(database: Path, tmp_path: Path):
    with pytest.raises(RestoreFailed, match="no backup"):
        restore(tmp_path / "none.db", database, silent)
    assert not database.parent.exists()


def test_nothing_is_restored_while_anybody_uses_the_database(backup: Path, database: Path):
    running = Store.open(database)
    with pytest.raises(Busy, match=r"is using .*baton\.db\. Stop it"):
        restore(backup, database, silent, force=True)
    running.close()
    restore(backup, database, silent, force=True)
    assert titles(database) == ["Backed up"]


def test_nothing_is_restored_while_another_program_has_the_database_open(backup: Path, database: Path):
    Store.open(database).close()
    with closing(sqlite3.connect(database)) as shell:
        shell.execute("SELECT count(*) FROM pages").fetchall()
        with pytest.raises(RestoreFailed, match="open in another program"):
            restore(backup, database, silent, force=True)
    assert titles(database) == []


def test_nobody_opens_the_database_while_it_is_restored(database: Path):
    with use_alone(database), pytest.raises(StoreError, match="being restored"):
        Store.open(database)
    with use(database):  # as the server does, beside the stores that it opens
        Store.open(database).close()


def test_a_restore_that_finds_no_room_changes_nothing(backup: Path, database: Path, monkeypatch: pytest.MonkeyPatch):
    leave_unclosed(database)
    usage = shutil.disk_usage(database.parent)
    monkeypatch.setattr("kb.restore.shutil.disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(RestoreFailed, match="0 MB free"):
        restore(backup, database, silent, force=True)
    assert people(database) == 400


def test_a_restored_file_has_the_rights_of_the_former_one(backup: Path, database: Path):
    Store.open(database).close()
    database.chmod(0o640)
    restore(backup, database, silent, force=True)
    assert database.stat().st_mode & 0o777 == 0o640


def test_a_kill_at_any_step_leaves_the_former_or_the_restored_database(backup: Path, tmp_path: Path):
    original = tmp_path / "original"
    leave_unclosed(original / "baton.db")
    seen = []
    step = 0
    while True:
        folder = tmp_path / f"killed-{step}"
        shutil.copytree(original, folder)
        database = folder / "baton.db"
        if not killed_at_step(step, lambda at=database: restore(backup, at, silent, force=True)):
            break
        found = people(database)  # also checks its integrity
        assert found in (400, 0)
        seen.append(found)
        # Whatever the kill left, the next restore does its work and keeps nothing of the earlier one's.
        report = restore(backup, database, silent, force=True)
        assert people(database) == 0
        assert report.replaced is not None
        assert people(report.replaced) == found
        assert not database.with_name("baton.db.restoring").exists()
        shutil.rmtree(folder)
        step += 1
    assert seen == sorted(seen, reverse=True)  # the former one up to a moment, from then on the restored one
    assert (seen[0], len(seen) > 10) == (400, True)
    assert snapshot.examine(database, silent).wiki_pages == 1
