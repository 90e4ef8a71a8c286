"""Leads adapt a template to a client or a team: drafts, publishing, versions. Every call takes the acting person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kb import kept_drafts, private_data
from kb.access import Ability, RuleError, require, require_space
from kb.handover import adapting
from kb.handover.definition import Definition, definition_of, from_json, to_json
from kb.handover.template_rules import Problem, problems
from kb.handover.template_words import changes
from kb.handover.template_writings import template_pieces
from kb.handover.templates import template_of
from kb.handover.text import MAX_LINE
from kb.kept_drafts import Kept, new_key, times_of
from kb.models import Person
from kb.note_templates import is_for
from kb.pages import STANDARD_SPACES, PageNotFound, ensure_space
from kb.store import access, audit, drafts, teams, templates
from kb.store.db import Connection, Store
from kb.store.templates import Audience, Published

FORM = "template"
MAX_CLIENTS = 50  # that one template is for
SPACE = STANDARD_SPACES[2]  # where notes live unless the writer chooses another space


class TemplateError(RuleError):
    """A template cannot be published like this; the message says why and what to do."""


class TemplateNotReady(TemplateError):
    """A template breaks a rule; ``problems`` says where, in reading order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("Not published yet. " + " ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class StaleTemplate(TemplateError):
    """Somebody published the template meanwhile. Nothing is lost: the draft is kept, ``current`` is theirs."""

    def __init__(self, current: Published) -> None:
        super().__init__(
            f"{current.author.name} published version {current.number} of this template while you were changing it. "
            "Your changes are kept as a draft: compare both and decide."
        )
        self.current = current


class TemplateNotFound(PageNotFound):
    """There is no such template that the person may see."""


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """An adaptation that is being written. ``base``: the version it began with; 0 like ``adaptation`` for a new one."""

    key: str
    definition: Definition
    adaptation: int = 0
    base: int = 0
    space: str = SPACE
    clients: tuple[str, ...] = ()
    team: int | None = None
    times: int = 0  # how often it was kept; 0: not kept
    kept_at: datetime | None = None


def new_adaptation(key: str) -> TemplateDraft:
    """The draft that an adaptation of a shipped template begins with. Not kept yet.

    :raises KeyError: when there is no such template.
    """
    shipped = template_of(key)
    definition = replace(definition_of(shipped), name=f"{shipped.name} (adapted)")
    return TemplateDraft(new_key(), definition)


def draft_of(published: Published) -> TemplateDraft:
    """The draft that the next version begins with. Not kept yet."""
    audience = published.audience
    return TemplateDraft(
        new_key(), published.definition, published.adaptation, published.version, audience.space.name,
        audience.clients, audience.team,
    )  # fmt: skip


def on_top_of(draft: TemplateDraft, current: Published) -> TemplateDraft:
    """The draft as the version after ``current``: what that one added stays, hidden."""
    return replace(draft, definition=adapting.taken_up(draft.definition, current.definition), base=current.version)


# ---- drafts -------------------------------------------------------------------------------------------------------


def keep_template_draft(store: Store, actor: Person, draft: TemplateDraft) -> TemplateDraft:
    """Keep the draft as it is now.

    :return: the draft with the moment when it was kept. It has a new key when another window changed, published or
        discarded the draft meanwhile: neither text replaces the other.
    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.atomic() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        kept = kept_drafts.keep(db, actor, _kept(draft), _content(draft), blank=False)
    return replace(draft, key=kept.key, times=kept.times, kept_at=kept.at)


def find_template_draft(store: Store, actor: Person, key: str) -> TemplateDraft | None:
    """The person's draft under this key, if it is kept.

    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.reading() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        found = drafts.get(db, actor, FORM, key)
    return _draft(found) if found else None


def my_template_drafts(store: Store, actor: Person) -> list[TemplateDraft]:
    """The person's drafts, the latest first.

    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.reading() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        return [_draft(found) for found in drafts.all_of(db, actor, FORM)]


def drop_template_draft(store: Store, actor: Person, key: str) -> None:
    """Forget a draft of the person.

    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.atomic() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        drafts.drop(db, actor, FORM, key)


# ---- reading ------------------------------------------------------------------------------------------------------


def adapted_templates(store: Store, viewer: Person) -> list[Published]:
    """The newest version of every adaptation whose space ``viewer`` sees, the last published first.

    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.reading() as db:
        require(db, viewer, Ability.ADAPT_TEMPLATES)
        return templates.newest(db, viewer)


def template_versions(store: Store, viewer: Person, adaptation: int) -> list[Published]:
    """The versions of an adaptation, the newest first.

    :raises NotAllowed: when the person may not adapt templates.
    :raises TemplateNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        require(db, viewer, Ability.ADAPT_TEMPLATES)
        found = _history(db, viewer, adaptation)
        # An earlier version may have been for clients of a space that the viewer does not see.
        return [one for one in found if access.sees_space(db, viewer, one.audience.space.id)]


def problems_of(store: Store, viewer: Person, draft: TemplateDraft) -> list[Problem]:
    """What has to be changed before the draft can be published.

    :raises NotAllowed: when the person may not adapt templates.
    """
    with store.reading() as db:
        require(db, viewer, Ability.ADAPT_TEMPLATES)
        return _problems(db, viewer, draft)


def changes_of(draft: TemplateDraft, base: Published | None) -> list[str]:
    """What publishing the draft would change, in words; against the shipped template where it is a new one."""
    before = base.definition if base else adapting.shipped_definition(draft.definition)
    return changes(before, adapting.tidied(draft.definition))


# ---- publishing ---------------------------------------------------------------------------------------------------


def publish_template(store: Store, actor: Person, draft: TemplateDraft, *, private_reason: str = "") -> Published:
    """Publish the draft as the next version: notes begin with it from now on, earlier notes keep theirs.

    :param private_reason: why personal data or a secret in it has to stay. It is among what the version changed.
    :raises PrivateDataFound: when it holds such data that the version before has not, and no reason was given.
    :raises NotAllowed: when the person may not adapt templates, or not see the space.
    :raises DraftGone: when another window changed, published or discarded the draft since it was kept.
    :raises StaleTemplate: when somebody published a version since the draft began.
    :raises TemplateNotReady: when a rule is broken.
    :raises TemplateError: when it is for a client that has another template, or nothing was changed.
    """
    draft = replace(draft, definition=adapting.tidied(draft.definition), clients=_tidy_clients(draft.clients))
    examined = private_data.examine(store, template_pieces(draft.definition, draft.clients), private_reason)
    known = _private_before(store, actor, draft) if examined.found else frozenset()
    space = ensure_space(store, actor, draft.space)
    with store.atomic() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        require_space(db, actor, space)
        before = _history(db, actor, draft.adaptation)[0] if draft.adaptation else None
        if before and before.version != draft.base:
            raise StaleTemplate(before)
        if found := _problems(db, actor, draft):
            raise TemplateNotReady(found)
        audience = Audience(space, draft.clients, draft.team)
        told = _told(draft, before, audience)
        if before and not before.retired and not told:
            raise TemplateError(f"Nothing was changed: version {before.number} says the same.")
        if before and before.retired:
            told = ["It is offered again.", *told]
        kept = examined.new(known)
        if kept:
            told.append(f"It keeps {private_data.listed(kept)}: {examined.reason}")
        version = templates.add(db, actor, draft.definition, audience, tuple(told), before)
        if kept:
            audit.record(
                db, actor, "private_data.kept", "template", version, private_data.listed(kept, private_data.NAMED)
            )
        audit.record(
            db, actor, "template.published", "template", version, f"version {before.number + 1 if before else 1}"
        )
        kept_drafts.end(db, actor, _kept(draft))
        return templates.versions(db, before.adaptation if before else version)[0]


def _private_before(store: Store, actor: Person, draft: TemplateDraft) -> frozenset[str]:
    """The fingerprints of what is private in the version that the draft began with."""
    with store.reading() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        found = _history(db, actor, draft.adaptation) if draft.adaptation else []
    pieces = [
        piece
        for one in found
        if one.version == draft.base
        for piece in template_pieces(one.definition, one.audience.clients)
    ]
    return frozenset(one.fingerprint for one in private_data.look(store, pieces))


def retire_template(store: Store, actor: Person, published: Published) -> Published:
    """Take an adaptation out of use: it is no longer offered. Notes that were written with it stay as they are.

    :raises NotAllowed: when the person may not adapt templates.
    :raises TemplateNotFound: when there is none that they may see.
    :raises StaleTemplate: when somebody published a version since it was read.
    """
    with store.atomic() as db:
        require(db, actor, Ability.ADAPT_TEMPLATES)
        current = _history(db, actor, published.adaptation)[0]
        if current.version != published.version:
            raise StaleTemplate(current)
        if current.retired:
            return current
        version = templates.add(
            db, actor, current.definition, current.audience, ("It is no longer offered.",), current, retired=True
        )
        audit.record(db, actor, "template.retired", "template", version, f"version {current.number + 1}")
        return templates.versions(db, current.adaptation)[0]


def _history(db: Connection, viewer: Person, adaptation: int) -> list[Published]:
    found = templates.versions(db, adaptation)
    if not found or not access.sees_space(db, viewer, found[0].audience.space.id):
        raise TemplateNotFound("There is no such template, or it is not shared with you.")
    return found


def _problems(db: Connection, viewer: Person, draft: TemplateDraft) -> list[Problem]:
    definition, clients = adapting.tidied(draft.definition), _tidy_clients(draft.clients)
    earlier = [adapting.shipped_definition(definition)]
    if draft.adaptation:
        earlier.append(_history(db, viewer, draft.adaptation)[0].definition)
    found = problems(definition, earlier)
    if clients and draft.team is not None:
        found.append(Problem("", "A template is for clients or for a team, not for both."))
    if len(clients) > MAX_CLIENTS:
        found.append(Problem("", f"A template is for at most {MAX_CLIENTS} clients."))
    found += [
        Problem("", f"The client “{client[:40]}…” has a long name: shorten it to {MAX_LINE} characters.")
        for client in clients
        if len(client) > MAX_LINE
    ]
    if draft.team is not None and teams.by_id(db, draft.team) is None:
        found.append(Problem("", "The team was removed meanwhile. Choose for whom the template is."))
    others = [
        other for other in templates.newest(db, viewer, definition.key)
        if other.adaptation != draft.adaptation and not other.retired
    ]  # fmt: skip
    names = {template_of(definition.key).name.casefold(), *(other.definition.name.casefold() for other in others)}
    if definition.name.casefold() in names:
        found.append(Problem("", f"Another template is called “{definition.name}”. Give this one a name of its own."))
    for other in others:
        if taken := _taken(other.audience, clients, draft.team):
            found.append(
                Problem("", f"“{other.definition.name}” is for {taken} already. Change that one, or choose others.")
            )
    return found


def _taken(audience: Audience, clients: Sequence[str], team: int | None) -> str:
    """For whom both templates would be; "" when for nobody."""
    if clients:
        return ", ".join(client for client in clients if is_for(audience, client))
    if team is not None:
        return "this team" if audience.team == team else ""
    return "" if audience.clients or audience.team is not None else "all notes of this kind"


def _told(draft: TemplateDraft, before: Published | None, audience: Audience) -> list[str]:
    told = changes_of(draft, before)
    if before and (before.audience.clients, before.audience.team) != (audience.clients, audience.team):
        told.append("It is for others now.")
    if before and before.audience.space != audience.space:
        told.append("It is in another space now.")
    if before and before.definition.shipped != draft.definition.shipped:
        told.append("It was compared with the newest shipped template.")
    return told


def _tidy_clients(clients: Sequence[str]) -> tuple[str, ...]:
    lines = (" ".join(client.encode("utf-8", "replace").decode().replace("\x00", "").split()) for client in clients)
    return tuple({line.casefold(): line for line in lines if line}.values())


def _kept(draft: TemplateDraft) -> Kept:
    return Kept(FORM, draft.key, draft.times, draft.kept_at)


def _content(draft: TemplateDraft) -> dict[str, Any]:
    return {
        "definition": to_json(draft.definition),
        "adaptation": draft.adaptation,
        "base": draft.base,
        "space": draft.space,
        "clients": draft.clients,
        "team": draft.team,
    }


def _draft(stored: drafts.Draft) -> TemplateDraft:
    content: Mapping[str, Any] = stored.content
    return TemplateDraft(
        stored.key, from_json(content["definition"]), content["adaptation"], content["base"], content["space"],
        tuple(content["clients"]), content["team"], times_of(stored), stored.saved_at,
    )  # fmt: skip
