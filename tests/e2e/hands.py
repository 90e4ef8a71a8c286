"""What a person does with a screen: with one that is drawn, however slow the machine is."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, ViewportSize, expect

WIDE: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# The same size and place in two frames, one after the other.
AT_REST = """async element => {
    const place = () => JSON.stringify(element.getBoundingClientRect());
    const frame = () => new Promise(requestAnimationFrame);
    for (let before = ""; before !== place(); await frame(), await frame()) before = place();
}"""

# What sticks out of the window on the right, and is not inside something that scrolls by itself.
STICKING_OUT = """() => [...document.querySelectorAll("[data-testid=stMain] *")].filter(element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1 || !element.checkVisibility()) return false;
    for (let around = element.parentElement; around; around = around.parentElement)
        if (["auto", "scroll", "hidden"].includes(getComputedStyle(around).overflowX)
            && around.getBoundingClientRect().right <= innerWidth + 1
            && around.dataset.testid !== "stMain") return false;
    return true;
}).map(element => element.outerHTML.slice(0, 200))"""


def drawn(page: Page) -> None:
    """Wait until the script of the screen has ended: nothing is drawn anew, and no element is there twice."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()


def at_rest(place: Locator) -> None:
    """Wait until an element no longer moves or grows: a click would meet what was there a moment ago."""
    expect(place).to_be_visible()
    place.evaluate(AT_REST)


def write(page: Page, label: str, text: str) -> None:
    """Write into a field and leave it."""
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def choose(page: Page, label: str, option: str, typed: str = "") -> None:
    """Choose from a list by typing, as one does with a keyboard; a name that is not in the list becomes part of it.

    :param typed: what is typed, where less than the option is enough.
    """
    drawn(page)
    field = page.get_by_role("combobox", name=label)
    field.click()  # the list opens for who types into a field that they are in
    field.fill(typed or option)
    take(page, field, option, typed)


def take(page: Page, field: Locator, option: str, typed: str = "") -> None:
    """Take the option that is offered for what was typed.

    A screen that is drawn or scrolled meanwhile closes the list: then it is typed again, as one does.
    """
    offered = page.get_by_role("option").filter(has_text=option).first
    several = page.locator(".stMultiSelect").filter(has=field)
    for last in (False, False, False, True):
        try:
            expect(offered).to_be_visible(timeout=5_000)  # what Enter will take
            field.press("Enter")
            expect(offered).to_have_count(0, timeout=5_000)
            if several.count():
                expect(several).to_contain_text(option, timeout=5_000)
            else:
                expect(field).to_have_value(re.compile(re.escape(option)), timeout=5_000)
        except AssertionError:
            if last:
                raise
            field.fill("")
            field.fill(typed or option)
        else:
            return


def open_section(page: Page, section: str) -> None:
    """Open the fold of a section of the handover form."""
    fold = page.locator(f".st-key-place_{section} details").first
    expect(fold).not_to_have_attribute("open", "")
    fold.locator("summary").first.click()
    expect(fold).to_have_attribute("open", "")


def answer_none(page: Page, *sections: str, answered: int, of: int = 10) -> None:
    """Tick "None" for these sections of the handover form.

    :param answered: how many sections were answered before.
    """
    for number, section in enumerate(sections, answered + 1):
        page.locator(f".st-key-place_{section} .stCheckbox label").click()
        # The form moves while it is drawn: the next click would meet what was there before.
        expect(page.get_by_text(f"{number} of {of} sections answered")).to_be_visible()
        drawn(page)


def nothing_sticks_out(page: Page) -> None:
    """Nothing of the screen is wider than the window, once everything has its place."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    drawn(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)  # parts that the browser loads later
    page.evaluate("document.fonts.ready.then(() => undefined)")
    at_rest(page.get_by_test_id("stMainBlockContainer"))
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    assert page.evaluate(STICKING_OUT) == [], page.url
