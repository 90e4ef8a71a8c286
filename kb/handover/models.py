"""The values of handover notes that travel between the layers: frozen dataclasses and enums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kb.models import Page, Person

Row = Mapping[str, str]  # field key -> what was written; dates as ISO 8601


class NoteState(StrEnum):
    """Where a note stands in its life. Until notes escalate, OVERDUE is told by the clock and not stored."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUESTIONS = "questions"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    RETURNED = "returned"
    OVERDUE = "overdue"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class Status(StrEnum):
    """How things stand on the whole."""

    STABLE = "stable"
    WATCH = "watch"
    CRITICAL = "critical"


class Priority(StrEnum):
    """How urgent an open item is, the least first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return len(Priority) - 1 - list(Priority).index(self)


class Confidentiality(StrEnum):
    """Who may be told what a note says."""

    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SHAREABLE = "shareable"


@dataclass(frozen=True, slots=True)
class Header:
    """What every note has. Empty texts and None are not answered yet.

    ``title`` is empty as long as it follows from the other fields. Times are in UTC; ``zone`` is the IANA name of
    the time zone that the writer meant them in. ``links`` names pages by address or title.
    """

    title: str = ""
    client: str = ""
    sender: str = ""
    receiver: str = ""
    backup: str = ""
    lead: str = ""
    effective: datetime | None = None
    acknowledge_by: datetime | None = None
    zone: str = "UTC"
    status: Status = Status.STABLE
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a section says: text, or rows, or ``nothing``: the writer's own word that there is nothing to report."""

    text: str = ""
    rows: tuple[Row, ...] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class NoteItem:
    """An open item. ``details`` holds the template's further fields."""

    title: str
    reference: str = ""
    next_step: str = ""
    owner: str = ""
    due: date | None = None
    priority: Priority = Priority.NORMAL
    done: bool = False
    details: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteText:
    """What a person writes of a note. ``answers`` are by section key; the items are in the writer's order."""

    template: str
    template_version: int
    header: Header = Header()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    items: tuple[NoteItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A saved note. ``version`` counts the submitted texts: 0 while it was never submitted."""

    page: Page
    state: NoteState
    version: int
    text: NoteText
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """A step in a note's life; ``revision`` is the page's revision that holds the text of ``version``."""

    state: NoteState
    version: int
    revision: int
    reason: str
    actor: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteSummary:
    """A note as a list shows it."""

    slug: str
    title: str
    template: str
    state: NoteState
    version: int
    status: Status
    client: str
    sender: str
    receiver: str
    effective: datetime | None
    acknowledge_by: datetime | None
    zone: str
    open_items: int
    critical_items: int
    owner: Person
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes a list shows; empty means all. ``states`` may name OVERDUE."""

    states: tuple[NoteState, ...] = ()
    template: str = ""
    client: str = ""
    status: Status | None = None
    mine: bool = False
    text: str = ""
