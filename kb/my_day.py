"""What waits for a person, what they wait for, and what changed in their notes since they last looked.

For a screen, a bell, a calendar feed and a digest alike: each function is one short read that knows nothing of screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kb.access import Ability, require
from kb.handover.models import NoteState, Part
from kb.handover.turns import TURNS
from kb.handover_drafts import NoteDraft, draft_title, unfinished_drafts
from kb.models import Person
from kb.note_templates import template_in
from kb.note_turns import Turn, is_overdue, notes_to_write, standing_in_for, turns_around, turns_on
from kb.store import profiles, questions, seen_steps
from kb.store.db import Connection, Store, now
from kb.store.open_notes import OpenNote
from kb.store.seen_steps import SeenStep

MOST_DRAFTS = 50  # own notes that are not handed over yet; the latest are looked at
MOST_CHANGES = 50  # told at once
LOOK_BACK = timedelta(days=14)  # what happened earlier is no news, also to who was not there
SOON = timedelta(hours=24)


class Task(StrEnum):
    """What somebody has to do with a note."""

    READ_BACK = "read back"
    ANSWER = "answer"
    CONFIRM = "confirm"
    CHANGE = "change"  # it was returned
    FINISH = "finish"  # a draft


_TASKS = {
    NoteState.SUBMITTED: Task.READ_BACK,
    NoteState.QUESTIONS: Task.ANSWER,
    NoteState.READ_BACK: Task.CONFIRM,
    NoteState.RETURNED: Task.CHANGE,
    NoteState.DRAFT: Task.FINISH,
}
_OTHER_SIDE = {Part.RECEIVER: Part.SENDER, Part.SENDER: Part.RECEIVER}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that somebody has to do. ``who`` is whom it comes from, or for what one waits oneself: who does it.

    ``due`` is the note's acknowledge-by, meant on the clock of ``zone``. ``went_to`` is the part in which it came to
    them because it is overdue; ``instead_of`` is whom they stand in for. ``draft`` names a form left unfinished;
    ``page_id`` is 0 where there is only that.
    """

    task: Task
    slug: str
    title: str
    client: str
    template: str
    who: str
    since: datetime
    due: datetime | None = None
    zone: str = "UTC"
    overdue: bool = False
    went_to: Part | None = None
    instead_of: Person | None = None
    draft: str = ""
    page_id: int = 0


@dataclass(frozen=True, slots=True)
class MyDay:
    """Everything at once. ``stands_in_for`` is whom the person stands in for now."""

    waiting: tuple[Waiting, ...]
    awaited: tuple[Waiting, ...]
    changes: tuple[SeenStep, ...]
    stands_in_for: tuple[Person, ...]


def my_day(store: Store, person: Person, moment: datetime) -> MyDay:
    """What waits for the person, what they wait for, and what changed.

    :raises NotAllowed: when the person is disabled.
    """
    drafts = unfinished_drafts(store, person)
    with store.reading() as db:
        require(db, person, Ability.READ)
        turns = turns_around(db, person, moment)
        return MyDay(
            tuple(_waiting(db, person, turns, drafts, moment)),
            tuple(_awaited(person, turns, moment)),
            tuple(_changes(db, person, moment)),
            tuple(standing_in_for(db, person, moment)),
        )


def waiting_for(store: Store, person: Person, moment: datetime) -> list[Waiting]:
    """What the person has to do at ``moment``, the most urgent first: overdue, then by when it is due, drafts last.

    :raises NotAllowed: when the person is disabled.
    """
    drafts = unfinished_drafts(store, person)
    with store.reading() as db:
        require(db, person, Ability.READ)
        return _waiting(db, person, turns_around(db, person, moment), drafts, moment)


def awaited_by(store: Store, person: Person, moment: datetime) -> list[Waiting]:
    """What others have to do before the person's own notes go on, the most urgent first.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, person, Ability.READ)
        return _awaited(person, turns_around(db, person, moment), moment)


def changes_for(store: Store, person: Person, moment: datetime) -> list[SeenStep]:
    """What others did, since the person last looked, in notes that they have a part in: the latest first.

    At most MOST_CHANGES of the last LOOK_BACK before ``moment``.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, person, Ability.READ)
        return _changes(db, person, moment)


def count_changes(store: Store, person: Person, moment: datetime) -> int:
    """How many changes :func:`changes_for` tells, for a bell.

    :raises NotAllowed: when the person is disabled.
    """
    with store.reading() as db:
        require(db, person, Ability.READ)
        return seen_steps.count_after(db, person, *_news(db, person, moment), MOST_CHANGES)


def mark_seen(store: Store, person: Person, event_id: int) -> None:
    """Remember that the person has seen everything up to this step. What came meanwhile stays news.

    :raises NotAllowed: when the person is disabled.
    """
    with store.atomic() as db:
        require(db, person, Ability.READ)
        seen_steps.set_seen(db, person.id, event_id, now())


def is_soon(one: Waiting, moment: datetime) -> bool:
    """Whether it is due within a day."""
    return one.due is not None and not one.overdue and one.due - moment <= SOON


