"""The rules of pages: addresses, revisions, conflicts, drafts, trash, links. Every write takes the acting person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from index.chunking import anchor_of
from kb import kept_drafts, private_data
from kb.access import Ability, NotAllowed, RuleError, may_manage, require, require_space
from kb.indexing import Indexer, write_chunks
from kb.kept_drafts import Kept
from kb.models import Filters, NoteOrigin, Page, PageKind, Person, Revision, Space
from kb.store import access, audit, chunks, note_pages, pages, spaces
from kb.store.db import Connection, Store, now
from kb.store.scope import Scope, newest_pages
from kb.tidying import one_line, storable, storable_lines
from kb.wiki_links import linked_names
from kb.writings import Place, Written

MAX_TITLE = 200  # characters; longer ones are sentences
MAX_BODY = 2_000_000  # characters; about a thousand printed pages
MAX_SLUG = 80  # characters
MAX_TAGS = 30
MAX_SPACE_NAME = 60  # characters

# Spaces that come into being when somebody first writes in them; others are made by those who may.
STANDARD_SPACES = ("General", "Guides", "Handover notes")
GONE = "There is no such page, or it is not shared with you."  # the same, whichever it is
SUMMARY: Place = ("summary", 0, "")  # what an edit says that it changed, among the pieces of a page
TAKEN = "This name cannot be used for a space. Choose another one."  # it may be that of a hidden space


class PageError(RuleError):
    """A page cannot be saved as it is; the message says why and what to do."""


class PageNotFound(LookupError):
    """There is no such page, or the person may not see it."""


class StaleEdit(PageError):
    """Somebody else saved the page since this edit began. Both texts are kept: ``current`` is theirs."""

    def __init__(self, current: Page) -> None:
        super().__init__(
            f"{current.updated_by.name} saved this page while you were writing. Nothing is lost: "
            "compare both texts and save again."
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class PageText:
    """What a person writes of a page."""

    title: str
    body: str
    tags: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


def create_page(
    store: Store,
    indexer: Indexer,
    actor: Person,
    space: Space,
    text: PageText,
    *,
    kind: PageKind = PageKind.PAGE,
    summary: str = "Created",
    slug: str | None = None,
    private_reason: str = "",
    origin: NoteOrigin | None = None,
    ends: Kept | None = None,
) -> Page:
    """Save a new page, found by the next search in every process.

    :param origin: the handover note that it comes of; left out where the person may not see that note.
    :param private_reason: why personal data or a secret in the text has to stay.
    :param ends: the kept draft of this text, which is forgotten with it.
    :raises DraftGone: when another window ended that.
    :raises PageError: when the text breaks a rule.
    :raises PrivateDataFound: when it holds such data and no reason was given.
    :raises NotAllowed: when the person may not write, or not in this space.
    """
    text = checked(text)
    examined = private_data.examine(store, page_pieces(text), private_reason)
    prepared = indexer.prepare(text.title, text.body, text.tags, text.keywords)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        require_space(db, actor, space)
        kept_drafts.end(db, actor, ends)
        new = pages.NewPage(
            free_slug(db, slug or text.title), kind, space, text.title, text.body, text.tags, text.keywords
        )
        page_id = pages.add(db, new, actor, summary, link_targets(text.body))
        examined.require_reason(db, actor, page_id)
        if origin and pages.may_be_seen(db, origin.note_id, actor):
            note_pages.add(db, page_id, origin, actor)
        write_chunks(db, page_id, 1, prepared)
        audit.record(db, actor, "page.created", "page", page_id)
        return _saved(db, page_id)


def edit_page(
    store: Store,
    indexer: Indexer,
    actor: Person,
    page: Page,
    text: PageText,
    *,
    summary: str = "",
    private_reason: str = "",
    ends: Kept | None = None,
) -> Page:
    """Give ``page``, as the edit began with it, a new revision. A text that changes nothing makes none.

    :param private_reason: why personal data or a secret that is new in the text has to stay.
    :param ends: the kept draft of this text, which is forgotten with it.
    :raises DraftGone: when another window ended that.
    :raises PrivateDataFound: when it holds such data and no reason was ever given.
    :raises StaleEdit: when somebody saved another revision since.
    :raises PageError: when the text breaks a rule, or the page is in the trash.
    :raises PageNotFound: when the person may not see the page.
    :raises NotAllowed: when the person may not write.
    """
    text = checked(text)
    examined = private_data.examine(store, page_pieces(text, summary), private_reason)
    prepared = indexer.prepare(text.title, text.body, text.tags, text.keywords)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        current = _seen(db, page.id, actor)
        if current.trashed_at:
            raise PageError("This page is in the trash: restore it from there, then save again.")
        if current.kind is PageKind.HANDOVER:
            raise PageError("This is a handover note, whose text follows from its fields: edit it in its own form.")
        if current.revision != page.revision:
            raise StaleEdit(current)
        kept_drafts.end(db, actor, ends)
        if text == PageText(current.title, current.body, current.tags, current.keywords):
            return current
        examined.require_reason(db, actor, page.id)
        number = pages.update(
            db,
            current,
            actor,
            title=text.title,
            body=text.body,
            tags=text.tags,
            keywords=text.keywords,
            summary=summary,
            links=link_targets(text.body),
            private=current.private,
        )
        write_chunks(db, page.id, number, prepared)
        audit.record(db, actor, "page.edited", "page", page.id, f"revision {number}")
        return _saved(db, page.id)


def restore_revision(store: Store, indexer: Indexer, actor: Person, page: Page, number: int) -> Page:
    """Save an old revision's text as the newest one.

    :raises PageNotFound: when the page has no such revision.
    :raises StaleEdit: when somebody saved another revision since ``page`` was read.
    :raises PrivateDataFound: when it holds personal data or a secret for which no reason was ever given.
    """
    old = next((revision for revision in history(store, actor, page) if revision.number == number), None)
    if old is None:
        raise PageNotFound(f"There is no revision {number} of {page.title!r}.")
    text = PageText(old.title, old.body, old.tags, page.keywords)
    return edit_page(store, indexer, actor, page, text, summary=f"Restored revision {number}")


def trash_page(store: Store, actor: Person, page: Page) -> None:
    """Take a page out of sight and out of search; it can be restored.

    :raises PageNotFound: when the person may not see the page.
    :raises NotAllowed: when it is somebody else's, and the person may not manage pages.
    """
    with store.atomic() as db:
        current = managed(db, page.id, actor)
        if not current.trashed_at:
            pages.set_trashed(db, page.id, now())
            chunks.remove_of_page(db, page.id)
            audit.record(db, actor, "page.trashed", "page", page.id)


def manages_page(store: Store, person: Person, page: Page) -> bool:
    """Whether the person may move this page, to another space or to the trash, for offering it."""
    with store.reading() as db:
        return pages.may_be_seen(db, page.id, person) and may_manage(db, person, page)


def restore_from_trash(store: Store, indexer: Indexer, actor: Person, page: Page) -> Page:
    """Bring a page back from the trash, with its newest text: ``page`` may be an older one.

    :raises PageNotFound: when the person may not see the page.
    :raises NotAllowed: when it is somebody else's, and the person may not manage pages.
    :raises PageError: when somebody changes it at this moment.
    """
    with store.reading() as db:
        newest = managed(db, page.id, actor)
    prepared = indexer.prepare(newest.title, newest.body, newest.tags, newest.keywords)
    with store.atomic() as db:
        current = managed(db, page.id, actor)
        if current.trashed_at:
            if current.revision != newest.revision:  # the text in the index has to be the one that is shown
                raise PageError(f"{current.updated_by.name} saved this page a moment ago. Restore it again.")
            pages.set_trashed(db, page.id, None)
            write_chunks(db, page.id, current.revision, prepared)
            audit.record(db, actor, "page.restored", "page", page.id)
        return _saved(db, page.id)


def read_page(store: Store, viewer: Person, slug: str) -> Page:
    """The page at an address.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        page = pages.by_slug(db, slug, viewer)
    if page is None:
        raise PageNotFound(f"There is no page at {slug!r}.")
    return page


