"""From a question to its answer, and to the place on the page where the answer stands."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.hands import drawn
from tests.e2e.test_search_journey import box, results
from tests.server import Server

FILLER = "\n\n".join(f"Paragraph {n} is about desks, chairs and lamps of the large hall." for n in range(60))
STEPS = f"""{FILLER}

## Charging

To charge the zeppelin at night, do this:

1. Park the *zeppelin* in bay [seven](https://bay.example/7).
1. Lift the `hood` and wait.
   - Wear gloves, <b>always</b>.

| Zeppelin | Hours |
|---|---|
| small | 8 |

```
charge --zeppelin <script>hacked=1</script>
```

## Afterwards

{FILLER}

Wash your hands with the orange soap after every zeppelin.
"""


def card(page: Page) -> Locator:
    return page.locator(".st-key-answer")


def marked(page: Page) -> Locator:
    return page.locator(".st-key-article [data-passage]")


@pytest.fixture(scope="module")
def zeppelin(server: Server) -> str:
    return server.save_page("Zeppelin <img src=x onerror=hacked=1>", STEPS, space="Hangar").slug


def test_an_answer_leads_to_its_passage_far_down_a_long_page(page: Page, zeppelin: str) -> None:
    page.goto("/")
    box(page).fill("how do I charge the zeppelin at night")
    expect(card(page).get_by_role("heading", level=2)).to_have_text("Answer")
    expect(card(page).get_by_role("listitem")).to_have_text(
        [re.compile("^Park the zeppelin in bay seven"), re.compile("^Lift the hood and wait"), "Wear gloves, always."]
    )
    expect(results(page).first).to_have_text("Zeppelin <img src=x onerror=hacked=1>")

    drawn(page)
    box(page).press("ArrowDown")
    expect(card(page).get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/page\?slug={zeppelin}&q=.*&passage=[0-9a-f]{{12}}#charging$"))
    expect(marked(page).first).to_have_text("To charge the zeppelin at night, do this:")
    expect(marked(page).first).to_be_in_viewport()
    expect(marked(page).first).to_be_focused()
    expect(marked(page).first).to_have_attribute("aria-current", "location")
    # Waited for, not read at once: the code block is drawn by a part that the browser loads later.
    expect(marked(page)).to_have_text(
        [
            "To charge the zeppelin at night, do this:",
            re.compile("^Park the zeppelin in bay seven"),
            re.compile("^Lift the hood and wait"),
            "Wear gloves, <b>always</b>.",
            "ZeppelinHours",
            "small8",
            "charge --zeppelin <script>hacked=1</script>",
        ]
    )
    assert page.evaluate("typeof hacked") == "undefined"

    page.get_by_role("link", name="Back to results").click()
    expect(card(page)).to_be_visible()
    drawn(page)
    other = results(page).nth(1).inner_text()
    results(page).nth(1).click()  # another page: nothing of the passage before stays
    expect(page).to_have_title(other)
    expect(page.locator("[data-passage]").filter(has_text="zeppelin")).to_have_count(0)


def test_a_passage_far_below_its_heading_is_brought_into_view(page: Page, zeppelin: str) -> None:
    page.goto("/?q=wash+your+hands+with+orange+soap")
    drawn(page)
    results(page).first.click()
    expect(page).to_have_url(re.compile(rf"slug={zeppelin}&.*#afterwards$"))
    expect(marked(page).filter(has_text="orange soap")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Afterwards")).not_to_be_in_viewport()


def test_a_passage_that_is_gone_opens_at_its_section(page: Page, zeppelin: str) -> None:
    page.goto(f"/page?slug={zeppelin}&q=zeppelin&passage=000000000000#afterwards")
    expect(page.get_by_role("heading", name="Afterwards")).to_be_in_viewport()
    expect(page.locator(".st-key-article")).to_contain_text("Wash your hands")
    expect(marked(page)).to_have_count(0)


def test_where_probably_nothing_answers_there_is_no_card(page: Page) -> None:
    page.goto("/?q=purple+dinosaur+museum+opening+hours")
    expect(results(page).first).to_be_visible()
    drawn(page)
    expect(card(page)).to_be_hidden()
