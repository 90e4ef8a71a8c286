"""Rules of the database file itself: transactions, migrations, refusals."""

import sqlite3
from pathlib import Path

import pytest

from kb.store import migrations, spaces
from kb.store.db import Store, StoreError
from kb.store.people import LOCAL


def test_a_new_database_has_every_migration_baton_itself_and_the_local_person(store: Store):
    with store.reading() as db:
        applied = [step.name for step in migrations.schema.applied(db)]
        people = list(db.query("SELECT id, name FROM people"))
    assert applied == [step.name for step in migrations.schema._migrations]
    assert people == [{"id": 0, "name": "Baton"}, {"id": 1, "name": "local"}]


def test_a_failed_transaction_leaves_nothing(store: Store):
    def stop_half_way() -> None:
        with store.atomic() as db:
            spaces.add(db, "acme", "ACME")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        stop_half_way()
    with store.reading() as db:
        assert spaces.all_spaces(db, LOCAL) == []


def test_a_reader_sees_one_moment_however_long_it_reads(store: Store):
    with store.reading() as db:
        before = spaces.all_spaces(db, LOCAL)
        with store.atomic() as other:
            spaces.add(other, "acme", "ACME")
        assert spaces.all_spaces(db, LOCAL) == before == []
    with store.reading() as db:
        assert [space.name for space in spaces.all_spaces(db, LOCAL)] == ["ACME"]


def test_foreign_keys_are_enforced(store: Store):
    with pytest.raises(sqlite3.IntegrityError), store.atomic() as db:
        db.execute("INSERT INTO page_tags VALUES (4711, 'tag')")


@pytest.mark.parametrize("applied", range(1, len(migrations.schema._migrations)))
def test_a_database_of_any_earlier_version_migrates_after_a_backup(tmp_path: Path, applied: int):
    path = tmp_path / "baton.db"
    steps = migrations.schema._migrations
    from sqlite_utils import Database

    old = Database(sqlite3.connect(path))
    migrations.schema.apply(old, stop_before=steps[applied].name)
    old.execute("INSERT INTO spaces(slug, name, created_at) VALUES ('acme', 'ACME', '2026-01-01T00:00:00Z')")
    old.conn.commit()
    old.close()

    store = Store.open(path)
    with store.reading() as db:
        assert [space.name for space in spaces.all_spaces(db, LOCAL)] == ["ACME"]
        assert len(migrations.schema.applied(db)) == len(steps)
    store.close()
    backups = list(tmp_path.glob("baton.db.before-migration-*"))
    assert len(backups) == 1
    kept = sqlite3.connect(backups[0])
    assert kept.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (applied,)
    kept.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "baton.db"
    Store.open(path).close()

    later = migrations.Migrations("baton")
    later._migrations = list(migrations.schema._migrations)

    @later()
    def m999_breaks(db):  # type: ignore[no-untyped-def]
        db.execute("CREATE TABLE half_done (id)")
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(migrations, "schema", later)
    with pytest.raises(StoreError, match="disk is full"):
        Store.open(path)
    monkeypatch.undo()
    store = Store.open(path)
    with store.reading() as db:
        assert "half_done" not in db.table_names()
    store.close()


def test_a_second_open_migrates_nothing_and_makes_no_backup(tmp_path: Path):
    for _ in range(2):
        Store.open(tmp_path / "baton.db").close()
    assert list(tmp_path.glob("*.before-migration-*")) == []


def test_a_database_of_a_newer_version_is_refused_with_a_remedy(tmp_path: Path):
    store = Store.open(tmp_path / "baton.db")
    with store.atomic() as db:
        db.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES ('baton', 'm900_future', 'x')"
        )
    store.close()
    with pytest.raises(StoreError, match=r"newer version of Baton.*m900_future"):
        Store.open(tmp_path / "baton.db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "baton.db"
    path.write_bytes(b"these are my holiday notes, not a database" * 50)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path)
    assert path.read_bytes().startswith(b"these are my holiday notes")


def test_a_full_disk_is_said_and_nothing_is_half_saved(store: Store):
    def save_too_much() -> None:
        with store.atomic() as db:
            spaces.add(db, "acme", "ACME")
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count = {pages + 2}")
            db.execute("INSERT INTO attachments VALUES ('x', 'x', 'x', zeroblob(100000))")

    with pytest.raises(StoreError, match="the disk is full"):
        save_too_much()
    with store.reading() as db:
        assert spaces.all_spaces(db, LOCAL) == []


def test_a_writer_that_waits_in_vain_is_told(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kb.store.db.BUSY_TIMEOUT_MS", 50)
    other = Store.open(store.path)

    def write_meanwhile() -> None:
        with other.atomic() as db:
            spaces.add(db, "acme", "ACME")

    with store.atomic(), pytest.raises(StoreError, match="something else is writing"):
        write_meanwhile()
    other.close()
