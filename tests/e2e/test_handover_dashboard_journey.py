"""A lead looks at how handovers go: the figures, a chart under the strict policy, and the export."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from kb.handovers import SPACE, submit_note
from kb.indexing import Indexer
from kb.pages import ensure_space
from kb.store.db import Store, now
from kb.store.people import LOCAL
from tests.e2e.hands import drawn
from tests.unit.handover_samples import shift_note


def test_the_dashboard_is_narrowed_drawn_and_exported(store: Store, page: Page) -> None:
    begins = now() + timedelta(hours=1)
    text = shift_note(client="Dashing Ltd", effective=begins, acknowledge_by=begins + timedelta(hours=1))
    note = submit_note(store, Indexer(store, None), LOCAL, text, ensure_space(store, LOCAL, SPACE))
    page.goto("/handover-dashboard")
    page.get_by_label("Client", exact=True).click()
    page.get_by_role("option", name="Dashing Ltd").click()
    expect(page.get_by_text("1 note first submitted from")).to_be_visible()
    drawn(page)
    page.get_by_label("Measure", exact=True).click()
    page.get_by_role("option", name="Sections complete").click()
    expect(page.get_by_role("heading", name="Sections complete over time")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg.marks")).to_be_visible()
    drawn(page)  # a run makes another file for the button
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    (row,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    assert (row["client"], row["note"], row["sections complete (%)"]) == ("Dashing Ltd", note.page.title, "100")
    page.get_by_role("link", name=note.page.title).click()
    expect(page.get_by_role("heading", name=note.page.title)).to_be_visible()
