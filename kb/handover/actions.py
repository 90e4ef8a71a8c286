"""Open items after their note was submitted: what people do with them, and how lists show them. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kb.handover.models import NoteState, Party, Priority, Status
from kb.models import Person

CARRIED_LONG = 2  # carried more often than this, an item is pointed out


class Quadrant(StrEnum):
    """A field of the Eisenhower box."""

    DO_NOW = "do now"  # urgent and important
    PLAN = "plan"  # important
    HAND_ON = "hand on"  # urgent
    LATER = "later"


class Change(StrEnum):
    """What happens to an item after its note was submitted."""

    CARRIED = "carried"  # a later note took it over
    DONE = "done"
    REOPENED = "reopened"
    OWNER = "owner"
    DUE = "due"
    FIX = "fix"  # what fixed it was said, or said differently


@dataclass(frozen=True, slots=True)
class Age:
    """Since when an item is open, and how many further notes it was carried into."""

    opened_at: datetime
    carried: int = 0

    @property
    def is_long(self) -> bool:
        """Whether it was carried so often that somebody should look at it."""
        return self.carried > CARRIED_LONG


@dataclass(frozen=True, slots=True)
class ActionNote:
    """The note that an item lives in, as a list shows it."""

    slug: str
    title: str
    client: str
    state: NoteState
    status: Status


@dataclass(frozen=True, slots=True)
class ActionEvent:
    """One change. ``detail`` is the new owner, the new due date in ISO 8601, or what fixed it."""

    change: Change
    detail: str
    actor: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """An item of a submitted note as it stands now. Title, reference, next step and priority are the note's.

    ``changes`` counts what happened to it: whoever acts on an older count is told what came in between.
    """

    origin: str
    title: str
    reference: str
    next_step: str
    priority: Priority
    owner: Party
    due: date | None
    done: bool
    fix: str  # what fixed it; "" while nobody said
    changes: int
    age: Age
    note: ActionNote
    quadrant: Quadrant
    may_change: bool = False  # whether the viewer may
    changed_at: datetime | None = None  # when it was last done or reopened or changed


@dataclass(frozen=True, slots=True)
class ActionFilter:
    """Which actions a list shows; empty means all. ``owner`` is a name, whatever its case; NOBODY: without one."""

    mine: bool = False
    client: str = ""
    owner: str = ""
    overdue: bool = False


NOBODY = "\x00"  # the filter's word for items that nobody owns; no name can be it


@dataclass(frozen=True, slots=True)
class Shelf:
    """The first actions of a quadrant, and how many there are in all."""

    actions: tuple[Action, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """The Eisenhower box: what is open, by quadrant; what is due until ``urgent_until`` is urgent for the viewer."""

    shelves: Mapping[Quadrant, Shelf]
    urgent_until: date

    @property
    def total(self) -> int:
        """How many actions the filter let through."""
        return sum(shelf.total for shelf in self.shelves.values())


@dataclass(frozen=True, slots=True)
class ItemLife:
    """What became of one note's item since. ``carried_into`` is None where it lives here.

    Where the later note is one that the viewer may not see, its slug and title are empty.
    """

    origin: str
    owner: Party
    due: date | None
    done: bool
    fix: str
    age: Age | None
    carried_into: ActionNote | None = None
    last: ActionEvent | None = None
