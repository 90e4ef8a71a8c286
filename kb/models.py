"""The values that travel between the layers: frozen dataclasses and enums, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PageKind(StrEnum):
    """What a page is; also the search filter of that name."""

    PAGE = "page"
    GUIDE = "guide"
    GLOSSARY = "glossary"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts. Until sign-in exists there is one, named "local"."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Space:
    """A named set of pages, for instance one client's."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """The current revision of a page. ``body`` is Markdown with ``[[slug#anchor|text]]`` wiki links."""

    id: int
    slug: str
    kind: PageKind
    space: Space
    title: str
    body: str
    tags: tuple[str, ...]
    keywords: tuple[str, ...]
    owner: Person
    revision: int
    created_at: datetime
    updated_at: datetime
    updated_by: Person
    source: str | None = None
    private: bool = False
    trashed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to; empty means everything.

    Of spaces, kinds and owners one is enough, since a page has one of each. All tags, titles and phrases must be there.
    """

    spaces: tuple[str, ...] = ()  # slugs
    kinds: tuple[PageKind, ...] = ()
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()  # names
    titles: tuple[str, ...] = ()  # words, or several in a row, that the title holds
    phrases: tuple[str, ...] = ()  # words, or several in a row, that the title or a passage holds
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    excluded_spaces: tuple[str, ...] = ()
    excluded_kinds: tuple[PageKind, ...] = ()
    excluded_tags: tuple[str, ...] = ()
    excluded_owners: tuple[str, ...] = ()
    excluded_titles: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved version of a page; numbers count from 1 within the page."""

    page_id: int
    number: int
    title: str
    body: str
    tags: tuple[str, ...]
    summary: str
    author: Person
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an imported page shows or offers; ``target`` is how the page's body links to it."""

    target: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page as an importer or a form hands it over: not yet saved, no slug, no id.

    ``source`` is the POSIX path inside the imported folder or zip: the identity for a later re-import.
    ``redirects`` are further addresses under which other pages of the same import may link to it.
    Links in ``body`` are still those of the file; :mod:`kb.importers.links` rewrites them.
    """

    source: str
    title: str
    body: str
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that was not imported, and why, in one sentence for people."""

    source: str
    reason: str
