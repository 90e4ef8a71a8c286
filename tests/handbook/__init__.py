"""Six pages of an invented team's handbook, for tests of whole screens."""

from __future__ import annotations

from pathlib import Path

import frontmatter

from kb.indexing import Indexer
from kb.models import Page, PageKind
from kb.pages import PageText, create_page, ensure_space
from kb.store.db import Store
from kb.store.people import LOCAL


def save_handbook(store: Store, indexer: Indexer) -> dict[str, Page]:
    """Save the pages as people do.

    :return: the pages by their slug.
    """
    return {
        path.stem: save_page(store, indexer, post["title"], post.content, post["tags"], post["space"])
        for path in sorted(Path(__file__).parent.glob("*.md"))
        for post in [frontmatter.load(str(path))]
    }


def save_page(
    store: Store,
    indexer: Indexer,
    title: str,
    body: str,
    tags: tuple[str, ...] = (),
    space: str = "Northwind",
    kind: PageKind = PageKind.PAGE,
) -> Page:
    """Save one page as a person does."""
    text = PageText(title, body, tuple(tags))
    return create_page(store, indexer, LOCAL, ensure_space(store, LOCAL, space), text, kind=kind)
