"""Fields whose first drawing was interrupted, so that the browser never heard what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import streamlit as st
from streamlit.error_util import handle_user_script_exception
from streamlit.runtime.scriptrunner import exec_code
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from kb.application import Baton
from kb.drafts import unfinished_drafts
from kb.handover.models import NoteFilter
from kb.handover.templates import template_of
from kb.handover_drafts import find_draft, keep_draft, new_draft
from kb.handovers import SPACE, find_notes, read_note, save_note, submit_note
from kb.models import Profile
from kb.pages import PageText, create_page, edit_page, ensure_space, read_page
from kb.profiles import save_profile
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui import handover, handover_edit, profile, wishes, write, write_conflict
from kb.ui.failures import UNEXPECTED, show_failure
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen
from tests.unit.handover_samples import shift_note


def fields(app: AppTest) -> dict[str, Any]:
    """What can be filled in, by label."""
    kinds = (app.text_input, app.text_area, app.selectbox, app.multiselect, app.checkbox, app.toggle, app.time_input,
             app.date_input, app.datetime_input)  # fmt: skip
    return {found.label: found for kind in kinds for found in kind}


def as_shown(field: Any) -> Any:
    """What a browser shows that draws the field for the first time."""
    told = field.proto
    if field.type == "selectbox":
        if told.set_value:
            return told.raw_value
        return told.options[told.default] if told.HasField("default") else ""
    if field.type == "multiselect":
        return list(told.raw_values) if told.set_value else [told.options[place] for place in told.default]
    value = told.value if told.set_value else told.default
    return list(value) if field.type in ("date_input", "date_time_input") else value


def interrupted(app: AppTest, act: Callable[[], object], screen: Any, at: str) -> None:
    """Do something; the run that draws it ends where ``screen`` calls ``at``, and the browser hears nothing of it."""
    seen = app._tree
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, at, lambda *args, **more: st.stop())
        act()
    app._tree = seen


def test_the_form_says_again_what_an_interrupted_run_said(open_screen: OpenScreen, baton: Baton) -> None:
    start = now().replace(second=0) + timedelta(hours=1)
    old = shift_note(effective=start, acknowledge_by=start + timedelta(hours=1))
    submit_note(baton.store, baton.indexer, LOCAL, old, ensure_space(baton.store, LOCAL, SPACE))
    app = open_screen("handover-edit", template="shift")
    fields(app)["Client or process"].set_value("ACME").run()
    button = next(button for button in app.button if button.label.startswith("Start from the last note"))
    soon = fields(app)["Takes effect"].value, fields(app)["Acknowledge by"].value

    interrupted(app, lambda: button.click().run(), handover_edit, "show_sections")
    button.set_value(False)
    app.run()

    shown = {label: as_shown(field) for label, field in fields(app).items()}
    assert (shown["Client or process"], shown["From"], shown["Overall status"]) == ("ACME", "local", "Watch")
    assert shown["Takes effect"] == [soon[0].strftime("%Y-%m-%dT%H:%M")]
    assert shown["Acknowledge by"] == [soon[1].strftime("%Y-%m-%dT%H:%M")]
    app.run()
    assert (fields(app)["Takes effect"].value, fields(app)["Acknowledge by"].value) == soon


def test_the_form_says_again_what_a_finished_run_said_that_the_browser_never_heard(
    open_screen: OpenScreen, baton: Baton
) -> None:
    start = now().replace(second=0) + timedelta(hours=1)
    text = shift_note(client="Acme", sender="Ana", effective=start, acknowledge_by=start + timedelta(hours=1))
    draft = keep_draft(baton.store, LOCAL, replace(new_draft(template_of("shift"), "UTC", now(), LOCAL), text=text))
    app = open_screen("relay")
    app._page_hash = calc_hash("handover-edit")
    app.query_params["draft"] = draft.key
    seen = app._tree
    app.run()
    app._tree = seen  # what the run drew waited in line, and the next run takes its place
    app.run()
    shown = {label: as_shown(field) for label, field in fields(app).items()}
    assert (shown["Client or process"], shown["From"], shown["Overall status"]) == ("Acme", "Ana", "Watch")
    app.run()  # now the browser has them, and says itself what they hold
    assert not fields(app)["From"].proto.set_value
    assert fields(app)["From"].value == "Ana"


def test_a_profile_says_again_what_an_interrupted_run_said(open_screen: OpenScreen, baton: Baton) -> None:
    night = (22 * 60, 6 * 60)
    save_profile(baton.store, LOCAL, LOCAL.id, Profile("Asia/Manila", "", "", (night, *[None] * 6)))
    app = open_screen("relay")
    app._page_hash = calc_hash("profile")
    interrupted(app, app.run, profile, "_show_save")
    app.run()
    shown = {label: as_shown(field) for label, field in fields(app).items()}
    assert (shown["Monday from"], shown["Monday to"]) == ("22:00", "06:00")
    assert (shown["Time zone"], shown["Monday"], shown["Tuesday"]) == ("Asia/Manila", True, False)


def test_what_an_interrupted_run_said_does_not_come_back(open_screen: OpenScreen, baton: Baton) -> None:
    draft = new_draft(template_of("shift"), "UTC", now(), LOCAL)
    draft = replace(draft, text=shift_note(client="Acme"))
    draft = keep_draft(baton.store, LOCAL, draft)
    app = open_screen("relay")
    app._page_hash = calc_hash("handover-edit")
    app.query_params["draft"] = draft.key
    interrupted(app, app.run, handover_edit, "show_header")
    app.run()
    fields(app)["Client or process"].set_value("Initech").run()
    for path in ("relay", "handover-edit"):
        app._page_hash = calc_hash(path)
        app.run()
    assert fields(app)["Client or process"].value == "Initech"
    fields(app)["Title"].set_value("The night").run()
    kept = find_draft(baton.store, LOCAL, draft.key)
    assert kept is not None
    assert (kept.text.header.client, kept.text.header.title) == ("Initech", "The night")


def test_what_was_typed_is_there_again_after_a_fault(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What st.App is told in app.py; AppTest has no place for it.
    monkeypatch.setattr(
        exec_code, "handle_user_script_exception", lambda error, _: handle_user_script_exception(error, show_failure)
    )
    app = open_screen("write")
    app.text_area[0].set_value("Half a thought").run()
    with baton.store.atomic() as db:
        db.execute("ALTER TABLE drafts RENAME TO mislaid")  # a fault that nobody foresaw
    fields(app)["Title"].set_value("Night desk").run()
    assert [error.value.partition(UNEXPECTED)[0] for error in app.error] == ["**Something went wrong.** "]
    assert (list(app.exception), list(app.text_input)) == ([], [])
    with baton.store.atomic() as db:
        db.execute("ALTER TABLE mislaid RENAME TO drafts")
    app.button(key="try_again").click().run()
    assert [as_shown(fields(app)[label]) for label in ("Title", "Text")] == ["Night desk", "Half a thought"]
    assert [draft.text.title for draft in unfinished_drafts(baton.store, LOCAL)] == ["Night desk"]


# ---- clicks ---------------------------------------------------------------------------------------------------------


def pressed(app: AppTest, label: str) -> Any:
    return next(button for button in app.button if button.label == label)


def click_and_be_interrupted(app: AppTest, label: str, screen: Any, at: str) -> None:
    """Click; the run ends where ``screen`` calls ``at``, before the button, and the next one knows of no click."""
    button = pressed(app, label)
    interrupted(app, lambda: button.click().run(), screen, at)
    button.set_value(False)
    app.run()
    assert not app.exception


def test_a_click_on_submit_is_not_lost(open_screen: OpenScreen, baton: Baton) -> None:
    start = now().replace(second=0) + timedelta(hours=1)
    text = shift_note(client="Acme", effective=start, acknowledge_by=start + timedelta(hours=1))
    draft = keep_draft(baton.store, LOCAL, replace(new_draft(template_of("shift"), "UTC", now(), LOCAL), text=text))
    app = open_screen("handover-edit", draft=draft.key)
    click_and_be_interrupted(app, "Submit", handover_edit, "show_sections")
    ((note,), count) = find_notes(baton.store, LOCAL, NoteFilter())
    assert (note.client, note.version, count) == ("Acme", 1, 1)
    assert app.title[0].value == escape(note.title)  # the note's own screen
    assert find_draft(baton.store, LOCAL, draft.key) is None


def test_a_click_on_submit_of_a_saved_draft_is_not_lost(open_screen: OpenScreen, baton: Baton) -> None:
    start = now().replace(second=0) + timedelta(hours=1)
    text = shift_note(client="Acme", effective=start, acknowledge_by=start + timedelta(hours=1))
    note = save_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))
    app = open_screen("handover", slug=note.page.slug)
    click_and_be_interrupted(app, "Submit", handover, "show_questions")
    assert read_note(baton.store, LOCAL, note.page.slug).version == 1
    assert "Submit" not in [button.label for button in app.button]


def test_a_click_on_save_is_not_lost(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("write", title="Refunds")
    app.text_area[0].set_value("Ask the bank.").run()
    click_and_be_interrupted(app, "Save", write, "show_editor")
    assert read_page(baton.store, LOCAL, "refunds").body == "Ask the bank."
    assert app.title[0].value == "Refunds"


def test_a_page_that_was_saved_is_shown_though_the_way_there_was_interrupted(
    open_screen: OpenScreen, baton: Baton
) -> None:
    app = open_screen("write", title="Refunds")
    app.text_area[0].set_value("Ask the bank.").run()
    button = pressed(app, "Save")
    interrupted(app, lambda: button.click().run(), wishes, "go_to")
    button.set_value(False)
    app.run()
    assert not app.exception
    assert app.title[0].value == "Refunds"
    assert read_page(baton.store, LOCAL, "refunds").revision == 1


def test_a_click_between_two_edits_is_not_lost(open_screen: OpenScreen, baton: Baton) -> None:
    space = ensure_space(baton.store, LOCAL, "Wiki")
    page = create_page(baton.store, baton.indexer, LOCAL, space, PageText("Refunds", "One.\n\nTwo.\n\nThree."))
    app = open_screen("write", slug=page.slug)
    app.text_area[0].set_value("Mine.\n\nTwo.\n\nThree.").run()
    edit_page(baton.store, baton.indexer, LOCAL, page, PageText("Refunds", "One.\n\nTwo.\n\nTheirs."))
    pressed(app, "Save").click().run()
    assert app.title[0].value == "Two edits of “Refunds”"
    click_and_be_interrupted(app, "Put both together", write, "show_editor")
    assert app.text_area[0].value == "Mine.\n\nTwo.\n\nTheirs."
    edit_page(
        baton.store, baton.indexer, LOCAL, read_page(baton.store, LOCAL, page.slug), PageText("Refunds", "All theirs.")
    )
    pressed(app, "Save").click().run()
    click_and_be_interrupted(app, "Keep mine on top of theirs", write_conflict, "merge_texts")
    assert read_page(baton.store, LOCAL, page.slug).body == "Mine.\n\nTwo.\n\nTheirs."
    assert app.title[0].value == "Refunds"
