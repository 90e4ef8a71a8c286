"""Who may see a space: its kind, and the people and teams that it is shared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.access import Ability, require, require_space
from kb.models import Person, Space, SpaceKind, Team
from kb.pages import STANDARD_SPACES, TAKEN, PageError, add_space, space_name
from kb.store import access, audit, pages, people, spaces, teams
from kb.store.audit import AuditFilter
from kb.store.db import Connection, Store


@dataclass(frozen=True, slots=True)
class SpaceSummary:
    """A space and how many pages in it the viewer may see, notes included."""

    space: Space
    pages: int


@dataclass(frozen=True, slots=True)
class Change:
    """Who would see a space that they do not see now, and the reverse; both by name."""

    gaining: tuple[Person, ...]
    losing: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """A space and with whom it is shared; for an open one that does not matter."""

    space: Space
    people: tuple[Person, ...]
    teams: tuple[Team, ...]


class StaleSharing(PageError):
    """Somebody changed who sees the space since the choice began. ``current`` is how it is shared now."""

    def __init__(self, current: Sharing, by: str) -> None:
        names = [*(team.name for team in current.teams), *(person.name for person in current.people)]
        known = ", ".join(names) or "nobody"
        now = "open" if current.space.kind is SpaceKind.OPEN else f"{current.space.kind}, shared with {known}"
        super().__init__(
            f"{by} changed who sees this space meanwhile: it is {now}. "
            "What you chose is kept: check it, then save again."
        )
        self.current = current


class _OnlyAsked(Exception):
    """Takes back a change that was made to see what it would do."""


def space_summaries(store: Store, viewer: Person) -> list[SpaceSummary]:
    """Every space that ``viewer`` may see, by name."""
    with store.reading() as db:
        counts = pages.count_by_space(db, viewer)
        return [SpaceSummary(space, counts.get(space.id, 0)) for space in spaces.all_spaces(db, viewer)]


def make_space(
    store: Store, actor: Person, name: str, kind: SpaceKind, with_people: Sequence[Person], with_teams: Sequence[Team]
) -> Sharing:
    """Make a space; nobody sees it before it is shared as wanted.

    :raises NotAllowed: when the person may not make spaces.
    :raises PageError: when the name is empty, too long or taken, or the person would not see the space.
    """
    name = space_name(name)
    with store.atomic() as db:
        require(db, actor, Ability.MAKE_SPACES)
        return _share(db, actor, add_space(db, actor, name), kind, with_people, with_teams)


def rename_space(store: Store, actor: Person, space: Space, name: str) -> Space:
    """Give a space another name; its address stays.

    :raises NotAllowed: when the person may not see the space, or not change it.
    :raises PageError: when the name is empty, too long or taken.
    """
    name = space_name(name)
    with store.atomic() as db:
        require(db, actor, Ability.SHARE_SPACES)
        require_space(db, actor, space)
        before, other = _sharing(db, space.id).space, spaces.by_name(db, name)
        if before.name in STANDARD_SPACES and name != before.name:
            raise PageError(f"Baton itself writes into {before.name}: this space keeps its name.")
        if other is not None and other.id != space.id:
            raise PageError(TAKEN)
        if name != before.name:
            spaces.set_name(db, space.id, name)
            audit.record(db, actor, "space.renamed", "space", space.id)
        return _sharing(db, space.id).space


def sharing_of(store: Store, viewer: Person, space: Space) -> Sharing:
    """With whom a space is shared.

    :raises NotAllowed: when ``viewer`` may not see the space.
    """
    with store.reading() as db:
        require_space(db, viewer, space)
        return _sharing(db, space.id)


def share_space(
    store: Store,
    actor: Person,
    space: Space,
    kind: SpaceKind,
    with_people: Sequence[Person],
    with_teams: Sequence[Team],
    *,
    as_read: Sharing | None = None,
) -> Sharing:
    """Change who may see a space, from everybody's next action on.

    :param as_read: how it was shared when the choice began, so that nobody comes back whom somebody else took out
        meanwhile; None: whatever it is.
    :raises NotAllowed: when the person may not see the space, or not change who sees it.
    :raises StaleSharing: when it is not shared as read any more.
    :raises PageError: when afterwards nobody, or not the person, could see it.
    """
    with store.atomic() as db:
        require(db, actor, Ability.SHARE_SPACES)
        require_space(db, actor, space)
        _require_as_read(db, space, as_read)
        return _share(db, actor, space, kind, with_people, with_teams)


def change_of_sharing(
    store: Store,
    actor: Person,
    space: Space,
    kind: SpaceKind,
    with_people: Sequence[Person],
    with_teams: Sequence[Team],
    *,
    as_read: Sharing | None = None,
) -> Change:
    """What :func:`share_space` would change, without doing it.

    :raises NotAllowed: as :func:`share_space` does.
    :raises StaleSharing: as :func:`share_space` does.
    :raises PageError: as :func:`share_space` does.
    """
    change = Change((), ())
    try:
        with store.atomic() as db:
            require(db, actor, Ability.SHARE_SPACES)
            require_space(db, actor, space)
            _require_as_read(db, space, as_read)
            before = access.readers(db, space.id)
            _share(db, actor, space, kind, with_people, with_teams)
            after, known = access.readers(db, space.id), people.active(db)
            change = Change(
                tuple(person for person in known if person.id in after - before),
                tuple(person for person in known if person.id in before - after),
            )
            # Done and taken back: so the rule of who sees what has one home, the database's view.
            raise _OnlyAsked
    except _OnlyAsked:
        return change


def _require_as_read(db: Connection, space: Space, as_read: Sharing | None) -> None:
    current = _sharing(db, space.id)
    if as_read is not None and _who(current) != _who(as_read):
        changes = AuditFilter(subject="space", subject_id=space.id, actions=("space.shared",))
        raise StaleSharing(current, audit.last_actor(db, changes))


def _who(sharing: Sharing) -> tuple[SpaceKind, frozenset[int], frozenset[int]]:
    """What decides who sees a space: a new name of somebody does not."""
    people_ids = frozenset(person.id for person in sharing.people)
    return sharing.space.kind, people_ids, frozenset(team.id for team in sharing.teams)


def _share(
    db: Connection,
    actor: Person,
    space: Space,
    kind: SpaceKind,
    with_people: Sequence[Person],
    with_teams: Sequence[Team],
) -> Sharing:
    before = _sharing(db, space.id)
    # Who is disabled stays where they were, so that they find everything as it was once they are back.
    known = {person.id for person in (*people.active(db), *before.people)}
    if not {person.id for person in with_people} <= known:
        raise PageError("Somebody you chose is disabled or unknown meanwhile. Choose the people again.")
    if not {team.id for team in with_teams} <= {team.id for team in teams.all_teams(db)}:
        raise PageError("A team you chose was removed meanwhile. Choose the teams again.")
    spaces.set_kind(db, space.id, kind)
    spaces.set_members(db, space.id, [p.id for p in with_people], [t.id for t in with_teams])
    after = _sharing(db, space.id)
    if not access.sees_space(db, actor, space.id):
        raise PageError("You would not see this space any more: share it with yourself or a team of yours.")
    if after != before:
        shared_with = f"people {[p.id for p in after.people]}, teams {[t.id for t in after.teams]}"
        detail = f"{before.space.kind} to {kind}; {shared_with}"
        audit.record(db, actor, "space.shared", "space", space.id, detail)
    return after


def _sharing(db: Connection, space_id: int) -> Sharing:
    space = spaces.by_id(db, space_id)
    assert space is not None  # noqa: S101  spaces are never removed
    person_ids, team_ids = spaces.member_ids(db, space_id)
    accounts = [account for number in person_ids if (account := people.account(db, number))]
    return Sharing(
        space,
        tuple(sorted((account.person for account in accounts), key=lambda person: person.name.casefold())),
        tuple(team for team in teams.all_teams(db) if team.id in team_ids),
    )
