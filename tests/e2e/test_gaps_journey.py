"""A role handover finds what nobody has written down, in the real application with the real model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kb.handover.models import Answer, Header, Note, NoteText
from kb.handovers import SPACE, save_note
from kb.indexing import Indexer
from kb.pages import ensure_space
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.e2e.hands import drawn

KNOWN = "Decide which refunds the customers may get"
UNKNOWN = "Feed the fish of the aquarium in the lobby"
TASKS = ({"task": KNOWN, "frequency": "daily"}, {"task": UNKNOWN, "frequency": "twice a week"})


@pytest.fixture
def role_note(store: Store) -> Note:
    """The handover of somebody who leaves, begun."""
    answers = {"responsibilities": Answer(rows=TASKS)}
    text = NoteText("role", 1, Header(title="Role of the aquarium keeper", sender=LOCAL.name), answers)
    return save_note(store, Indexer(store, None), LOCAL, text, ensure_space(store, LOCAL, SPACE))


def test_a_role_handover_finds_undocumented_responsibilities_and_drafts_a_page(page: Page, role_note: Note) -> None:
    page.goto(f"/handover?slug={role_note.page.slug}")
    gaps = page.locator(".st-key-how_to_pages")
    drawn(page)
    gaps.get_by_role("button", name="Find the pages").click()
    expect(gaps.get_by_text("1 described · 0 perhaps · 1 undocumented")).to_be_visible()
    expect(gaps.locator(".st-key-gap_task_0")).to_contain_text(UNKNOWN)
    drawn(page)
    gaps.get_by_text("1 task described").click()
    expect(gaps.get_by_role("link", name="Refund policy")).to_be_visible()

    gaps.get_by_role("button", name="Draft the page").click()
    expect(page.get_by_role("heading", name="Write a page")).to_be_visible()
    expect(page.get_by_label("Title", exact=True)).to_have_value(UNKNOWN)
    body = page.get_by_role("textbox", name="Text", exact=True)
    expect(body).to_have_value(re.compile(re.escape("- **How often:** twice a week")))
    expect(body).to_have_value(re.compile(re.escape(f"[[{role_note.page.slug}|")))
    drawn(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=UNKNOWN, level=1)).to_be_visible()

    page.goto(f"/handover?slug={role_note.page.slug}")
    drawn(page)
    expect(page.get_by_test_id("stMain").get_by_role("link", name=UNKNOWN).first).to_be_visible()
    gaps.get_by_role("button", name="Find the pages").click()
    expect(gaps.get_by_text("2 described · 0 perhaps · 0 undocumented")).to_be_visible()
