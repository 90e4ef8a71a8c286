"""What a search may find, passage by passage, and the full text within it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kb.models import Person
from kb.store.access import FEW_HIDDEN
from kb.store.db import Connection
from kb.store.fulltext import match_any

Mask = NDArray[np.bool_]  # by chunk id
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Visible:
    """The chunks that may be found, as a mask by chunk id; an id beyond it may not.

    ``everything``: there are no others, so nothing has to be left out. ``total`` is how many they are.
    """

    mask: Mask
    everything: bool = False
    total: int = field(init=False)
    as_bytes: bytes = field(init=False, repr=False, compare=False)  # one for each chunk id

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", int(np.count_nonzero(self.mask)))
        object.__setattr__(self, "as_bytes", b"" if self.everything else self.mask.astype(np.uint8).tobytes())

    def without(self, ids: Ids) -> Visible:
        """The same, these chunks left out."""
        mask = self.mask.copy()
        mask[ids[ids < len(mask)]] = False
        return Visible(mask)


def hidden_one_by_one(db: Connection, viewer: Person) -> Ids:
    """The chunks that ``viewer`` may not see whatever their space: of other people's private pages, of the trash."""
    rows = db.execute(f"SELECT id FROM chunks WHERE page_id IN ({FEW_HIDDEN})", [viewer.id])
    return np.array([row[0] for row in rows], dtype=np.int64)


def search_text(
    db: Connection, match: str, visible: Visible, weights: tuple[float, float, float, float], limit: int
) -> list[tuple[int, float]]:
    """The visible chunks that match an FTS5 expression, best first.

    :param weights: of title, headings, text and keywords in BM25.
    :param limit: how many at most.
    :return: (chunk id, BM25 score > 0).
    :source: SQLite's bm25(), k1 = 1.2, b = 0.75; its sign is turned, so that higher is better. Its document frequencies
        are those of all chunks, visible or not.
    """
    # One row instead of hundreds: after each of them the other threads of the process may go first.
    row = db.execute(
        f"""SELECT json_group_array(json_array(rowid, score)) FROM (
                SELECT rowid, -bm25(chunks_fts, ?2, ?3, ?4, ?5) AS score FROM chunks_fts
                WHERE chunks_fts MATCH ?6 {is_visible("rowid", visible)} ORDER BY score DESC, rowid LIMIT ?7)""",
        [visible.as_bytes, *weights, match, limit],
    ).fetchone()
    return [(chunk, score) for chunk, score in json.loads(row[0])]


def all_matches(
    db: Connection, match: str, visible: Visible, weights: tuple[float, float, float, float]
) -> tuple[Ids, NDArray[np.float64]]:
    """Every visible chunk that matches an FTS5 expression, and its score, as :func:`search_text` gives it."""
    rows = db.execute(
        f"""SELECT rowid, -bm25(chunks_fts, ?2, ?3, ?4, ?5) FROM chunks_fts
            WHERE chunks_fts MATCH ?6 {is_visible("rowid", visible)}""",
        [visible.as_bytes, *weights, match],
    ).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64), np.array([row[1] for row in rows], dtype=np.float64)


def count_text(db: Connection, match: str, visible: Visible, to: int = -1) -> int:
    """In how many visible chunks full text finds an FTS5 expression, at most ``to``; -1: however many."""
    return _count(db, "chunks_fts", match, visible, to)


def count_written(db: Connection, word: str, visible: Visible, to: int) -> int:
    """In how many visible chunks a word stands exactly as written, at most ``to``."""
    return _count(db, "chunk_words", match_any([word]), visible, to)


def is_found(db: Connection, phrase: str, visible: Visible) -> bool:
    """Whether full text finds a word or phrase in anything visible."""
    return count_text(db, match_any([phrase]), visible, to=1) > 0


def _count(db: Connection, table: str, match: str, visible: Visible, to: int) -> int:
    row = db.execute(
        f"""SELECT count(*) FROM (
                SELECT 1 FROM {table} WHERE {table} MATCH ?2 {is_visible("rowid", visible)} LIMIT ?3)""",
        [visible.as_bytes, match, to],
    ).fetchone()
    return int(row[0])


def is_visible(column: str, visible: Visible) -> str:
    """The condition that a column of chunk ids is visible; parameter 1 is the mask.

    A look at one byte of the parameter: neither chunks nor pages are read, however many are hidden.
    """
    return "" if visible.everything else f"AND substr(?1, {column} + 1, 1) = x'01'"
