"""From a note to pages: undocumented responsibilities and solved problems, each with a click to a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.drafts import save_draft, unfinished_drafts
from kb.handover.models import Answer, Header, Note, NoteItem, NoteText
from kb.handover.templates import template_of
from kb.handover_drafts import keep_draft, new_draft
from kb.handovers import SPACE, save_note, submit_note
from kb.models import OriginCause, Person, Role, SpaceKind
from kb.note_pages import pages_of_note
from kb.pages import ensure_space
from kb.sharing import make_space
from kb.space_choice import SpaceChoice
from kb.store import people
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, TestModel, act_as, texts
from tests.unit.handover_samples import shift_note

HOSTILE = "Feed <b>lions</b> [x](https://evil.example) :red[red] $1$"
TASKS = ({"task": "Refund policy of customers"}, {"task": "Tame elephants", "frequency": "daily"}, {"task": HOSTILE})
UNDOCUMENTED = ":red-badge[:material/contract_delete: Undocumented]"


@pytest.fixture
def role_note(baton: Baton) -> Note:
    text = NoteText("role", 1, Header(sender="local"), {"responsibilities": Answer(rows=TASKS)})
    return save_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


@pytest.fixture
def solved_note(baton: Baton) -> Note:
    start = now() + timedelta(hours=1)
    text = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1))
    done = NoteItem(HOSTILE, next_step="Fed them", done=True)
    text = replace(text, items=(*text.items, done))
    return submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def press(app: AppTest, label: str, key: str = "") -> AppTest:
    found = next(button for button in app.button if button.label == label and key in (str(button.key), ""))
    return found.click().run()


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def undocumented(app: AppTest) -> list[str]:
    return [text.partition("  \n")[0] for text in texts(app) if text.startswith(UNDOCUMENTED)]


def draft_of(baton: Baton) -> Any:
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    return draft


def test_a_role_handover_finds_what_is_undocumented_and_drafts_its_page(
    open_screen: OpenScreen, baton: Baton, role_note: Note
) -> None:
    app = open_screen("handover", slug=role_note.page.slug)
    assert undocumented(app) == []  # nothing is looked for before somebody asks
    press(app, "Find the pages")
    assert not app.exception
    assert "1 described · 0 perhaps · 2 undocumented. A hint: look before you rely on it." in captions(app)
    assert undocumented(app) == [f"{UNDOCUMENTED} Tame elephants", f"{UNDOCUMENTED} {escape(HOSTILE)}"]
    link = "- Refund policy of customers: [Refund policy](</page?slug=refund-policy"
    assert any(text.startswith(link) for text in texts(app))
    press(app, "Draft the page", "draft_gap_0")
    assert not app.exception
    assert app.title[0].value == "Write a page"
    assert app.text_input[0].value == "Tame elephants"
    assert "- **How often:** daily" in app.text_area[0].value
    assert f"[[{role_note.page.slug}|" in app.text_area[0].value
    page = save_draft(baton.store, baton.indexer, LOCAL, draft_of(baton))
    app = open_screen("handover", slug=role_note.page.slug)
    assert f"- [Tame elephants](</page?slug={page.slug}>)" in texts(app)
    press(app, "Find the pages")
    assert undocumented(app) == [f"{UNDOCUMENTED} {escape(HOSTILE)}"]


def test_while_a_note_is_written_the_same_is_found(open_screen: OpenScreen, baton: Baton) -> None:
    draft = new_draft(template_of("role"), "UTC", now())
    text = replace(draft.text, answers={"responsibilities": Answer(rows=TASKS)})
    draft = keep_draft(baton.store, LOCAL, replace(draft, text=text))
    app = press(open_screen("handover-edit", template="role", draft=draft.key), "Find the pages")
    assert undocumented(app)[0] == f"{UNDOCUMENTED} Tame elephants"
    press(app, "Draft the page", "draft_gap_1")
    assert not app.exception
    assert draft_of(baton).text.title == HOSTILE
    assert draft_of(baton).origin is None


def test_a_page_from_a_note_for_few_begins_in_the_notes_space(open_screen: OpenScreen, baton: Baton) -> None:
    vault = make_space(baton.store, LOCAL, "Vault", SpaceKind.RESTRICTED, [LOCAL], []).space
    draft = new_draft(template_of("role"), "UTC", now())
    text = replace(draft.text, answers={"responsibilities": Answer(rows=TASKS)})
    draft = keep_draft(baton.store, LOCAL, replace(draft, text=text, space=SpaceChoice.of(vault)))
    app = press(open_screen("handover-edit", template="role", draft=draft.key), "Find the pages")
    press(app, "Draft the page", "draft_gap_1")
    assert draft_of(baton).space == SpaceChoice.of(vault)


def test_without_the_model_nothing_is_called_undocumented(
    open_screen: OpenScreen, baton: Baton, role_note: Note, model: TestModel
) -> None:
    model.available = False
    app = press(open_screen("handover", slug=role_note.page.slug), "Find the pages")
    assert not app.exception
    assert undocumented(app) == []
    assert any("The meaning model is loading" in caption for caption in captions(app))
    model.available = True
    assert len(undocumented(app.run())) == 2
    model.available, model.failure = False, "no weights"
    app = press(open_screen("handover", slug=role_note.page.slug), "Find the pages")
    assert any("cannot be used" in caption for caption in captions(app))


def test_a_solved_item_becomes_a_page_that_the_note_shows(
    open_screen: OpenScreen, baton: Baton, solved_note: Note
) -> None:
    app = press(open_screen("handover", slug=solved_note.page.slug), "Make it a page")
    assert not app.exception
    assert app.text_input[0].value == HOSTILE
    draft = draft_of(baton)
    assert draft.text.keywords == (HOSTILE,)
    page = save_draft(baton.store, baton.indexer, LOCAL, draft)
    assert [one.cause for one in pages_of_note(baton.store, LOCAL, solved_note)] == [OriginCause.SOLVED]
    app = open_screen("handover", slug=solved_note.page.slug)
    assert "Make it a page" not in [button.label for button in app.button]
    link = f"[{escape(HOSTILE)}](</page?slug={page.slug}>)"
    assert f":green[:material/check_circle:] {escape(HOSTILE)}  \n:small[became {link}]" in texts(app)
    assert f"- {link}" in texts(app)


def test_a_reader_is_offered_no_draft(
    open_screen: OpenScreen, baton: Baton, solved_note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baton.store.atomic() as db:
        rita: Person = people.add(db, "Rita", "rita@example.com", Role.READER)
    act_as(rita, baton.store, monkeypatch)
    app = press(open_screen("handover", slug=solved_note.page.slug), "Find the pages")
    assert undocumented(app) == [f"{UNDOCUMENTED} Refund batch stuck"]
    assert {"Make it a page", "Draft the page"}.isdisjoint(button.label for button in app.button)
