"""The corpus's words as they are written, and where they stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.models import PageKind, Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection
from kb.store.fulltext import match_any
from kb.store.visible import Visible, is_visible

MOST_DEFINITIONS = 100  # that one query looks at


def vocabulary(db: Connection) -> Iterator[tuple[str, int]]:
    """Every word, whoever may see it: (word, number of chunks).

    It reads the whole index: measured 1.9 s for 100,000 chunks.
    """
    for word, count in db.execute("SELECT term, doc FROM chunk_words_vocabulary"):
        yield word, int(count)


def state(db: Connection) -> tuple[int, int]:
    """Something that differs once words may have been added: a chunk or a revision more."""
    newest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
    return int(newest[0]) if newest else 0, int(db.execute("SELECT max(rowid) FROM revisions").fetchone()[0] or 0)


def count_phrase(db: Connection, phrase: str, to: int) -> int:
    """In how many chunks full text finds a phrase, whoever may see them, at most ``to``."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT ?)"
    return int(db.execute(sql, [match_any([phrase]), to]).fetchone()[0])


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form, casefolded, and a full name that a passage gives it: as written, and by its stems."""

    short: str
    name: str
    stems: tuple[str, ...]
    in_glossary: bool


def definitions(
    db: Connection, shorts: Iterable[str], names: Iterable[tuple[str, ...]], visible: Visible
) -> list[Definition]:
    """What visible passages say of these short forms and full names, glossaries first.

    :param shorts: casefolded.
    :param names: by their stems.
    """
    rows = db.execute(
        f"""SELECT definitions.short, definitions.name, definitions.stems, pages.kind = ?2 AS in_glossary
            FROM definitions JOIN chunks ON chunks.id = definitions.chunk_id JOIN pages ON pages.id = chunks.page_id
            WHERE (definitions.short IN (SELECT value FROM json_each(?3))
                OR definitions.stems IN (SELECT value FROM json_each(?4))) {is_visible("definitions.chunk_id", visible)}
            ORDER BY in_glossary DESC, definitions.chunk_id LIMIT ?5""",
        [
            *[visible.as_bytes, PageKind.GLOSSARY, json.dumps(list(shorts))],
            *[json.dumps([" ".join(stems) for stems in names]), MOST_DEFINITIONS],
        ],
    )
    return [Definition(short, name, tuple(stems.split()), bool(found)) for short, name, stems, found in rows]


def explained(db: Connection, shorts: Iterable[str], viewer: Person) -> frozenset[str]:
    """Which of these short forms some passage explains that ``viewer`` may see.

    :param shorts: casefolded.
    """
    rows = db.execute(
        f"""SELECT DISTINCT definitions.short FROM definitions JOIN chunks ON chunks.id = definitions.chunk_id
            JOIN pages ON pages.id = chunks.page_id
            WHERE definitions.short IN (SELECT value FROM json_each(?)) AND {VISIBLE}""",
        [json.dumps(list(shorts)), *seen_by(viewer)],
    )
    return frozenset(row[0] for row in rows)
