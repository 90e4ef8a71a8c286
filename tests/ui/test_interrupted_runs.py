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
from kb.handover.templates import template_of
from kb.handover_drafts import find_draft, keep_draft, new_draft
from kb.handovers import SPACE, submit_note
from kb.models import Profile
from kb.pages import ensure_space
from kb.profiles import save_profile
from kb.store.db import now
from kb.store.people import LOCAL
from kb.ui import handover_edit, profile
from kb.ui.failures import UNEXPECTED, show_failure
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
