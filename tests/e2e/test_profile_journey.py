"""Somebody tells when they work and when they are away, and sees it as their colleagues do."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from kb.models import Absence, Person, Profile, Role
from kb.profiles import colleague, my_profile, save_profile
from kb.store import people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.server import Server


@pytest.fixture
def tomas(server: Server) -> Person:
    """Somebody of this journey's own: every other journey is the local person's."""
    store = Store.open(server.data / "baton.db")
    try:
        with store.atomic() as db:
            known = people.by_name(db, "Tomás Rivera")
            return known.person if known else people.add(db, "Tomás Rivera", "tomas@example.com", Role.AUTHOR)
    finally:
        store.close()


@pytest.fixture
def session_token(server: Server, tomas: Person) -> str:
    return server.sign_in(tomas)


def kept(server: Server, person: Person) -> tuple[Profile, tuple[Absence, ...]]:
    store = Store.open(server.data / "baton.db")
    try:
        return my_profile(store, person), colleague(store, LOCAL, person.id).absences
    finally:
        store.close()


def choose(page: Page, name: str, typed: str, option: str) -> None:
    """Choose from a list by typing, as one does with a keyboard."""
    box = page.get_by_role("combobox", name=name)
    box.click()
    box.fill(typed)
    expect(page.get_by_role("option").filter(has_text=option).first).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value(option)


def type_into(field: Locator, digits: str) -> None:
    """Type into a field for a date or a time, part by part."""
    field.get_by_role("spinbutton").first.click()
    field.page.keyboard.type(digits, delay=30)
    field.page.keyboard.press("Tab")


def test_a_profile_is_set_and_seen(page: Page, server: Server, tomas: Person) -> None:
    page.goto("/profile")
    expect(page.get_by_role("heading", name="My profile")).to_be_visible()
    choose(page, "Time zone", "kathmandu", "Asia/Kathmandu")
    choose(page, "Country", "nepal", "Nepal")
    expect(page.get_by_text("Next public holidays:")).to_be_visible()
    type_into(page.locator(f".st-key-profile_{tomas.id}_start_0"), "2200")
    type_into(page.locator(f".st-key-profile_{tomas.id}_end_0"), "0600")
    expect(page.get_by_text("8 h, to the next day")).to_have_count(1)
    page.get_by_role("button", name="Same as Monday for all weekdays").click()
    expect(page.get_by_text("8 h, to the next day")).to_have_count(5)
    choose(page, "Language of dates and numbers", "german", "German (Germany) · Deutsch")
    expect(page.get_by_text("1.234.567,8")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Everything is saved")).to_be_visible()
    night = (22 * 60, 6 * 60)
    profile, _ = kept(server, tomas)
    assert profile == Profile("Asia/Kathmandu", "NP", "", (night,) * 5 + (None, None), "de_DE")

    first, last = date.today() + timedelta(days=30), date.today() + timedelta(days=33)
    type_into(page.locator(".st-key-absence_first"), f"{first:%d%m%Y}")
    type_into(page.locator(".st-key-absence_last"), f"{last:%d%m%Y}")
    choose(page, "Stand-in", "local", "local")
    page.get_by_role("button", name="Add absence").click()
    expect(page.get_by_text("local stands in")).to_be_visible()
    _, (absence,) = kept(server, tomas)
    assert absence == Absence(absence.id, first, last, LOCAL)

    page.goto("/profile")
    expect(page.get_by_text("Everything is saved")).to_be_visible()
    page.get_by_role("link", name="See it as your colleagues do").click()
    expect(page.get_by_role("heading", name="Tomás Rivera")).to_be_visible()
    expect(page.get_by_text("Monday to Friday: 22:00 to 06:00, the next day")).to_be_visible()


def test_the_owner_of_a_page_leads_to_their_local_time(page: Page, server: Server) -> None:
    store = Store.open(server.data / "baton.db")
    save_profile(store, LOCAL, LOCAL.id, Profile("Asia/Manila"))
    try:
        page.goto("/page?slug=invoice-disputes")
        page.get_by_role("link", name="local", exact=True).first.click()
        expect(page).to_have_url(re.compile(r"/colleague\?id=1$"))
        expect(page.get_by_text("Asia/Manila")).to_be_visible()
        expect(page.get_by_role("img", name=re.compile("^They work today: "))).to_be_visible()
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Colleagues").click()
        page.get_by_role("searchbox", name="Name or team").fill("loc")
        expect(page.get_by_role("link", name="local", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Tomás Rivera")).to_be_hidden()
    finally:
        save_profile(store, LOCAL, LOCAL.id, Profile())
        store.close()


@pytest.mark.parametrize("path", ["/profile", "/colleagues", "/colleague?id=1"])
def test_nothing_sticks_out_on_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
