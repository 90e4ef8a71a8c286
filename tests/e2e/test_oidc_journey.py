"""There and back with a company account, in a real browser, on the real application and oidc-provider-mock."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from kb.models import Role
from kb.people import invite, setup_link, use_link
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.e2e.conftest import STREAMLIT_LOOKS_FOR_ITS_ROOT, OpenTab
from tests.oidc_provider import Provider, provider_served
from tests.server import SESSION_COOKIE, Server, free_port, handbook_served

PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def provider(chromium: str) -> Iterator[Provider]:
    with provider_served() as running:
        running.knows("ines", name="Ines Duarte", email="ines@example.com", email_verified=True)
        running.knows("ada", name="Ada Lovelace", email="ada@example.com", email_verified=True)
        running.knows("max", name="Max", email="max@example.com", email_verified=False)
        yield running


@pytest.fixture(scope="module")
def company(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A wiki that Ada has set up, which takes the provider's accounts of people who were invited."""
    data, port = tmp_path_factory.mktemp("company"), free_port()
    store = Store.open(data / "baton.db")
    link = setup_link(store)
    assert link is not None
    use_link(store, link.token, PASSWORD, name="Ada", email="ada@example.com")
    invite(store, LOCAL, "Ines", "ines@example.com", Role.AUTHOR)
    store.close()
    environment = {
        "BATON_OIDC_URL": provider.url,
        "BATON_OIDC_CLIENT_ID": "baton",
        "BATON_OIDC_CLIENT_SECRET": "secret",
        "BATON_OIDC_NAME": "Contoso",
        "BATON_OIDC_ROLE": "none",
    }
    with handbook_served(data, port, with_model=False, **environment) as running:
        yield running


@pytest.fixture
def tab(open_tab: OpenTab, company: Server) -> Iterator[Page]:
    """A tab of a browser profile that is signed in nowhere. An error in the console of our pages fails the test."""
    opened = open_tab(company.url, watched=False)  # the provider's pages have errors of their own
    opened.context.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(body=""))  # its style sheet
    errors: list[str] = []

    def keep_error(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        ours = address.startswith(company.url) and not STREAMLIT_LOOKS_FOR_ITS_ROOT.search(address)
        if message.type == "error" and ours and "/sign-in/oidc" not in address:  # a refusal has its status
            errors.append(f"{message.text} ({address})")

    opened.on("console", keep_error)
    yield opened
    opened.context.close()
    assert errors == []


def at_provider(tab: Page, subject: str) -> None:
    """Say who one is, in the provider's own form."""
    expect(tab.get_by_role("heading", name="Authorize Client")).to_be_visible()
    tab.get_by_placeholder("sub").fill(subject)
    tab.get_by_role("button", name="Authorize").click()


def test_oidc_round_trip(company: Server, tab: Page):
    tab.goto("/page?slug=refund-policy")
    expect(tab).to_have_url(re.compile(r"/sign-in\?next="))
    tab.get_by_role("link", name="Sign in with Contoso").click()
    at_provider(tab, "ines")
    expect(tab).to_have_url(f"{company.url}/page?slug=refund-policy")
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    expect(tab.get_by_role("link", name="Edit")).to_be_visible()  # an author, as she was invited
    expect(tab.locator(".st-key-account .name")).to_have_text("Ines")
    assert SESSION_COOKIE not in tab.evaluate("document.cookie")
    tab.reload()
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    left = {cookie["name"] for cookie in tab.context.cookies(company.url)}
    assert left.isdisjoint({SESSION_COOKIE, "baton_oidc"})
    tab.goto("/handovers")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.get_by_role("link", name="Sign in with Contoso").click()  # the second time, by the subject
    at_provider(tab, "ines")
    expect(tab.get_by_role("heading", name="Handover notes", level=1)).to_be_visible()
    assert "ines@" not in company.log()


def test_the_way_back_does_not_count_a_second_time(company: Server, tab: Page):
    tab.goto("/sign-in")
    with tab.expect_request(re.compile("/sign-in/oidc/callback")) as came_back:
        tab.get_by_role("link", name="Sign in with Contoso").click()
        at_provider(tab, "ines")
    expect(tab.get_by_role("heading", name="Search the wiki")).to_be_visible()
    tab.goto("about:blank")  # an open screen would ask on without its session, and the console would tell
    tab.context.clear_cookies(name=SESSION_COOKIE)
    tab.goto(came_back.value.url)
    expect(tab.get_by_role("heading", name="This sign-in is over")).to_be_visible()
    tab.get_by_role("link", name="Sign in with Contoso").click()
    expect(tab.get_by_role("heading", name="Authorize Client")).to_be_visible()


def test_who_has_a_password_links_the_company_account_with_it(company: Server, tab: Page):
    tab.goto("/page?slug=refund-policy")
    tab.get_by_role("link", name="Sign in with Contoso").click()
    at_provider(tab, "ada")
    expect(tab.get_by_role("heading", name="Is this account yours, too?")).to_be_visible()
    tab.get_by_label("Baton password").fill(PASSWORD)
    tab.get_by_role("button", name="Link and sign in").click()
    expect(tab.get_by_role("heading", name="Refund policy", level=1)).to_be_visible()
    expect(tab.locator(".st-key-account .name")).to_have_text("Ada")
    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_role("link", name="Sign in with Contoso").click()
    at_provider(tab, "ada")
    expect(tab.locator(".st-key-account .name")).to_have_text("Ada")


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ("zoe@example.com", "does not say that zoe@example.com is yours"),
        ("max", "does not say that max@example.com is yours"),
        ("zoe", "came without an e-mail address"),
    ],
)
def test_who_does_not_get_in_reads_why(company: Server, tab: Page, subject: str, sentence: str):
    tab.goto("/sign-in")
    tab.get_by_role("link", name="Sign in with Contoso").click()
    at_provider(tab, subject)
    expect(tab.get_by_text(sentence)).to_be_visible()
    expect(tab.get_by_role("link", name="Sign in with a password")).to_be_visible()


def test_who_was_not_invited_reads_whom_to_ask(company: Server, provider: Provider, tab: Page):
    provider.knows("uma", name="Uma", email="uma@example.com", email_verified=True)
    tab.goto("/sign-in")
    tab.get_by_role("link", name="Sign in with Contoso").click()
    at_provider(tab, "uma")
    expect(tab.get_by_text("Ask an administrator to invite uma@example.com.")).to_be_visible()
