"""Attached files. They live in the database, so that they change with their page and one file is the backup."""

from __future__ import annotations

import hashlib
import json
import re

from kb.models import Attachment, Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection

ADDRESS = re.compile(r"/attachment/([0-9a-f]{64})")  # as a page's text links to a file


def add(db: Connection, attachment: Attachment, page_id: int) -> str:
    """Keep the file, once however often it is attached, for whoever may see the page.

    :return: the SHA-256 of its bytes, in hexadecimal: its name from now on.
    """
    sha256 = hashlib.sha256(attachment.content).hexdigest()
    db.execute(
        "INSERT OR IGNORE INTO attachments VALUES (?, ?, ?, ?)",
        [sha256, attachment.name, attachment.media_type, attachment.content],
    )
    db.execute("INSERT OR IGNORE INTO page_attachments VALUES (?, ?)", [sha256, page_id])
    return sha256


def attach(db: Connection, page_id: int, body: str, actor: Person) -> None:
    """Let whoever may see the page see the files that its text links to, as far as ``actor`` may see them now.

    Otherwise somebody who knows a file's name could read it by writing that name into a page of their own.
    """
    linked = json.dumps(sorted(set(ADDRESS.findall(body))))
    db.execute(
        f"""INSERT OR IGNORE INTO page_attachments SELECT DISTINCT page_attachments.sha256, ?
            FROM page_attachments JOIN pages ON pages.id = page_attachments.page_id
            WHERE page_attachments.sha256 IN (SELECT value FROM json_each(?)) AND {VISIBLE}""",
        [page_id, linked, *seen_by(actor)],
    )


def by_sha256(db: Connection, sha256: str, viewer: Person) -> Attachment | None:
    """The file with this name, if it is kept and ``viewer`` may see a page that has it."""
    rows = db.query(
        f"""SELECT name, media_type, content FROM attachments WHERE sha256 = ? AND sha256 IN (
                SELECT page_attachments.sha256 FROM page_attachments JOIN pages ON pages.id = page_attachments.page_id
                WHERE page_attachments.sha256 = ? AND {VISIBLE})""",
        [sha256, sha256, *seen_by(viewer)],
    )
    return next((Attachment(sha256, row["name"], row["media_type"], row["content"]) for row in rows), None)
