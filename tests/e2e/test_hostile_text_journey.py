"""HTML, script and Markdown in every text that people can save: each screen shows it as text, and nothing runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from kb.drafts import keep_draft, new_draft
from kb.handover.models import Answer, NoteText, PartyId
from kb.handover.templates import FieldKind, Section, SectionKind, template_of
from kb.handovers import submit_note
from kb.indexing import Indexer
from kb.models import Person, Role, SpaceKind
from kb.pages import PageText, create_page, edit_page, trash_page
from kb.people import change_account, invite
from kb.questions import answer, ask, note_threads
from kb.read_backs import read_back
from kb.sharing import make_space
from kb.store import people
from kb.store.db import Store, now
from kb.store.people import LOCAL
from kb.teams import save_team
from tests.e2e.hands import drawn
from tests.server import Server
from tests.unit.handover_samples import shift_note

SCRIPT = "<script>window.hacked=1</script>"
HANDLER = "<img src=x onerror=window.hacked=1>"
LINK = "[a](javascript:window.hacked=1)"
PICTURE = "![p](//evil.example/p.png)"
NAME = f"Eve {HANDLER}{LINK}{PICTURE}"  # short enough for every name
TEXT = f"{NAME} {SCRIPT} <svg onload=window.hacked=1> <a href='javascript:hacked=1'>b</a> $x$ :red[c] {{{{7*7}}}}"
# Whatever would have come of it: elements that Baton's own screens never have.
BREACHES = """() => [
    window.hacked ? ["ran"] : [],
    [...document.querySelectorAll("img[src='x'], [onerror], [onload], [src*='evil.example'], svg[onload]")],
    [...document.querySelectorAll("a")].filter(link => /^javascript/i.test(link.getAttribute("href") ?? "")),
    [...document.querySelectorAll("body script")].filter(script => script.textContent.includes("hacked")),
].flat().map(found => found.outerHTML ?? found)"""


@pytest.fixture(scope="module")
def addresses(server: Server) -> list[str]:
    """The address of every screen that shows a text that somebody else typed."""
    store = Store.open(server.data / "baton.db")
    indexer = Indexer(store, None)
    with store.atomic() as db:
        eve = people.add(db, NAME, "hostile.eve@example.com", Role.AUTHOR)
        rita = people.add(db, f"Rita {HANDLER}", "hostile.rita@example.com", Role.AUTHOR)
    guest = invite(store, LOCAL, f"Guest {HANDLER}", "hostile.guest@example.com", Role.READER).account.person
    change_account(store, LOCAL, guest.id, f"Guest {TEXT}"[:80], "hostile.guest@example.com")
    team = save_team(store, LOCAL, f"Team {HANDLER}", f"Queue {HANDLER}", eve, [rita])
    space = make_space(store, LOCAL, f"S {HANDLER}", SpaceKind.RESTRICTED, [LOCAL, eve, rita], [team]).space

    text = PageText(f"Page {NAME}", f"# {TEXT}\n\n{TEXT}\n\n| {TEXT} |\n|---|\n| {TEXT} |\n\n[[{TEXT}]]", (HANDLER,))
    page = create_page(store, indexer, eve, space, text)
    page = edit_page(store, indexer, eve, page, replace(text, body=text.body + "\n\nMore."), summary=TEXT[:200])
    trash_page(store, eve, create_page(store, indexer, eve, space, PageText(f"Trash {NAME}", TEXT)))
    keep_draft(store, LOCAL, replace(new_draft(store, LOCAL), text=PageText(f"Draft {NAME}", TEXT)))

    note = submit_note(store, indexer, eve, _note(eve, rita), space)
    note = ask(store, rita, note, TEXT, blocking=True)
    (thread,) = note_threads(store, eve, note)
    note = answer(store, eve, note, thread.id, TEXT)
    note = read_back(store, rita, note, TEXT, range(len(note.text.items)))
    store.close()
    return [
        "/", "/?q=hacked+eve", "/?q=%3Cimg%20src%3Dx%20onerror%3Dhacked%3D1%3E", f"/?q=more&space={space.slug}",
        f"/page?slug={page.slug}&q=onerror", f"/history?slug={page.slug}", f"/write?slug={page.slug}", "/write",
        "/handovers", f"/handover?slug={note.page.slug}&q=onerror", f"/handover-edit?slug={note.page.slug}",
        "/colleagues", f"/colleague?id={eve.id}", "/profile", "/import", "/index-status", "/trash", "/spaces",
        "/people", f"/people?id={eve.id}", "/teams", f"/teams?id={team.id}", f"/spaces?space={space.slug}",
        f"/profile?id={eve.id}", "/audit", "/sessions", f"/page?slug={HANDLER}", f"/handover?slug={HANDLER}",
    ]  # fmt: skip


def test_no_text_becomes_a_part_of_the_screen(page: Tab, addresses: list[str]) -> None:
    shown = 0
    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        drawn(page)
        assert page.evaluate(BREACHES) == [], address
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        shown += "onerror" in page.locator("[data-testid=stMain]").inner_text()
    assert shown >= 10  # it was there to be seen, as the text that it is


def _note(sender: Person, receiver: Person) -> NoteText:
    """A note with hostile text in every field that takes any."""
    start = now() + timedelta(hours=1)
    text = shift_note(
        client=f"C {HANDLER}", sender=sender.name, sender_id=PartyId(sender.id), receiver=receiver.name,
        receiver_id=PartyId(receiver.id), backup=NAME, lead=NAME, links=(TEXT,), title=f"Note {NAME}",
        effective=start, acknowledge_by=start + timedelta(hours=1),
    )  # fmt: skip
    template = template_of(text.template)
    item = replace(
        text.items[0], title=TEXT, reference=TEXT, next_step=TEXT, owner=TEXT,
        details={field.key: TEXT for field in template.items_section.fields if field.kind is not FieldKind.CHOICE},
    )  # fmt: skip
    answers = {section.key: _answer(section) for section in template.sections if section.kind is not SectionKind.ITEMS}
    return replace(text, answers=answers, items=(item,))


def _answer(section: Section) -> Answer:
    if section.kind is SectionKind.TEXT:
        return Answer(TEXT)
    row = {
        field.key: TEXT for field in section.fields if field.kind in (FieldKind.TEXT, FieldKind.LONG, FieldKind.PAGE)
    }
    chosen = {field.key: field.options[0] for field in section.fields if field.kind is FieldKind.CHOICE}
    dates = {field.key: "2026-12-01" for field in section.fields if field.kind is FieldKind.DATE}
    return Answer(rows=({**row, **chosen, **dates},))
