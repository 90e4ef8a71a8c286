"""Who may do what: every public function of the service layer, how it is called, and what comes of it.

A line's rule tells the outcome for each role and each kind of space; its call tells whether the secret page, note or
space showed, or was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from kb import (
    access,
    action_lists,
    actions,
    agenda,
    audit_log,
    calendar_feed,
    carrying,
    clarity_check,
    company_accounts,
    deadlines,
    drafts,
    focus,
    gaps,
    guide_pages,
    guide_reading,
    handover_drafts,
    handovers,
    imports,
    invitations,
    my_day,
    note_endings,
    note_export,
    note_measures,
    note_pages,
    note_receiver,
    note_steps,
    note_templates,
    ownership,
    page_moves,
    pages,
    passages,
    people,
    profiles,
    questions,
    read_back_advice,
    read_backs,
    recall,
    relay,
    sessions,
    sharing,
    space_choice,
    status,
    teams,
    template_adapting,
    uploads,
)
from kb.handover.actions import ActionFilter
from kb.handover.how_to import Task
from kb.handover.models import NoteFilter, Part, Party, PartyId, Step
from kb.models import Absence, OriginCause, Profile, Role, SpaceKind
from kb.pages import PageText
from kb.search import Retriever
from kb.settings import Settings
from kb.space_choice import SpaceChoice
from kb.store import templates
from kb.store.audit import AuditFilter
from kb.store.people import LOCAL, SYSTEM
from kb.store.templates import Audience, Published
from kb.uploads import Upload
from tests.conftest import WordEmbedder
from tests.unit.permission_world import (
    GUIDE,
    NOTE,
    SECRET,
    SUMMARY,
    Kind,
    Who,
    World,
    action,
    asked,
    came_of_note,
    closed,
    done_action,
    first_passage,
    given_read_back,
    hall,
    linked,
    named,
    origin,
    owned_by_actor,
    ready_text,
    solved_note,
    task_of_note,
    task_text,
    trashed,
)


class Outcome(StrEnum):
    """What comes of a call."""

    DONE = "done"  # or shown
    NOTHING = "nothing"  # an empty result, as if there were no such thing
    NOT_ALLOWED = "NotAllowed"
    NOT_FOUND = "PageNotFound"
    REFUSED = "another refusal"


DONE, NOTHING, NOT_ALLOWED, NOT_FOUND = Outcome.DONE, Outcome.NOTHING, Outcome.NOT_ALLOWED, Outcome.NOT_FOUND
READER, AUTHOR, LEAD, ADMINISTRATOR = (list(Role).index(role) for role in list(Role)[:4])
SYSTEM_RANK = len(Role) - 1

Rule = Callable[[Who, Kind], Outcome]
Call = Callable[[World], object]


@dataclass(frozen=True)
class Line:
    """One function. ``call`` gives something false where nothing showed."""

    function: Callable[..., object]
    rule: Rule
    call: Call


def sees(who: Who, kind: Kind) -> bool:
    """Whether somebody may see the space: the rule itself, once more and in other words."""
    if who is Who.DISABLED:
        return False
    if kind is Kind.OPEN or kind.shared or who is Who.SYSTEM:
        return True
    return kind is Kind.RESTRICTED and who is Who.ADMINISTRATOR


def shown(who: Who, kind: Kind) -> Outcome:
    """Lists and searches: what may not be seen is not there."""
    return DONE if sees(who, kind) else NOTHING


def read(who: Who, kind: Kind) -> Outcome:
    """One page or note: what may not be seen does not exist."""
    return DONE if sees(who, kind) else NOT_FOUND


def least(rank: int) -> Rule:
    """From a role on, whatever the space."""
    return lambda who, kind: DONE if who.rank >= rank else NOT_ALLOWED


def shown_from(rank: int) -> Rule:
    """Offers: to those who see it and have the role."""
    return lambda who, kind: DONE if who.rank >= rank and sees(who, kind) else NOTHING


def role_first(rank: int, unseen: Outcome = NOT_FOUND) -> Rule:
    """Writing: the role, then the sight of it."""
    return lambda who, kind: NOT_ALLOWED if who.rank < rank else DONE if sees(who, kind) else unseen


def sight_first(rank: int, unseen: Outcome = NOT_FOUND) -> Rule:
    """Managing: nobody hears of a missing role for what they may not see."""
    return lambda who, kind: unseen if not sees(who, kind) else DONE if who.rank >= rank else NOT_ALLOWED


def private_from(rank: int) -> Rule:
    """What is private to another person, of what a role may do."""
    return lambda who, kind: NOTHING if who.rank >= rank else NOT_ALLOWED


def nobody(who: Who, kind: Kind) -> Outcome:
    """What is private to another person."""
    return NOTHING


def existing_space(who: Who, kind: Kind) -> Outcome:
    """A space by its name: who may not make one is told the same as of a new name."""
    if who.rank < AUTHOR or (not sees(who, kind) and who.rank < LEAD):
        return NOT_ALLOWED
    return DONE if sees(who, kind) else Outcome.REFUSED


def _draft(w: World) -> drafts.Draft:
    return drafts.keep_draft(w.store, LOCAL, drafts.Draft("key", PageText("Mine", "zebrafish"), SpaceChoice("Vault")))


def _note_draft(w: World) -> handover_drafts.NoteDraft:
    return handover_drafts.keep_draft(
        w.store, LOCAL, handover_drafts.NoteDraft("key", ready_text(), SpaceChoice("Vault"))
    )


def _file(w: World) -> object:
    path = w.folder / "page.md"
    path.write_text("# Fresh\n\nText.")
    return imports.import_documents(w.store, w.indexer, w.actor, path, SpaceChoice.named("Vault")).added


def _saved_draft(w: World) -> object:
    draft = replace(drafts.edit_draft(w.secret), text=PageText("The secret", "Rewritten."))
    try:
        return drafts.save_draft(w.store, w.indexer, w.actor, draft)
    except drafts.PageGone as error:
        raise pages.PageNotFound from error


def _saved_note_draft(w: World) -> object:
    note = owned_by_actor(w)
    return handover_drafts.save_draft(
        w.store, w.indexer, w.actor, handover_drafts.edit_draft(note), submit=True
    ).page.slug


class _Model:
    ready, failure = True, None

    def __init__(self, world: World) -> None:
        self.spec = world.indexer.embedder.spec  # type: ignore[union-attr]


def _slugs(found: object) -> set[str]:
    return {page.slug for page in found}  # type: ignore[attr-defined]


def _described(found: list[gaps.Described]) -> set[str | None]:
    return {one.page.slug for one in found if one.page}


def _status(w: World) -> object:
    return status.index_status(w.store, Settings(data=w.folder), _Model(w), w.actor)


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=5)


def _tomorrow() -> date:
    return date.today() + timedelta(days=1)


def _these_days() -> note_measures.MeasureFilter:
    day = timedelta(days=1)
    return note_measures.MeasureFilter(datetime.now(UTC) - day, datetime.now(UTC) + day)


def _given_away(w: World) -> object:
    owned = [ownership.OwnedPage.of(w.secret)]
    others = [one for one in ownership.possible_owners(w.store, SYSTEM, owned) if one != LOCAL]
    return ownership.reassign(w.store, w.actor, owned, others[0] if others else w.other)


def gives_away(who: Who, kind: Kind) -> Outcome:
    """Pages of others: the role, the sight of it, and somebody to have it."""
    if who.rank < AUTHOR or (sees(who, kind) and who.rank < LEAD):
        return NOT_ALLOWED
    return DONE if sees(who, kind) and kind is not Kind.CONFIDENTIAL else Outcome.REFUSED


def _spaces_of_team(w: World) -> object:
    with w.store.atomic() as db:
        db.execute("INSERT INTO space_members(space_id, team_id) VALUES (?, ?)", [w.space.id, w.team.id])
    return teams.spaces_shared_with(w.store, w.actor, w.team)


def _named(w: World) -> object:
    entries, _ = audit_log.find_entries(w.store, SYSTEM, AuditFilter())
    return ("page", w.secret.id) in audit_log.subject_names(w.store, w.actor, entries)


def existing_template(who: Who, kind: Kind) -> Outcome:
    """Its space is asked for by name: whoever may not write hears that first."""
    if who.rank < LEAD:
        return NOT_ALLOWED
    return DONE if sees(who, kind) else Outcome.REFUSED


def _published(w: World) -> Published:
    """An adapted template in the space."""
    definition = template_adapting.new_adaptation("shift").definition
    with w.store.atomic() as db:
        version = templates.add(db, LOCAL, definition, Audience(w.space, ("Initech",)), (), None)
        return templates.versions(db, version)[0]


def _template_draft(w: World) -> template_adapting.TemplateDraft:
    return template_adapting.keep_template_draft(w.store, LOCAL, template_adapting.new_adaptation("shift"))


def _next_version(w: World) -> object:
    draft = template_adapting.draft_of(_published(w))
    definition = replace(draft.definition, name="Another name")
    return template_adapting.publish_template(w.store, w.actor, replace(draft, definition=definition))


def _newer(w: World) -> object:
    first = _published(w)
    with w.store.atomic() as db:
        templates.add(db, LOCAL, replace(first.definition, name="B"), first.audience, (), first)
    return note_templates.newer_template(w.store, w.actor, "shift", first.version)


PAGES = [
    Line(pages.create_page, role_first(AUTHOR, NOT_ALLOWED),
         lambda w: pages.create_page(w.store, w.indexer, w.actor, w.space, PageText("New", ""))),
    Line(pages.edit_page, role_first(AUTHOR),
         lambda w: pages.edit_page(w.store, w.indexer, w.actor, w.secret, PageText("The secret", "Other."))),
    Line(pages.restore_revision, sight_first(AUTHOR),
         lambda w: pages.restore_revision(w.store, w.indexer, w.actor, w.secret, 1)),
    Line(pages.trash_page, sight_first(LEAD), lambda w: [pages.trash_page(w.store, w.actor, w.secret)]),
    Line(page_moves.move_page, sight_first(LEAD),
         lambda w: page_moves.move_page(w.store, w.actor, w.secret, hall(w)).space == hall(w)),
    Line(page_moves.spaces_to_move_to, shown,
         lambda w: w.space in page_moves.spaces_to_move_to(w.store, w.actor, replace(w.secret, space=hall(w)))),
    Line(pages.restore_from_trash, sight_first(LEAD),
         lambda w: pages.restore_from_trash(w.store, w.indexer, w.actor, trashed(w))),
    Line(pages.read_page, read, lambda w: pages.read_page(w.store, w.actor, SECRET)),
    Line(pages.history, read, lambda w: pages.history(w.store, w.actor, w.secret)),
    Line(pages.history, lambda who, kind: DONE if who.rank >= LEAD and sees(who, kind) else NOT_FOUND,
         lambda w: pages.history(w.store, w.actor, trashed(w))),
    Line(pages.recently_updated, shown, lambda w: SECRET in _slugs(pages.recently_updated(w.store, w.actor))),
    Line(pages.trashed_pages, shown_from(LEAD),
         lambda w: trashed(w) and SECRET in _slugs(pages.trashed_pages(w.store, w.actor))),
    Line(pages.manages_page, shown_from(LEAD), lambda w: pages.manages_page(w.store, w.actor, w.secret)),
    Line(pages.backlinks, shown, lambda w: SECRET in _slugs(
        pages.backlinks(w.store, w.actor, pages.read_page(w.store, LOCAL, "lobby")))),
    Line(pages.tags_in_use, shown, lambda w: "vault-tag" in pages.tags_in_use(w.store, w.actor)),
    Line(pages.all_spaces, shown, lambda w: w.space.slug in _slugs(pages.all_spaces(w.store, w.actor))),
    Line(pages.ensure_space, existing_space, lambda w: pages.ensure_space(w.store, w.actor, "vault")),
    Line(pages.ensure_space, least(LEAD), lambda w: pages.ensure_space(w.store, w.actor, "Brand new")),
    Line(pages.resolve_links, shown, lambda w: pages.resolve_links(w.store, w.actor, "[[secret]]")["secret"].slug),
    Line(passages.passage_lines, shown, lambda w: passages.passage_lines(
        w.store, w.actor, w.secret, first_passage(w))),
]  # fmt: skip
DRAFTS = [
    Line(drafts.new_draft, least(AUTHOR), lambda w: drafts.new_draft(w.store, w.actor)),
    Line(drafts.usual_space, shown, lambda w: drafts.usual_space(w.store, w.actor).name == "Vault"),
    Line(drafts.keep_draft, least(AUTHOR),
         lambda w: drafts.keep_draft(w.store, w.actor, drafts.Draft("k", PageText("T", "b"), SpaceChoice("Vault")))),
    Line(drafts.find_draft, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: drafts.find_draft(w.store, w.actor, _draft(w).key)),
    Line(drafts.unfinished_drafts, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: _draft(w) and drafts.unfinished_drafts(w.store, w.actor)),
    # Nobody drops another person's draft; it is told to be dropped, since theirs is not there.
    Line(drafts.drop_draft, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: drafts.drop_draft(w.store, w.actor, _draft(w)) or not drafts.find_draft(w.store, LOCAL, "key")),
    Line(space_choice.chosen_space, role_first(AUTHOR, NOT_ALLOWED), lambda w: space_choice.chosen_space(
        w.store, w.actor, SpaceChoice.of(w.space))),
    Line(drafts.save_draft, role_first(AUTHOR), _saved_draft),
    Line(drafts.as_new_page, least(AUTHOR),
         lambda w: drafts.as_new_page(w.store, w.actor, drafts.edit_draft(w.secret))),
    Line(handover_drafts.keep_draft, least(AUTHOR), lambda w: handover_drafts.keep_draft(
        w.store, w.actor, handover_drafts.NoteDraft("k", ready_text()))),
    Line(handover_drafts.find_draft, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: handover_drafts.find_draft(w.store, w.actor, _note_draft(w).key)),
    Line(handover_drafts.unfinished_drafts, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: _note_draft(w) and handover_drafts.unfinished_drafts(w.store, w.actor)),
    Line(handover_drafts.drop_draft, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: handover_drafts.drop_draft(w.store, w.actor, _note_draft(w))
         or not handover_drafts.find_draft(w.store, LOCAL, "key")),
    Line(handover_drafts.as_new_note, least(AUTHOR), lambda w: handover_drafts.as_new_note(
        w.store, w.actor, handover_drafts.edit_draft(w.note))),
    Line(note_steps.begun_by, read, lambda w: note_steps.begun_by(w.store, w.actor, w.note)),
    Line(handover_drafts.replaceable, shown_from(AUTHOR), lambda w: handover_drafts.replaceable(
        w.store, w.actor, handover_drafts.NoteDraft("k", w.note.text, follows=w.note.page.slug))),
    Line(handover_drafts.kept_replacing, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: handover_drafts.kept_replacing(w.store, w.actor, w.note).follows),
    Line(handover_drafts.replaced_by, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: handover_drafts.replaced_by(w.store, w.actor, w.note)),
    Line(handover_drafts.save_draft, role_first(AUTHOR), _saved_note_draft),
]  # fmt: skip
NOTES = [
    Line(handovers.save_note, role_first(AUTHOR, NOT_ALLOWED),
         lambda w: handovers.save_note(w.store, w.indexer, w.actor, ready_text(), w.space)),
    Line(handovers.submit_note, role_first(AUTHOR, NOT_ALLOWED),
         lambda w: handovers.submit_note(w.store, w.indexer, w.actor, ready_text(), w.space)),
    Line(handovers.read_note, read, lambda w: handovers.read_note(w.store, w.actor, NOTE)),
    Line(handovers.find_notes, shown, lambda w: handovers.find_notes(w.store, w.actor, NoteFilter())[1]),
    Line(handovers.note_clients, shown, lambda w: handovers.note_clients(w.store, w.actor)),
    Line(handovers.last_note, shown, lambda w: handovers.last_note(w.store, w.actor, "shift", "Initech")),
    Line(note_export.export_note, read, lambda w: note_export.export_note(
        w.store, w.actor, w.note, note_export.Form.MARKDOWN).content),
    Line(note_measures.measured_notes, lambda who, kind: NOT_ALLOWED if who.rank < LEAD else shown(who, kind),
         lambda w: note_measures.measured_notes(w.store, w.actor, _these_days())),
    Line(note_measures.export_measures, lambda who, kind: NOT_ALLOWED if who.rank < LEAD else shown(who, kind),
         lambda w: "Initech" in note_measures.export_measures(w.store, w.actor, _these_days())),
    Line(handovers.linkable_pages, shown, lambda w: SECRET in handovers.linkable_pages(w.store, w.actor)),
]  # fmt: skip
ACTIONS = [
    Line(action_lists.open_actions, shown, lambda w: action_lists.open_actions(
        w.store, w.actor, ActionFilter(), {}).total),
    Line(action_lists.action_choices, shown, lambda w: any(action_lists.action_choices(w.store, w.actor))),
    Line(action_lists.done_actions, shown, lambda w: action_lists.done_actions(
        w.store, w.actor, ActionFilter(), 9)[1] if done_action(w) else None),
    Line(action_lists.find_action, read, lambda w: action_lists.find_action(w.store, w.actor, origin(w))),
    Line(action_lists.action_events, read, lambda w: [action_lists.action_events(w.store, w.actor, origin(w))]),
    Line(actions.mark_done, sight_first(AUTHOR), lambda w: actions.mark_done(w.store, w.actor, action(w))),
    Line(actions.mark_done, sight_first(READER),
         lambda w: named(w, Part.RECEIVER) and actions.mark_done(w.store, w.actor, action(w))),
    # Where the receiver sees the note, it is between the two sides; else whoever writes helps out.
    Line(actions.mark_done, lambda who, kind: sight_first(LEAD if kind is Kind.OPEN else AUTHOR)(who, kind),
         lambda w: named(w, Part.RECEIVER, w.other) and actions.mark_done(w.store, w.actor, action(w))),
    Line(actions.reopen, sight_first(AUTHOR), lambda w: actions.reopen(w.store, w.actor, done_action(w))),
    Line(actions.say_fix, sight_first(AUTHOR), lambda w: actions.say_fix(w.store, w.actor, done_action(w), "so")),
    Line(actions.reassign, sight_first(AUTHOR),
         lambda w: actions.reassign(w.store, w.actor, action(w), Party("Somebody"))),
    Line(actions.set_due, sight_first(AUTHOR), lambda w: actions.set_due(w.store, w.actor, action(w), None)),
    Line(carrying.carried_items, read, lambda w: carrying.carried_items(w.store, w.actor, w.note)),
    Line(carrying.item_lives, read, lambda w: carrying.item_lives(w.store, w.actor, w.note)),
    Line(carrying.item_ages, shown, lambda w: carrying.item_ages(w.store, w.actor, [origin(w)])),
    Line(focus.finish_round, least(READER), lambda w: focus.finish_round(w.store, w.actor, "1")),
    Line(focus.rounds_today, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: focus.finish_round(w.store, LOCAL, "1") and focus.rounds_today(w.store, w.actor)),
]  # fmt: skip


TEMPLATES = [
    Line(note_templates.offered, shown_from(AUTHOR),
         lambda w: _published(w) and len(note_templates.offered(w.store, w.actor, "shift", "initech")) == 2),
    Line(note_templates.newer_template, shown, _newer),
    Line(template_adapting.keep_template_draft, least(LEAD), lambda w: template_adapting.keep_template_draft(
        w.store, w.actor, template_adapting.new_adaptation("role"))),
    Line(template_adapting.find_template_draft, private_from(LEAD),
         lambda w: template_adapting.find_template_draft(w.store, w.actor, _template_draft(w).key)),
    Line(template_adapting.my_template_drafts, private_from(LEAD),
         lambda w: _template_draft(w) and template_adapting.my_template_drafts(w.store, w.actor)),
    Line(template_adapting.drop_template_draft, private_from(LEAD),
         lambda w: template_adapting.drop_template_draft(w.store, w.actor, _template_draft(w).key)
         or not template_adapting.my_template_drafts(w.store, LOCAL)),
    Line(template_adapting.adapted_templates, lambda who, kind: shown(who, kind) if who.rank >= LEAD else NOT_ALLOWED,
         lambda w: _published(w) and template_adapting.adapted_templates(w.store, w.actor)),
    Line(template_adapting.template_versions, role_first(LEAD),
         lambda w: template_adapting.template_versions(w.store, w.actor, _published(w).adaptation)),
    Line(template_adapting.problems_of, role_first(LEAD),
         lambda w: not template_adapting.problems_of(w.store, w.actor, template_adapting.draft_of(_published(w)))),
    Line(template_adapting.publish_template, least(LEAD), lambda w: template_adapting.publish_template(
        w.store, w.actor, template_adapting.new_adaptation("role"))),
    Line(template_adapting.publish_template, existing_template, _next_version),
    Line(template_adapting.retire_template, role_first(LEAD),
         lambda w: template_adapting.retire_template(w.store, w.actor, _published(w))),
]  # fmt: skip
# Nobody who can sign in is named in the note, but where a line says so: then by the actor.
LIFE = [
    Line(note_steps.possible_steps, shown_from(AUTHOR),
         lambda w: note_steps.possible_steps(w.store, w.actor, w.note)),
    Line(note_steps.possible_steps, shown_from(READER),
         lambda w: Step.READ_BACK in note_steps.possible_steps(w.store, w.actor, named(w, Part.RECEIVER))),
    Line(note_steps.may_step, shown_from(AUTHOR),
         lambda w: note_steps.may_step(w.store, w.actor, w.note, Step.CLOSE)),
    Line(note_steps.note_standing, read, lambda w: note_steps.note_standing(w.store, w.actor, w.note)),
    Line(note_steps.note_events, read, lambda w: note_steps.note_events(w.store, w.actor, w.note)),
    # Nobody but the lead whom an overdue note came to: see test_note_receiver.
    Line(note_receiver.name_receiver, sight_first(SYSTEM_RANK + 1),
         lambda w: note_receiver.name_receiver(w.store, w.indexer, w.actor, w.note, Party("local", PartyId(LOCAL.id)),
                                               datetime(2100, 1, 1, tzinfo=UTC), "why")),
    Line(note_endings.cancel_note, sight_first(LEAD),
         lambda w: note_endings.cancel_note(w.store, w.actor, w.note, "why")),
    Line(note_endings.cancel_note, sight_first(AUTHOR),
         lambda w: note_endings.cancel_note(w.store, w.actor, owned_by_actor(w), "why")),
    Line(note_endings.close_note, sight_first(AUTHOR), lambda w: note_endings.close_note(w.store, w.actor, w.note)),
    Line(note_endings.return_note, sight_first(SYSTEM_RANK + 1),
         lambda w: note_endings.return_note(w.store, w.actor, w.note, "why")),
    Line(note_endings.return_note, sight_first(READER),
         lambda w: note_endings.return_note(w.store, w.actor, named(w, Part.BACKUP), "why")),
    Line(note_endings.reopen_note, sight_first(LEAD),
         lambda w: note_endings.reopen_note(w.store, w.actor, closed(w), "why")),
    Line(questions.ask, sight_first(LEAD), lambda w: questions.ask(w.store, w.actor, w.note, "Why?")),
    Line(questions.ask, sight_first(READER),
         lambda w: questions.ask(w.store, w.actor, named(w, Part.RECEIVER), "Why?", blocking=True)),
    Line(questions.answer, sight_first(SYSTEM_RANK + 1), lambda w: questions.answer(w.store, w.actor, *asked(w))),
    Line(questions.answer, sight_first(READER),
         lambda w: questions.answer(w.store, w.actor, *asked(w, Part.SENDER))),
    Line(questions.note_threads, read, lambda w: [questions.note_threads(w.store, w.actor, w.note)]),
    Line(read_backs.read_back, sight_first(SYSTEM_RANK + 1),
         lambda w: read_backs.read_back(w.store, w.actor, w.note, SUMMARY, {0})),
    Line(read_backs.read_back, sight_first(READER),
         lambda w: read_backs.read_back(w.store, w.actor, named(w, Part.RECEIVER), SUMMARY, {0})),
    Line(read_backs.confirm, sight_first(SYSTEM_RANK + 1),
         lambda w: read_backs.confirm(w.store, w.actor, *given_read_back(w))),
    Line(read_backs.confirm, sight_first(READER),
         lambda w: read_backs.confirm(w.store, w.actor, *given_read_back(w, Part.SENDER))),
    Line(read_backs.decline, sight_first(SYSTEM_RANK + 1),
         lambda w: read_backs.decline(w.store, w.actor, *given_read_back(w), "Too short")),
    Line(read_backs.note_read_backs, read, lambda w: [read_backs.note_read_backs(w.store, w.actor, w.note)]),
    Line(read_backs.note_seals, read, lambda w: [read_backs.note_seals(w.store, w.actor, w.note)]),
    Line(read_backs.keep_read_back, read, lambda w: read_backs.keep_read_back(w.store, w.actor, w.note, SUMMARY, ())),
    Line(gaps.described_tasks, lambda who, kind: NOT_ALLOWED if who.rank < 0 else shown(who, kind),
         lambda w: SECRET in _described(
             gaps.described_tasks(w.store, w.retriever, w.actor, task_text()))),
    Line(recall.past_items, shown, lambda w: recall.past_items(
        w.store, w.retriever, w.actor, "Refund batch stuck").items),
    Line(clarity_check.note_remarks, least(READER),
         lambda w: [clarity_check.note_remarks(w.store, w.actor, task_text())]),
    Line(gaps.seen_again, shown, lambda w: SECRET in _described(gaps.seen_again(
        w.store, w.actor, gaps.described_tasks(w.store, w.retriever, SYSTEM, task_text())))),
    Line(note_pages.pages_of_note, read, lambda w: [note_pages.pages_of_note(w.store, w.actor, w.note)]),
    Line(note_pages.count_pages_from_notes, lambda who, kind: NOT_ALLOWED if who.rank < 0 else shown(who, kind),
         lambda w: came_of_note(w) and note_pages.count_pages_from_notes(w.store, w.actor)[OriginCause.SOLVED]),
    Line(note_pages.draft_solution, sight_first(AUTHOR),
         lambda w: note_pages.draft_solution(w.store, w.actor, *solved_note(w))),
    Line(note_pages.draft_how_to, sight_first(AUTHOR),
         lambda w: note_pages.draft_how_to(w.store, w.actor, w.note, task_of_note(w))),
    Line(note_pages.draft_unsaved_how_to, least(AUTHOR),
         lambda w: note_pages.draft_unsaved_how_to(w.store, w.actor, Task("items", "Feed the lions"))),
    Line(read_back_advice.check_summary, read, lambda w: read_back_advice.check_summary(
        w.store, WordEmbedder(), w.actor, w.note, SUMMARY)),
    Line(read_back_advice.read_back_coverage, read, lambda w: read_back_advice.read_back_coverage(
        w.store, WordEmbedder(), w.actor, *given_read_back(w))),
    Line(read_backs.last_kept_summary, read, lambda w: [read_backs.last_kept_summary(w.store, w.actor, w.note)]),
    Line(read_backs.kept_read_back, read, lambda w: [read_backs.kept_read_back(w.store, w.actor, w.note)]),
]  # fmt: skip
TIME = [
    Line(my_day.my_day, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: my_day.my_day(w.store, named(w, Part.RECEIVER) and w.actor, _soon()).waiting),
    Line(my_day.waiting_for, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: my_day.waiting_for(w.store, named(w, Part.RECEIVER) and w.actor, _soon())),
    Line(my_day.awaited_by, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: my_day.awaited_by(
             w.store, named(w, Part.SENDER) and named(w, Part.RECEIVER, w.other) and w.actor, _soon())),
    Line(my_day.changes_for, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: my_day.changes_for(w.store, named(w, Part.LEAD) and w.actor, _soon())),
    Line(relay.relay, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: relay.relay(w.store, w.actor, _soon(), _soon() + timedelta(days=1), _soon()).lanes),
    Line(my_day.count_changes, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: my_day.count_changes(w.store, named(w, Part.LEAD) and w.actor, _soon())),
    Line(agenda.agenda, lambda who, kind: shown(who, kind) if who.rank >= 0 else NOT_ALLOWED,
         lambda w: agenda.agenda(w.store, named(w, Part.RECEIVER) and w.actor, _soon()).day.waiting),
    # Of a confidential note it says that there is one, and not which.
    Line(agenda.agenda, lambda who, kind: NOT_ALLOWED if who.rank < 0 else NOTHING if kind.space_kind is
         SpaceKind.CONFIDENTIAL else shown(who, kind),
         lambda w: NOTE in _slugs(agenda.agenda(w.store, named(w, Part.RECEIVER) and w.actor, _soon()).day.waiting)),
    Line(calendar_feed.make_address, least(READER),
         lambda w: calendar_feed.make_address(w.store, Settings(), w.actor)),
    Line(calendar_feed.remove_address, least(READER), lambda w: [calendar_feed.remove_address(w.store, w.actor)]),
    # Nobody hears of another person's calendar.
    Line(calendar_feed.my_address, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: calendar_feed.make_address(w.store, Settings(), w.other)
         and calendar_feed.my_address(w.store, w.actor)),
    # Nobody marks anything as seen for somebody else.
    Line(my_day.mark_seen, least(READER), lambda w: [my_day.mark_seen(w.store, w.actor, 1)]),
    Line(deadlines.deadline_advice, least(READER), lambda w: deadlines.deadline_advice(
        w.store, w.actor, replace(ready_text().header, receiver_id=PartyId(w.other.id)), "shift",
        w.note.page.created_at)),
]  # fmt: skip
GUIDES = [
    Line(guide_pages.load_guides, least(LEAD), lambda w: guide_pages.load_guides(w.store, w.indexer, w.actor, ()) == 0),
    Line(guide_pages.offer_for, shown_from(AUTHOR), lambda w: guide_pages.offer_for(w.store, w.actor, w.guide_page)),
    Line(guide_pages.take_offer, role_first(AUTHOR),
         lambda w: guide_pages.take_offer(w.store, w.indexer, w.actor, w.guide_page, w.guide)),
    Line(guide_pages.decline_offer, role_first(AUTHOR),
         lambda w: [guide_pages.decline_offer(w.store, w.actor, w.guide)]),
    Line(guide_reading.starting_pages, shown,
         lambda w: GUIDE in _slugs(guide_reading.starting_pages(w.store, w.actor))),
    Line(guide_reading.neighbours, shown, lambda w: guide_reading.neighbours(w.store, w.actor, w.guide_page)),
]  # fmt: skip
IMPORTS = [
    Line(imports.import_documents, existing_space, _file),
    Line(uploads.import_uploads, existing_space, lambda w: uploads.import_uploads(
        w.store, w.indexer, w.actor, [Upload("page.md", b"# Fresh")], SpaceChoice.named("Vault")).added),
    Line(status.index_status, least(LEAD), _status),
    # LOCAL's space holds four chunks, the hall one.
    Line(status.index_status, lambda who, kind: NOT_ALLOWED if who.rank < LEAD else shown(who, kind),
         lambda w: _status(w).chunks > 1),  # type: ignore[attr-defined]
]  # fmt: skip
SEARCH = [
    Line(Retriever.search, shown, lambda w: SECRET in {
        hit.page.slug for hit in w.retriever.search("zebrafish ledger", w.actor).results}),
    Line(Retriever.related, shown, lambda w: SECRET in _slugs(
        w.retriever.related(pages.read_page(w.store, LOCAL, "lobby"), w.actor))),
    Line(Retriever.related, shown, lambda w: w.retriever.related(w.secret, w.actor)),
    Line(Retriever.best_pages, shown, lambda w: SECRET in {
        hit.page.slug for hit in w.retriever.best_pages(["zebrafish ledger"], w.actor, top_k=5)[0].results}),
    # A response of somebody who saw more tells no more than it holds.
    Line(Retriever.with_nearest_sentences, shown, lambda w: SECRET in {
        hit.page.slug for hit in w.retriever.with_nearest_sentences(w.retriever.search("ledger", w.actor)).results}),
]  # fmt: skip
PEOPLE = [
    Line(access.abilities, lambda who, kind: DONE if who.rank >= 0 else NOTHING,
         lambda w: access.abilities(w.store, w.actor)),
    Line(access.why_not, lambda who, kind: NOTHING if who.rank >= LEAD else DONE,
         lambda w: access.why_not(w.store, w.actor, access.Ability.SEE_INDEX)),
    Line(people.all_accounts, least(ADMINISTRATOR), lambda w: people.all_accounts(w.store, w.actor)),
    Line(people.colleagues, least(READER), lambda w: people.colleagues(w.store, w.actor)),
    Line(people.my_account, lambda who, kind: Outcome.REFUSED if who is Who.SYSTEM else least(READER)(who, kind),
         lambda w: people.my_account(w.store, w.actor)),
    Line(people.find_account, least(ADMINISTRATOR),
         lambda w: people.find_account(w.store, w.actor, "other@example.com")),
    Line(people.invite, least(ADMINISTRATOR),
         lambda w: people.invite(w.store, w.actor, "Zoe", "zoe@example.com", Role.READER)),
    Line(people.new_link, least(ADMINISTRATOR), lambda w: people.new_link(w.store, w.actor, w.other.id)),
    Line(people.change_account, least(ADMINISTRATOR),
         lambda w: people.change_account(w.store, w.actor, w.other.id, "Another", "other@example.com")),
    Line(people.set_role, least(ADMINISTRATOR), lambda w: people.set_role(w.store, w.actor, w.other.id, Role.LEAD)),
    Line(people.disable, least(ADMINISTRATOR), lambda w: people.disable(w.store, w.actor, w.other.id)),
    Line(people.enable, least(ADMINISTRATOR), lambda w: people.enable(w.store, w.actor, w.other.id)),
    Line(people.sessions_ended, least(ADMINISTRATOR), lambda w: people.sessions_ended(w.store, w.actor, w.other.id)),
    Line(profiles.my_profile, least(READER), lambda w: profiles.my_profile(w.store, w.actor)),
    Line(profiles.colleague, least(READER), lambda w: profiles.colleague(w.store, w.actor, w.other.id)),
    Line(profiles.colleagues, least(READER), lambda w: profiles.colleagues(w.store, w.actor)),
    Line(profiles.may_edit, lambda who, kind: DONE if who.rank >= ADMINISTRATOR else NOTHING,
         lambda w: profiles.may_edit(w.store, w.actor, w.other.id)),
    Line(profiles.save_profile, least(ADMINISTRATOR),
         lambda w: profiles.save_profile(w.store, w.actor, w.other.id, Profile("Asia/Manila"))),
    Line(profiles.save_profile, lambda who, kind: Outcome.REFUSED if who is Who.SYSTEM else least(READER)(who, kind),
         lambda w: profiles.save_profile(w.store, w.actor, w.actor.id, Profile("Asia/Manila"))),
    Line(profiles.add_absence, least(ADMINISTRATOR),
         lambda w: profiles.add_absence(w.store, w.actor, w.other.id, _tomorrow(), _tomorrow())),
    Line(profiles.remove_absence, least(ADMINISTRATOR),
         lambda w: [profiles.remove_absence(w.store, w.actor, w.other.id, Absence(1, _tomorrow(), _tomorrow()))]),
    Line(teams.all_teams, least(READER), lambda w: teams.all_teams(w.store, w.actor)),
    Line(teams.my_teams, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: teams.my_teams(w.store, w.actor)),
    Line(teams.save_team, least(ADMINISTRATOR), lambda w: teams.save_team(w.store, w.actor, "Day", "", None, [])),
    Line(teams.remove_team, least(ADMINISTRATOR), lambda w: [teams.remove_team(w.store, w.actor, w.team)]),
    Line(teams.may_change, lambda who, kind: DONE if who.rank >= ADMINISTRATOR else NOTHING,
         lambda w: teams.may_change(w.store, w.actor, w.team)),
    Line(sharing.sharing_of, role_first(READER, NOT_ALLOWED), lambda w: sharing.sharing_of(w.store, w.actor, w.space)),
    Line(sharing.share_space, role_first(LEAD, NOT_ALLOWED),
         lambda w: sharing.share_space(w.store, w.actor, w.space, SpaceKind.OPEN, [], [])),
    Line(audit_log.find_entries, least(ADMINISTRATOR),
         lambda w: audit_log.find_entries(w.store, w.actor, AuditFilter())[0]),
    Line(audit_log.actions_in_log, least(ADMINISTRATOR), lambda w: audit_log.actions_in_log(w.store, w.actor)),
    Line(audit_log.export_csv, least(ADMINISTRATOR), lambda w: audit_log.export_csv(w.store, w.actor, AuditFilter())),
    Line(audit_log.subject_names, lambda who, kind: NOT_ALLOWED if who.rank < ADMINISTRATOR else shown(who, kind),
         _named),
    Line(invitations.invite, least(ADMINISTRATOR), lambda w: invitations.invite(
        w.store, Settings(), w.actor, "Zoe", "zoe@example.com", Role.READER)),
    Line(invitations.renew, least(ADMINISTRATOR),
         lambda w: invitations.renew(w.store, Settings(), w.actor, w.other.id)),
    Line(ownership.owned_by, role_first(READER, NOTHING),
         lambda w: SECRET in _slugs(ownership.owned_by(w.store, w.actor, LOCAL))),
    # LOCAL is an administrator, who sees no confidential space unless it is shared with them.
    Line(ownership.possible_owners,
         lambda who, kind: role_first(READER, NOTHING)(who, kind) if kind is not Kind.CONFIDENTIAL
         else NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: ownership.possible_owners(w.store, w.actor, [ownership.OwnedPage.of(w.secret)])),
    Line(ownership.reassign, gives_away, _given_away),
    Line(sharing.space_summaries, shown, lambda w: w.space.slug in {
        one.space.slug for one in sharing.space_summaries(w.store, w.actor)}),
    Line(sharing.make_space, least(LEAD),
         lambda w: sharing.make_space(w.store, w.actor, "Brand new", SpaceKind.OPEN, [], [])),
    Line(sharing.rename_space, role_first(LEAD, NOT_ALLOWED),
         lambda w: sharing.rename_space(w.store, w.actor, w.space, "Other")),
    Line(sharing.change_of_sharing, role_first(LEAD, NOT_ALLOWED),
         lambda w: sharing.change_of_sharing(w.store, w.actor, w.space, SpaceKind.OPEN, [], [])),
    Line(teams.leads_a_team, nobody, lambda w: teams.leads_a_team(w.store, w.actor)),
    Line(teams.spaces_shared_with,
         lambda who, kind: NOT_ALLOWED if who.rank < 0 else NOTHING if kind is Kind.OPEN else shown(who, kind),
         _spaces_of_team),
    Line(company_accounts.company_accounts, least(ADMINISTRATOR),
         lambda w: linked(w) in company_accounts.company_accounts(w.store, w.actor, w.other)),
    Line(company_accounts.unlink, least(ADMINISTRATOR),
         lambda w: [company_accounts.unlink(w.store, w.actor, w.other, linked(w))]),
    Line(sessions.sessions_of, least(ADMINISTRATOR), lambda w: sessions.sessions_of(w.store, w.actor, w.other)),
    # Of one's own account: another person's session is not there.
    Line(sessions.my_sessions, lambda who, kind: NOTHING if who is Who.SYSTEM else least(READER)(who, kind),
         lambda w: {s.person for s in sessions.my_sessions(w.store, w.actor)} == {w.actor}),
    Line(sessions.end_session, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: sessions.end_session(w.store, w.actor, sessions.my_sessions(w.store, w.other)[0].id)),
    Line(sessions.end_other_sessions, lambda who, kind: NOTHING if who.rank >= 0 else NOT_ALLOWED,
         lambda w: sessions.end_other_sessions(w.store, w.actor, 0) > 1),
    Line(sessions.change_password, lambda who, kind: Outcome.REFUSED if who.rank >= 0 else NOT_ALLOWED,
         lambda w: sessions.change_password(w.store, w.actor, "wrong", "a new long password", 0)),
]  # fmt: skip
TABLE = [*PAGES, *DRAFTS, *NOTES, *ACTIONS, *TEMPLATES, *LIFE, *TIME, *GUIDES, *IMPORTS, *SEARCH, *PEOPLE]

# Public functions that take no acting person, and why.
EXEMPT = {
    "kb.note_templates.template_of": "tells the names of fields; asked with what a note or draft says that was shown",
    "kb.profiles.stand_in_for": "asked by the rules of handovers, not by a person; tells a name that everybody sees",
    "kb.private_data.look": "tells of a text that the caller holds, nothing of the database",
    "kb.private_data.masked": "tells of a text that the caller holds, nothing of the database",
    "kb.import_privacy.look_at": "tells of documents that the importer holds, whom import_documents asked before",
    "kb.private_data.examine": "tells of a text that the caller holds, nothing of the database",
    "kb.people.is_set_up": "tells nobody's data; asked before anybody can sign in",
    "kb.people.setup_link": "printed at the start for who can read the server's log; None once somebody administers",
    "kb.calendar_feed.calendar_of": "the token is the permission; it tells what its owner may see",
    "kb.digest.readers": "run as a script by who can read the database",
    "kb.digest.starts_now": "run as a script by who can read the database",
    "kb.digest.digests": "run as a script by who can read the database; each tells what its person may see",
    "kb.people.find_link": "the token is the permission",
    "kb.people.use_link": "the token is the permission",
    "kb.sessions.sign_in": "the password is the permission",
    "kb.oidc_accounts.sign_in_elsewhere": "the provider's word is the permission",
    "kb.oidc_accounts.link": "the provider's word and the password are the permission",
    "kb.sessions.session_of": "the token is the permission",
    "kb.rebuild.rebuild": "run as a script by who can read the database",
    "kb.verification.verify_handovers": "run as a script by who can read the database",
    "kb.rebuild.check": "run as a script by who can read the database",
    "kb.health.health": "figures of the process and the index, for whoever watches the machine",
    "kb.indexing.active_model": "tells the model, no page",
    "kb.indexing.follow_model": "tells the model, no page",
    "kb.search.Retriever.warm_up": "gives nothing back",
    "kb.search.Retriever.forget": "gives nothing back",
}
