"""Chunks, their embeddings and their full text as the store keeps them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.acronyms import definitions
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, now, to_moment, to_text
from kb.store.fulltext import stemmed

Vector = NDArray[np.float32]
Ids = NDArray[np.int64]

FULL_TEXTS = ("chunks_fts", "chunk_words")
LOG_LIMIT = 50_000  # changes kept; an index that is further behind than this reloads all chunks


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its id."""

    id: int
    page_id: int
    position: int
    anchor: str
    title: str
    headings: str
    text: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk as a page's text gives it; ``embedding`` is None while it is pending."""

    position: int
    anchor: str
    title: str
    headings: str
    text: str
    keywords: str
    content_hash: str
    embedding: Vector | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """What the embeddings were made with, and how far they are."""

    model: str
    chunker: str
    epoch: int
    generation: int
    rebuilt_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlacedChunk:
    """Where a chunk is, and its embedding as it is stored; None while that is pending."""

    id: int
    page_id: int
    space_id: int
    embedding: bytes | None


# ---- what a page's chunks are -------------------------------------------------------------------------------------


def embeddings_by_hash(db: Connection, hashes: Iterable[str]) -> dict[str, Vector]:
    """The embeddings that chunks with these content hashes already have."""
    rows = db.query(
        "SELECT content_hash, embedding FROM chunks WHERE embedding IS NOT NULL AND content_hash IN "
        "(SELECT value FROM json_each(?))",
        [json.dumps(list(hashes))],
    )
    return {row["content_hash"]: to_vector(row["embedding"]) for row in rows}


def of_page(db: Connection, page_id: int) -> list[StoredChunk]:
    """The chunks of a page in order."""
    return [_stored(row) for row in db.query(f"{_SELECT} WHERE page_id = ? ORDER BY position", [page_id])]


def replace(db: Connection, page_id: int, revision: int, new: Sequence[NewChunk]) -> None:
    """Make ``new`` the chunks of the page. Chunks whose content stays keep their id and their embedding."""
    held: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for row in db.query(
        "SELECT id, content_hash, embedding IS NOT NULL AS embedded FROM chunks WHERE page_id = ? "
        "ORDER BY position DESC",
        [page_id],
    ):
        held[row["content_hash"]].append((row["id"], bool(row["embedded"])))
    for chunk in new:
        if held[chunk.content_hash]:
            chunk_id, embedded = held[chunk.content_hash].pop()
            db.execute(
                "UPDATE chunks SET position = ?, anchor = ? WHERE id = ?", [chunk.position, chunk.anchor, chunk_id]
            )
            # Tags and keywords are not embedded: touch the full text only when they changed.
            db.execute(
                "UPDATE chunks SET keywords = ? WHERE id = ? AND keywords != ?",
                [chunk.keywords, chunk_id, chunk.keywords],
            )
            if not embedded and chunk.embedding is not None:
                set_embeddings(db, [(chunk_id, chunk.embedding)])
        else:
            cursor = db.execute(
                "INSERT INTO chunks(page_id, position, anchor, title, headings, text, keywords, content_hash, "
                "embedding) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    page_id, chunk.position, chunk.anchor, chunk.title, chunk.headings, chunk.text, chunk.keywords,
                    chunk.content_hash, to_blob(chunk.embedding),
                ],
            )  # fmt: skip
            db.conn.executemany(
                "INSERT INTO definitions VALUES (?, ?, ?, ?)",
                [(cursor.lastrowid, short, name, stemmed(name)) for short, name in definitions(chunk.text)],
            )
    gone = [chunk_id for left in held.values() for chunk_id, _ in left]
    db.execute("DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(gone)])
    db.execute("UPDATE pages SET chunked_revision = ? WHERE id = ?", [revision, page_id])


def remove_of_page(db: Connection, page_id: int) -> None:
    """Take a page out of both searches."""
    db.execute("DELETE FROM chunks WHERE page_id = ?", [page_id])
    db.execute("UPDATE pages SET chunked_revision = NULL WHERE id = ?", [page_id])


# ---- what searches look up -----------------------------------------------------------------------------------------


def document_frequencies(db: Connection, terms: Iterable[str]) -> dict[str, int]:
    """In how many chunks, whoever may see them, each stemmed term occurs; terms that occur nowhere are left out."""
    # CROSS JOIN keeps the order: each term is looked up, and the vocabulary never read from end to end.
    sql = "SELECT term, doc FROM json_each(?) CROSS JOIN chunks_vocabulary ON term = value"
    return dict(db.execute(sql, [json.dumps(list(terms))]).fetchall())


def count(db: Connection) -> int:
    """How many chunks there are."""
    return int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])


def count_visible(db: Connection, viewer: Person) -> tuple[int, int]:
    """How many chunks ``viewer`` may see, and how many of those wait for their embedding."""
    of_visible = f"page_id IN (SELECT id FROM pages WHERE {VISIBLE})"
    total = db.execute(f"SELECT count(*) FROM chunks WHERE {of_visible}", seen_by(viewer)).fetchone()[0]
    waiting = f"SELECT count(*) FROM chunks WHERE embedding IS NULL AND {of_visible}"
    return int(total), int(db.execute(waiting, seen_by(viewer)).fetchone()[0])


