"""The gap finder: for each responsibility and open item of a note the page that describes it, or that none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.access import Ability, require
from kb.answers import is_confident
from kb.handover.how_to import Task, tasks_of
from kb.handover.markdown import wiki_link
from kb.handover.models import Note, NoteText
from kb.models import Filters, PageKind, Person
from kb.note_templates import template_of
from kb.pages import LinkTarget, resolve_links
from kb.search import Retriever, SearchResponse
from kb.store import note_pages
from kb.store.db import Store

MAX_TASKS = 60  # of a note that are looked up: more would take seconds
_PAGES = Filters(excluded_kinds=(PageKind.HANDOVER,))  # a note that mentions it describes nothing


class Description(StrEnum):
    """Whether a task is described."""

    NAMED = "named"  # the note itself names the page
    FOUND = "found"  # search is as sure of a page as where it shows an answer
    PERHAPS = "perhaps"  # the nearest page is near; a person has to look
    UNDOCUMENTED = "undocumented"  # search has no good match
    UNKNOWN = "unknown"  # without the meaning model nobody can tell


@dataclass(frozen=True, slots=True)
class Described:
    """A task and the page that describes it, or else the nearest there is, if any.

    ``anchor`` is the section of the page; "" for its beginning.
    """

    task: Task
    description: Description
    page: LinkTarget | None = None
    anchor: str = ""


def described_tasks(
    store: Store, retriever: Retriever, viewer: Person, text: NoteText, note: Note | None = None
) -> list[Described]:
    """What describes each task of a note, among the pages that ``viewer`` may see; in the order of the note.

    Measured: 0.4 s for thirty tasks. Call it outside any transaction.

    :param note: the note, once it is saved: pages that came of its tasks describe them.
    :raises NotAllowed: when the person is disabled.
    """
    tasks = tasks_of(template_of(store, text.template, text.template_version), text)[:MAX_TASKS]
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        written = note_pages.of_note(db, note.page.id, viewer) if note else []
    came = {page.words.casefold(): LinkTarget(page.slug, page.title) for page in written}
    links = resolve_links(store, viewer, " ".join(wiki_link(name) for task in tasks for name in task.named))
    known = {task: _named(task, links) or came.get(task.words.casefold()) for task in tasks}
    searched = [task for task in tasks if not known[task]]
    found = dict(zip(searched, retriever.best_pages([task.words for task in searched], viewer, _PAGES), strict=True))
    return [_described(task, known[task], found.get(task)) for task in tasks]


def seen_again(store: Store, viewer: Person, found: Sequence[Described]) -> list[Described]:
    """What was found a moment ago, without the pages that ``viewer`` may not see any more."""
    slugs = {one.page.slug for one in found if one.page and one.page.slug}
    links = resolve_links(store, viewer, " ".join(f"[[{slug}]]" for slug in sorted(slugs)))
    gone = slugs - {target.slug for target in links.values()}
    return [
        one if one.page is None or one.page.slug not in gone else Described(one.task, Description.UNDOCUMENTED)
        for one in found
    ]


def _named(task: Task, links: dict[str, LinkTarget]) -> LinkTarget | None:
    targets = (links.get(wiki_link(name)[2:-2]) for name in task.named)
    return next((target for target in targets if target and target.slug), None)


def _described(task: Task, named: LinkTarget | None, found: SearchResponse | None) -> Described:
    if named or found is None:
        return Described(task, Description.NAMED, named)
    best = next(iter(found.results), None)
    page = LinkTarget(best.page.slug, best.page.title) if best else None
    if not found.by_meaning:
        description = Description.UNKNOWN
    elif best is None or not found.good_match:
        description = Description.UNDOCUMENTED
    else:
        description = Description.FOUND if is_confident(best.score, by_meaning=True) else Description.PERHAPS
    return Described(task, description, page, best.anchor if best else "")
