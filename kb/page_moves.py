"""Moving a page to another space. Its address stays; who may see it follows from its space."""

from __future__ import annotations

from kb.access import require_space
from kb.models import Page, PageKind, Person, Space
from kb.pages import PageError, managed
from kb.store import audit, imported, pages, spaces
from kb.store.db import Store


def spaces_to_move_to(store: Store, actor: Person, page: Page) -> list[Space]:
    """The spaces that the person sees, by name, without the page's own."""
    with store.reading() as db:
        return [space for space in spaces.all_spaces(db, actor) if space.id != page.space.id]


def move_page(store: Store, actor: Person, page: Page, space: Space) -> Page:
    """Move a page, as the person saw it, to another space. Its revisions, links and files go with it.

    :raises PageNotFound: when the person may not see the page.
    :raises NotAllowed: when it is somebody else's and they may not manage pages, or they may not see the space.
    :raises PageError: when somebody moved it or put it into the trash since, or when it is a handover note.
    """
    with store.atomic() as db:
        current = managed(db, page.id, actor)
        require_space(db, actor, space)
        if current.kind is PageKind.HANDOVER:
            raise PageError("This is a handover note: its form says which space it is in.")
        if current.trashed_at:
            raise PageError("This page is in the trash: restore it first, then move it.")
        if current.space.id != page.space.id:
            raise PageError("Somebody moved this page meanwhile. Look where it is now, then decide again.")
        if space.id != current.space.id:
            imported.move_page(db, current, space)
            audit.record(db, actor, "page.moved", "page", page.id, f"from space {current.space.id} to {space.id}")
        moved = pages.by_id(db, page.id)
        assert moved is not None  # noqa: S101  it was there, in this transaction
        return moved