def pages_of(db: Connection, chunk_ids: Sequence[int]) -> dict[int, int]:
    """The page of each chunk."""
    rows = db.execute(
        "SELECT id, page_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(chunk_ids))]
    )
    return {int(chunk): int(page) for chunk, page in rows}


def first_of_pages(db: Connection, page_ids: Sequence[int]) -> dict[int, int]:
    """The first chunk of each of these pages."""
    rows = db.execute(
        "SELECT page_id, id FROM chunks WHERE page_id IN (SELECT value FROM json_each(?)) AND position = 0",
        [json.dumps(list(page_ids))],
    )
    return {int(page): int(chunk) for page, chunk in rows}


def by_ids(db: Connection, chunk_ids: Sequence[int]) -> dict[int, StoredChunk]:
    """The chunks with these ids."""
    rows = db.query(f"{_SELECT} WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(chunk_ids))])
    return {row["id"]: _stored(row) for row in rows}


# ---- embeddings and generations -----------------------------------------------------------------------------------


def index_state(db: Connection) -> IndexState:
    """What the embeddings were made with, and the newest generation."""
    row = next(iter(db.query("SELECT * FROM index_state")))
    newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunk_changes'").fetchone()
    return IndexState(
        model=row["model"],
        chunker=row["chunker"],
        epoch=row["epoch"],
        generation=int(newest[0]) if newest else 0,
        rebuilt_at=to_moment(row["rebuilt_at"]) if row["rebuilt_at"] else None,
    )


def set_index_state(db: Connection, model: str, chunker: str) -> None:
    """Record what the chunks and embeddings are made with. Another model starts a new epoch."""
    db.execute("UPDATE index_state SET epoch = epoch + (model != ?), model = ?, chunker = ?", [model, model, chunker])


def mark_rebuilt(db: Connection) -> None:
    """Record that a rebuild has just ended."""
    db.execute("UPDATE index_state SET rebuilt_at = ?", [to_text(now())])


def start_new_epoch(db: Connection) -> None:
    """Make every index reload all chunks at its next search, and forget the changes that led here."""
    db.execute("UPDATE index_state SET epoch = epoch + 1")
    db.execute("DELETE FROM chunk_changes")


def trim_log(db: Connection) -> None:
    """Start a new epoch when the change log has grown long."""
    if db.execute("SELECT count(*) FROM chunk_changes").fetchone()[0] > LOG_LIMIT:
        start_new_epoch(db)


def changes_since(db: Connection, generation: int) -> tuple[list[PlacedChunk], list[int]]:
    """What happened after ``generation``.

    :return: new chunks, and those that changed their embedding or their space; and the ids of those that are gone.
    """
    rows = db.execute(
        """SELECT changed.chunk_id, chunks.page_id, pages.space_id, chunks.embedding
           FROM (SELECT DISTINCT chunk_id FROM chunk_changes WHERE generation > ?) AS changed
           LEFT JOIN chunks ON chunks.id = changed.chunk_id LEFT JOIN pages ON pages.id = chunks.page_id""",
        [generation],
    ).fetchall()
    return [PlacedChunk(*row) for row in rows if row[1] is not None], [row[0] for row in rows if row[1] is None]


def all_placed(db: Connection) -> list[PlacedChunk]:
    """Every chunk."""
    # Apart from the chunks: a page's space stands behind its text, which is long.
    space_of = dict(db.execute("SELECT id, space_id FROM pages").fetchall())
    rows = db.execute("SELECT id, page_id, embedding FROM chunks ORDER BY id")
    return [PlacedChunk(chunk, page, space_of[page], embedding) for chunk, page, embedding in rows]


def pending(db: Connection, limit: int) -> list[StoredChunk]:
    """The chunks that wait for their embedding, oldest first."""
    return [_stored(row) for row in db.query(f"{_SELECT} WHERE embedding IS NULL ORDER BY id LIMIT ?", [limit])]


def count_pending(db: Connection) -> int:
    """How many chunks wait for their embedding."""
    return int(db.execute("SELECT count(*) FROM chunks WHERE embedding IS NULL").fetchone()[0])


def set_embeddings(db: Connection, embedded: Iterable[tuple[int, Vector]]) -> None:
    """Give chunks their embeddings; ids that are gone meanwhile are ignored."""
    db.conn.executemany(
        "UPDATE chunks SET embedding = ? WHERE id = ?", [(to_blob(vector), chunk_id) for chunk_id, vector in embedded]
    )


def clear_embeddings(db: Connection, chunk_ids: Sequence[int] | None = None) -> None:
    """Make these chunks, or all, pending again."""
    if chunk_ids is None:
        db.execute("UPDATE chunks SET embedding = NULL WHERE embedding IS NOT NULL")
    else:
        db.conn.executemany("UPDATE chunks SET embedding = NULL WHERE id = ?", [(i,) for i in chunk_ids])


def unchunked_pages(db: Connection) -> list[int]:
    """The pages whose chunks are not those of their current revision, the trash excepted."""
    rows = db.execute("SELECT id FROM pages WHERE trashed_at IS NULL AND chunked_revision IS NOT revision ORDER BY id")
    return [int(row[0]) for row in rows]


def indexed_pages(db: Connection) -> list[int]:
    """All pages that belong into the index."""
    return [int(row[0]) for row in db.execute("SELECT id FROM pages WHERE trashed_at IS NULL ORDER BY id")]


def rebuild_full_text(db: Connection) -> None:
    """Write the full text, and the words as written, anew from the chunks."""
    for table in FULL_TEXTS:
        db.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")


# ---- a full rebuild's embeddings, until they are switched to ------------------------------------------------------


def unfinished_rebuild(db: Connection, model: str, chunker: str) -> int | None:
    """The rebuild that was begun with this model and chunker and has not switched yet."""
    row = db.execute("SELECT id FROM rebuilds WHERE model = ? AND chunker = ?", [model, chunker]).fetchone()
    return int(row[0]) if row else None


def begin_rebuild(db: Connection, model: str, chunker: str) -> int:
    """Begin a full rebuild; what others had begun is dropped."""
    db.execute("DELETE FROM rebuilds")
    cursor = db.execute(
        "INSERT INTO rebuilds(model, chunker, started_at) VALUES (?, ?, ?) RETURNING id",
        [model, chunker, to_text(now())],
    )
    return int(cursor.fetchone()[0])


def end_rebuild(db: Connection, rebuild_id: int) -> None:
    """Forget a rebuild and its staged embeddings."""
    db.execute("DELETE FROM rebuilds WHERE id = ?", [rebuild_id])


def stage(db: Connection, rebuild_id: int, embedded: Iterable[tuple[str, Vector]]) -> None:
    """Keep embeddings by content hash until the switch."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO staged_embeddings VALUES (?, ?, ?)",
        [(rebuild_id, content_hash, to_blob(vector)) for content_hash, vector in embedded],
    )


def staged_hashes(db: Connection, rebuild_id: int) -> set[str]:
    """What the rebuild has embedded so far."""
    rows = db.execute("SELECT content_hash FROM staged_embeddings WHERE rebuild_id = ?", [rebuild_id])
    return {row[0] for row in rows}


def staged_embeddings(db: Connection, rebuild_id: int) -> dict[str, Vector]:
    """What the rebuild has embedded so far, by content hash."""
    rows = db.execute("SELECT content_hash, embedding FROM staged_embeddings WHERE rebuild_id = ?", [rebuild_id])
    return {content_hash: to_vector(blob) for content_hash, blob in rows}


# ---- the chain of --check -----------------------------------------------------------------------------------------


def full_text_faults(db: Connection) -> list[str]:
    """What differs between the chunks and their full text."""
    try:
        for table in FULL_TEXTS:
            db.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:  # how the check says no
        return [f"the full text differs from the chunks ({error})"]
    return []


def pages_with_broken_positions(db: Connection) -> list[int]:
    """The pages without a chunk, and those whose chunks are not numbered 0, 1, 2, ..."""
    rows = db.execute(
        """SELECT pages.id FROM pages LEFT JOIN chunks ON chunks.page_id = pages.id WHERE pages.trashed_at IS NULL
           GROUP BY pages.id
           HAVING count(chunks.id) = 0 OR min(position) != 0 OR max(position) != count(*) - 1
               OR count(DISTINCT position) != count(*)"""
    )
    return [int(row[0]) for row in rows]


def pages_with_stray_chunks(db: Connection) -> list[int]:
    """The pages in the trash that can still be found."""
    rows = db.execute(
        "SELECT DISTINCT pages.id FROM chunks JOIN pages ON pages.id = chunks.page_id "
        "WHERE pages.trashed_at IS NOT NULL"
    )
    return [int(row[0]) for row in rows]


def all_chunks(db: Connection) -> Iterator[StoredChunk]:
    """Every chunk, by page."""
    for row in db.query(f"{_SELECT} ORDER BY page_id, position"):
        yield _stored(row)


def iter_embeddings(db: Connection) -> Iterator[tuple[int, bytes]]:
    """Id and stored embedding of every embedded chunk."""
    yield from db.execute("SELECT id, embedding FROM chunks WHERE embedding IS NOT NULL")


_SELECT = "SELECT id, page_id, position, anchor, title, headings, text, content_hash FROM chunks"


def _stored(row: dict[str, Any]) -> StoredChunk:
    return StoredChunk(**row)


def to_blob(vector: Vector | None) -> bytes | None:
    """An embedding as the store keeps it: little-endian float32."""
    return None if vector is None else np.ascontiguousarray(vector, dtype="<f4").tobytes()


def to_vector(blob: bytes) -> Vector:
    """The embedding that :func:`to_blob` wrote."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def to_matrix(rows: Sequence[tuple[int, bytes]]) -> tuple[Ids, Vector]:
    """Rows of id and stored embedding as ids (n,) and embeddings float32 (n, dimensions), not to be written to."""
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    if not rows:
        return ids, np.empty((0, 0), dtype=np.float32)
    joined = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
    return ids, joined.reshape(len(rows), -1).astype(np.float32, copy=False)