def history(store: Store, viewer: Person, page: Page) -> list[Revision]:
    """The revisions of a page, newest first.

    :raises PageNotFound: when ``viewer`` may not see the page, or it is in the trash and they may not restore it.
    """
    with store.reading() as db:
        current = _seen(db, page.id, viewer)
        if current.trashed_at and not may_manage(db, viewer, current):
            raise PageNotFound(GONE)
        return pages.revisions(db, current.id)


def recently_updated(store: Store, viewer: Person, *kinds: PageKind, limit: int = 10) -> list[Page]:
    """The pages that changed last, newest first; all kinds when none is named."""
    with store.reading() as db:
        ids = newest_pages(db, Scope(viewer, (Filters(kinds=kinds),)), limit)
        found = pages.seen_by_ids(db, ids, viewer)
    return [found[page_id] for page_id in ids]


def trashed_pages(store: Store, viewer: Person) -> list[Page]:
    """The pages in the trash that ``viewer`` may restore, last trashed first."""
    with store.reading() as db:
        return [page for page in pages.in_trash(db, viewer) if may_manage(db, viewer, page)]


def backlinks(store: Store, viewer: Person, page: Page) -> list[Page]:
    """The pages that link to this one, as far as ``viewer`` may see them."""
    with store.reading() as db:
        return pages.linking_to(db, page, viewer)


