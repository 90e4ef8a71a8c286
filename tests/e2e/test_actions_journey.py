"""An open item from one shift to the next, and to its end."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from kb.handover.models import PartyId
from kb.handovers import SPACE, submit_note
from kb.indexing import Indexer
from kb.models import Role
from kb.pages import ensure_space
from kb.store import people
from kb.store.db import Store, now, to_text
from kb.store.people import LOCAL
from tests.e2e.hands import answer_none, choose, drawn, open_section, write
from tests.unit.handover_samples import shift_note

CLIENT = "Umbra"
FOCUS_ROUND = 25 * 60 * 1000 + 2_000  # milliseconds, and a little for the next tick


def hand_over(store: Store) -> None:
    """A note with one open item, three days ago, to the person of the browser."""
    with store.atomic() as db:
        sam = people.add(db, "Sam Umbra", "sam.umbra@example.com", Role.AUTHOR)
    start = now() + timedelta(hours=1)
    text = shift_note(
        client=CLIENT, sender=sam.name, sender_id=PartyId(sam.id), receiver=LOCAL.name,
        receiver_id=PartyId(LOCAL.id), effective=start, acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    note = submit_note(store, Indexer(store, None), sam, text, ensure_space(store, LOCAL, SPACE))
    with store.atomic() as db:
        before = to_text(now() - timedelta(days=3, minutes=5))
        db.execute("UPDATE item_places SET at = ? WHERE page_id = ?", [before, note.page.id])


def start_from_last(page: Page) -> None:
    page.goto("/handover-edit?template=shift")
    write(page, "Client or process", CLIENT)
    page.get_by_role("button", name=f"Start from the last note of {CLIENT}").click()
    expect(page.get_by_role("button", name="Start from the last note")).to_have_count(0)
    drawn(page)


def test_an_open_item_is_carried_with_its_age_done_and_not_carried_again(page: Page, store: Store) -> None:
    hand_over(store)
    start_from_last(page)
    items = page.locator(".st-key-place_items")
    open_section(page, "items")
    items.get_by_role("button", name="Fill in one by one").click()
    expect(items.get_by_label("Item", exact=True)).to_have_value("Refund batch stuck")
    expect(items.get_by_text("Open for 3 days")).to_be_visible()

    choose(page, "To", "Day desk")
    expect(page.get_by_text("4 of 10 sections answered")).to_be_visible()
    open_section(page, "shift")
    write(page, "Shift", "Day")
    expect(page.get_by_text("5 of 10 sections answered")).to_be_visible()
    open_section(page, "big_picture")
    write(page, "Big picture", "Quiet.")
    expect(page.get_by_text("6 of 10 sections answered")).to_be_visible()
    drawn(page)
    answer_none(page, "resolved", "staffing", "coming_up", "reachable", answered=6)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("open for 3 days, carried once")).to_be_visible()

    page.clock.install()
    page.goto("/actions")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    drawn(page)
    page.clock.fast_forward(FOCUS_ROUND)
    expect(page.get_by_text("1 round finished today")).to_be_visible()
    drawn(page)

    card = page.locator('[class*="st-key-action_"]').filter(has_text=CLIENT)
    expect(card).to_have_count(1)
    card.get_by_role("button", name="Done").press("Enter")
    expect(page.locator(".st-key-just_done")).to_contain_text("Refund batch stuck is done.")
    expect(card).to_have_count(0)

    start_from_last(page)
    open_section(page, "items")
    items.get_by_role("button", name="Fill in one by one").click()
    expect(items.get_by_role("button", name="Add an item")).to_be_visible()  # it has none
