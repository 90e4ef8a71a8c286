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
from tests.e2e.hands import PHONE, choose, drawn, nothing_sticks_out
from tests.server import Server


@pytest.fixture
def tomas(store: Store) -> Person:
    """Somebody of this journey's own: every other journey is the local person's."""
    with store.atomic() as db:
        known = people.by_name(db, "Tomás Rivera")
        return known.person if known else people.add(db, "Tomás Rivera", "tomas@example.com", Role.AUTHOR)


@pytest.fixture
def session_token(server: Server, tomas: Person) -> str:
    return server.sign_in(tomas)


def choose_known(page: Page, name: str, typed: str, option: str) -> None:
    choose(page, name, option, typed)
    expect(page.get_by_role("combobox", name=name)).to_have_value(option)


def type_into(field: Locator, digits: str) -> None:
    """Type into a field for a date or a time, part by part."""
    field.get_by_role("spinbutton").first.click()
    field.page.keyboard.type(digits, delay=30)
    field.page.keyboard.press("Tab")


def test_a_profile_is_set_and_seen(page: Page, store: Store, tomas: Person) -> None:
    page.goto("/profile")
    expect(page.get_by_role("heading", name="My profile")).to_be_visible()
    drawn(page)
    choose_known(page, "Time zone", "kathmandu", "Asia/Kathmandu")
    choose_known(page, "Country", "nepal", "Nepal")
    expect(page.get_by_text("Next public holidays:")).to_be_visible()
    drawn(page)
    type_into(page.locator(f".st-key-profile_{tomas.id}_start_0"), "2200")
    type_into(page.locator(f".st-key-profile_{tomas.id}_end_0"), "0600")
    expect(page.get_by_text("8 h, to the next day")).to_have_count(1)
    drawn(page)
    page.get_by_role("button", name="Same as Monday for all weekdays").click()
    expect(page.get_by_text("8 h, to the next day")).to_have_count(5)
    drawn(page)
    choose_known(page, "Language of dates and numbers", "german", "German (Germany) · Deutsch")
    expect(page.get_by_text("1.234.567,8")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Everything is saved")).to_be_visible()
    night = (22 * 60, 6 * 60)
    assert my_profile(store, tomas) == Profile("Asia/Kathmandu", "NP", "", (night,) * 5 + (None, None), "de_DE")

    drawn(page)
    first, last = date.today() + timedelta(days=30), date.today() + timedelta(days=33)
    type_into(page.locator(".st-key-absence_first"), f"{first:%d%m%Y}")
    type_into(page.locator(".st-key-absence_last"), f"{last:%d%m%Y}")
    choose_known(page, "Stand-in", "local", "local")
    drawn(page)
    page.get_by_role("button", name="Add absence").click()
    expect(page.get_by_text("local stands in")).to_be_visible()
    (absence,) = colleague(store, LOCAL, tomas.id).absences
    assert absence == Absence(absence.id, first, last, LOCAL)

    page.goto("/profile")
    expect(page.get_by_text("Everything is saved")).to_be_visible()
    drawn(page)
    page.get_by_role("link", name="See it as your colleagues do").click()
    expect(page.get_by_role("heading", name="Tomás Rivera")).to_be_visible()
    expect(page.get_by_text("Monday to Friday: 22:00 to 06:00, the next day")).to_be_visible()


def test_the_owner_of_a_page_leads_to_their_local_time(page: Page, store: Store) -> None:
    save_profile(store, LOCAL, LOCAL.id, Profile("Asia/Manila"))
    try:
        page.goto("/page?slug=invoice-disputes")
        drawn(page)
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


@pytest.mark.parametrize("path", ["/profile", "/colleagues", "/colleague?id=1"])
def test_nothing_sticks_out_on_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(path)
    nothing_sticks_out(page)
