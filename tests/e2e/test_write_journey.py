"""The life of a page: written, found, changed, compared, restored, thrown away and brought back."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import Locator, Page, expect

from tests.e2e.hands import PHONE, choose, drawn
from tests.server import Server

# What a browser does with a pasted text; typing a million characters takes Playwright minutes.
PASTE = """(field, text) => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def open_editor(page: Page, address: str = "/write") -> None:
    page.goto(address)
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_be_visible()
    drawn(page)


def title_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Title", exact=True)


def text_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def search(page: Page, query: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Search the wiki").fill(query)


def test_a_page_is_found_as_soon_as_it_is_written(page: Page) -> None:
    open_editor(page)
    title_field(page).fill("Night desk handbook")
    choose(page, "Space", "Night shift")
    expect(page.get_by_role("combobox", name="Space")).to_have_value("Night shift")
    text_field(page).fill("When the badge printer jams, ring the porter. See [[Refund policy]].")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Night desk handbook")).to_be_visible()
    drawn(page)
    page.locator(".st-key-article").get_by_role("link", name="Refund policy").click()
    expect(page).to_have_url(re.compile(r"/page\?slug=refund-policy"))
    search(page, "badge printer jams")
    hit = page.get_by_role("link", name="Night desk handbook").first
    expect(hit).to_be_visible()
    expect(page.get_by_text("Night shift").first).to_be_visible()


def test_a_draft_survives_a_reload_although_the_field_was_never_left(page: Page) -> None:
    open_editor(page)
    title_field(page).fill("Quick note")
    text_field(page).press_sequentially("Half a thought")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    expect(text_field(page)).to_be_focused()
    text_field(page).press_sequentially(", and more")
    expect(page.locator(".st-key-preview").get_by_text("Half a thought, and more")).to_be_visible()
    page.reload()
    expect(text_field(page)).to_have_value("Half a thought, and more")
    text_field(page).press("End")
    text_field(page).press_sequentially(" at the end.")
    page.keyboard.press("Control+s")
    expect(page.locator(".st-key-article")).to_have_text("Half a thought, and more at the end.")


def test_leaving_the_screen_keeps_the_draft(page: Page) -> None:
    open_editor(page)
    title_field(page).fill("Called away")
    text_field(page).fill("Somebody needs me")
    trash = page.get_by_test_id("stSidebarNav").get_by_role("link", name="Trash")
    trash.click(delay=100)  # as long as a person needs; see kb/ui/editor.js
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
    drawn(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Write a page").click()
    expect(page.locator("[class*=st-key-draft_]").filter(has_text="Called away")).to_be_visible()


def test_a_double_click_saves_one_page(page: Page) -> None:
    open_editor(page)
    title_field(page).fill("Saved in a hurry")
    text_field(page).fill("Once is enough for zebrafish.")
    page.get_by_role("button", name="Save").dblclick()
    expect(page).to_have_url(re.compile(r"/page\?slug=saved-in-a-hurry$"))
    expect(page.locator(".st-key-article")).to_have_text("Once is enough for zebrafish.")
    search(page, "zebrafish")
    expect(page.get_by_role("link", name="Saved in a hurry").first).to_be_visible()
    expect(page.locator(".st-key-results").get_by_role("heading", name="Saved in a hurry")).to_have_count(1)


def test_a_million_characters_can_be_written(page: Page) -> None:
    open_editor(page)
    title_field(page).fill("Everything at once")
    text_field(page).focus()
    text_field(page).evaluate(PASTE, "A long line of the log, repeated until nobody reads it.\n\n" * 18_000)
    text_field(page).blur()
    expect(page.get_by_text("Draft kept")).to_be_visible()
    expect(page.get_by_text("Preview of the first 30,000 characters")).to_be_visible()
    page.reload()
    expect(text_field(page)).not_to_have_value("")
    page.wait_for_function("field => field.value.length === 18_000 * 57", arg=text_field(page).element_handle())
    drawn(page)
    page.get_by_role("button", name="Discard draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(text_field(page)).to_have_value("")


def test_save_works_while_somebody_else_writes(page: Page, server: Server) -> None:
    saved = server.save_page("Lift keys", "The keys hang behind the desk.")
    open_editor(page, f"/write?slug={saved.slug}")
    text_field(page).fill("The keys hang in the office.")
    other = sqlite3.connect(server.data / "baton.db", isolation_level=None)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")  # the draft that the click leaves behind has to wait, and so has the page
        page.get_by_role("button", name="Save").click()
        page.wait_for_timeout(500)
        other.execute("COMMIT")
    expect(page.get_by_text("revision 2")).to_be_visible()
    expect(page.locator(".st-key-article")).to_contain_text("in the office")


def test_hostile_text_does_nothing(page: Page) -> None:
    hostile = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'> **bold** $x$"
    open_editor(page)
    title_field(page).fill(hostile)
    text_field(page).fill(f"[click](javascript:window.hacked=1)\n\n{hostile}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=hostile)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/page\?slug="))
    slug = page.url.partition("slug=")[2]
    open_editor(page, f"/write?slug={slug}")
    text_field(page).fill(f"{hostile} {hostile}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("revision 2")).to_be_visible()
    page.goto(f"/history?slug={slug}")
    expect(page.locator(".row.added .text")).to_have_text(f"{hostile} {hostile}")
    assert page.evaluate("window.hacked") is None


def test_history_shows_what_changed_and_restores(page: Page, server: Server) -> None:
    lines = [f"Step {number}: do as the list says." for number in range(1, 30)]
    saved = server.save_page("Opening the desk", "\n".join(lines), embedded=False)
    open_editor(page, f"/write?slug={saved.slug}")
    text_field(page).fill("\n".join(lines).replace("Step 15: do as", "Step 15: never do as"))
    page.get_by_role("textbox", name="What did you change?").fill("A warning")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("revision 2")).to_be_visible()
    page.goto(f"/history?slug={saved.slug}")
    expect(page.locator("ins")).to_have_text("never ")
    expect(page.locator(".row.added .sign")).to_have_text("+Added: ")
    expect(page.locator(".row.removed .sign")).to_have_text("−Removed: ")
    expect(page.locator(".row")).to_have_count(8)  # three lines of context on either side
    drawn(page)
    page.get_by_role("button", name="11 unchanged lines").first.click()
    expect(page.get_by_text("Step 1: do as the list says.")).to_be_visible()
    drawn(page)
    page.locator(".st-key-restore_1").get_by_role("button").click()
    expect(page.get_by_text("Restored revision 1")).to_be_visible()
    expect(page.locator("del")).to_have_text("never ")
    page.get_by_role("link", name="Back to the page").click()
    expect(page.locator(".st-key-article")).to_contain_text("Step 15: do as")


def test_a_page_moves_to_another_space_then_to_the_trash_and_comes_back(page: Page, server: Server) -> None:
    saved = server.save_page("Fax numbers", "The fax of the xylophone team: 555.")
    page.goto(f"/page?slug={saved.slug}")
    drawn(page)
    page.get_by_role("button", name="Move", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Space").click()
    page.get_by_role("option", name="Operations").click()
    expect(dialog.get_by_text("There everybody who can sign in sees it.")).to_be_visible()
    drawn(page)
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".st-key-head").get_by_role("link", name="Operations")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("is in the trash.")).to_be_visible()
    drawn(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Trash").click()
    card = page.locator(f".st-key-trashed_{saved.id}")
    card.get_by_text("Look at the text").click()
    expect(card).to_contain_text("The fax of the xylophone team: 555.")
    card.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("is back.")).to_be_visible()
    expect(card).to_have_count(0)
    search(page, "xylophone")
    expect(page.get_by_role("link", name="Fax numbers").first).to_be_visible()


def test_on_a_phone_text_and_preview_take_turns(page: Page) -> None:
    page.set_viewport_size(PHONE)
    open_editor(page)
    preview = page.locator(".st-key-preview")
    text_field(page).fill("Shown as **bold**")
    expect(preview).to_be_hidden()
    page.get_by_role("radio", name="Preview").or_(page.get_by_role("button", name="Preview")).first.click()
    expect(preview.locator("strong")).to_have_text("bold")
    expect(text_field(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
