"""Every screen on a wide screen and a phone, light and dark: nothing overflows, and it can be read."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenTab
from tests.e2e.hands import PHONE, WIDE, at_rest, drawn, nothing_sticks_out
from tests.server import Server

SCREENS = ["/", "/?q=team+lead", "/?q=zzz&tag=nothing&kind=handover", "/page?slug=invoice-disputes&q=team",
           f"/?q={'-unbroken' * 20}+tag:zzz+type:page+updated:2026..2030", "/page?slug=no-such-page",
           "/index-status", "/my-day", "/relay"]  # fmt: skip
GIANT = f"""
|{" wide column |" * 30}
|{"---|" * 30}
|{" value |" * 30}

```
{"a long line of code " * 40}
```

# {"Unbroken" * 30}

https://x.org/{"y" * 500}
"""
ARABIC = """
هذا دليل تسليم العمل: افتح **Northwind CRM** وابحث عن INC-4711.

- اتصل بالبنك
- Print the cards

| الحقل | Value |
|---|---|
| المبلغ | 100 |

```
total = 0  # المجموع
```

An English paragraph.
"""


def test_nothing_sticks_out(page: Page, server: Server) -> None:
    giant = server.save_page(
        "Long " * 39, GIANT, [f"tag-number-{n}" for n in range(30)], space="Stress", embedded=False
    )
    for path in [*SCREENS, f"/page?slug={giant.slug}"]:
        page.goto(path)
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            nothing_sticks_out(page)


def test_contents_stand_beside_the_text_or_fold_above_it(page: Page) -> None:
    page.goto("/page?slug=invoice-disputes")
    above, beside = page.locator(".st-key-contents_above"), page.locator(".st-key-contents_beside")
    expect(beside).to_be_visible()
    expect(above).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(above).to_be_visible()
    expect(beside).to_be_hidden()
    drawn(page)
    above.get_by_text("On this page").click()
    # Half open, the link would move from under the click.
    above.locator("details").evaluate("box => Promise.all(box.getAnimations().map((opening) => opening.finished))")
    at_rest(above)
    above.get_by_role("link", name="When nobody answers").click()
    expect(page.get_by_role("heading", name="When nobody answers")).to_be_in_viewport()


def test_text_runs_as_its_first_letter_does(page: Page, server: Server) -> None:
    arabic = server.save_page("دليل التسليم لفريق Northwind", ARABIC, space="Stress", embedded=False)
    page.goto(f"/page?slug={arabic.slug}")
    article = page.locator(".st-key-article")
    for part in ("ul", "table"):  # bullets and columns begin on the right
        expect(article.locator(part)).to_have_css("direction", "rtl")
    expect(article.locator("pre")).to_have_css("direction", "ltr")
    title = page.get_by_role("heading", level=1)
    paragraphs = [title, article.get_by_text("هذا دليل"), article.get_by_text("An English paragraph.")]
    assert [starts_on_the_right(paragraph) for paragraph in paragraphs] == [True, True, False]
    page.goto(f"/write?slug={arabic.slug}")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_css("unicode-bidi", "plaintext")


def starts_on_the_right(paragraph: Locator) -> bool:
    """Whether the first line of the text touches the right side of its block rather than the left."""
    return bool(
        paragraph.evaluate("""block => {
            const range = document.createRange();
            range.selectNodeContents(block);
            const text = range.getClientRects(), box = block.getBoundingClientRect();
            const [left, right] = [Math.min(...[...text].map(r => r.left)), Math.max(...[...text].map(r => r.right))];
            return box.right - right < left - box.left;
        }""")
    )


def test_matched_words_can_be_read_in_the_dark(open_tab: OpenTab, server: Server) -> None:
    tab = open_tab(server.url, server.sign_in(), color_scheme="dark")
    tab.goto("/?q=refund")
    mark = tab.locator(".st-key-results .stMarkdownColoredBackground").first
    # The style may come a moment after the words: until then Streamlit's own translucent colour shows.
    expect(mark).not_to_have_css("background-color", re.compile("rgba"))
    colours = mark.evaluate("mark => [getComputedStyle(mark).color, getComputedStyle(mark).backgroundColor]")
    assert contrast(*colours) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two CSS colours, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour.split("(")[1].rstrip(")").split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
