"""Teams: members, a lead, a queue. Every function takes the acting person and checks what they may."""

from __future__ import annotations

from collections.abc import Sequence

from kb.access import Ability, NotAllowed, RuleError, may, require
from kb.models import Person, Space, Team
from kb.store import audit, people, spaces, teams
from kb.store.audit import AuditFilter
from kb.store.db import Connection, Store

MAX_NAME = 60  # characters


class TeamError(RuleError):
    """A team cannot be saved like this; the message says why and what to do."""


class StaleTeam(TeamError):
    """Somebody changed the team since the choice began. ``current`` is how it is now."""

    def __init__(self, current: Team, by: str) -> None:
        members = ", ".join(member.name for member in current.members) or "nobody"
        lead = f"led by {current.lead.name}" if current.lead else "without a lead"
        queue = f", queue “{current.queue}”" if current.queue else ""
        super().__init__(
            f"{by} changed this team meanwhile: it is {current.name}, {lead}{queue}; members are {members}. "
            "What you chose is kept: check it, then save again."
        )
        self.current = current


def all_teams(store: Store, viewer: Person) -> list[Team]:
    """Every team with its members, by name.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        return teams.all_teams(db)


def my_teams(store: Store, actor: Person) -> list[Team]:
    """The teams that the person is in or leads."""
    return [team for team in all_teams(store, actor) if actor in team.members or team.lead == actor]


def leads_a_team(store: Store, person: Person) -> bool:
    """Whether the person leads a team, and so may change its members and its queue."""
    with store.reading() as db:
        return may(db, person, Ability.READ) and teams.has_lead(db, person.id)


def save_team(
    store: Store,
    actor: Person,
    name: str,
    queue: str,
    lead: Person | None,
    members: Sequence[Person],
    team: Team | None = None,
) -> Team:
    """Add a team (without ``team``), or change it. Its lead is always one of its members.

    :param team: as it was when the choice began, so that nobody comes back whom somebody else took out meanwhile.
    :raises NotAllowed: when the person may not manage teams; a team's own lead may change its queue and members, but
        adds nobody to one that sees a space which is not open, unless they may share spaces.
    :raises StaleTeam: when the team is not as ``team`` any more.
    :raises TeamError: when the name cannot be used.
    """
    name, queue = " ".join(name.split()), " ".join(queue.split())
    if not name or len(name) > MAX_NAME or len(queue) > MAX_NAME:
        raise TeamError(f"Give the team a name of 1 to {MAX_NAME} characters, and its queue one of at most as many.")
    with store.atomic() as db:
        before = _found(db, team.id) if team else None
        if before is None or before.lead != actor:
            require(db, actor, Ability.MANAGE_TEAMS)
        if before and team and _facts(before) != _facts(team):
            changes = AuditFilter(subject="team", subject_id=team.id, actions=("team.created", "team.changed"))
            raise StaleTeam(before, audit.last_actor(db, changes))
        if before and before.lead == actor and (name, lead) == (before.name, before.lead):
            require(db, actor, Ability.READ)
        else:
            require(db, actor, Ability.MANAGE_TEAMS)
        if teams.name_is_taken(db, name, before.id if before else None):
            raise TeamError(f"There is a team called {name} already. Choose another name.")
        # Who is disabled stays where they were, so that they find everything as it was once they are back.
        known = {person.id for person in (*people.active(db), *(before.members if before else ()))}
        chosen = {person.id for person in (*members, *([lead] if lead else []))}
        if not chosen <= known:
            raise TeamError("Somebody you chose is disabled or unknown meanwhile. Choose the members again.")
        joining = chosen - {person.id for person in (before.members if before else ())}
        if before and joining and spaces.is_let_into_one(db, before.id):
            _require_sharing(db, actor)
        number = teams.save(db, before.id if before else None, name, queue, lead.id if lead else None)
        teams.set_members(db, number, sorted(chosen))
        audit.record(
            db, actor, "team.changed" if before else "team.created", "team", number, f"members {sorted(chosen)}"
        )
        return _found(db, number)


def remove_team(store: Store, actor: Person, team: Team) -> None:
    """Remove a team; spaces that were shared with it are so no longer.

    :raises NotAllowed: when the person may not manage teams.
    """
    with store.atomic() as db:
        require(db, actor, Ability.MANAGE_TEAMS)
        teams.remove(db, _found(db, team.id).id)
        audit.record(db, actor, "team.removed", "team", team.id)


def spaces_shared_with(store: Store, viewer: Person, team: Team) -> list[Space]:
    """The spaces that are shared with the team, as far as ``viewer`` may see them, by name.

    :raises NotAllowed: when ``viewer`` is disabled.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        return spaces.shared_with_team(db, team.id, viewer)


def may_change(store: Store, person: Person, team: Team) -> bool:
    """Whether the person may change the team's members and queue now."""
    with store.reading() as db:
        return may(db, person, Ability.MANAGE_TEAMS) or (team.lead == person and may(db, person, Ability.READ))


def _require_sharing(db: Connection, actor: Person) -> None:
    """:raises NotAllowed: when the person may not let others see a space that is not open."""
    if not may(db, actor, Ability.SHARE_SPACES):
        raise NotAllowed(
            "Spaces that not everybody sees are shared with this team, and whoever joins would see them. "
            "Ask an administrator to add members."
        )


def _facts(team: Team) -> tuple[str, str, Person | None, frozenset[Person]]:
    """What a team is: a new name of a member changes their place in it, and nothing else."""
    return team.name, team.queue, team.lead, frozenset(team.members)


def _found(db: Connection, team_id: int) -> Team:
    team = teams.by_id(db, team_id)
    if team is None:
        raise TeamError("This team was removed meanwhile.")
    return team
