"""Names of passages, for addresses that lead to one: a passage keeps its name while its text stays as it is."""

from __future__ import annotations

from kb.models import Page, Person
from kb.store import chunks, pages
from kb.store.chunks import StoredChunk
from kb.store.db import Store

ID_LENGTH = 12  # hexadecimal digits of the content's hash: enough to tell the passages of a page apart


def passage_id(chunk: StoredChunk) -> str:
    """The name of a passage within its page."""
    return chunk.content_hash[:ID_LENGTH]


def passage_lines(store: Store, viewer: Person, page: Page, name: str) -> list[str]:
    """The lines of a page's passage as people read them; empty where the page has none of that name any more, and for
    who may not see the page.
    """
    if not name:
        return []
    with store.reading() as db:
        if not pages.may_be_seen(db, page.id, viewer):
            return []
        found = (chunk.text for chunk in chunks.of_page(db, page.id) if passage_id(chunk) == name)
        return [line for line in next(found, "").split("\n") if line.strip()]
