"""Pages, their revisions, tags, links and redirects as the store keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.models import Page, PageKind, Person, Revision, Space, SpaceKind
from kb.store import attachments
from kb.store.access import VISIBLE, VISIBLE_IN_TRASH, seen_by
from kb.store.db import Connection, now, to_moment, to_text

_SELECT = """
    SELECT pages.*, spaces.slug AS space_slug, spaces.name AS space_name, spaces.kind AS space_kind,
           owners.name AS owner_name, editors.name AS editor_name
    FROM pages
    JOIN spaces ON spaces.id = pages.space_id
    JOIN people AS owners ON owners.id = pages.owner_id
    JOIN people AS editors ON editors.id = pages.updated_by
"""


@dataclass(frozen=True, slots=True)
class NewPage:
    """What a page needs to be added."""

    slug: str
    kind: PageKind
    space: Space
    title: str
    body: str
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    source: str | None = None
    source_hash: str | None = None
    private: bool = False


def by_slug(db: Connection, slug: str, viewer: Person) -> Page | None:
    """The page at ``slug``, or the one that a redirect from there leads to, if ``viewer`` may see it."""
    row = _first(db, f"{_SELECT} WHERE pages.slug = ? AND {VISIBLE}", [slug, *seen_by(viewer)])
    if row is None:
        row = _first(
            db,
            f"{_SELECT} WHERE pages.id = (SELECT page_id FROM redirects WHERE slug = ?) AND {VISIBLE}",
            [slug, *seen_by(viewer)],
        )
    return _page(row) if row else None


def by_id(db: Connection, page_id: int) -> Page | None:
    """The page with this id, in the trash or not, whoever asks: for the rules, not for screens."""
    row = _first(db, f"{_SELECT} WHERE pages.id = ?", [page_id])
    return _page(row) if row else None


def by_ids(db: Connection, page_ids: Sequence[int]) -> dict[int, Page]:
    """The pages with these ids, whoever asks: for the rules, not for screens; missing ones are left out."""
    rows = db.query(f"{_SELECT} WHERE pages.id IN (SELECT value FROM json_each(?))", [json.dumps(list(page_ids))])
    return {row["id"]: _page(row) for row in rows}


def seen_by_ids(db: Connection, page_ids: Sequence[int], viewer: Person) -> dict[int, Page]:
    """The pages with these ids that ``viewer`` may see; others are left out."""
    rows = db.query(
        f"{_SELECT} WHERE pages.id IN (SELECT value FROM json_each(?)) AND {VISIBLE}",
        [json.dumps(list(page_ids)), *seen_by(viewer)],
    )
    return {row["id"]: _page(row) for row in rows}


def in_trash(db: Connection, viewer: Person) -> list[Page]:
    """The pages in the trash, last trashed first."""
    rows = db.query(f"{_SELECT} WHERE {VISIBLE_IN_TRASH} ORDER BY pages.trashed_at DESC", seen_by(viewer))
    return [_page(row) for row in rows]


def owned_by(db: Connection, owner: Person, viewer: Person) -> list[Page]:
    """The pages of ``owner`` that ``viewer`` may see, by title."""
    sql = f"{_SELECT} WHERE pages.owner_id = ? AND {VISIBLE} ORDER BY pages.title COLLATE NOCASE, pages.id"
    return [_page(row) for row in db.query(sql, [owner.id, *seen_by(viewer)])]


def titles(db: Connection, page_ids: Iterable[int], viewer: Person) -> dict[int, str]:
    """What the pages with these ids are called, as far as ``viewer`` may see them, in the trash or not."""
    rows = db.query(
        "SELECT id, title FROM pages WHERE id IN (SELECT value FROM json_each(?)) "
        f"AND (({VISIBLE}) OR ({VISIBLE_IN_TRASH}))",
        [json.dumps(list(page_ids)), *seen_by(viewer), *seen_by(viewer)],
    )
    return {row["id"]: row["title"] for row in rows}


def count_by_space(db: Connection, viewer: Person) -> dict[int, int]:
    """How many pages that ``viewer`` may see each space has, by the id of the space."""
    sql = f"SELECT space_id, count(*) AS n FROM pages WHERE {VISIBLE} GROUP BY space_id"
    return {row["space_id"]: row["n"] for row in db.query(sql, seen_by(viewer))}


def may_be_seen(db: Connection, page_id: int, viewer: Person, *, in_trash: bool = False) -> bool:
    """Whether ``viewer`` may see this page, or with ``in_trash`` that it is in the trash."""
    rule = VISIBLE_IN_TRASH if in_trash else VISIBLE
    return _first(db, f"SELECT 1 FROM pages WHERE id = ? AND {rule}", [page_id, *seen_by(viewer)]) is not None


def by_title(db: Connection, title: str, viewer: Person) -> Page | None:
    """The page with this title, whatever its case; the oldest when several have it."""
    row = _first(
        db,
        f"{_SELECT} WHERE pages.title = ? COLLATE NOCASE AND {VISIBLE} ORDER BY pages.id",
        [title, *seen_by(viewer)],
    )
    return _page(row) if row else None


def linking_to(db: Connection, page: Page, viewer: Person) -> list[Page]:
    """The pages with a wiki link to ``page``, by title."""
    rows = db.query(
        f"{_SELECT} WHERE {VISIBLE} AND pages.id != ? AND pages.id IN "
        "(SELECT page_id FROM page_links WHERE target IN (?, ?)) ORDER BY pages.title COLLATE NOCASE",
        [*seen_by(viewer), page.id, page.slug, page.title.casefold()],
    )
    return [_page(row) for row in rows]


def slug_is_taken(db: Connection, slug: str) -> bool:
    """Whether a page, in the trash or not, or a redirect holds this slug."""
    sql = "SELECT 1 FROM pages WHERE slug = ? UNION ALL SELECT 1 FROM redirects WHERE slug = ?"
    return _first(db, sql, [slug, slug]) is not None


def count_by_kind(db: Connection, viewer: Person) -> dict[PageKind, int]:
    """How many pages of each kind ``viewer`` may see."""
    rows = db.query(f"SELECT kind, count(*) AS n FROM pages WHERE {VISIBLE} GROUP BY kind", seen_by(viewer))
    return {PageKind(row["kind"]): row["n"] for row in rows}


def tags_in_use(db: Connection, viewer: Person) -> list[str]:
    """Every tag of a visible page, the most used first."""
    rows = db.query(
        "SELECT tag FROM page_tags JOIN pages ON pages.id = page_tags.page_id "
        f"WHERE {VISIBLE} GROUP BY tag ORDER BY count(*) DESC, tag",
        seen_by(viewer),
    )
    return [row["tag"] for row in rows]


def owners(db: Connection, viewer: Person) -> list[str]:
    """The names of those who own a visible page, who owns most first."""
    rows = db.query(
        "SELECT people.name FROM pages JOIN people ON people.id = pages.owner_id "
        f"WHERE {VISIBLE} GROUP BY people.id ORDER BY count(*) DESC, people.name",
        seen_by(viewer),
    )
    return [row["name"] for row in rows]


def add(db: Connection, new: NewPage, actor: Person, summary: str, links: Iterable[str]) -> int:
    """Add a page with its first revision.

    :return: the page's id.
    :raises sqlite3.IntegrityError: when the slug, or the source within the space, is taken.
    """
    moment = to_text(now())
    cursor = db.execute(
        """INSERT INTO pages(slug, kind, space_id, title, body, tags, keywords, owner_id, revision, private_to,
                             source, source_hash, created_at, updated_at, updated_by)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?) RETURNING id""",
        [
            new.slug, str(new.kind), new.space.id, new.title, new.body, json.dumps(new.tags),
            json.dumps(new.keywords), actor.id, actor.id if new.private else None, new.source, new.source_hash,
            moment, moment, actor.id,
        ],
    )  # fmt: skip
    page_id = int(cursor.fetchone()[0])
    _add_revision(db, page_id, 1, new.title, new.body, new.tags, summary, actor, moment)
    _set_tags_and_links(db, page_id, new.tags, links)
    attachments.attach(db, page_id, new.body, actor)
    return page_id


def update(
    db: Connection,
    page: Page,
    actor: Person,
    *,
    title: str,
    body: str,
    tags: tuple[str, ...],
    keywords: tuple[str, ...],
    summary: str,
    links: Iterable[str],
    source_hash: str | None = None,
    private: bool = False,
) -> int:
    """Give the page a new revision.

    :return: the new revision's number.
    """
    moment = to_text(now())
    number = page.revision + 1
    db.execute(
        """UPDATE pages SET title = ?, body = ?, tags = ?, keywords = ?, revision = ?, updated_at = ?, updated_by = ?,
               source_hash = coalesce(?, source_hash), private_to = CASE WHEN ? THEN owner_id END
           WHERE id = ?""",
        [
            title,
            body,
            json.dumps(tags),
            json.dumps(keywords),
            number,
            moment,
            actor.id,
            source_hash,
            private,
            page.id,
        ],
    )
    _add_revision(db, page.id, number, title, body, tags, summary, actor, moment)
    _set_tags_and_links(db, page.id, tags, links)
    attachments.attach(db, page.id, body, actor)
    return number


def set_source_hash(db: Connection, page_id: int, source_hash: str) -> None:
    """Remember what the imported file held, without a new revision."""
    db.execute("UPDATE pages SET source_hash = ? WHERE id = ?", [source_hash, page_id])


def set_trashed(db: Connection, page_id: int, moment: datetime | None) -> None:
    """Put a page into the trash, or with None take it out."""
    db.execute("UPDATE pages SET trashed_at = ? WHERE id = ?", [to_text(moment) if moment else None, page_id])


def set_space(db: Connection, page_id: int, space: Space) -> None:
    """Move a page to another space."""
    db.execute("UPDATE pages SET space_id = ? WHERE id = ?", [space.id, page_id])


def set_owner(db: Connection, page_id: int, owner: Person) -> None:
    """Give a page to another owner; one that only its owner sees is then theirs alone."""
    db.execute(
        "UPDATE pages SET owner_id = ?, private_to = CASE WHEN private_to IS NOT NULL THEN ? END WHERE id = ?",
        [owner.id, owner.id, page_id],
    )


def add_redirect(db: Connection, slug: str, page_id: int) -> None:
    """Let ``slug`` lead to the page as well, unless something else is there."""
    if not slug_is_taken(db, slug):
        db.execute("INSERT INTO redirects VALUES (?, ?)", [slug, page_id])


def first_author(db: Connection, page_id: int) -> Person | None:
    """Who saved the page's first revision."""
    row = db.execute(
        "SELECT people.id, people.name FROM revisions JOIN people ON people.id = author_id WHERE page_id = ? "
        "ORDER BY number LIMIT 1",
        [page_id],
    ).fetchone()
    return Person(int(row[0]), str(row[1])) if row else None


