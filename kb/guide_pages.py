"""The shipped guides as pages: loaded at the first start, updated by an upgrade, never over somebody's edit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import frontmatter

from kb.access import Ability, may, require
from kb.indexing import Indexer
from kb.models import Page, PageKind, Person
from kb.pages import GONE, STANDARD_SPACES, PageNotFound, PageText, create_page, edit_page, ensure_space
from kb.store import guides, pages
from kb.store.db import Connection, Store

FOLDER = Path(__file__).parent / "guides"
SPACE = STANDARD_SPACES[1]


@dataclass(frozen=True, slots=True)
class ShippedGuide:
    """A guide page as this version of Baton brings it."""

    slug: str
    kind: PageKind
    guide: str
    order: int
    text: PageText
    hash: str


@lru_cache(maxsize=1)
def shipped_guides(folder: Path = FOLDER) -> tuple[ShippedGuide, ...]:
    """All shipped guide pages, in reading order."""
    found = [_read(path) for path in folder.glob("*.md")]
    return tuple(sorted(found, key=lambda guide: (guide.guide or "~", guide.order, guide.slug)))


def load_guides(store: Store, indexer: Indexer, actor: Person, shipped: tuple[ShippedGuide, ...] | None = None) -> int:
    """Bring the guide pages up to date: add new ones, update those that nobody edited.

    A page that somebody edited or trashed stays as it is; :func:`offer_for` shows the newer text there.

    :return: how many pages were added or updated; 0 at an ordinary start.
    :raises NotAllowed: when the person may not manage pages.
    """
    changed = 0
    with store.reading() as db:
        require(db, actor, Ability.MANAGE_PAGES)
        loaded = guides.all_loaded(db)
    for guide in shipped if shipped is not None else shipped_guides():
        known = loaded.get(guide.slug)
        if known is not None and known.loaded_hash == guide.hash:
            continue
        if known is None:
            space = ensure_space(store, actor, SPACE)
            page = create_page(
                store, indexer, actor, space, guide.text, kind=guide.kind, summary="Shipped with Baton", slug=guide.slug
            )
        else:
            current = _page(store, known.page_id)
            if current.trashed_at or current.revision != known.loaded_revision:
                continue
            page = edit_page(store, indexer, actor, current, guide.text, summary="Updated with Baton")
        with store.atomic() as db:
            guides.set_loaded(db, guide.slug, page.id, guide.hash, page.revision)
        changed += 1
    return changed


def offer_for(store: Store, viewer: Person, page: Page) -> ShippedGuide | None:
    """The newer shipped text of an edited guide page, unless somebody declined it; None for who may not take it."""
    with store.reading() as db:
        known = guides.by_page(db, page.id) if _may_decide(db, viewer, page.id) else None
    if known is None:
        return None
    guide = next((guide for guide in shipped_guides() if guide.slug == known.slug), None)
    if guide is None or guide.hash in (known.loaded_hash, known.declined_hash):
        return None
    return guide


def take_offer(store: Store, indexer: Indexer, actor: Person, page: Page, guide: ShippedGuide) -> Page:
    """Replace an edited guide page by its shipped text; the edit stays in the history.

    :raises StaleEdit: when somebody saved another revision since ``page`` was read.
    :raises PageNotFound: when the person may not see the page, or it is not this guide's.
    :raises NotAllowed: when the person may not write.
    """
    with store.reading() as db:
        _require_guide(db, actor, guide, page.id)
    saved = edit_page(store, indexer, actor, page, guide.text, summary="Took the newer shipped text")
    with store.atomic() as db:
        guides.set_loaded(db, guide.slug, page.id, guide.hash, saved.revision)
    return saved


def decline_offer(store: Store, actor: Person, guide: ShippedGuide) -> None:
    """Keep the edited page and do not offer this shipped text again.

    :raises PageNotFound: when the person may not see the page.
    :raises NotAllowed: when the person may not write.
    """
    with store.atomic() as db:
        _require_guide(db, actor, guide)
        guides.set_declined(db, guide.slug, guide.hash)


def _require_guide(db: Connection, person: Person, guide: ShippedGuide, page_id: int | None = None) -> None:
    """See whether the person may decide about a guide's text.

    :param page_id: the page that is to be the guide's.
    """
    require(db, person, Ability.WRITE)
    known = guides.all_loaded(db).get(guide.slug)
    if known is None or page_id not in (None, known.page_id) or not pages.may_be_seen(db, known.page_id, person):
        raise PageNotFound(GONE)


def _may_decide(db: Connection, person: Person, page_id: int) -> bool:
    return may(db, person, Ability.WRITE) and pages.may_be_seen(db, page_id, person)


def _read(path: Path) -> ShippedGuide:
    content = path.read_bytes()
    post = frontmatter.loads(content.decode("utf-8"))
    text = PageText(
        title=str(post["title"]),
        body=post.content,
        tags=tuple(str(tag) for tag in post.get("tags", ())),
        keywords=tuple(str(word) for word in post.get("keywords", ())),
    )
    return ShippedGuide(
        slug=path.stem,
        kind=PageKind(post["kind"]),
        guide=str(post.get("guide", "")),
        order=int(post.get("order", 0)),
        text=text,
        hash=hashlib.sha256(content).hexdigest(),
    )


def _page(store: Store, page_id: int) -> Page:
    with store.reading() as db:
        page = pages.by_id(db, page_id)
    assert page is not None  # noqa: S101  shipped_guides rows go with their page
    return page