def _changes(db: Connection, person: Person, moment: datetime) -> list[SeenStep]:
    return seen_steps.steps_after(db, person, *_news(db, person, moment), MOST_CHANGES)


def _news(db: Connection, person: Person, moment: datetime) -> tuple[int, set[int]]:
    """The last step that is no news to the person, and the people whose notes are looked at for them."""
    seen = max(seen_steps.seen_until(db, person.id), seen_steps.last_before(db, moment - LOOK_BACK))
    return seen, {person.id, *(one.id for one in standing_in_for(db, person, moment))}


def _waiting(
    db: Connection, person: Person, turns: Sequence[Turn], drafts: Sequence[NoteDraft], moment: datetime
) -> list[Waiting]:
    found = [_of_turn(turn, person, moment) for turn in turns if turn.is_mine]
    found += _questions(db, person, turns, moment)
    found += _unwritten(db, person, drafts, moment)
    return sorted(found, key=_urgency)


def _of_turn(turn: Turn, person: Person, moment: datetime) -> Waiting:
    """What the person has to do with a note that waits for them, and why for them."""
    note, parties = turn.note, turn.situation.parties
    side = TURNS[note.state]
    call = next((call for call in turn.situation.calls if call.person == person and call.when <= moment), None)
    stands_in = next((one for one in parties.stand_ins if one.person == person and one.part is side), None)
    named = parties.sending if side is Part.SENDER else parties.with_part(side)
    item = _item(note, _TASKS[note.state], note.names[_OTHER_SIDE[side]], moment)
    if person in named:
        return item
    if call:
        return replace(item, since=call.when, went_to=call.part, instead_of=call.instead_of)
    return replace(item, instead_of=stands_in.instead_of if stands_in else None)


def _questions(db: Connection, person: Person, turns: Sequence[Turn], moment: datetime) -> list[Waiting]:
    """Questions that block nothing, and all the same want an answer of the sending side."""
    people = profiles.principals(db, person.id, moment.date() - timedelta(days=1))
    asked = questions.open_since(db, person, people)
    known = {turn.note.page_id for turn in turns}
    others = turns_on(db, person, [page_id for page_id in asked if page_id not in known], moment)
    return [
        replace(_item(turn.note, Task.ANSWER, turn.note.names[Part.RECEIVER], moment), since=asked[turn.note.page_id])
        for turn in [*turns, *others]
        if turn.note.page_id in asked and Part.SENDER in turn.parts and turn.note.state is not NoteState.QUESTIONS
    ]


def _unwritten(db: Connection, person: Person, drafts: Iterable[NoteDraft], moment: datetime) -> list[Waiting]:
    """Notes that the person has not handed over yet, each with the form that they left unfinished, if they did.

    Also those that came back to somebody whom the person stands in for.
    """
    left = {draft.slug: draft for draft in drafts if draft.slug}
    found = []
    for note in notes_to_write(db, person, moment, MOST_DRAFTS):
        draft = left.pop(note.slug, None)
        from_ = note.names[Part.RECEIVER] if note.state is NoteState.RETURNED else ""
        item = replace(
            _item(note, _TASKS[note.state], from_, None),
            draft=draft.key if draft else "",
            instead_of=note.owner if note.owner != person else None,
        )
        found.append(item)
    unfinished = [draft for draft in drafts if not draft.slug or draft.slug in left]
    return found + [_of_draft(db, draft) for draft in unfinished]


def _of_draft(db: Connection, draft: NoteDraft) -> Waiting:
    text = draft.text
    title = draft_title(template_in(db, text.template, text.template_version), draft)
    assert draft.kept_at  # noqa: S101  what is unfinished is kept
    return Waiting(
        Task.FINISH, draft.slug, title, text.header.client, text.template, "", draft.kept_at, zone=text.header.zone,
        draft=draft.key,
    )  # fmt: skip


def _awaited(person: Person, turns: Iterable[Turn], moment: datetime) -> list[Waiting]:
    found = []
    for turn in turns:
        # A backup or a lead who has not been called waits for nobody.
        if turn.is_mine or _OTHER_SIDE[TURNS[turn.note.state]] not in turn.parts:
            continue
        call = turn.situation.call
        item = _item(turn.note, _TASKS[turn.note.state], turn.situation.holder, moment)
        found.append(replace(item, since=call.when if call else item.since, went_to=call.part if call else None))
    return sorted(found, key=_urgency)


def _item(note: OpenNote, task: Task, who: str, moment: datetime | None) -> Waiting:
    late = moment is not None and is_overdue(note, moment)
    # A draft has nothing to be acknowledged yet.
    due = note.acknowledge_by if task is not Task.FINISH else None
    return Waiting(
        task, note.slug, note.title, note.client, note.template, who, note.since, due, note.zone, late,
        page_id=note.page_id,
    )  # fmt: skip


def _urgency(one: Waiting) -> tuple[bool, bool, bool, float, str]:
    draft = one.task is Task.FINISH
    when = -one.since.timestamp() if draft else (one.due or one.since).timestamp()  # of drafts the latest first
    return draft, not one.overdue, one.due is None, when, one.slug
