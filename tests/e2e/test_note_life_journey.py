"""The life of a note between people who are signed in, each in a browser of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument

from kb.handover.models import Note, NoteItem, PartyId, Priority
from kb.handovers import SPACE, submit_note
from kb.indexing import Indexer
from kb.models import Person, Role
from kb.pages import ensure_space
from kb.store import people
from kb.store.db import Store, now
from kb.store.people import LOCAL
from kb.teams import save_team
from tests.e2e.conftest import OpenAs
from tests.e2e.hands import drawn, open_section, write
from tests.unit.handover_samples import shift_note

MISSES_THE_CARDS, COVERS_THE_CARDS = (
    re.compile(rf"{state}\s*Visitor cards run out") for state in ("Not mentioned", "Covered")
)
SUMMARY = "I call the bank about the refund batch, then I tell Ana."


def person(store: Store, name: str, role: Role) -> Person:
    with store.atomic() as db:
        return people.add(db, name, f"{name.lower()}@example.com", role)


def submitted(store: Store, sender: Person, *more: NoteItem, **receiver: object) -> Note:
    start = now() + timedelta(hours=1)
    text = shift_note(
        sender=sender.name, sender_id=PartyId(sender.id), effective=start, acknowledge_by=start + timedelta(hours=1),
        **receiver,
    )  # fmt: skip
    text = replace(text, items=(*text.items, *more))
    return submit_note(store, Indexer(store, None), sender, text, ensure_space(store, LOCAL, SPACE))


def test_from_submitted_over_a_blocking_question_to_acknowledged_and_again(store: Store, open_as: OpenAs) -> None:
    sam, rita = person(store, "Sam", Role.AUTHOR), person(store, "Rita", Role.READER)
    note = submitted(store, sam, receiver="Rita", receiver_id=PartyId(rita.id))
    path = f"/handover?slug={note.page.slug}"
    hers, his = open_as(rita), open_as(sam)

    hers.goto(path)
    expect(hers.get_by_text("Your turn:")).to_be_visible()
    drawn(hers)
    hers.get_by_text("Ask a question").click()
    hers.get_by_text("Blocking: I cannot take over").click()
    write(hers, "Your question", "Which bank?")
    hers.get_by_role("button", name="Ask", exact=True).click()
    expect(hers.get_by_text("Sam answers the blocking question next")).to_be_visible()

    his.goto(path)
    drawn(his)
    write(his, "Your answer", "The blue one.")
    his.get_by_role("button", name="Answer", exact=True).click()
    expect(his.get_by_text("Rita reads it back next")).to_be_visible()

    hers.reload()
    expect(hers.get_by_text("The blue one.")).to_be_visible()
    drawn(hers)
    read_back(hers)
    expect(hers.get_by_text("Sam confirms the read-back next")).to_be_visible()

    his.reload()
    expect(his.get_by_text(SUMMARY)).to_be_visible()
    drawn(his)
    write(his, "What is missing or misunderstood (to ask again)", "When?")
    his.get_by_role("button", name="Ask again").click()
    expect(his.get_by_text("Rita reads it back next")).to_be_visible()

    hers.reload()
    expect(hers.get_by_text("Sam asks for another read-back: When?")).to_be_visible()
    drawn(hers)
    read_back(hers)
    expect(hers.get_by_text("Sam confirms the read-back next")).to_be_visible()
    his.reload()
    drawn(his)
    his.get_by_role("button", name="Confirm", exact=True).click()
    expect(his.get_by_role("heading", name="Acknowledged")).to_be_visible()
    expect(his.locator(".st-key-acknowledgement code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    drawn(his)

    assert hash_in_pdf(his) == his.locator(".st-key-acknowledgement code").inner_text()

    his.goto(f"/handover-edit?slug={note.page.slug}")
    expect(his.get_by_label("Client or process")).to_have_value("ACME")
    drawn(his)
    open_section(his, "big_picture")
    write(his, "Big picture", "Backlog of 300 cases.")
    expect(his.get_by_text("Draft kept")).to_be_visible()
    drawn(his)
    his.get_by_role("button", name="Submit version 2").click()
    expect(his.get_by_text("Rita reads it back next")).to_be_visible()
    hers.reload()
    expect(hers.get_by_label("What I understood")).to_have_value("")


def test_of_two_of_a_team_who_read_back_one_takes_over_and_the_other_is_told(store: Store, open_as: OpenAs) -> None:
    sender, first, second = (person(store, name, Role.AUTHOR) for name in ("Tess", "Uma", "Vik"))
    team = save_team(store, LOCAL, "Evening desk", "", None, [first, second])
    note = submitted(store, sender, receiver="Evening desk", receiver_id=PartyId(team=team.id))
    tabs = [open_as(first), open_as(second)]
    for tab in tabs:
        tab.goto(f"/handover?slug={note.page.slug}")
        drawn(tab)
        fill_read_back(tab)
    give(tabs[0])
    expect(tabs[0].get_by_text("Tess confirms the read-back next")).to_be_visible()
    give(tabs[1])
    expect(tabs[1].get_by_test_id("stAlert").filter(has_text="Uma read this note back at")).to_be_visible()
    expect(tabs[1].get_by_text("Tess confirms the read-back next")).to_be_visible()


def hash_in_pdf(tab: Page) -> str:
    """What the note's PDF, as its reader downloads it, gives as its proof."""
    tab.get_by_role("button", name="Download").click()
    expect(tab.get_by_role("button", name="PDF")).to_be_visible()
    drawn(tab)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename.endswith("-version-1.pdf")
    pages = PdfDocument(download.value.path())
    text = "".join(pages[place].get_textpage().get_text_range() for place in range(len(pages)))
    found = re.search(r"Verification hash \(SHA-256\):\s+([0-9a-f]{64})\s", text)
    assert found
    return found[1]


