"""The values that travel between the layers: frozen dataclasses and enums, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class PageKind(StrEnum):
    """What a page is; also the search filter of that name."""

    PAGE = "page"
    GUIDE = "guide"
    GLOSSARY = "glossary"
    HANDOVER = "handover"


class Role(StrEnum):
    """What a person may do, from least to most; each may do what those before it may."""

    READER = "reader"
    AUTHOR = "author"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"  # Baton itself: shipped guides, and what the machine's administrator runs as a script

    def reaches(self, least: Role) -> bool:
        """Whether this role may do what ``least`` may."""
        return _RANK[self] >= _RANK[least]


_RANK = {role: rank for rank, role in enumerate(Role)}


class SpaceKind(StrEnum):
    """Who may see a space and everything in it."""

    OPEN = "open"  # everybody who can sign in
    RESTRICTED = "restricted"  # the people and teams it is shared with, and administrators
    CONFIDENTIAL = "confidential"  # the people and teams it is shared with, nobody else


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts, or did. The id alone says who: a name can change.

    ``address`` is the network address that they act from, for the audit log; empty for scripts.
    """

    id: int
    name: str = field(compare=False)
    address: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as administrators see them. Without an e-mail address nobody can sign in to it."""

    person: Person
    email: str
    role: Role
    created_at: datetime
    can_sign_in: bool  # has set a password, or has signed in with a company account
    disabled_at: datetime | None = None
    seen_at: datetime | None = None  # when they last did something


@dataclass(frozen=True, slots=True)
class CompanyAccount:
    """An account at an OpenID Connect provider, known there by ``subject``, that signs in as somebody here."""

    issuer: str
    subject: str
    linked_at: datetime


Hours = tuple[int, int] | None  # a working day's start and end in minutes of the day; None: no work that day

_OFFICE: Hours = (9 * 60, 17 * 60)


@dataclass(frozen=True, slots=True)
class Profile:
    """Where and when a person works. Empty texts are not set.

    An end that is not after its start is on the next day: 22:00 to 06:00 is a night, 00:00 to 00:00 a whole day.
    """

    zone: str = ""  # IANA name
    country: str = ""  # ISO 3166-1 alpha-2, for public holidays
    region: str = ""  # of the country, as the package holidays names it
    hours: tuple[Hours, ...] = (_OFFICE, _OFFICE, _OFFICE, _OFFICE, _OFFICE, None, None)  # from Monday on
    language: str = ""  # locale of dates and numbers, for instance "en_GB"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a person does not work, the first and the last included. Why is told nowhere."""

    id: int
    first_day: date
    last_day: date
    stand_in: Person | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """People who work together. ``queue`` names where work waits that is meant for any of them."""

    id: int
    name: str
    queue: str
    lead: Person | None
    members: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """A named set of pages, for instance one client's."""

    id: int
    slug: str
    name: str
    kind: SpaceKind = SpaceKind.OPEN


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


class OriginCause(StrEnum):
    """Why a page was written because of a handover note."""

    SOLVED = "solved"  # it tells how an item was solved
    UNDOCUMENTED = "undocumented"  # no page described a responsibility or an open item


@dataclass(frozen=True, slots=True)
class NoteOrigin:
    """The handover note that a page comes of, by its page's id, and the words in it that the page is about."""

    note_id: int
    cause: OriginCause
    words: str


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


PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # media types that are shown in place


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
