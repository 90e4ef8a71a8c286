"""What the permission table acts on: one space of each kind with a page and a note, and one person of each role."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from index.chunking import CHUNKER
from kb.action_lists import find_action
from kb.actions import mark_done
from kb.guide_pages import ShippedGuide, shipped_guides
from kb.handover.actions import Action
from kb.handover.how_to import Task, tasks_of
from kb.handover.models import Answer, Note, NoteState, NoteText, Part, ReadBack, Step
from kb.handover.solved import Solved, solved_in
from kb.handover.templates import template_of
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import CompanyAccount, NoteOrigin, OriginCause, Page, PageKind, Person, Role, Space, SpaceKind, Team
from kb.pages import PageText, create_page, edit_page
from kb.passages import passage_id
from kb.search import Retriever
from kb.store import (
    chunks,
    guides,
    handovers,
    note_life,
    note_pages,
    pages,
    people,
    questions,
    read_backs,
    sessions,
    spaces,
)
from kb.store import teams as store_teams
from kb.store.db import Store
from kb.store.people import LOCAL, SYSTEM
from tests.conftest import WordEmbedder
from tests.unit.handover_samples import shift_note

SECRET, NOTE = "secret", "secret-note"
SUMMARY = "I call the bank about the refund batch."
SHIPPED = next(guide for guide in shipped_guides() if guide.guide and guide.order == 0)
GUIDE = SHIPPED.slug


class Who(StrEnum):
    """Who acts. None of them owns anything."""

    READER = "reader"
    AUTHOR = "author"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"
    DISABLED = "disabled"  # an administrator who was
    SYSTEM = "system"

    @property
    def rank(self) -> int:
        """How much this person may do; -1 for nothing."""
        return -1 if self is Who.DISABLED else list(Role).index(Role(self))


class Kind(StrEnum):
    """The kinds of a space, and whether it is shared with whoever acts."""

    OPEN = "open"
    RESTRICTED = "restricted"
    RESTRICTED_SHARED = "restricted, shared"
    CONFIDENTIAL = "confidential"
    CONFIDENTIAL_SHARED = "confidential, shared"

    @property
    def space_kind(self) -> SpaceKind:
        return SpaceKind(self.partition(",")[0])

    @property
    def shared(self) -> bool:
        return "," in self


@dataclass(frozen=True)
class World:
    """A store of its own, and who acts on it."""

    store: Store
    indexer: Indexer
    retriever: Retriever
    actor: Person
    other: Person  # whom administrators act on
    space: Space
    secret: Page
    note: Note
    guide_page: Page
    team: Team
    folder: Path

    @property
    def guide(self) -> ShippedGuide:
        """The shipped text of the guide page, which has an older one."""
        return SHIPPED


def build(path: Path, kind: Kind) -> None:
    """Make the database that every case of this kind begins with."""
    store = Store.open(path)
    embedder = WordEmbedder()
    indexer = Indexer(store, embedder)
    with store.atomic() as db:
        chunks.set_index_state(db, embedder.spec.to_json(), CHUNKER)
        db.execute("UPDATE people SET email = 'local@example.com' WHERE id = ?", [LOCAL.id])
        actors = [people.add(db, str(who), f"{who}@example.com", _role(who)) for who in Who if who is not Who.SYSTEM]
        other = people.add(db, "Other", "other@example.com", Role.READER)
        people.set_disabled(db, actors[list(Who).index(Who.DISABLED)].id, datetime(2026, 1, 1, tzinfo=UTC))
        space = spaces.add(db, "vault", "Vault")
        team = store_teams.save(db, None, "Night", "", None)
        for person in (*actors, other):
            sessions.add(db, f"session of {person.id}", person, "browser")
    text = PageText("The secret", "Zebrafish [[lobby]] ledger.", ("vault-tag",))
    secret = create_page(store, indexer, LOCAL, space, text, slug=SECRET)
    with store.atomic() as db:
        hall = spaces.add(db, "hall", "Hall")
    create_page(store, indexer, LOCAL, hall, PageText("Lobby", "Zebrafish carpet."), slug="lobby")
    edit_page(store, indexer, LOCAL, secret, PageText("The secret", text.body + " Again.", text.tags))
    note = submit_note(store, indexer, LOCAL, ready_text(), space)
    guide = create_page(store, indexer, LOCAL, space, PageText("Guide", "Old."), kind=PageKind.GUIDE, slug=GUIDE)
    with store.atomic() as db:
        db.execute("UPDATE pages SET slug = ? WHERE id = ?", [NOTE, note.page.id])
        db.execute("UPDATE pages SET updated_at = '2099-01-01T00:00:00Z' WHERE id = ?", [secret.id])  # the latest
        guides.set_loaded(db, GUIDE, guide.id, "old", guide.revision)
        spaces.set_kind(db, space.id, kind.space_kind)
        spaces.set_members(db, space.id, [person.id for person in actors] if kind.shared else [], [])
        store_teams.set_members(db, team, [other.id])
    store.close()


class Worlds:
    """Worlds of one kind, one after the other, for whoever acts; each is as :func:`build` left it.

    Most cases only read or are refused: the next one then acts on the same copy, as no commit has changed it.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self._template = template
        self._path = folder / "baton.db"
        self._log = folder / "baton.db-wal"
        self._fresh: tuple[World, dict[str, Person]] | None = None

    @contextmanager
    def of(self, who: Who) -> Iterator[World]:
        """A world, and somebody to act on it."""
        if self._fresh is None:
            self._fresh = self._copy()
        fresh, accounts = self._fresh
        try:
            yield replace(fresh, actor=SYSTEM if who is Who.SYSTEM else accounts[who])
        finally:
            if self._log.stat().st_size > 0:  # empty until the first commit, then never again while it is open
                self.close()

    def close(self) -> None:
        """Give up the copy."""
        if self._fresh is not None:
            self._fresh[0].store.close()
            self._fresh = None

    def _copy(self) -> tuple[World, dict[str, Person]]:
        shutil.copy(self._template, self._path)
        store = Store(self._path)
        embedder = WordEmbedder()
        with store.reading() as db:
            accounts = {account.person.name: account.person for account in people.accounts(db)}
            space = spaces.by_slug(db, "vault")
            team = store_teams.all_teams(db)[0]
            found = {slug: pages.by_id(db, page) for page, slug in db.execute("SELECT id, slug FROM pages").fetchall()}
        secret, guide, note_page = found[SECRET], found[GUIDE], found[NOTE]
        assert space
        assert secret
        assert guide
        assert note_page
        return World(
            store, Indexer(store, embedder), Retriever(store, embedder),
            SYSTEM, accounts["Other"], space, secret, _note(store, note_page), guide, team, self._path.parent,
        ), accounts  # fmt: skip


