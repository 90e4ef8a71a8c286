"""The shipped guides as books: where to begin, and what comes before and after a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.guide_pages import ShippedGuide, shipped_guides
from kb.models import Page, PageKind, Person
from kb.store import guides, pages
from kb.store.db import Store


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The pages of the same guide before and after a page; None at either end."""

    guide: str
    previous: Page | None
    following: Page | None


def starting_pages(store: Store, viewer: Person) -> list[Page]:
    """The first page of each guide, and the glossary; without those that somebody trashed."""
    return _pages_of(store, viewer, [g for g in shipped_guides() if g.order == 0 or g.kind is PageKind.GLOSSARY])


def neighbours(store: Store, viewer: Person, page: Page) -> Neighbours | None:
    """What to read before and after a guide page; None for a page of no guide, and for who may not see it."""
    with store.reading() as db:
        known = guides.by_page(db, page.id) if pages.may_be_seen(db, page.id, viewer) else None
    own = next((guide for guide in shipped_guides() if known and guide.slug == known.slug), None)
    if own is None or not own.guide:
        return None
    book = [guide for guide in shipped_guides() if guide.guide == own.guide]
    before = _pages_of(store, viewer, book[: book.index(own)])
    after = _pages_of(store, viewer, book[book.index(own) + 1 :])
    return Neighbours(own.guide, before[-1] if before else None, after[0] if after else None)


def _pages_of(store: Store, viewer: Person, wanted: Sequence[ShippedGuide]) -> list[Page]:
    """The pages that these guides were loaded into, in order, as far as ``viewer`` sees them."""
    with store.reading() as db:
        loaded = guides.all_loaded(db)
        ids = [loaded[guide.slug].page_id for guide in wanted if guide.slug in loaded]
        found = pages.seen_by_ids(db, ids, viewer)
    return [found[page_id] for page_id in ids if page_id in found]
