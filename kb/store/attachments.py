"""Attached files. They live in the database, so that they change with their page and one file is the backup."""

from __future__ import annotations

import hashlib

from kb.models import Attachment
from kb.store.db import Connection


def add(db: Connection, attachment: Attachment) -> str:
    """Keep the file, once however often it is attached.

    :return: the SHA-256 of its bytes, in hexadecimal: its name from now on.
    """
    sha256 = hashlib.sha256(attachment.content).hexdigest()
    db.execute(
        "INSERT OR IGNORE INTO attachments VALUES (?, ?, ?, ?)",
        [sha256, attachment.name, attachment.media_type, attachment.content],
    )
    return sha256


def by_sha256(db: Connection, sha256: str) -> Attachment | None:
    """The file with this name, if it is kept."""
    rows = db.query("SELECT name, media_type, content FROM attachments WHERE sha256 = ?", [sha256])
    return next((Attachment(sha256, row["name"], row["media_type"], row["content"]) for row in rows), None)
