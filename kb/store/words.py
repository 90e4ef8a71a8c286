"""The corpus's words as they are written, and where they stand."""

from __future__ import annotations

from kb.models import PageKind, Person
from kb.store.db import Connection
from kb.store.pages import VISIBLE

COUNT_TO = 10_001  # chunks; a count goes no further


def vocabulary(db: Connection, at_least: int) -> list[tuple[str, int]]:
    """Every word that stands in at least so many chunks, whoever may see them: (word, number of chunks).

    It reads the whole index: measured 1.9 s for 100,000 chunks.
    """
    rows = db.execute("SELECT term, doc FROM chunk_words_vocabulary WHERE doc >= ?", [at_least])
    return [(word, int(count)) for word, count in rows]


def state(db: Connection) -> tuple[int, int]:
    """Something that differs once words may have been added: a chunk or a revision more."""
    newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
    return int(newest[0]) if newest else 0, int(db.execute("SELECT max(rowid) FROM revisions").fetchone()[0] or 0)


def count_written(db: Connection, word: str, viewer: Person) -> int:
    """In how many chunks that ``viewer`` may see a word stands exactly as written, at most COUNT_TO."""
    return _count_visible(db, "chunk_words", _quoted(word), viewer)


def count_found(db: Connection, phrase: str, viewer: Person) -> int:
    """In how many chunks that ``viewer`` may see full text finds a word or phrase, at most COUNT_TO."""
    return _count_visible(db, "chunks_fts", _quoted(phrase), viewer)


def is_found(db: Connection, phrase: str, viewer: Person) -> bool:
    """Whether full text finds a word or phrase in anything that ``viewer`` may see."""
    return _count_visible(db, "chunks_fts", _quoted(phrase), viewer, to=1) > 0


def texts_that_define(db: Connection, word: str, viewer: Person, limit: int) -> list[str]:
    """The passages that may say what an abbreviation stands for, those of glossaries first.

    :param word: as it is written where it is defined.
    """
    rows = db.execute(
        f"""SELECT chunks.text FROM chunks_fts JOIN chunks ON chunks.id = chunks_fts.rowid
            JOIN pages ON pages.id = chunks.page_id
            WHERE chunks_fts MATCH ? AND {VISIBLE}
              AND (pages.kind = ? OR instr(chunks.text, ?) OR instr(chunks.text, ?))
            ORDER BY pages.kind != ?, chunks.id LIMIT ?""",
        [_quoted(word), viewer.id, PageKind.GLOSSARY, f"{word} (", f"({word})", PageKind.GLOSSARY, limit],
    )
    return [row[0] for row in rows]


def _count_visible(db: Connection, table: str, match: str, viewer: Person, to: int = COUNT_TO) -> int:
    row = db.execute(
        f"""SELECT count(*) FROM (
                SELECT 1 FROM {table} JOIN chunks ON chunks.id = {table}.rowid JOIN pages ON pages.id = chunks.page_id
                WHERE {table} MATCH ? AND {VISIBLE} LIMIT ?)""",
        [match, viewer.id, to],
    ).fetchone()
    return int(row[0])


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'
