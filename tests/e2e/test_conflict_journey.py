"""Two people edit one page at the same time, in two browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from kb import models
from kb.store.people import LOCAL
from tests.e2e.conftest import OpenAs
from tests.e2e.hands import drawn
from tests.server import Server

BODY = "Early shift: six to two.\n\nLate shift: two to ten.\n\nNight shift: ten to six."


@pytest.fixture
def other(open_as: OpenAs) -> Page:
    """Another browser, at which somebody else could sit."""
    return open_as(LOCAL)


def edit(page: Page, saved: models.Page, old: str, new: str) -> None:
    page.goto(f"/write?slug={saved.slug}")
    text = page.get_by_role("textbox", name="Text", exact=True)
    expect(text).to_have_value(BODY)
    text.fill(BODY.replace(old, new))
    text.blur()
    expect(page.get_by_text("Draft kept")).to_be_visible()
    drawn(page)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def says(page: Page, body: str) -> None:
    expect(page.locator(".st-key-article")).to_have_text(body, use_inner_text=True)


def test_edits_of_different_places_are_put_together(page: Page, other: Page, server: Server) -> None:
    saved = server.save_page("Shift times", BODY, embedded=False)
    edit(page, saved, "Early shift: six", "Early shift: seven")
    edit(other, saved, "ten to six", "eleven to seven")
    save(page)
    expect(page.get_by_text("revision 2")).to_be_visible()
    save(other)
    expect(other.get_by_role("heading", name="Two edits of “Shift times”")).to_be_visible()
    expect(other.locator(".row.added:visible")).to_have_count(2)  # from theirs to mine
    other.get_by_role("tab", name="What they changed").click()
    expect(other.locator("ins:visible")).to_have_text("seven")
    other.get_by_role("tab", name="Both texts").click()
    expect(other.locator("code:visible")).to_have_count(2)
    expect(other.locator("code:visible").last).to_contain_text("Early shift: seven")
    drawn(other)
    other.get_by_role("button", name="Put both together").click()
    merged = BODY.replace("Early shift: six", "Early shift: seven").replace("ten to six", "eleven to seven")
    expect(other.get_by_role("textbox", name="Text", exact=True)).to_have_value(merged)
    save(other)
    expect(other.get_by_text("revision 3")).to_be_visible()
    says(other, merged)


def test_edits_of_one_place_need_a_person_and_the_history_keeps_both(page: Page, other: Page, server: Server) -> None:
    saved = server.save_page("Shift hours", BODY, embedded=False)
    edit(page, saved, "six to two", "five to one")
    edit(other, saved, "six to two", "seven to three")
    save(page)
    expect(page.get_by_text("revision 2")).to_be_visible()
    save(other)
    expect(other.get_by_text("a person has to decide")).to_be_visible()
    drawn(other)
    expect(other.get_by_role("button", name="Put both together")).to_have_count(0)
    other.get_by_role("button", name="Keep mine on top of theirs").dblclick()
    expect(other.get_by_text("revision 3")).to_be_visible()
    says(other, BODY.replace("six to two", "seven to three"))
    other.goto(f"/history?slug={saved.slug}")
    expect(other.locator(".row.removed .text")).to_have_text("Early shift: five to one.")
    expect(other.locator(".row.added .text")).to_have_text("Early shift: seven to three.")