def linked(world: World) -> CompanyAccount:
    """A company account that signs in as the other person."""
    with world.store.atomic() as db:
        people.add_identity(db, "https://id.example", "other", world.other.id)
        (account,) = people.identities(db, world.other.id)
    return account


def hall(world: World) -> Space:
    """A space that everybody sees."""
    with world.store.reading() as db:
        found = spaces.by_slug(db, "hall")
    assert found
    return found


def trashed(world: World) -> Page:
    """The secret page, after its owner put it into the trash."""
    with world.store.atomic() as db:
        pages.set_trashed(db, world.secret.id, datetime.now(UTC))
        chunks.remove_of_page(db, world.secret.id)
        page = pages.by_id(db, world.secret.id)
    assert page
    return page


def first_passage(world: World) -> str:
    """The name of the secret page's first passage."""
    with world.store.reading() as db:
        return passage_id(chunks.of_page(db, world.secret.id)[0])


def owned_by_actor(world: World) -> Note:
    """The note, as if whoever acts had written it."""
    with world.store.atomic() as db:
        db.execute("UPDATE pages SET owner_id = ? WHERE id = ?", [world.actor.id, world.note.page.id])
        page = pages.by_id(db, world.note.page.id)
    assert page
    return _note(world.store, page)


def named(world: World, part: Part, person: Person | None = None) -> Note:
    """The note, with whoever acts, or somebody else, named for a part."""
    with world.store.atomic() as db:
        db.execute(
            "INSERT INTO handover_parties VALUES (?, ?, ?, NULL)",
            [world.note.page.id, str(part), (person or world.actor).id],
        )
        page = pages.by_id(db, world.note.page.id)
    assert page
    return _note(world.store, page)


def asked(world: World, actor: Part | None = None) -> tuple[Note, int, str]:
    """The note with an open question, which one, and an answer to it; ``actor`` is the part of whoever acts."""
    if actor:
        named(world, actor)
    with world.store.atomic() as db:
        return world.note, questions.add(
            db, world.other, world.note, "Why?", thread=None, is_answer=False, blocking=False
        ), "So."  # fmt: skip


def closed(world: World) -> Note:
    """The note after it was closed."""
    with world.store.atomic() as db:
        note_life.add(db, LOCAL, world.note, Step.CLOSE, NoteState.CLOSED)
    return replace(world.note, state=NoteState.CLOSED)


def origin(world: World) -> str:
    """Which item the note's open item is."""
    return world.note.text.items[0].origin


def action(world: World) -> Action:
    """The note's open item, as Baton itself sees it."""
    return find_action(world.store, SYSTEM, origin(world))


def done_action(world: World) -> Action:
    """The note's item after Baton itself marked it done."""
    return mark_done(world.store, SYSTEM, action(world))


def given_read_back(world: World, actor: Part | None = None) -> tuple[Note, ReadBack]:
    """The note and what another person has read back; ``actor`` is the part of whoever acts."""
    if actor:
        named(world, actor)
    note = world.note
    with world.store.atomic() as db:
        read_backs.add(db, world.other, note, SUMMARY, [0])
        note_life.add(db, world.other, note, Step.READ_BACK, NoteState.READ_BACK)
        return replace(note, state=NoteState.READ_BACK), read_backs.of_note(db, note.page.id)[0]


def task_text() -> NoteText:
    """A note with a responsibility that the secret page describes best."""
    return NoteText("role", 1, answers={"responsibilities": Answer(rows=({"task": "Zebrafish ledger again"},))})


def task_of_note(world: World) -> Task:
    """The first task of the note."""
    return tasks_of(template_of("shift"), world.note.text)[0]


def solved_note(world: World) -> tuple[Note, Solved]:
    """The note with its item done, and what that tells."""
    with world.store.atomic() as db:
        db.execute("UPDATE handover_items SET done = 1 WHERE page_id = ?", [world.note.page.id])
    note = _note(world.store, world.note.page)
    return note, solved_in(template_of("shift"), note.text)[0]


def came_of_note(world: World) -> bool:
    """The secret page, as if it had come of the note."""
    with world.store.atomic() as db:
        note_pages.add(db, world.secret.id, NoteOrigin(world.note.page.id, OriginCause.SOLVED, "x"), LOCAL)
    return True


def _note(store: Store, page: Page) -> Note:
    with store.reading() as db:
        note = handovers.by_page_id(db, page.id)
    assert note
    return note


def ready_text() -> NoteText:
    """What a note says that lacks nothing now."""
    begins = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    return shift_note(client="Initech", effective=begins, acknowledge_by=begins + timedelta(hours=1))


def _role(who: Who) -> Role:
    return Role.ADMINISTRATOR if who is Who.DISABLED else Role(who)
