"""A team brings its earlier wiki as a zip and goes on working in it."""

from __future__ import annotations

import base64
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hands import choose, drawn

# One grey pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    """An earlier wiki as a zip: front matter, a relative link, an image, and a file that is damaged."""
    path = tmp_path / "wiki.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "start.md",
            "---\ntitle: Marmalade claims desk\ntags: [claims]\n---\n\n"
            "First see [how to escalate](steps/escalate.md#who).\n\n![Floor plan](images/plan.png)\n",
        )
        archive.writestr("steps/escalate.md", "# Escalating a claim\n\n## Who\n\nCall the duty manager.\n")
        archive.writestr("images/plan.png", PNG)
        archive.writestr("broken.docx", b"no document")
    return path


def test_a_zip_is_imported_found_and_read(page: Page, wiki: Path) -> None:
    page.goto("/import")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.locator("input[type=file]").set_input_files(wiki)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled()  # the file has arrived
    choose(page, "Space", "Claims")
    expect(page.get_by_role("combobox", name="Space")).to_have_value("Claims")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 pages added, 0 changed, 0 unchanged, 1 file skipped.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("broken.docx.*damaged"))).to_be_visible()
    drawn(page)
    page.get_by_role("link", name="See the pages of Claims").click()
    expect(page).to_have_url(re.compile(r"/\?space=claims$"))
    page.goto("/?q=marmalade")
    drawn(page)
    page.get_by_role("link", name="Marmalade claims desk").first.click()
    article = page.locator(".st-key-article")
    expect(article.get_by_role("img", name="Floor plan")).to_be_visible()
    expect(article.get_by_role("img")).to_have_js_property("naturalWidth", 1)
    drawn(page)
    article.get_by_role("link", name="how to escalate").click()
    expect(page).to_have_url(re.compile(r"/page\?slug=escalating-a-claim#who$"))
    expect(page.locator(".st-key-article")).to_contain_text("Call the duty manager.")


def test_the_import_goes_on_while_its_person_looks_elsewhere(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60):
            archive.writestr(f"note{number}.md", f"# Quick note {number}\n\nIt says {number}.")
    page.goto("/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Import", exact=True).click()
    # The first is shown until the second is: not always for long enough to be seen.
    added = page.get_by_text("60 pages added")
    expect(page.get_by_text("You can go on working").or_(added)).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Trash").click()
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
    page.get_by_role("link", name="Import", exact=True).click()
    expect(added).to_be_visible()
