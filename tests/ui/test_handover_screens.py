"""The screens of handover notes: form, list, read view."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover.models import (
    Answer,
    Confidentiality,
    Header,
    Note,
    NoteFilter,
    NoteItem,
    NoteState,
    NoteText,
    Priority,
)
from kb.handover.templates import template_of
from kb.handover_drafts import find_draft, keep_draft, kept_replacing, new_draft, save_draft, unfinished_drafts
from kb.handovers import SPACE, find_notes, read_note, save_note, submit_note
from kb.models import Person, Role, SpaceKind
from kb.note_endings import cancel_note, close_note
from kb.pages import ensure_space
from kb.sharing import make_space, rename_space
from kb.store import people
from kb.store.db import StoreError, now
from kb.store.people import LOCAL
from kb.ui.handover_rows import changed_rows
from kb.ui.markdown import escape
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.unit.handover_samples import ITEM, shift_note

SHIFT = template_of("shift")


def soon(**changes: object) -> NoteText:
    """A shift note that lacks nothing today."""
    start = now().replace(second=0) + timedelta(hours=1)
    return shift_note(**{"effective": start, "acknowledge_by": start + timedelta(hours=1), **changes})


@pytest.fixture
def submitted(baton: Baton) -> Note:
    space = ensure_space(baton.store, LOCAL, SPACE)
    return submit_note(baton.store, baton.indexer, LOCAL, soon(), space)


@pytest.fixture
def draft_note(baton: Baton) -> Note:
    text = NoteText("shift", 1, Header(client="ACME", sender="night"), {"staffing": Answer("Ravi is away")})
    return save_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))


def field(app: AppTest, label: str) -> Any:
    fields = [*app.text_input, *app.text_area, *app.selectbox, *app.multiselect, *app.date_input, *app.datetime_input]
    return next(found for found in fields if found.label == label)


def type_in(app: AppTest, **values: object) -> AppTest:
    for label, value in values.items():
        found = field(app, label.replace("_", " "))
        if label in ("From", "To") and value not in found.options:
            found.options.append(value)  # as typing a name does of somebody who has no account
        found.set_value(value).run()
    return app


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def start_from_last(app: AppTest) -> Any:
    return next(button for button in app.button if button.label.startswith("Start from the last note"))


def none_of(app: AppTest, section: str) -> Any:
    return next(box for box in app.checkbox if str(box.key).endswith(f"_{section}_none"))


def tick_none(app: AppTest, *sections: str) -> AppTest:
    for section in sections:
        none_of(app, section).check().run()
    return app


def progress(app: AppTest) -> str:
    return str(app.get("progress")[0].proto.text)


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def all_text(app: AppTest) -> str:
    return "\n".join([*texts(app), *(caption.value for caption in app.caption)])


# ---- the form -----------------------------------------------------------------------------------------------------


def test_without_a_template_the_form_offers_them(open_screen: OpenScreen) -> None:
    for app in (open_screen("handover-edit"), open_screen("handover-edit", template="weekly")):
        assert app.title[0].value == "Write a handover note"
        assert buttons(app) == [
            "Start a shift handover",
            "Start a role handover",
            "Start a client or project handover",
        ]
        press(app, "Start a role handover")
        assert app.title[0].value == "Role handover note"


@pytest.mark.parametrize("key", ["shift", "role", "client"])
def test_every_section_of_a_template_can_be_answered(open_screen: OpenScreen, key: str) -> None:
    app = open_screen("handover-edit", template=key)
    assert not app.exception
    template = template_of(key)
    folds = [expander.label for expander in app.expander]
    assert folds[1:] == [section.title for section in template.sections]
    boxes = [box.label for box in app.checkbox]
    assert boxes == [f"None for {section.title}" for section in template.sections if section.may_be_none]
    assert progress(app) == f"0 of {len(template.sections)} sections answered"
    assert ":material/lock: Passwords and keys do not belong here" in all_text(app)


def test_every_change_is_kept_as_a_draft(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift")
    assert unfinished_drafts(baton.store, LOCAL) == []
    type_in(app, Client_or_process="ACME", Staffing_and_absences="Ravi is away")
    tick_none(app, "promises")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.header.client == "ACME"
    assert draft.text.answers == {"staffing": Answer("Ravi is away"), "promises": Answer(nothing=True)}
    assert any(caption.value.startswith("Draft kept ") for caption in app.caption)
    assert progress(app) == "2 of 10 sections answered"


def test_a_draft_is_found_again_by_its_key(open_screen: OpenScreen, baton: Baton) -> None:
    text = soon(client="Globex")
    draft = keep_draft(baton.store, LOCAL, replace(new_draft(SHIFT, "UTC", now()), text=text))
    app = open_screen("handover-edit", template="shift", draft=draft.key)
    assert field(app, "Client or process").value == "Globex"
    assert field(app, "Big picture").value == "Backlog of **412** cases."
    assert field(app, "Shift").value == "Night"
    assert field(app, "Time zone").value == "Europe/Berlin"
    assert progress(app) == "10 of 10 sections answered"
    press(app, "Submit")
    assert not app.exception
    assert app.title[0].value == escape(read_only_note(baton).page.title)
    assert unfinished_drafts(baton.store, LOCAL) == []


def test_an_address_of_a_draft_that_is_gone_begins_a_new_one(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift", draft="gone")
    type_in(app, From="night", To="day")
    assert (field(app, "From").value, field(app, "To").value) == ("night", "day")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert (draft.text.header.sender, draft.text.header.receiver) == ("night", "day")


def read_only_note(baton: Baton) -> Note:
    (summary,), _ = find_notes(baton.store, LOCAL, NoteFilter())
    return read_note(baton.store, LOCAL, summary.slug)


def test_times_are_meant_on_the_clock_of_the_named_zone(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift")
    type_in(app, From="night", Time_zone="Europe/Berlin", Takes_effect=datetime(2026, 7, 1, 6, 0))
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.header.effective == datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
    assert "Takes effect 1 Jul 2026, 06:00 Europe/Berlin (04:00 UTC)" in all_text(app)
    type_in(app, Time_zone="Asia/Kolkata")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.header.effective == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
    type_in(app, Time_zone="Europe/Berlin", Takes_effect=datetime(2026, 3, 29, 2, 30))
    assert "02:30 does not exist that day (clocks go forward): 03:30 is meant." in all_text(app)


def test_none_closes_a_section_and_content_takes_none_away(open_screen: OpenScreen, baton: Baton) -> None:
    app = tick_none(open_screen("handover-edit", template="shift"), "staffing")
    assert field(app, "Staffing and absences").disabled
    none_of(app, "staffing").uncheck().run()
    type_in(app, Staffing_and_absences="Ravi")
    box = none_of(app, "staffing")
    assert (box.value, box.disabled) == (False, True)


def test_saving_makes_a_draft_note_that_only_its_writer_finds(open_screen: OpenScreen, baton: Baton) -> None:
    app = type_in(open_screen("handover-edit", template="shift"), Client_or_process="ACME", From="night")
    press(app, "Save")
    assert not app.exception
    note = read_only_note(baton)
    assert (note.state, note.page.private, note.text.header.client) == (NoteState.DRAFT, True, "ACME")
    assert [toast.value for toast in app.toast] == ["Saved as a draft: only you can find it until you submit it"]
    assert app.title[0].value == escape(note.page.title)
    assert [info.value for info in app.info] == ["Only you can see and find this draft. Submit it to hand it over."]
    assert "Submit" in buttons(app)


def test_the_gate_names_what_is_missing_and_leads_there(open_screen: OpenScreen, baton: Baton) -> None:
    text = replace(soon(receiver=""), answers={k: v for k, v in soon().answers.items() if k != "staffing"})
    draft = keep_draft(baton.store, LOCAL, replace(new_draft(SHIFT, "UTC", now()), text=text))
    app = open_screen("handover-edit", template="shift", draft=draft.key)
    press(app, "Submit")
    assert not app.exception
    assert find_notes(baton.store, LOCAL, NoteFilter()) == ([], 0)
    assert "**Not submitted yet: 2 things are missing.** Choose one to go there." in texts(app)
    gaps = [button for button in app.button if str(button.key).startswith("gap_")]
    assert [gap.label for gap in gaps] == [
        escape("Name a receiver: a person or a team."),
        escape("“Staffing and absences” is not answered: write something, or tick None."),
    ]
    gaps[1].click().run()
    assert next(fold for fold in app.expander if fold.label == "Staffing and absences").proto.expanded
    tick_none(app, "staffing")
    type_in(app, To="day")
    assert [success.value for success in app.success] == ["Nothing is missing any more: submit it."]
    press(app, "Submit")
    note = read_only_note(baton)
    assert (note.state, note.version) == (NoteState.SUBMITTED, 1)
    assert [toast.value for toast in app.toast] == [
        "Submitted as version 1: everybody can find it in Handover notes now"
    ]


def test_items_are_filled_in_one_by_one(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift")
    next(button for button in app.button if str(button.key).endswith("_items_text_switch")).click().run()
    press(app, "Add an item")
    type_in(app, Item="Refund batch stuck", Reference="INC-4711", Priority="critical", Owner="Ana")
    type_in(app, What_to_do_next="Call the bank", Situation="Rejected\ntwice", Severity="Sev 1")
    press(app, "Add another item")
    type_in(app, Item="Order headsets")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.items == (
        NoteItem(
            "Refund batch stuck",
            reference="INC-4711",
            next_step="Call the bank",
            owner="Ana",
            priority=Priority.CRITICAL,
            details={"severity": "Sev 1", "situation": "Rejected\ntwice"},
        ),
        NoteItem("Order headsets"),
    )
    press(app, "Remove this row")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert [item.title for item in draft.text.items] == ["Refund batch stuck"]
    assert field(app, "Item").value == "Refund batch stuck"


def test_rows_of_a_table_follow_what_its_editor_reports() -> None:
    base = [{"title": "a", "due": "2026-11-21", "done": False}, {"title": "b"}, {"title": "c"}]
    changes = {
        "edited_rows": {0: {"due": "2026-11-22T00:00:00", "done": True}, 2: {"title": None}},
        "deleted_rows": [1],
        "added_rows": [{"title": "d", "priority": "high"}, {}],
    }
    assert changed_rows(base, changes) == [
        {"title": "a", "due": "2026-11-22T00:00:00", "done": True},
        {"title": ""},
        {"title": "d", "priority": "high"},
        {},
    ]
    assert changed_rows(base, {}) == base


def test_a_note_starts_from_the_last_one_of_its_client(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    app = type_in(open_screen("handover-edit", template="shift"), Client_or_process="acme", To="evening")
    start = start_from_last(app)
    assert start.label.startswith("Start from the last note of acme of ")
    start.click().run()
    assert not app.exception
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.items == (ITEM,)
    assert (draft.text.header.sender, draft.text.header.receiver) == ("local", "evening")  # who writes hands over
    assert not any(button.label.startswith("Start from the last note") for button in app.button)


def test_known_clients_are_one_click_away(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    app = open_screen("handover-edit", template="role")
    next(group for group in app.button_group if group.label == "Clients of the last notes").set_value("ACME").run()
    assert field(app, "Client or process").value == "ACME"
    assert unfinished_drafts(baton.store, LOCAL)[0].text.header.client == "ACME"


def test_an_edit_of_a_submitted_note_is_its_next_version(
    open_screen: OpenScreen, baton: Baton, submitted: Note
) -> None:
    app = open_screen("handover-edit", slug=submitted.page.slug)
    assert "Save" not in buttons(app)
    assert any("Others read version 1 of this note" in info.value for info in app.info)
    type_in(app, Big_picture="Backlog of 300 cases.")
    press(app, "Submit version 2")
    assert not app.exception
    note = read_only_note(baton)
    assert (note.version, note.text.answers["big_picture"]) == (2, Answer("Backlog of 300 cases."))
    assert ":gray-badge[Version 2]" in all_text(app)


def test_an_edit_that_is_not_saved_is_offered_again(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    type_in(open_screen("handover-edit", slug=submitted.page.slug), To="late shift")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    app = open_screen("handover", slug=submitted.page.slug)
    assert any("Changes that are not saved" in text for text in texts(app))
    press(app, "Continue")
    assert not app.exception
    assert field(app, "To").value == "late shift"
    assert find_draft(baton.store, LOCAL, draft.key) is not None


def test_two_edits_of_one_note(open_screen: OpenScreen, baton: Baton, draft_note: Note) -> None:
    app = open_screen("handover-edit", slug=draft_note.page.slug)
    theirs = replace(draft_note.text, answers={"staffing": Answer("Lena is away")})
    save_note(baton.store, baton.indexer, LOCAL, theirs, draft_note.page.space, draft_note)
    type_in(app, Staffing_and_absences="Nobody is away")
    press(app, "Save")
    assert not app.exception
    assert app.title[0].value == f"Two edits of “{escape(draft_note.page.title)}”"
    press(app, "Put mine on top of theirs")
    assert field(app, "Staffing and absences").value == "Nobody is away"
    press(app, "Save")
    assert read_only_note(baton).text.answers == {"staffing": Answer("Nobody is away")}


def test_two_edits_of_different_parts_are_put_together(open_screen: OpenScreen, baton: Baton, draft_note: Note) -> None:
    app = type_in(open_screen("handover-edit", slug=draft_note.page.slug), To="day")
    theirs = replace(draft_note.text, answers={"staffing": Answer("Lena is away")})
    save_note(baton.store, baton.indexer, LOCAL, theirs, draft_note.page.space, draft_note)
    press(press(app, "Save"), "Put both together")
    assert not app.exception
    press(app, "Save")
    note = read_only_note(baton)
    assert (note.text.header.receiver, note.text.answers) == ("day", {"staffing": Answer("Lena is away")})


def test_their_edit_can_be_taken_and_mine_is_kept(open_screen: OpenScreen, baton: Baton, draft_note: Note) -> None:
    app = type_in(open_screen("handover-edit", slug=draft_note.page.slug), Staffing_and_absences="Mine")
    theirs = replace(draft_note.text, answers={"staffing": Answer("Theirs")})
    save_note(baton.store, baton.indexer, LOCAL, theirs, draft_note.page.space, draft_note)
    press(app, "Save")
    press(app, "Take theirs")
    assert not app.exception
    assert read_only_note(baton).text.answers == {"staffing": Answer("Theirs")}
    assert [draft.text.answers["staffing"].text for draft in unfinished_drafts(baton.store, LOCAL)] == ["Mine"]


def test_a_rule_that_forbids_saving_is_said(open_screen: OpenScreen, baton: Baton) -> None:
    app = type_in(open_screen("handover-edit", template="shift"), To="x" * 121)
    press(app, "Save")
    assert not app.exception
    assert [error.value for error in app.error] == [escape("“To” has 121 characters; shorten it to 120.")]
    assert len(unfinished_drafts(baton.store, LOCAL)) == 1


def test_a_full_disk_is_said_and_nothing_typed_is_lost(
    open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.")

    app = type_in(open_screen("handover-edit", template="shift"), To="day")
    with monkeypatch.context() as patch:
        patch.setattr("kb.ui.handover_form.keep_draft", full)
        patch.setattr("kb.ui.handover_edit.save_draft", full)
        type_in(app, From="night")
        assert [error.value for error in app.error] == [escape("The disk is full.")]
        press(app, "Save")
        assert not app.exception
        assert [error.value for error in app.error] == [escape("The disk is full.")]
    press(app, "Save")
    header = read_only_note(baton).text.header
    assert (header.sender, header.receiver) == ("night", "day")


def test_a_note_that_is_over_cannot_be_edited(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    close_note(baton.store, LOCAL, submitted)
    app = open_screen("handover-edit", slug=submitted.page.slug)
    assert app.title[0].value == "This note cannot be edited"
    press(app, "Read the note")
    assert app.title[0].value == escape(submitted.page.title)


def test_an_edit_of_a_note_that_is_not_there(open_screen: OpenScreen) -> None:
    app = open_screen("handover-edit", slug="no-such-note")
    assert app.title[0].value == "Handover note not found"


# ---- the list -----------------------------------------------------------------------------------------------------


def test_the_empty_list_says_how_to_begin(open_screen: OpenScreen) -> None:
    app = open_screen("handovers")
    assert not app.exception
    assert buttons(app) == [
        "Start a shift handover",
        "Start a role handover",
        "Start a client or project handover",
    ]
    assert app.expander[0].proto.expanded
    assert any("There are no handover notes yet" in text for text in texts(app))
    assert any("Your shift ends and the next one goes on with the same work." in text for text in texts(app))
    press(app, "Start a shift handover")
    assert app.title[0].value == "Shift handover note"


def test_a_row_says_what_matters(open_screen: OpenScreen, submitted: Note) -> None:
    app = open_screen("handovers")
    (row,) = [text for text in texts(app) if text.startswith("## ")]
    assert f"/handover?slug={submitted.page.slug}" in row
    assert ":blue-badge[:material/outbox: Submitted]" in row
    assert ":orange-badge[:material/visibility: Watch]" in row
    assert ":red-badge[1 open item, 1 critical]" in row
    assert ":small[Shift handover · ACME · night → day]" in row
    assert "acknowledge by" in row
    assert re.search(r", in [12] h\]", row)  # two hours only in the first second of a minute


def test_overdue_notes_are_marked(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    with baton.store.atomic() as db:
        db.execute("UPDATE handovers SET acknowledge_by = '2026-01-01T00:00:00Z'")
    app = open_screen("handovers")
    (row,) = [text for text in texts(app) if text.startswith("## ")]
    assert ":red-badge[:material/alarm: Overdue]" in row
    field(app, "State").set_value("Submitted").run()
    assert [info.value for info in app.info] == ["No note fits these filters."]
    field(app, "State").set_value("Overdue").run()
    assert len([text for text in texts(app) if text.startswith("## ")]) == 1


def test_the_list_is_filtered(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    space = submitted.page.space
    role = NoteText("role", 1, Header(client="Payroll", sender="Jonas"))
    save_note(baton.store, baton.indexer, LOCAL, role, space)
    other = submit_note(baton.store, baton.indexer, LOCAL, soon(client="Initech"), space)
    cancel_note(baton.store, LOCAL, other, "wrong client")
    app = open_screen("handovers")

    def shown() -> list[str]:
        rows = [text for text in texts(app) if text.startswith("## ")]
        return [name for row in rows for name in ("ACME", "Payroll", "Initech") if name in row]

    assert shown() == ["ACME", "Payroll", "Initech"]
    field(app, "State").set_value("Open").run()
    assert shown() == ["ACME", "Payroll"]
    field(app, "Template").set_value("role").run()
    assert shown() == ["Payroll"]
    field(app, "Template").set_value("").run()
    field(app, "Title, client or person").set_value("night").run()
    assert shown() == ["ACME"]
    field(app, "Title, client or person").set_value("").run()
    field(app, "State").set_value("Cancelled").run()
    assert shown() == ["Initech"]


def test_more_notes_come_on_demand(open_screen: OpenScreen, baton: Baton) -> None:
    space = ensure_space(baton.store, LOCAL, SPACE)
    for number in range(32):
        save_note(baton.store, baton.indexer, LOCAL, NoteText("shift", 1, Header(client=f"Client {number}")), space)
    app = open_screen("handovers")
    assert len([text for text in texts(app) if text.startswith("## ")]) == 30
    assert "30 of 32 notes" in all_text(app)
    press(app, "More notes")
    assert len([text for text in texts(app) if text.startswith("## ")]) == 32
    assert "32 notes" in all_text(app)


def test_unfinished_drafts_are_offered(open_screen: OpenScreen, baton: Baton) -> None:
    draft = replace(new_draft(SHIFT, "UTC", now()), text=soon(client="Globex"))
    keep_draft(baton.store, LOCAL, draft)
    app = open_screen("handovers")
    assert any("Globex" in text and "Unfinished draft" in text for text in texts(app))
    press(app, "Continue")
    assert field(app, "Client or process").value == "Globex"
    app = open_screen("handovers")
    press(app, "Discard")
    assert len(unfinished_drafts(baton.store, LOCAL)) == 1  # it asks first
    app.button(key="confirm_discard").click().run()
    assert unfinished_drafts(baton.store, LOCAL) == []


# ---- the read view ------------------------------------------------------------------------------------------------


def test_a_note_is_read_in_order(open_screen: OpenScreen, baton: Baton) -> None:
    text = replace(soon(), items=(replace(ITEM, due=date(2099, 11, 22)),))  # not overdue, whenever this runs
    submitted = submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))
    app = open_screen("handover", slug=submitted.page.slug)
    assert not app.exception
    assert app.title[0].value == escape(submitted.page.title)
    headings = [text.removeprefix("## ") for text in texts(app) if text.startswith("## ")]
    sections = [escape(section.title) for section in SHIFT.sections]
    assert [heading for heading in headings if heading != "On this page"] == [*sections, "Steps"]
    assert [caption.value for caption in app.caption] == ["None"] * 7
    table = next(text for text in texts(app) if text.startswith("| Priority |"))
    assert table.splitlines()[2] == (
        "| :red-badge[:material/error: Critical] | Refund batch stuck :gray[INC-4711] "
        ":small[· open for under an hour] | Call the bank | Ana | 22 Nov 2099 |"
    )
    assert buttons(app) == ["Edit", "History", "Close", "Cancel note", "Find the pages"]
    assert any("**Submitted version 1** by [local](</colleague?id=1>)" in text for text in texts(app))


def test_what_people_write_never_acts(open_screen: OpenScreen, baton: Baton) -> None:
    evil = "<script>alert(1)</script> ![x](https://evil.example/x.png) :red[no] $x$ :smile:"
    text = soon(client=evil, receiver=evil, lead=evil, title=evil)
    text = replace(
        text,
        answers={**text.answers, "staffing": Answer(evil), "promises": Answer(rows=({"promise": evil},))},
        items=(replace(ITEM, title=evil, owner=evil, next_step=evil, details={"situation": evil}),),
    )
    note = submit_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))
    for app in (open_screen("handover", slug=note.page.slug), open_screen("handovers")):
        assert not app.exception
        shown = all_text(app) + app.title[0].value
        assert "<script>" not in shown
        assert "](https://evil" not in shown.replace("[x](<https://evil.example/x.png>)", "")
        assert ":red[no]" not in shown
        assert "$x$" not in shown


def test_a_draft_says_what_is_not_answered_and_submitting_it_leads_to_the_form(
    open_screen: OpenScreen, baton: Baton, draft_note: Note
) -> None:
    app = open_screen("handover", slug=draft_note.page.slug)
    assert "## Not answered yet" in texts(app)
    assert buttons(app) == ["Submit", "Edit", "History", "Move to trash"]
    press(app, "Submit")
    assert not app.exception
    assert app.title[0].value == escape("Edit: shift handover note")
    assert "**Not submitted yet: 12 things are missing.** Choose one to go there." in texts(app)


def test_a_complete_draft_is_submitted_from_the_read_view(open_screen: OpenScreen, baton: Baton) -> None:
    note = save_note(baton.store, baton.indexer, LOCAL, soon(), ensure_space(baton.store, LOCAL, SPACE))
    app = press(open_screen("handover", slug=note.page.slug), "Submit")
    assert not app.exception
    assert read_only_note(baton).state is NoteState.SUBMITTED
    assert [toast.value for toast in app.toast] == [
        "Submitted as version 1: everybody can find it in Handover notes now"
    ]


def test_endings_say_who_and_why(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    cancel_note(baton.store, LOCAL, submitted, "Wrong client: see Initech")
    app = open_screen("handover", slug=submitted.page.slug)
    (warning,) = [element.value for element in app.warning]
    assert warning.startswith("Cancelled by [local](</colleague?id=1>), ")
    assert warning.endswith(": " + escape("Wrong client: see Initech"))
    assert buttons(app) == ["History"]


def test_somebody_elses_draft_is_not_there(
    open_screen: OpenScreen, baton: Baton, draft_note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    with baton.store.atomic() as db:
        cursor = db.execute("INSERT INTO people(name, created_at) VALUES ('Ines', '2026-01-01T00:00:00Z') RETURNING id")
        ines = Person(cursor.fetchone()[0], "Ines")
    for screen in ("handover", "handover_edit", "handovers"):
        monkeypatch.setattr(f"kb.ui.{screen}.acting_person", lambda: ines)
    monkeypatch.setattr("kb.ui.handover_form.acting_person", lambda: ines)
    for screen in ("handover", "handover-edit"):
        app = open_screen(screen, slug=draft_note.page.slug)
        assert app.title[0].value == "Handover note not found"
        assert "Ravi" not in all_text(app)
    assert not [text for text in texts(open_screen("handovers")) if text.startswith("## ")]


@pytest.mark.parametrize("slug", ["no-such-note", "", "<b>x</b>"])
def test_a_note_that_is_not_there(open_screen: OpenScreen, slug: str) -> None:
    app = open_screen("handover", slug=slug)
    assert not app.exception
    assert app.title[0].value == "Handover note not found"
    assert "<b>" not in all_text(app)


@pytest.mark.parametrize("opened_anew", [True, False])
def test_a_rename_of_its_space_leaves_an_edit_where_it_was(
    open_screen: OpenScreen, baton: Baton, opened_anew: bool
) -> None:
    store = baton.store
    secret = make_space(store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL], []).space
    note = submit_note(store, baton.indexer, LOCAL, soon(), secret)
    app = open_screen("handover-edit", slug=note.page.slug)
    app.text_area[0].set_value("All quiet but for the bank.").run()
    rename_space(store, LOCAL, secret, "Pay")
    if opened_anew:
        kept = unfinished_drafts(store, LOCAL, note.page.slug)[0]
        app = open_screen("handover-edit", slug=note.page.slug, draft=kept.key)
    else:
        app.run()
    assert any(caption.value == "This space is called “Pay” now." for caption in app.caption)
    press(app, "Submit version 2")
    again = read_note(store, LOCAL, note.page.slug)
    assert (again.version, again.page.space.id, again.page.space.name) == (2, secret.id, "Pay")


def test_a_new_space_is_told_to_be_open(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("handover-edit", template="shift")
    field(app, "Space").options.append("Brand new")  # as typing a name does
    field(app, "Space").set_value("Brand new").run()
    assert any(c.value == "A new space, open to everybody: it is made when you save." for c in app.caption)


def test_a_note_that_is_started_from_the_last_one_begins_in_its_space(open_screen: OpenScreen, baton: Baton) -> None:
    secret = make_space(baton.store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL], []).space
    submit_note(baton.store, baton.indexer, LOCAL, soon(), secret)
    app = type_in(open_screen("handover-edit", template="shift"), Client_or_process="ACME")
    start_from_last(app).click().run()
    assert not app.exception
    assert field(app, "Space").value == "Payroll"
    (draft,) = unfinished_drafts(baton.store, LOCAL, "")
    assert ([item.title for item in draft.text.items], draft.space.id) == (["Refund batch stuck"], secret.id)


@pytest.mark.parametrize("left_ticked", [True, False])
def test_the_next_note_replaces_the_one_it_was_started_from(
    open_screen: OpenScreen, baton: Baton, submitted: Note, left_ticked: bool
) -> None:
    store = baton.store
    draft = keep_draft(store, LOCAL, replace(new_draft(SHIFT, "UTC", now()), text=soon()))
    draft = keep_draft(store, LOCAL, replace(draft, follows=submitted.page.slug))
    app = open_screen("handover-edit", template="shift", draft=draft.key)
    box = next(box for box in app.checkbox if box.label == f"Replaces “{escape(submitted.page.title)}”")
    assert box.value
    if not left_ticked:
        box.uncheck().run()
        app = open_screen("handover-edit", template="shift", draft=draft.key)  # it is kept
    press(app, "Submit")
    old = read_note(store, LOCAL, submitted.page.slug)
    assert old.state is (NoteState.SUPERSEDED if left_ticked else NoteState.SUBMITTED)


@pytest.mark.parametrize("left_ticked", [True, False])
def test_what_a_saved_draft_replaces_is_kept_and_happens_from_its_read_view(
    open_screen: OpenScreen, baton: Baton, submitted: Note, left_ticked: bool
) -> None:
    store, old = baton.store, submitted.page.slug
    draft = replace(new_draft(SHIFT, "UTC", now()), text=soon(title="Next"), follows=old, leaves_old=not left_ticked)
    note = save_draft(store, baton.indexer, LOCAL, keep_draft(store, LOCAL, draft), submit=False)
    app = open_screen("handover-edit", slug=note.page.slug)  # a new opening of the form knows it too
    box = next(box for box in app.checkbox if box.label == f"Replaces “{escape(submitted.page.title)}”")
    assert box.value is left_ticked
    app = open_screen("handover", slug=note.page.slug)
    assert any("Submitting it replaces" in text for text in texts(app)) is left_ticked
    press(app, "Submit")
    assert not app.exception
    state = read_note(store, LOCAL, old).state
    assert state is (NoteState.SUPERSEDED if left_ticked else NoteState.SUBMITTED)
    note = read_note(store, LOCAL, note.page.slug)
    assert (note.version, kept_replacing(store, LOCAL, note).follows) == (1, "")


def test_a_note_of_another_client_replaces_nothing(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    text = soon(client="Initech")
    draft = replace(new_draft(SHIFT, "UTC", now()), text=text, follows=submitted.page.slug)
    draft = keep_draft(baton.store, LOCAL, draft)
    app = open_screen("handover-edit", template="shift", draft=draft.key)
    assert [box.label for box in app.checkbox if box.label.startswith("Replaces")] == []


def test_the_text_of_an_edit_outlives_its_note(open_screen: OpenScreen, baton: Baton, submitted: Note) -> None:
    store, slug = baton.store, submitted.page.slug
    app = open_screen("handover-edit", slug=slug)
    app.text_area[0].set_value("Twenty minutes of work.").run()
    cancel_note(store, LOCAL, submitted, "Not needed")
    app = open_screen("handover-edit", slug=slug)
    assert app.title[0].value == "This note cannot be edited"
    assert "Twenty minutes of work." in app.code[0].value
    press(app, "Save as a new note")
    assert not app.exception
    (draft,) = unfinished_drafts(store, LOCAL)
    assert (draft.slug, draft.base, draft.text.answers["big_picture"].text) == ("", None, "Twenty minutes of work.")


def test_a_writer_who_became_a_reader_is_told(
    open_screen: OpenScreen, baton: Baton, stranger_note: tuple[Person, Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, note = stranger_note
    act_as(writer, baton.store, monkeypatch)
    app = open_screen("handover-edit", slug=note.page.slug)
    with baton.store.atomic() as db:
        people.set_role(db, writer.id, Role.READER)
    app.text_area[0].set_value("Written by a reader now.").run()
    assert not app.exception
    assert app.title[0].value == "Not for your role"
    assert texts(app)[0].startswith("As a reader you may not write pages and handover notes. Ask an author.")


@pytest.fixture
def stranger_note(baton: Baton) -> tuple[Person, Note]:
    """Somebody who may write, and a note of theirs."""
    with baton.store.atomic() as db:
        writer = people.add(db, "Tom", "tom@example.com", Role.AUTHOR)
    space = ensure_space(baton.store, LOCAL, SPACE)
    return writer, submit_note(baton.store, baton.indexer, writer, soon(), space)


def test_a_confidential_note_in_an_open_space_says_that_this_is_a_marking(
    open_screen: OpenScreen, baton: Baton
) -> None:
    make_space(baton.store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL], [])
    hint = "This marks the note only. Its space is open to everybody: choose another one below."

    def hinted(app: AppTest) -> bool:
        assert not app.exception
        return hint in {caption.value for caption in app.caption}

    app = open_screen("handover-edit", template="shift")
    assert not hinted(app)
    assert hinted(field(app, "Confidentiality").select(Confidentiality.CONFIDENTIAL).run())
    assert not hinted(field(app, "Space").select("Payroll").run())
