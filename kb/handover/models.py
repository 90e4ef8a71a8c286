"""The values of handover notes that travel between the layers: frozen dataclasses and enums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from kb.models import Page, Person

Row = Mapping[str, str]  # field key -> what was written; dates as ISO 8601


class NoteState(StrEnum):
    """Where a note stands in its life. OVERDUE is told by the clock and not stored."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUESTIONS = "questions"  # a blocking one is open
    READ_BACK = "read back"  # the receiver has said what they understood; the sender has to confirm it
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    RETURNED = "returned"
    OVERDUE = "overdue"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class Step(StrEnum):
    """What people do with a note. :mod:`kb.handover.life` says who may do it when."""

    SUBMIT = "submit"
    ASK = "ask"
    BLOCK = "block"  # ask something without whose answer the note cannot be acknowledged
    ANSWER = "answer"
    READ_BACK = "read back"
    CONFIRM = "confirm"
    DECLINE = "decline"
    RETURN = "return"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    SUPERSEDE = "supersede"
    PASS_ON = "pass on"  # to another receiver  # noqa: S105


class Part(StrEnum):
    """What somebody is in a note. Sender, receiver, backup and lead are named in its header."""

    WRITER = "writer"
    SENDER = "sender"
    RECEIVER = "receiver"
    BACKUP = "backup"
    LEAD = "lead"
    CALLED = "called"  # the lead to whom it went because it is overdue
    WITNESS = "witness"  # whoever sees a note that nobody who can sign in may receive


NAMED = (Part.SENDER, Part.RECEIVER, Part.BACKUP, Part.LEAD)


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
class PartyId:
    """Whose account a name in the header stands for: a person's or a team's, one of both."""

    person: int | None = None
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Who has a part in a note, as the note names them. Without an id they have no account here."""

    name: str
    id: PartyId | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What every note has. Empty texts and None are not answered yet.

    ``sender_id`` and its like say whose account the name stands for; None for somebody without one.
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
    sender_id: PartyId | None = None
    receiver_id: PartyId | None = None
    backup_id: PartyId | None = None
    lead_id: PartyId | None = None

    def with_parties(self, parties: Mapping[Part, Party]) -> Header:
        """The header with other people in these parts."""
        fields: dict[str, Any] = {str(part): party.name for part, party in parties.items()}
        fields |= {f"{part}_id": party.id for part, party in parties.items()}
        return replace(self, **fields)

    def party(self, part: Part) -> Party:
        """Who has this part, one of ``NAMED``."""
        return Party(getattr(self, str(part)), getattr(self, f"{part}_id"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a section says: text, or rows, or ``nothing``: the writer's own word that there is nothing to report."""

    text: str = ""
    rows: tuple[Row, ...] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class NoteItem:
    """An open item. ``details`` holds the template's further fields.

    ``origin`` says which item it is, in every version and every note that carries it; "" before it is first saved. Two
    items that say the same are equal, whichever they are.
    """

    title: str
    reference: str = ""
    next_step: str = ""
    owner: str = ""
    due: date | None = None
    priority: Priority = Priority.NORMAL
    done: bool = False
    details: Row = field(default_factory=dict)
    origin: str = field(default="", compare=False)


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
    superseded_by: str = ""  # the address of the note that replaced it, where the reader may see that


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """A step in a note's life; ``revision`` is the page's revision that holds the text of ``version``.

    ``step`` is None for steps that were taken before it was kept. ``state`` is the one that the note was left in.
    """

    state: NoteState
    version: int
    revision: int
    reason: str
    actor: Person
    at: datetime
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A question, or an answer of the sending side. ``thread`` is the id of the question that it belongs to."""

    id: int
    thread: int
    version: int  # of the note, when it was written
    is_answer: bool
    blocking: bool
    author: Person
    text: str
    at: datetime


class Verdict(StrEnum):
    """What the sender said to a read-back."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What a receiver understood, in their own words. ``ticked`` are positions of open items, from 0."""

    id: int
    version: int
    person: Person
    summary: str
    ticked: tuple[int, ...]
    at: datetime
    verdict: Verdict | None = None  # None: the sender has not said anything yet
    judge: Person | None = None
    remark: str = ""
    judged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """The proof of an acknowledged version. Each hash covers the one before it, so the newest covers all.

    ``read_back`` is the id of the read-back that it names as confirmed; None where it cannot be read.
    """

    sequence: int
    page_id: int
    version: int
    sha256: str
    at: datetime
    read_back: int | None = None


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
    waits_for: str = ""  # who has to act
    my_turn: bool = False  # whether that is the viewer


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes a list shows; empty means all. ``states`` may name OVERDUE. ``my_turn``: the viewer has to act."""

    states: tuple[NoteState, ...] = ()
    template: str = ""
    client: str = ""
    status: Status | None = None
    mine: bool = False
    text: str = ""
    my_turn: bool = False
