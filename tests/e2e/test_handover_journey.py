"""A handover note from the form to the reader who finds it, in the real application."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.test_look import PHONE, STICKING_OUT, WIDE, settled

ITEM = "Settlement file of the Contoso acquirer is stuck"


def test_a_handover_note_from_form_to_found_to_read(page: Page) -> None:
    page.goto("/handovers")
    # Open where there is no note yet; other journeys may have written some.
    fold, start = page.locator(".st-key-start_note summary"), page.get_by_role("button", name="Start a shift handover")
    expect(fold).to_be_visible()
    if not start.is_visible():
        fold.click()
    start.click()
    expect(page.get_by_role("heading", name="Shift handover note")).to_be_visible()
    fill(page, "Client or process", "Contoso")
    name(page, "From", "Night desk")
    fill(page, "Shift", "Night, 22:00 to 06:00")
    write_in_table(page, "items", ITEM)
    expect(page.get_by_text("2 of 10 sections answered")).to_be_visible()
    expect(page.get_by_text("Draft kept")).to_be_visible()

    # Somebody closes the lid: everything is there again.
    page.wait_for_url("**draft=*")
    page.reload()
    expect(page.get_by_label("Client or process")).to_have_value("Contoso")
    expect(page.get_by_text("2 of 10 sections answered")).to_be_visible()
    expect(page.get_by_label("Shift", exact=True)).to_have_value("Night, 22:00 to 06:00")

    for section in ("contingencies", "resolved", "changes", "promises", "staffing", "coming_up", "reachable"):
        page.locator(f".st-key-place_{section} .stCheckbox label").click()
    expect(page.get_by_text("9 of 10 sections answered")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Not submitted yet: 3 things are missing.")).to_be_visible()

    # Each of them leads to its place, opened, with the cursor in it.
    page.get_by_role("button", name="“Big picture” is not answered").click()
    picture = page.get_by_role("textbox", name="Big picture")
    expect(picture).to_be_focused()
    page.keyboard.type("Merchants call about missing payouts.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 things are missing")).to_be_visible()
    page.get_by_role("button", name="Name a receiver").click()
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.keyboard.type("Day desk")
    page.keyboard.press("Enter")
    page.locator(".st-key-place_items summary").click()
    page.locator(".st-key-place_items").get_by_role("button", name="Fill in one by one").click()
    fill(page, "What to do next", "Ring the acquirer's duty line")
    expect(page.get_by_text("Nothing is missing any more")).to_be_visible()
    page.get_by_role("button", name="Submit").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Shift handover: Contoso")
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
    address = page.url

    # The next shift asks in its own words.
    page.goto("/")
    page.locator(".st-key-query input").fill("missing payouts for merchants")
    first = page.locator(".st-key-results").get_by_role("link").first
    expect(first).to_contain_text("Shift handover: Contoso")
    first.click()
    expect(page.get_by_role("heading", name="Big picture")).to_be_in_viewport()
    assert page.url.split("&")[0] == address.split("&")[0]
    expect(page.get_by_role("cell", name=ITEM)).to_be_visible()
    expect(page.locator("#open-items")).to_have_text("Open items")


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def name(page: Page, label: str, text: str) -> None:
    """Name somebody who has no account."""
    field = page.get_by_role("combobox", name=label)
    field.fill(text)
    field.press("Enter")


def write_in_table(page: Page, section: str, text: str) -> None:
    """Write a first row into a section's table."""
    place = page.locator(f".st-key-place_{section}")
    place.locator("summary").click()
    table = place.locator("canvas").first
    expect(table).to_be_visible()
    table.evaluate("table => table.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(500)  # the table takes its size
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
    fill(page, "Client or process", "X" * 100)
    name(page, "To", "A receiver with a long name " * 4)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Only you can see and find this draft")).to_be_visible()
    read = page.url
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for path in ("/handovers", "/handover-edit?template=role", read):
            page.goto(path)
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            assert page.evaluate(STICKING_OUT) == [], path
