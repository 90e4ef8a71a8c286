"""Which template a note is written with: a shipped one, or what a lead made of it for a client or a team.

A note keeps the version that it was written with, and whoever may read the note reads it with that. What is offered
for new notes are the newest versions of the adaptations whose space the writer sees.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.access import Ability, may
from kb.handover.definition import is_adapted
from kb.handover.templates import TEMPLATES, HandoverTemplate
from kb.handover.templates import template_of as shipped_template
from kb.models import Person
from kb.store import access, teams, templates
from kb.store.db import Connection, Store
from kb.store.templates import Audience, Published


@dataclass(frozen=True, slots=True)
class Offer:
    """A template that a note can be written with. ``audience`` is None for the shipped one.

    ``why``: why a note begins with it, as the end of a sentence; "" where it has to be chosen.
    """

    template: HandoverTemplate
    audience: Audience | None = None
    why: str = ""


def template_of(store: Store, key: str, version: int) -> HandoverTemplate:
    """The template that a note was written with.

    :raises KeyError: when there is none.
    """
    if not is_adapted(version):
        return shipped_template(key, version)
    with store.reading() as db:
        return template_in(db, key, version)


def template_in(db: Connection, key: str, version: int) -> HandoverTemplate:
    """The same as :func:`template_of`, within a transaction."""
    if not is_adapted(version):
        return shipped_template(key, version)
    found = templates.template(db, key, version)
    if found is None:
        raise KeyError((key, version))
    return found


def offered(store: Store, viewer: Person, key: str, client: str = "") -> list[Offer]:
    """The templates that a note of this kind may be written with; the first is the one that it begins with.

    That is the one for the client, else the one for the writer's team, else the one for all, else the shipped one;
    where there are several, the one that was published last.

    :return: nothing where there is no such kind, or where the person may not write.
    """
    if key not in {template.key for template in TEMPLATES}:
        return []
    with store.reading() as db:
        if not may(db, viewer, Ability.WRITE):
            return []
        published = [one for one in templates.newest(db, viewer, key) if not one.retired]
        mine = {team.id: team.name for team in teams.all_teams(db) if viewer in team.members}
        ranked = sorted(published, key=lambda one: _rank(one, client, mine))
        found = [Offer(template_in(db, key, one.version), one.audience, _why(one, client, mine)) for one in ranked]
    shipped = Offer(shipped_template(key))
    place = next((place for place, offer in enumerate(found) if not offer.why), len(found))
    return [*found[:place], shipped, *found[place:]]


def newer_template(store: Store, viewer: Person, key: str, version: int) -> HandoverTemplate | None:
    """The newest version of the template that a note was begun with, where that is another one and still offered."""
    if not is_adapted(version):
        newest = shipped_template(key)
        return newest if newest.version != version else None
    with store.reading() as db:
        adaptation = templates.adaptation_of(db, version)
        for one in templates.newest(db, viewer, key):
            if one.adaptation == adaptation and one.version != version and not one.retired:
                return template_in(db, key, one.version)
    return None


def may_begin_with(db: Connection, writer: Person, key: str, version: int) -> bool:
    """Whether a note may be written anew with this version: a shipped one, or of an adaptation that they see."""
    if not is_adapted(version):
        return True
    adaptation = templates.adaptation_of(db, version)
    history = templates.versions(db, adaptation) if adaptation is not None else []
    return bool(
        history and history[0].definition.key == key and access.sees_space(db, writer, history[0].audience.space.id)
    )


def is_for(audience: Audience, client: str) -> bool:
    """Whether a template is for this client, however its name is spelled in upper and lower case."""
    return _folded(client) in map(_folded, audience.clients)


def _rank(one: Published, client: str, mine: dict[int, str]) -> int:
    if is_for(one.audience, client):
        return 0
    if one.audience.team in mine:
        return 1
    return 3 if one.audience.clients or one.audience.team else 2


def _why(one: Published, client: str, mine: dict[int, str]) -> str:
    if is_for(one.audience, client):
        return f"it is for {' '.join(client.split())}"
    if one.audience.team in mine:
        return f"it is for the team {mine[one.audience.team]}"
    return "" if one.audience.clients or one.audience.team else "it is for all notes of this kind"


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
