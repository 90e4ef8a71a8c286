"""Sealing an acknowledged version: its rows as one text, chained by hash to everything sealed before."""

from __future__ import annotations

from kb.handover.models import Note
from kb.handover.seal import FIRST, canonical, sealed_hash
from kb.store import seals
from kb.store.db import Connection, now, to_text

FORMAT = 1  # of the content


def seal_version(db: Connection, note: Note) -> str:
    """Seal the note's version, in the transaction that acknowledges it.

    :return: its hash, now the newest of the database.
    :raises sqlite3.IntegrityError: when the version is sealed already.
    """
    last, previous = seals.newest(db) or (0, FIRST)
    sequence, moment = last + 1, to_text(now())
    rows = seals.rows_of(db, note.page.id, note.page.revision)
    content = {
        "format": FORMAT,
        "sequence": sequence,
        "page_id": note.page.id,
        "version": note.version,
        "revision": note.page.revision,
        "at": moment,
        # Names change later; the seal goes on saying how people were called.
        "names": seals.names_of(db, rows),
        "rows": rows,
    }
    text = canonical(content)
    sha256 = sealed_hash(previous, text)
    seals.add(db, seals.StoredSeal(sequence, note.page.id, note.version, text, sha256, previous, moment))
    return sha256
