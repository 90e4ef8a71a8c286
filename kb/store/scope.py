"""Which pages and passages a search may find, as SQL: one place for both searches and for lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kb.models import Filters, Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, to_text
from kb.store.fulltext import match_phrases

IN_TITLE = "{title}"  # columns of chunks_fts
IN_PASSAGE = "{title headings text}"  # what a reader sees: neither tags nor keywords

Condition = tuple[str, list[Any]]  # SQL and its parameters


@dataclass(frozen=True, slots=True)
class Scope:
    """Which pages a search may find: what ``viewer`` may see, narrowed by each of the filters."""

    viewer: Person
    filters: tuple[Filters, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether anything but the viewer limits the search."""
        return any(filters != Filters() for filters in self.filters)


def pages_sql(scope: Scope) -> Condition:
    """The condition for rows of ``pages``."""
    narrowing = [condition for filters in scope.filters for condition in _of_pages(filters)]
    return _all_of([(VISIBLE, list[Any](seen_by(scope.viewer))), *narrowing])


def page_ids(db: Connection, scope: Scope) -> list[int]:
    """The ids of all pages that a search may find."""
    allowed, parameters = pages_sql(scope)
    return [int(row[0]) for row in db.execute(f"SELECT id FROM pages WHERE {allowed}", parameters)]


def chunks_with_phrases(db: Connection, scope: Scope) -> list[list[int]]:
    """For each of the filters that has phrases the ids of the chunks that hold one of them, whoever may see them.

    A page holds every phrase, each anywhere; the passages that are found hold one of them at least.
    """
    return [
        [int(row[0]) for row in db.execute("SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ?", [match])]
        for filters in scope.filters
        if (match := match_phrases(filters.phrases, IN_PASSAGE))
    ]


def newest_pages(db: Connection, scope: Scope, limit: int) -> list[int]:
    """The ids of the pages that a search may find, by their last change."""
    allowed, parameters = pages_sql(scope)
    rows = db.execute(
        f"SELECT id FROM pages WHERE {allowed} ORDER BY updated_at DESC, id DESC LIMIT ?", [*parameters, limit]
    )
    return [int(row[0]) for row in rows]


def _of_pages(filters: Filters) -> Iterator[Condition]:
    for sql, wanted, excluded in (
        (_SPACES, filters.spaces, filters.excluded_spaces),
        (_OWNERS, filters.owners, filters.excluded_owners),
        (_KINDS, filters.kinds, filters.excluded_kinds),
    ):
        if wanted:
            yield sql.format("IN"), [json.dumps(wanted)]
        if excluded:
            yield sql.format("NOT IN"), [json.dumps(excluded)]
    for tag in filters.tags:
        yield _TAGS.format("IN"), [json.dumps([tag])]
    if filters.excluded_tags:
        yield _TAGS.format("NOT IN"), [json.dumps(filters.excluded_tags)]
    if filters.updated_from:
        yield "pages.updated_at >= ?", [to_text(filters.updated_from)]
    if filters.updated_before:
        yield "pages.updated_at < ?", [to_text(filters.updated_before)]
    yield from _holding(filters.titles, filters.excluded_titles, IN_TITLE)
    yield from _holding(filters.phrases, filters.excluded_phrases, IN_PASSAGE)


def _holding(wanted: Sequence[str], excluded: Sequence[str], columns: str) -> Iterator[Condition]:
    for phrase in wanted:
        if match := match_phrases([phrase], columns):
            yield _HOLDING.format("IN"), [match]
    if match := match_phrases(excluded, columns):
        yield _HOLDING.format("NOT IN"), [match]


_LISTED = "IN (SELECT value FROM json_each(?))"
_KINDS = "pages.kind {} (SELECT value FROM json_each(?))"
_SPACES = f"pages.space_id {{}} (SELECT id FROM spaces WHERE slug {_LISTED})"
_OWNERS = f"pages.owner_id {{}} (SELECT id FROM people WHERE name {_LISTED})"
_TAGS = f"pages.id {{}} (SELECT page_id FROM page_tags WHERE tag {_LISTED})"
_HOLDING = (
    "pages.id {} (SELECT chunks.page_id FROM chunks_fts JOIN chunks ON chunks.id = chunks_fts.rowid "
    "WHERE chunks_fts MATCH ?)"
)


def _all_of(conditions: Sequence[Condition]) -> Condition:
    return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]
