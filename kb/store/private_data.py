"""Why private data stays in a page: reasons that people gave, by keyed hash of what stays."""

from __future__ import annotations

from collections.abc import Iterable

from kb.models import Person
from kb.store.db import Connection, now, to_text


def known(db: Connection, page_id: int) -> frozenset[str]:
    """The fingerprints for which somebody has given a reason."""
    rows = db.execute("SELECT fingerprint FROM private_data_reasons WHERE page_id = ?", [page_id])
    return frozenset(row[0] for row in rows)


def add(db: Connection, actor: Person, page_id: int, fingerprints: Iterable[str], reason: str, audit_id: int) -> None:
    """Keep a reason for these; the line of the audit log shows it as long as the page is there."""
    moment = to_text(now())
    db.conn.executemany(
        "INSERT OR REPLACE INTO private_data_reasons VALUES (?, ?, ?, ?, ?, ?)",
        [(page_id, fingerprint, reason, actor.id, audit_id, moment) for fingerprint in dict.fromkeys(fingerprints)],
    )
