"""Taking a note along: who may, what is noted, and what the file says of its acknowledgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kb.handover.models import Note, PartyId
from kb.handovers import SPACE, read_note, save_note, submit_note
from kb.indexing import Indexer
from kb.models import Person, Profile, Role
from kb.note_export import Form, export_note, file_name
from kb.pages import PageNotFound, PageText, create_page, ensure_space
from kb.questions import answer, ask, note_threads
from kb.read_backs import confirm, note_read_backs, note_seals, read_back
from kb.store import audit, people, profiles
from kb.store.audit import AuditFilter
from kb.store.db import Store, now
from kb.store.people import LOCAL
from tests.unit.handover_samples import shift_note

SUMMARY = "I call the bank about the refund batch,\nthen I tell Ana."


@pytest.fixture
def sam(store: Store) -> Person:
    return person(store, "Sam", "Europe/Berlin")


@pytest.fixture
def rita(store: Store) -> Person:
    return person(store, "Rita", "Asia/Kolkata")


@pytest.fixture
def note(store: Store, sam: Person, rita: Person) -> Note:
    begins = now() + timedelta(hours=1)
    text = shift_note(
        sender="Sam", sender_id=PartyId(sam.id), receiver="Rita", receiver_id=PartyId(rita.id), effective=begins,
        acknowledge_by=begins + timedelta(hours=1), links=("refund-guide", "Nowhere"),
    )  # fmt: skip
    return submit_note(store, Indexer(store, None), sam, text, ensure_space(store, LOCAL, SPACE))


def person(store: Store, name: str, zone: str) -> Person:
    with store.atomic() as db:
        added = people.add(db, name, f"{name.lower()}@example.com", Role.AUTHOR)
        profiles.save(db, added.id, Profile(zone))
    return added


def markdown(store: Store, actor: Person, note: Note, public_url: str = "") -> str:
    return export_note(store, actor, note, Form.MARKDOWN, public_url).content.decode()


def test_an_export_is_noted_in_the_audit_log(store: Store, rita: Person, note: Note):
    for form in Form:
        export_note(store, rita, note, form)
    with store.reading() as db:
        found = audit.find(db, AuditFilter(actions=("note.exported",)), 10)
    assert [(entry.actor, entry.subject, entry.subject_id, entry.detail) for entry in found] == [
        (rita, "page", note.page.id, f"{form}, version 1") for form in ("md", "html", "pdf")
    ]


def test_a_draft_is_its_writers_alone_and_says_that_it_is_one(store: Store, sam: Person, rita: Person):
    draft = save_note(store, Indexer(store, None), sam, shift_note(), ensure_space(store, LOCAL, SPACE))
    with pytest.raises(PageNotFound):
        export_note(store, rita, draft, Form.HTML)
    with store.reading() as db:
        assert audit.count(db, AuditFilter(actions=("note.exported",))) == 0
    assert "> **Draft.** This note was never handed over. Nobody may rely on it." in markdown(store, sam, draft)
    assert file_name(draft, Form.PDF) == "shift-handover-acme-21-nov-night-day-draft.pdf"


def test_the_name_of_the_file_is_safe_and_tells_which_note_it_is(note: Note):
    page = replace(note.page, title="../../etc/pass\x00wd <&> \u202egnp.exe " + "x" * 200)
    name = file_name(replace(note, page=page), Form.HTML)
    assert name.startswith("etcpasswd-gnpexe-xxx")
    assert name.endswith("-version-1.html")
    assert len(name) < 110
    assert not set(name) & set('/\\<>:"|?*\x00\u202e ')


def test_questions_read_backs_and_the_proof_are_part_of_it(store: Store, sam: Person, rita: Person, note: Note):
    note = ask(store, rita, note, "Which bank?", blocking=True)
    assert "a blocking question about it is open" in markdown(store, rita, note)
    note = answer(store, sam, note, note_threads(store, sam, note)[0].id, "The blue one.")
    note = read_back(store, rita, note, SUMMARY, {0})
    assert "the sender has not confirmed it yet" in markdown(store, rita, note)
    note = confirm(store, sam, note, note_read_backs(store, sam, note)[0])
    (seal,) = note_seals(store, sam, note)
    written = markdown(store, rita, note)
    assert "> **Acknowledged.** Rita read version 1 back, and Sam confirmed it." in written
    assert "**Rita** asked a blocking question, " in written
    assert "> The blue one." in written
    assert "> I call the bank about the refund batch,\\\n> then I tell Ana." in written
    assert "Critical items ticked as understood:\n\n- Refund batch stuck" in written
    assert f"\n```\n{seal.sha256}\n```\n" in written
    (given,) = (line for line in written.splitlines() if line.startswith("- **Read back by:** Rita, "))
    assert "Europe/Berlin, " in given
    assert " Asia/Kolkata (" in given
    html = export_note(store, rita, note, Form.HTML).content.decode()
    assert seal.sha256 in html
    assert export_note(store, sam, note, Form.PDF).content == export_note(store, rita, note, Form.PDF).content


def test_the_note_is_exported_as_it_is_now(store: Store, sam: Person, rita: Person, note: Note):
    as_opened = read_note(store, rita, note.page.slug)
    read_back(store, rita, note, SUMMARY, {0})
    assert "was read back; the sender has not confirmed it yet" in markdown(store, rita, as_opened)


def test_linked_pages_are_links_where_baton_can_be_reached(store: Store, rita: Person, note: Note):
    space = ensure_space(store, LOCAL, "General")
    create_page(store, Indexer(store, None), LOCAL, space, PageText("Refund guide", "Text."), slug="refund-guide")
    assert "- **Linked pages:** Refund guide, Nowhere\n" in markdown(store, rita, note)
    address = "https://wiki.example/page?slug=refund-guide"
    assert f"- **Linked pages:** [Refund guide](<{address}>), Nowhere\n" in markdown(
        store, rita, note, "https://wiki.example"
    )