def revisions(db: Connection, page_id: int) -> list[Revision]:
    """The page's revisions, newest first."""
    rows = db.query(
        "SELECT revisions.*, people.name AS author_name FROM revisions JOIN people ON people.id = author_id "
        "WHERE page_id = ? ORDER BY number DESC",
        [page_id],
    )
    return [
        Revision(
            page_id=row["page_id"],
            number=row["number"],
            title=row["title"],
            body=row["body"],
            tags=tuple(json.loads(row["tags"])),
            summary=row["summary"],
            author=Person(row["author_id"], row["author_name"]),
            created_at=to_moment(row["created_at"]),
        )
        for row in rows
    ]


def _add_revision(
    db: Connection, page_id: int, number: int, title: str, body: str, tags: tuple[str, ...], summary: str,
    actor: Person, moment: str,
) -> None:  # fmt: skip
    db.execute(
        "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [page_id, number, title, body, json.dumps(tags), summary, actor.id, moment],
    )


def _set_tags_and_links(db: Connection, page_id: int, tags: Iterable[str], links: Iterable[str]) -> None:
    for table in ("page_tags", "page_links"):
        db.execute(f"DELETE FROM {table} WHERE page_id = ?", [page_id])
    db.conn.executemany("INSERT INTO page_tags(page_id, tag) VALUES (?, ?)", [(page_id, t) for t in sorted(set(tags))])
    db.conn.executemany(
        "INSERT INTO page_links(page_id, target) VALUES (?, ?)", [(page_id, t) for t in sorted(set(links))]
    )


def _first(db: Connection, sql: str, parameters: Sequence[Any]) -> dict[str, Any] | None:
    return next(iter(db.query(sql, parameters)), None)


def _page(row: dict[str, Any]) -> Page:
    return Page(
        id=row["id"],
        slug=row["slug"],
        kind=PageKind(row["kind"]),
        space=Space(row["space_id"], row["space_slug"], row["space_name"], SpaceKind(row["space_kind"])),
        title=row["title"],
        body=row["body"],
        tags=tuple(json.loads(row["tags"])),
        keywords=tuple(json.loads(row["keywords"])),
        owner=Person(row["owner_id"], row["owner_name"]),
        revision=row["revision"],
        created_at=to_moment(row["created_at"]),
        updated_at=to_moment(row["updated_at"]),
        updated_by=Person(row["updated_by"], row["editor_name"]),
        source=row["source"],
        private=row["private_to"] is not None,
        trashed_at=to_moment(row["trashed_at"]) if row["trashed_at"] else None,
    )
