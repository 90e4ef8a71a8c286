"""What read-backs cover of their notes, as the store keeps it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kb.store.db import Connection, now, to_text


def get(db: Connection, page_id: int, read_back_id: int) -> list[dict[str, Any]] | None:
    """What was kept for a read-back of this note; None where nothing was."""
    row = db.execute(
        "SELECT content FROM read_back_coverage JOIN handover_read_backs AS r ON r.id = read_back_id "
        "WHERE r.page_id = ? AND r.id = ?",
        [page_id, read_back_id],
    ).fetchone()
    return list(json.loads(row[0])) if row else None


def keep(db: Connection, read_back_id: int, items: Sequence[dict[str, Any]]) -> None:
    """Keep what a read-back covers; what was kept first stays, so that everybody sees the same."""
    db.execute(
        "INSERT OR IGNORE INTO read_back_coverage(read_back_id, content, at) VALUES (?, ?, ?)",
        [read_back_id, json.dumps(list(items)), to_text(now())],
    )