def tags_in_use(store: Store, viewer: Person) -> list[str]:
    """Every tag of a page that ``viewer`` may see, the most used first."""
    with store.reading() as db:
        return pages.tags_in_use(db, viewer)


def all_spaces(store: Store, viewer: Person) -> list[Space]:
    """Every space that ``viewer`` may see, by name."""
    with store.reading() as db:
        return spaces.all_spaces(db, viewer)


def ensure_space(store: Store, actor: Person, name: str) -> Space:
    """The space of this name, made when there is none.

    :raises PageError: when the name is empty or too long, or cannot be used.
    :raises NotAllowed: when the person may not write, or not make the space.
    """
    name = space_name(name)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        found = spaces.by_name(db, name)
        if found and access.sees_space(db, actor, found.id):
            return found
        if found or name not in STANDARD_SPACES:  # whoever may not make one is told the same of a hidden and a new name
            require(db, actor, Ability.MAKE_SPACES)
        return add_space(db, actor, name)


def add_space(db: Connection, actor: Person, name: str) -> Space:
    """A new space, open to everybody; whether ``actor`` may make one is asked before.

    :raises PageError: when the name is taken; the message does not say by what.
    """
    if spaces.by_name(db, name):
        raise PageError(TAKEN)
    slug = base = slug_of(name)
    number = 2
    while spaces.by_slug(db, slug):
        slug, number = f"{base}-{number}", number + 1
    space = spaces.add(db, slug, name)
    audit.record(db, actor, "space.created", "space", space.id)
    return space


