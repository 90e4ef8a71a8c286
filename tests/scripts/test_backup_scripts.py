"""Backing up and restoring as an administrator does: beside a running Baton, and with kill -9 at any moment."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from kb.backup import leftovers, moment_of
from kb.store.db import Store
from tests.server import Server, free_port, model_without_weights

ROOT = Path(__file__).resolve().parents[2]


def command(script: str, *arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / script), *map(str, arguments)]


def call(data: Path, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(script, *arguments),
        env={**os.environ, "BATON_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def killed_after(seconds: float, data: Path, script: str, *arguments: object) -> None:
    running = subprocess.Popen(
        command(script, *arguments), env={**os.environ, "BATON_DATA": str(data)}, stdout=subprocess.DEVNULL
    )
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def fill(data: Path, mark: str, megabytes: int) -> None:
    """A database of this size, each of whose attachments is named ``mark``."""
    store = Store.open(data / "baton.db")
    with store.atomic() as db:
        for number in range(megabytes):
            db.execute(
                "INSERT INTO attachments VALUES (?, ?, 'image/png', ?)",
                [f"{mark}{number}", mark, random.randbytes(2**20)],
            )
    store.close()


def marks(database: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute("SELECT name, count(*) FROM attachments GROUP BY name").fetchall()


def test_a_running_baton_is_backed_up_and_keeps_a_restore_away(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    server = Server(data, free_port())
    server.start(wait_for_model=False, BATON_MODEL=model_without_weights(tmp_path / "model"))
    try:
        made = call(data, "backup.py", "--json")
        assert made.returncode == 0, made.stderr
        report = json.loads(made.stdout)
        backup = Path(report["path"])
        assert (backup.parent, moment_of(backup.name) is not None) == (data / "backups", True)
        assert report["wiki_pages"] > 0
        told = call(data, "backup.py", "--keep", 1)
        assert f"Deleted 1 older: {backup.name}." in told.stdout
        backup = next((data / "backups").glob("baton-*.db"))
        refused = call(data, "restore.py", backup, "--force")
        assert (refused.returncode, refused.stderr) == (
            2,
            f"Baton, or one of its scripts, is using {data / 'baton.db'}. Stop it, then try again.\n",
        )
    finally:
        server.stop()
    refused = call(data, "restore.py", backup)
    assert (refused.returncode, "--force" in refused.stderr) == (2, True)
    restored = call(data, "restore.py", backup, "--force", "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["wiki_pages"] == report["wiki_pages"]


def test_a_backup_whose_bytes_changed_is_refused_with_its_own_status(tmp_path: Path):
    fill(tmp_path / "data", "old", 1)
    assert call(tmp_path / "data", "backup.py").returncode == 0
    backup = next((tmp_path / "data" / "backups").glob("baton-*.db"))
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    refused = call(tmp_path / "data", "restore.py", backup, "--force")
    assert (refused.returncode, refused.stderr) == (
        1,
        f"{backup} is not what {backup.name}.sha256 says: use another backup.\n",
    )
    assert marks(tmp_path / "data" / "baton.db") == [("old", 1)]


def test_kills_at_random_moments_leave_whole_backups_and_whole_databases(tmp_path: Path):
    chosen = random.Random(20261122)
    old, new = tmp_path / "old", tmp_path / "new"
    fill(old, "old", 40)
    fill(new, "new", 40)
    for _ in range(5):
        killed_after(chosen.uniform(0.1, 1.5), new, "backup.py", "--keep", 2)
        for entry in (new / "backups").glob("baton-*.db"):
            assert marks(entry) == [("new", 40)]
    assert call(new, "backup.py", "--keep", 1).returncode == 0
    held = [entry.name for entry in (new / "backups").iterdir()]
    assert (len(held), leftovers(held)) == (3, [])  # the backup, its checksum, the lock
    backup = next((new / "backups").glob("baton-*.db"))
    for turn in range(5):
        data = tmp_path / f"killed-{turn}"
        shutil.copytree(old, data)
        killed_after(chosen.uniform(0.1, 1.5), data, "restore.py", backup, "--force")
        assert marks(data / "baton.db") in ([("old", 40)], [("new", 40)])
        assert call(data, "restore.py", backup, "--force").returncode == 0
        assert marks(data / "baton.db") == [("new", 40)]
        shutil.rmtree(data)
