"""From the set-up link to signing out, in a real browser on an application of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from kb.models import Person, Role
from kb.people import invite, set_role, use_link
from kb.sessions import end_session, my_sessions
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.e2e.conftest import OpenTab
from tests.e2e.hands import drawn
from tests.server import SESSION_COOKIE, Server, handbook_served

PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def fresh(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application that nobody has set up yet."""
    with handbook_served(tmp_path_factory.mktemp("fresh"), with_model=False) as running:
        yield running


@pytest.fixture
def store(fresh: Server) -> Iterator[Store]:
    opened = Store.open(fresh.data / "baton.db")
    yield opened
    opened.close()


@pytest.fixture
def tab(open_tab: OpenTab, fresh: Server) -> Page:
    """A tab of a browser profile that is signed in nowhere. A refusal is an error in its console."""
    return open_tab(fresh.url, watched=False)


def sign_in(tab: Page, email: str, address: str = "/") -> None:
    """Open an address and sign in on the way."""
    tab.goto(address)
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()


def invited(store: Store, name: str, role: Role) -> str:
    """A person who has set their password; their e-mail address."""
    email = f"{name.lower()}@example.com"
    use_link(store, invite(store, LOCAL, name, email, role).token, PASSWORD)
    return email


def test_the_set_up_link_makes_the_first_administrator(fresh: Server, tab: Page):
    tab.goto("/page?slug=refund-policy")
    expect(tab).to_have_url(re.compile(r"/sign-in\?next="))
    expect(tab.get_by_role("heading", name="Almost there")).to_be_visible()
    link = re.findall(r"http://\S+/link\?token=\S+", fresh.log())[-1]
    tab.goto(link)
    tab.get_by_label("E-mail address").fill("ada@example.com")
    tab.get_by_label("Your name, as colleagues see it").fill("Ada Lovelace")
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_label("The same password again").fill(PASSWORD)
    tab.get_by_role("button", name="Set up").click()
    expect(tab.get_by_role("heading", name="Search the wiki")).to_be_visible()
    tab.goto("/page?slug=refund-policy")
    expect(tab.get_by_text("owner Ada Lovelace")).to_be_visible()  # what "local" wrote is hers
    tab.goto(link)
    expect(tab.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    assert PASSWORD not in fresh.log()


def test_an_invited_person_signs_in_and_stays_signed_in(fresh: Server, store: Store, tab: Page):
    link = invite(store, LOCAL, "Ines", "ines@example.com", Role.AUTHOR)
    tab.goto(f"/link?token={link.token}")
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_label("The same password again").fill(PASSWORD)
    tab.get_by_role("button", name="Save and sign in").click()
    expect(tab.locator(".st-key-account .name")).to_have_text("Ines")
    tab.reload()
    expect(tab.locator(".st-key-account .name")).to_have_text("Ines")
    second = tab.context.new_page()
    second.goto("/page?slug=refund-policy")
    expect(second.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    fresh.restart(wait_for_model=False)
    tab.goto("/handovers")
    expect(tab.get_by_role("heading", name="Handover notes", level=1)).to_be_visible()
    assert SESSION_COOKIE not in tab.evaluate("document.cookie")  # no script reads a session


def test_a_deep_link_survives_signing_in(fresh: Server, store: Store, tab: Page):
    sign_in(tab, invited(store, "Deepa", Role.READER), "/page?slug=refund-policy&q=money#after-30-days")
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    expect(tab).to_have_url(re.compile(r"/page\?slug=refund-policy"))


def test_a_revoked_session_ends_at_the_next_interaction(fresh: Server, store: Store, tab: Page):
    email = invited(store, "Ravi", Role.AUTHOR)
    sign_in(tab, email)
    box = tab.get_by_role("searchbox", name="Search the wiki")
    box.fill("refund")
    expect(tab.get_by_role("link", name="Refund policy").first).to_be_visible()
    drawn(tab)
    with store.reading() as db:
        ravi = db.execute("SELECT id FROM people WHERE email = ?", [email]).fetchone()[0]
    person = Person(ravi, "Ravi")
    for session in my_sessions(store, person):
        end_session(store, person, session.id)
    box.fill("refund policy for invoices")  # only a fragment of the screen runs again
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(tab).to_have_url(re.compile("/sign-in"))


def test_a_demoted_person_can_read_on_but_not_write(fresh: Server, store: Store, tab: Page):
    email = invited(store, "Devi", Role.AUTHOR)
    sign_in(tab, email, "/page?slug=refund-policy")
    expect(tab.get_by_role("link", name="Edit")).to_be_visible()
    drawn(tab)
    with store.reading() as db:
        devi = db.execute("SELECT id FROM people WHERE email = ?", [email]).fetchone()[0]
    set_role(store, LOCAL, devi, Role.READER)
    tab.get_by_role("link", name="Edit").click()
    expect(tab.get_by_role("heading", name="Not for your role")).to_be_visible()
    tab.goto("/page?slug=refund-policy")
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    expect(tab.get_by_role("link", name="Edit")).to_have_count(0)


def test_after_signing_out_back_shows_nothing(fresh: Server, store: Store, tab: Page):
    sign_in(tab, invited(store, "Olga", Role.READER), "/page?slug=refund-policy")
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    drawn(tab)
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(tab.get_by_text("Refund policy")).to_have_count(0)
    assert SESSION_COOKIE not in {cookie["name"] for cookie in tab.context.cookies()}


def test_a_wrong_password_is_said_and_the_address_kept(fresh: Server, tab: Page):
    tab.goto("/sign-in")
    tab.get_by_label("E-mail address").fill("nobody@example.com")
    tab.get_by_label("Password").fill("something else")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_have_text("E-mail address or password is wrong.")
    expect(tab.get_by_label("E-mail address")).to_have_value("nobody@example.com")
