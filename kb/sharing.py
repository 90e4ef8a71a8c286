"""Who may see a space: its kind, and the people and teams that it is shared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.access import Ability, require, require_space
from kb.models import Person, Space, SpaceKind, Team
from kb.pages import PageError
from kb.store import access, audit, people, spaces, teams
from kb.store.db import Connection, Store


@dataclass(frozen=True, slots=True)
class Sharing:
    """A space and with whom it is shared; for an open one that does not matter."""

    space: Space
    people: tuple[Person, ...]
    teams: tuple[Team, ...]


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
) -> Sharing:
    """Change who may see a space, from everybody's next action on.

    :raises NotAllowed: when the person may not see the space, or not change who sees it.
    :raises PageError: when afterwards nobody, or not the person, could see it.
    """
    with store.atomic() as db:
        require(db, actor, Ability.SHARE_SPACES)
        require_space(db, actor, space)
        before = _sharing(db, space.id)
        known = {person.id for person in people.active(db)}
        if not {person.id for person in with_people} <= known:
            raise PageError("Somebody you chose is disabled or unknown meanwhile. Choose the people again.")
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
