"""Short forms that the wiki explains are no remark, as far as one may see the page that does."""

from __future__ import annotations

from kb.clarity_check import note_remarks
from kb.handover.clarity import Unclear
from kb.handover.models import Answer, NoteItem, NoteText
from kb.indexing import Indexer
from kb.models import Person, Space, SpaceKind
from kb.pages import PageText, create_page
from kb.sharing import share_space
from kb.store.db import Store
from kb.store.people import LOCAL

TEXT = NoteText(
    "shift", 1, answers={"big_picture": Answer("The ZQX is late and two VWKs are open.")},
    items=(NoteItem("Call them asap", next_step="Call"),),
)  # fmt: skip


def told(store: Store, viewer: Person) -> list[tuple[Unclear, str]]:
    return [(remark.kind, remark.words) for remark in note_remarks(store, viewer, TEXT)]


def test_what_a_page_explains_needs_no_explanation(
    store: Store, indexer: Indexer, space: Space, stranger: Person
) -> None:
    others = [(Unclear.NO_OWNER, ""), (Unclear.VAGUE, "asap")]
    assert told(store, LOCAL) == [(Unclear.SHORT_FORM, "ZQX"), (Unclear.SHORT_FORM, "VWKs"), *others]
    body = "ZQX (zonal quick xray) and the VWK (very weekly ketchup)."
    create_page(store, indexer, LOCAL, space, PageText("Words", body))
    assert told(store, LOCAL) == told(store, stranger) == others
    share_space(store, LOCAL, space, SpaceKind.RESTRICTED, [LOCAL], [])
    assert told(store, stranger) == [(Unclear.SHORT_FORM, "ZQX"), (Unclear.SHORT_FORM, "VWKs"), *others]
