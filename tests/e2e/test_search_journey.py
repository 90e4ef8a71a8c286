"""Finding and reading: journeys in the real application."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from kb.models import PageKind
from tests.e2e.hands import drawn
from tests.server import Server

HOSTILE_TITLE = "<img src=x onerror=hacked=1> $x$ :red[x] **b** [l](javascript:hacked=1) zanzibar"
HOSTILE_BODY = """
<script>hacked=1</script> <img src=x onerror=hacked=1> <iframe src="https://evil.example"></iframe>

Costs $5 and $6, :red[not red], :smile:, :material/home:, a -> b.

[click](javascript:hacked=1) [open](data:text/html,x) ![pixel](https://tracker.example/pixel.png)
"""


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search the wiki")


def results(page: Page) -> Locator:
    return page.locator(".st-key-results h2 a")


def test_plain_words_lead_to_the_section_and_back(page: Page) -> None:
    page.goto("/")
    box(page).fill("somebody paid the same bill two times")
    expect(results(page).first).to_have_text("Invoice disputes")
    expect(page).to_have_url(re.compile(r"/\?q=somebody\+paid\+the\+same\+bill\+two\+times$"))
    drawn(page)

    results(page).first.click()
    expect(page.get_by_role("heading", name="When the customer was charged twice")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"/page\?slug=invoice-disputes&q=.*#when-the-customer-was-charged-twice$"))
    expect(page).to_have_title("Invoice disputes")

    page.go_back()
    expect(box(page)).to_have_value("somebody paid the same bill two times")
    expect(results(page).first).to_have_text("Invoice disputes")


def test_a_misspelt_query_is_corrected_and_can_be_insisted_on(page: Page) -> None:
    page.goto("/")
    box(page).fill("refnud aproval")
    expect(page.get_by_text("Showing results for refund approval.")).to_be_visible()
    expect(results(page).first).to_have_text("Refund policy")
    drawn(page)
    page.get_by_role("button", name="Search instead for refnud aproval").click()
    expect(page.get_by_text("Showing results for")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?q=refnud\+aproval&exact=1$"))
    page.reload()
    expect(page.get_by_text("Showing results for")).to_have_count(0)
    expect(box(page)).to_have_value("refnud aproval")


def test_filters_survive_a_page_and_its_link_back(page: Page) -> None:
    page.goto("/?q=team+lead&space=northwind&tag=northwind")
    expect(results(page).first).to_be_visible()
    drawn(page)
    page.get_by_test_id("stButtonGroup").get_by_text("Pages", exact=True).click()
    expect(page).to_have_url(
        re.compile(r"/\?q=team\+lead&space=northwind&(tag=northwind&kind=page|kind=page&tag=northwind)$")
    )
    expect(results(page)).to_have_count(3)  # the address changes before the results do
    drawn(page)
    found = results(page).all_inner_texts()

    results(page).first.click()
    page.get_by_role("link", name="Back to results").click()
    expect(page).to_have_url(
        re.compile(r"/\?q=team\+lead&space=northwind&(tag=northwind&kind=page|kind=page&tag=northwind)$")
    )
    expect(results(page)).to_have_text(found)
    assert set(found) == {"Invoice disputes", "Escalation matrix", "Refund policy"}


def test_a_filter_that_is_pressed_while_the_search_runs_keeps_what_was_typed(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Recently updated")).to_be_visible()
    box(page).press_sequentially("team lead")
    page.get_by_test_id("stButtonGroup").get_by_text("Guides", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?q=team\+lead&kind=guide$"))
    expect(results(page).filter(has_text="Invoice disputes")).to_have_count(0)
    expect(box(page)).to_have_value("team lead")


def test_operators_narrow_and_are_taken_out(page: Page) -> None:
    page.goto("/")
    drawn(page)
    page.get_by_role("button", name="Search tips").click()
    expect(page.get_by_role("cell", name="tag:billing")).to_be_visible()
    page.keyboard.press("Escape")

    box(page).fill('refund "team lead" -laptop tag:billing type:banana')
    expect(page.get_by_text("type: takes page, guide, glossary or handover, not “banana”.")).to_be_visible()
    expect(results(page)).to_have_text(["Refund policy", "Invoice disputes"])
    expect(page).to_have_url(re.compile(r"/\?q=refund\+%22team\+lead%22\+-laptop\+tag%3Abilling\+type%3Abanana$"))
    drawn(page)
    results(page).first.click()
    expect(page.locator(".st-key-article")).to_contain_text("team lead")
    page.get_by_role("link", name="Back to results").click()

    expect(results(page)).to_have_text(["Refund policy", "Invoice disputes"])
    drawn(page)
    page.get_by_role("button", name="“team lead”").click()
    expect(box(page)).to_have_value("refund -laptop tag:billing type:banana")
    drawn(page)
    page.get_by_role("button", name="not “laptop”").click()
    expect(box(page)).to_have_value("refund tag:billing type:banana")
    drawn(page)
    box(page).fill("tag:billing title:refund")
    expect(page.get_by_role("heading", name="Recently updated")).to_be_visible()
    expect(page.locator(".st-key-home").get_by_role("link")).to_have_text(["Refund policy"])
    drawn(page)
    page.get_by_role("button", name="title: refund").click()
    expect(box(page)).to_have_value("tag:billing")
    expect(page).to_have_url(re.compile(r"/\?q=tag%3Abilling$"))


def test_an_address_can_be_shared_and_refreshed(page: Page) -> None:
    page.goto("/?q=VPN-809&space=operations&kind=page&tag=access")
    for _ in range(2):
        expect(box(page)).to_have_value("VPN-809")
        expect(results(page)).to_have_text(["Remote access"])
        page.reload()


def test_matched_words_are_marked_on_the_page(page: Page) -> None:
    page.goto("/page?slug=invoice-disputes&q=duplicate+charges")
    expect(page.locator(".st-key-article")).to_contain_text("When nobody answers")
    # Marks are no part of the document that a locator could wait for.
    marked = "[...(CSS.highlights.get('matched') ?? [])].map(range => range.toString()).join(' ')"
    page.wait_for_function(f"{marked} === 'charged duplicate charge'")


def test_keys_reach_the_box_and_the_results(page: Page) -> None:
    page.goto("/page?slug=remote-access")
    drawn(page)
    page.get_by_role("heading", name="Lost token").click()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("vpn/token")
    expect(box(page)).to_have_value("vpn/token")
    expect(results(page).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=vpn%2Ftoken$"))
    expect(page.locator(".st-key-answer").get_by_role("link")).to_be_visible()
    drawn(page)

    page.keyboard.press("ArrowDown")
    expect(page.locator(".st-key-answer").get_by_role("link")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results(page).first).to_be_focused()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()

    page.goto("/index-status")
    drawn(page)
    page.get_by_role("heading", name="Index status").click()
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()


def test_internal_link_stays_in_the_tab_and_opens_its_section(page: Page) -> None:
    page.goto("/page?slug=invoice-disputes")
    drawn(page)
    page.get_by_role("link", name="who signs what").click()
    expect(page.get_by_role("heading", name="Who signs what")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"/page\?slug=escalation-matrix#who-signs-what$"))
    assert len(page.context.pages) == 1

    drawn(page)
    page.locator(".st-key-contents_beside").get_by_role("link", name="Phone numbers").click()
    expect(page).to_have_url(re.compile(r"#phone-numbers$"))
    expect(page.get_by_role("heading", name="Phone numbers")).to_be_in_viewport()


def test_back_returns_to_the_place_in_the_results(page: Page) -> None:
    page.goto("/?q=customer")
    drawn(page)
    page.get_by_role("button", name="More results").click()
    expect(results(page)).to_have_count(20)
    drawn(page)
    title = results(page).nth(15).inner_text()
    results(page).nth(15).click()
    expect(page).to_have_title(title)
    page.go_back()
    expect(results(page)).to_have_count(20)
    expect(results(page).nth(15)).to_be_in_viewport()


def test_a_link_at_the_foot_of_a_page_opens_the_next_page_at_its_head(page: Page, server: Server) -> None:
    long = "A line of text.\n\n" * 80
    server.save_page("Second long page", long, embedded=False)
    first = server.save_page("First long page", f"{long}[[Second long page]]", embedded=False)
    page.goto(f"/page?slug={first.slug}")
    drawn(page)
    page.locator(".st-key-article").get_by_role("link", name="Second long page").click()
    expect(page.get_by_role("heading", name="Second long page")).to_be_in_viewport()


def test_search_in_the_sidebar_begins_anew(page: Page, server: Server) -> None:
    page.goto("/?q=refund&kind=page")
    expect(results(page).first).to_be_visible()
    drawn(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Search").click()
    expect(box(page)).to_have_value("")
    expect(page.get_by_role("heading", name="Recently updated")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/")


def test_a_handover_note_opens_on_its_own_screen(page: Page, server: Server) -> None:
    note = server.save_page("Night shift of 3 March", "Quiet.", kind=PageKind.HANDOVER)
    page.goto("/index-status")
    page.goto(f"/page?slug={note.slug}")
    expect(page).to_have_url(re.compile(rf"/handover\?slug={note.slug}$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/index-status$"))


def test_hostile_text_is_text(page: Page, server: Server) -> None:
    outside: list[str] = []
    page.on("request", lambda request: None if server.url in request.url else outside.append(request.url))
    saved = server.save_page(HOSTILE_TITLE, HOSTILE_BODY, ["<b>tag</b>"])
    page.goto("/?q=zanzibar")
    expect(results(page).first).to_have_text(HOSTILE_TITLE)
    expect(page.locator(".st-key-results")).to_contain_text("Costs $5 and $6, :red[not red], :smile:")

    page.goto(f"/page?slug={saved.slug}")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE_TITLE)
    article = page.locator(".st-key-article")
    drawn(page)
    expect(article).to_contain_text('<script>hacked=1</script> <img src=x onerror=hacked=1> <iframe src="https://evil')
    expect(article).to_contain_text("Costs $5 and $6, :red[not red], :smile:, :material/home:, a -> b.")
    expect(page.locator(".st-key-chips")).to_have_text("<b>tag</b>")
    links = article.get_by_role("link").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == ["https://tracker.example/pixel.png"]
    assert page.evaluate("typeof hacked") == "undefined"
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def test_a_page_goes_to_the_trash_and_comes_back(page: Page, server: Server) -> None:
    saved = server.save_page("Forklift rota", "Who drives the forklift.")
    page.goto(f"/page?slug={saved.slug}")
    drawn(page)
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_role("dialog").get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("“Forklift rota” is in the trash.")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forklift rota")
    expect(page.locator(".st-key-article")).to_have_text("Who drives the forklift.")


def test_before_the_model_is_there_words_answer_and_meaning_follows(page: Page, server: Server) -> None:
    server.restart(wait_for_model=False)
    page.goto("/?q=duplicate+charge")
    expect(results(page).first).to_have_text("Invoice disputes")
    notice = page.get_by_text("The meaning model is still loading: these results match by words only.")
    expect(notice).to_be_visible()
    server.wait_for_model()
    expect(notice).to_be_hidden()
    expect(page.get_by_text(re.compile(r"in meaning \(0\.\d\d\)")).first).to_be_visible()