def test_a_read_back_that_misses_a_critical_item_is_shown_to_both_completed_and_confirmed(
    store: Store, open_as: OpenAs
) -> None:
    sam, rita = person(store, "Sol", Role.AUTHOR), person(store, "Ria", Role.READER)
    cards = NoteItem("Visitor cards run out", next_step="Print 40 cards", owner="Ben", priority=Priority.CRITICAL)
    note = submitted(store, sam, cards, receiver="Ria", receiver_id=PartyId(rita.id))
    path = f"/handover?slug={note.page.slug}"
    hers, his = open_as(rita), open_as(sam)

    hers.goto(path)
    drawn(hers)
    write(hers, "What I understood", "Ana calls the bank about the stuck refund batch.")
    coverage = hers.locator(".st-key-coverage")
    expect(coverage).to_contain_text(MISSES_THE_CARDS)
    expect(coverage).to_contain_text("It can be wrong, and blocks nothing.")
    tick_both(hers)
    give(hers)
    expect(hers.get_by_text("Sol confirms the read-back next")).to_be_visible()
    drawn(hers)  # until then, the coverage that was shown while it was written is there as well
    expect(coverage).to_contain_text(MISSES_THE_CARDS)

    his.goto(path)
    expect(his.locator(".st-key-coverage")).to_contain_text(MISSES_THE_CARDS)
    drawn(his)
    write(his, "What is missing or misunderstood (to ask again)", "And the cards?")
    his.get_by_role("button", name="Ask again").click()
    expect(his.get_by_text("Ria reads it back next")).to_be_visible()

    hers.reload()
    drawn(hers)
    whole = "Ana calls the bank about the stuck refund batch. Ben prints 40 visitor cards, since they run out."
    write(hers, "What I understood", whole)
    expect(coverage).to_contain_text(COVERS_THE_CARDS)
    expect(coverage).not_to_contain_text("Not mentioned")
    tick_both(hers)
    give(hers)
    his.reload()
    expect(his.locator(".st-key-coverage")).to_contain_text(COVERS_THE_CARDS)
    drawn(his)
    his.get_by_role("button", name="Confirm", exact=True).click()
    expect(his.get_by_role("heading", name="Acknowledged")).to_be_visible()


def tick_both(tab: Page) -> None:
    drawn(tab)
    for place in range(2):
        tab.locator(".st-key-note_read_back .stCheckbox label").nth(place).click()
        expect(tab.get_by_text(f"{place + 1} of 2 critical items understood")).to_be_visible()
        drawn(tab)


def read_back(tab: Page) -> None:
    fill_read_back(tab)
    give(tab)


def fill_read_back(tab: Page) -> None:
    write(tab, "What I understood", SUMMARY)
    expect(tab.get_by_text(re.compile(r"^Kept \d"))).to_be_visible()
    drawn(tab)
    tab.locator(".st-key-note_read_back .stCheckbox label").click()
    expect(tab.get_by_text("1 of 1 critical items understood")).to_be_visible()
    drawn(tab)


def give(tab: Page) -> None:
    tab.get_by_role("button", name="Give read-back").click()
