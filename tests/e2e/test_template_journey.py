"""A lead adapts a template in the real application, while an old note still reads as it was written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from kb.handover.models import Answer, Note
from kb.handovers import SPACE, submit_note
from kb.indexing import Indexer
from kb.pages import ensure_space
from kb.store.db import Store, now
from kb.store.people import LOCAL
from tests.e2e.hands import PHONE, WIDE, choose, drawn, nothing_sticks_out, write
from tests.unit.handover_samples import nothing_but, shift_note


@pytest.fixture
def old_note(store: Store) -> Note:
    """A note of a client, written with the shipped template."""
    start = now() + timedelta(hours=1)
    text = shift_note(client="Umbrella", effective=start, acknowledge_by=start + timedelta(hours=1))
    shift = Answer(rows=({"shift": "Night"},))
    answers = nothing_but("shift", shift=shift, big_picture=Answer("Quiet."), staffing=Answer("Ravi is away"))
    text = replace(text, answers=answers)
    return submit_note(store, Indexer(store, None), LOCAL, text, ensure_space(store, LOCAL, SPACE))


def test_a_lead_adapts_a_template_while_an_old_note_still_reads_as_written(page: Page, old_note: Note) -> None:
    page.goto("/templates")
    page.get_by_role("button", name="Adapt the shift handover").click()
    expect(page.get_by_role("heading", name="Adapt “Shift handover”")).to_be_visible()
    drawn(page)
    write(page, "Name of the template", "Umbrella shift")
    expect(page).to_have_title(re.compile("^Umbrella shift"))
    drawn(page)
    choose(page, "Clients or processes", "Umbrella")
    expect(page.get_by_text("Choose at least one client.")).to_have_count(0)
    page.keyboard.press("Escape")  # the list of clients is still open
    drawn(page)
    page.get_by_role("button", name="Hide Staffing and absences").click()
    expect(page.get_by_role("button", name="Show Staffing and absences")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Change Big picture").click()
    write(page, "Name", "Overview")
    preview = page.locator(".st-key-template_preview")
    expect(preview.get_by_text("Overview · None")).to_be_visible()
    drawn(page)
    write(page, "Name of the new section", "Weather")
    page.get_by_role("button", name="Add section").click()
    expect(page.get_by_role("button", name="Remove “Weather”")).to_be_visible()
    drawn(page)
    preview.get_by_role("tab", name="On paper").click()
    expect(preview.get_by_role("heading", name="Weather")).to_be_visible()
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        nothing_sticks_out(page)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_role("heading", name="Umbrella shift", level=1)).to_be_visible()
    drawn(page)
    page.get_by_text("Version 1, local").click()
    expect(page.get_by_text("“Big picture” is now called “Overview”.")).to_be_visible()

    # The old note has every heading and answer that it had.
    page.goto(f"/handover?slug={old_note.page.slug}")
    expect(page.get_by_role("heading", name="Big picture")).to_be_visible()
    expect(page.get_by_role("heading", name="Staffing and absences")).to_be_visible()
    expect(page.get_by_text("Ravi is away")).to_be_visible()
    expect(page.get_by_role("heading", name="Overview")).to_have_count(0)

    # The next note follows the new template as soon as its client is typed; from here on without a mouse.
    page.goto("/handover-edit?template=shift")
    client = page.get_by_label("Client or process", exact=True)
    client.focus()
    page.keyboard.type("Umbrella")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Chosen because it is for Umbrella.")).to_be_visible()
    drawn(page)
    expect(page.get_by_role("combobox", name="From")).to_be_focused()
    page.keyboard.press("Escape")  # its list
    drawn(page)
    expect(page.get_by_role("checkbox", name="None for Staffing and absences")).to_have_count(0)
    page.get_by_role("checkbox", name="None for Overview").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 of 10 sections answered")).to_be_visible()
    drawn(page)
    page.locator(".st-key-place_own_weather summary").focus()
    page.keyboard.press("Enter")
    weather = page.get_by_role("textbox", name="Weather")
    expect(weather).to_be_visible()
    drawn(page)
    page.keyboard.press("Tab")
    expect(weather).to_be_focused()
    page.keyboard.type("Rain until Friday")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Only you can see and find this draft")).to_be_visible()
    expect(page.get_by_role("heading", name="Weather")).to_be_visible()
    expect(page.get_by_text("Rain until Friday")).to_be_visible()