def space_name(name: str) -> str:
    """The name of a space, tidied.

    :raises PageError: when it is empty or too long.
    """
    name = one_line(name)
    if not name or len(name) > MAX_SPACE_NAME:
        raise PageError(f"Give the space a name of 1 to {MAX_SPACE_NAME} characters.")
    return name


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a wiki link leads: ``slug`` is None when the page does not exist yet."""

    slug: str | None
    title: str


def resolve_links(store: Store, viewer: Person, body: str) -> dict[str, LinkTarget]:
    """Where each wiki link of a text leads, by what it names: an address, or a title."""
    found: dict[str, LinkTarget] = {}
    with store.reading() as db:
        for name in linked_names(body):
            if name not in found:
                page = pages.by_slug(db, name, viewer) or pages.by_title(db, name, viewer)
                found[name] = LinkTarget(page.slug, page.title) if page else LinkTarget(None, name)
    return found


def checked(text: PageText) -> PageText:
    """The text with spaces and line ends tidied.

    :raises PageError: when it breaks a rule.
    """
    title = one_line(text.title)
    body = storable_lines(text.body)
    if not title:
        raise PageError("Give the page a title.")
    if len(title) > MAX_TITLE:
        raise PageError(f"The title has {len(title)} characters; shorten it to {MAX_TITLE}.")
    if len(body) > MAX_BODY:
        raise PageError(f"The text has {len(body):,} characters; split it into pages of at most {MAX_BODY:,}.")
    tags = tuple(dict.fromkeys(tag for tag in (tag_of(raw) for raw in text.tags) if tag))
    if len(tags) > MAX_TAGS:
        raise PageError(f"A page has at most {MAX_TAGS} tags; remove {len(tags) - MAX_TAGS}.")
    keywords = tuple(dict.fromkeys(word for word in (one_line(k) for k in text.keywords) if word))
    return PageText(title, body, tags, keywords)


def page_pieces(text: PageText, summary: str = "") -> list[Written]:
    """What people wrote of a page, each piece with its place."""
    pieces = [
        Written(("title", 0, ""), "the title", text.title),
        Written(("body", 0, ""), "the text", text.body),
        *(Written(("tags", row, ""), "the tags", tag) for row, tag in enumerate(text.tags, 1)),
        *(Written(("keywords", row, ""), "“Also found by”", word) for row, word in enumerate(text.keywords, 1)),
        Written(SUMMARY, "“What did you change?”", summary),
    ]
    return [piece for piece in pieces if piece.text]


def with_page_pieces(text: PageText, changed: Mapping[Place, str]) -> PageText:
    """The text with these pieces instead of its own."""
    return PageText(
        changed.get(("title", 0, ""), text.title),
        changed.get(("body", 0, ""), text.body),
        tuple(changed.get(("tags", row, ""), tag) for row, tag in enumerate(text.tags, 1)),
        tuple(changed.get(("keywords", row, ""), word) for row, word in enumerate(text.keywords, 1)),
    )


def tag_of(text: str) -> str:
    """A tag as it is kept: lower case, hyphens for spaces."""
    return re.sub(r"[\s,]+", "-", storable(text).strip().lower()).strip("-#")[:50]


def slug_of(title: str) -> str:
    """The address that a title gives: readable in any script, at most MAX_SLUG characters."""
    if not any(character.isalnum() for character in title):
        return "page"
    # Latin letters lose their accents in addresses, other scripts keep their marks, which carry meaning there. Only
    # after punctuation is gone: what it kept apart may combine.
    decomposed = unicodedata.normalize("NFKD", anchor_of(title))
    plain = anchor_of(re.sub(r"(?<=[A-Za-z])[\u0300-\u036f]+", "", decomposed)).replace("_", "-")
    return re.sub(r"-+", "-", plain)[:MAX_SLUG].strip("-") or "page"


def free_slug(db: Connection, title: str) -> str:
    """The first address like ``title`` that nothing holds."""
    slug = base = slug_of(title)
    number = 2
    while pages.slug_is_taken(db, slug):
        slug, number = f"{base}-{number}", number + 1
    return slug


def link_targets(body: str) -> set[str]:
    """What the wiki links of a text name: addresses as they are, titles in lower case."""
    return {name.casefold() for name in linked_names(body)}


def managed(db: Connection, page_id: int, actor: Person) -> Page:
    """The page, in the trash or not, if ``actor`` may move it: to another space, to the trash and back.

    :raises PageNotFound: when they may not see it.
    :raises NotAllowed: when it is somebody else's, and they may not manage pages.
    """
    page = _seen(db, page_id, actor)
    require(db, actor, Ability.WRITE)
    if not may_manage(db, actor, page):
        raise NotAllowed(f"This page is {page.owner.name}'s: they can do this, or a lead.")
    return page


def _saved(db: Connection, page_id: int) -> Page:
    page = pages.by_id(db, page_id)
    if page is None:
        raise PageNotFound(GONE)
    return page


def require_seen(db: Connection, viewer: Person, page: Page) -> None:
    """:raises PageNotFound: when the person may not see the page, or it is in the trash."""
    if not pages.may_be_seen(db, page.id, viewer):
        raise PageNotFound(GONE)


def _seen(db: Connection, page_id: int, viewer: Person) -> Page:
    """The page, in the trash or not, if ``viewer`` may see it.

    :raises PageNotFound: with the same words whether it is hidden or gone.
    """
    page = _saved(db, page_id)
    if not pages.may_be_seen(db, page_id, viewer, in_trash=page.trashed_at is not None):
        raise PageNotFound(GONE)
    return page
