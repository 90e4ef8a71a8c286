"""A handover note from the form to the reader who finds it, in the real application."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.hands import (
    PHONE,
    WIDE,
    answer_none,
    at_rest,
    choose,
    drawn,
    nothing_sticks_out,
    open_section,
    take,
    write,
)

ITEM = "Settlement file of the Contoso acquirer is stuck"


def test_a_handover_note_from_form_to_found_to_read(page: Page) -> None:
    page.goto("/handovers")
    drawn(page)
    fold = page.locator(".st-key-start_note details")
    if fold.get_attribute("open") is None:  # where there is a note already: other journeys may have written some
        fold.locator("summary").click()
        expect(fold).to_have_attribute("open", "")
    page.get_by_role("button", name="Start a shift handover").click()
    expect(page.get_by_role("heading", name="Shift handover note")).to_be_visible()
    drawn(page)
    write(page, "Client or process", "Contoso")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    choose(page, "From", "Night desk")
    write(page, "Shift", "Night, 22:00 to 06:00")
    expect(page.get_by_text("1 of 10 sections answered")).to_be_visible()
    drawn(page)
    write_in_table(page, "items", ITEM)
    expect(page.get_by_text("2 of 10 sections answered")).to_be_visible()
    drawn(page)

    # Somebody closes the lid: everything is there again.
    page.wait_for_url("**draft=*")
    page.reload()
    expect(page.get_by_label("Client or process")).to_have_value("Contoso")
    expect(page.get_by_text("2 of 10 sections answered")).to_be_visible()
    expect(page.get_by_label("Shift", exact=True)).to_have_value("Night, 22:00 to 06:00")

    drawn(page)
    nothing = ("contingencies", "resolved", "changes", "promises", "staffing", "coming_up", "reachable")
    answer_none(page, *nothing, answered=2)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Not submitted yet: 3 things are missing.")).to_be_visible()
    drawn(page)

    # Each of them leads to its place, opened, with the cursor in it.
    page.get_by_role("button", name="“Big picture” is not answered").click()
    picture = page.get_by_role("textbox", name="Big picture")
    expect(picture).to_be_focused()
    page.keyboard.type("Merchants call about missing payouts.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 things are missing")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Name a receiver").click()
    receiver = page.get_by_role("combobox", name="To", exact=True)
    expect(receiver).to_be_focused()
    page.keyboard.type("Day desk")
    take(page, receiver, "Day desk")
    expect(page.get_by_text("One thing is missing")).to_be_visible()
    drawn(page)
    open_section(page, "items")
    page.locator(".st-key-place_items").get_by_role("button", name="Fill in one by one").click()
    write(page, "What to do next", "Ring the acquirer's duty line")
    expect(page.get_by_text("Nothing is missing any more")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Submit").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Shift handover: Contoso")
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
    address = page.url

    # The next shift asks in its own words.
    page.goto("/")
    page.locator(".st-key-query input").fill("missing payouts for merchants")
    first = page.locator(".st-key-results").get_by_role("link").first
    expect(first).to_contain_text("Shift handover: Contoso")
    drawn(page)
    first.click()
    expect(page).to_have_url(re.compile(re.escape(address.split("&")[0])))
    expect(page.get_by_role("heading", name="Big picture")).to_be_in_viewport()
    expect(page.get_by_role("cell", name=ITEM)).to_be_visible()
    expect(page.locator("#open-items")).to_have_text("Open items")


def write_in_table(page: Page, section: str, text: str) -> None:
    """Write a first row into a section's table."""
    open_section(page, section)
    table = page.locator(f".st-key-place_{section} canvas").first
    expect(table).to_be_visible()
    drawn(page)
    table.evaluate("table => table.scrollIntoView({block: 'center'})")
    at_rest(table)
    page.wait_for_timeout(500)  # the table takes its size
    at_rest(table)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + box["height"] - 18)  # the empty row that begins a new one
    editor = page.locator(".gdg-input")
    expect(editor).to_be_focused()
    page.keyboard.type(text)
    expect(editor).to_have_value(text)
    page.wait_for_timeout(300)  # as a hand does: the table takes what was typed a moment later
    page.keyboard.press("Enter")


def test_nothing_sticks_out(page: Page) -> None:
    page.goto("/handover-edit?template=client")
    expect(page.get_by_role("heading", name="Client or project handover note")).to_be_visible()
    drawn(page)
    write(page, "Client or process", "X" * 100)
    expect(page.get_by_text("Draft kept")).to_be_visible()
    choose(page, "To", "A receiver with a long name", typed="A receiver with a long name " * 4)
    drawn(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Only you can see and find this draft")).to_be_visible()
    read = page.url
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for path in ("/handovers", "/handover-edit?template=role", read):
            page.goto(path)
            nothing_sticks_out(page)
