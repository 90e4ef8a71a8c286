"""The screen "Templates", and the handover form with adapted templates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kb.application import Baton
from kb.handover import adapting
from kb.handover import templates as shipped
from kb.handover.models import Answer, Note
from kb.handover.templates import Section, SectionKind
from kb.handover_drafts import unfinished_drafts
from kb.handovers import SPACE, read_note, save_note
from kb.models import Person, Role
from kb.pages import ensure_space
from kb.store import people, teams
from kb.store.people import LOCAL
from kb.store.templates import Published
from kb.template_adapting import (
    adapted_templates,
    draft_of,
    keep_template_draft,
    my_template_drafts,
    new_adaptation,
    publish_template,
    retire_template,
)
from tests.ui.conftest import OpenScreen, act_as, texts
from tests.ui.test_handover_screens import all_text, buttons, field, none_of, press, type_in
from tests.unit.handover_samples import shift_note


@pytest.fixture
def published(baton: Baton) -> Published:
    """ACME's shift template: no staffing, and the weather."""
    draft = new_adaptation("shift")
    definition, key = adapting.added_section(draft.definition, "Weather *now*", SectionKind.TEXT)
    definition = adapting.with_section(definition, key, required=True, help="Sun & rain.")
    definition = adapting.with_section(replace(definition, name="ACME shift"), "staffing", hidden=True)
    return publish_template(baton.store, LOCAL, replace(draft, definition=definition, clients=("ACME",)))


@pytest.fixture
def lead(baton: Baton) -> Person:
    with baton.store.atomic() as db:
        return people.add(db, "Lena", "lena@example.com", Role.LEAD)


def named(app: AppTest, label: str) -> Any:
    """The button that a screen reader calls so."""
    spoken = {button.label.replace(":small[", "").rstrip("]").strip(): button for button in app.button}
    return spoken[label]


def in_editor(app: AppTest, name: str) -> Any:
    """The field of the editor whose key ends so."""
    fields = [*app.text_input, *app.checkbox, *app.selectbox, *app.multiselect, *app.button_group]
    return next(found for found in fields if str(found.key).startswith("template_") and str(found.key).endswith(name))


def sections_of(app: AppTest) -> list[str]:
    """The sections as the editor lists them."""
    return [
        text.split("  \n")[0].strip("*")
        for text in texts(app)
        if "  \n:small[" in text and text.startswith(("**", ":gray["))
    ]


# ---- the editor ---------------------------------------------------------------------------------------------------


def test_a_lead_adapts_a_template_and_publishes_it(open_screen: OpenScreen, baton: Baton) -> None:
    app = open_screen("templates")
    assert [info.value for info in app.info] == ["No template is adapted yet."]
    press(app, "Adapt the shift handover")
    assert app.title[0].value == "Adapt “Shift handover”"
    in_editor(app, "_name").set_value("ACME shift").run()
    clients = in_editor(app, "_clients")
    clients.options.append("ACME")  # as typing a new name does
    clients.set_value(["ACME"]).run()
    named(app, "Hide Staffing and absences").click().run()
    named(app, "Move “Reachable until” up").click().run()
    named(app, "Change Promises made to the client").click().run()
    in_editor(app, "promises_title").set_value("Promises").run()
    in_editor(app, "promises_field_to_required").check().run()
    in_editor(app, "promises_field_owner_shown").uncheck().run()
    in_editor(app, "promises_new_field_title").set_value("Contract").run()
    in_editor(app, "promises_new_field_kind").select("choice").run()
    named(app, "Add field").click().run()
    in_editor(app, "own_contract_options").set_value("Main; Annex ; ").run()
    in_editor(app, "_new_section_title").set_value("Weather").run()
    named(app, "Add section").click().run()
    in_editor(app, "own_weather_help").set_value("Rain or sun.").run()
    assert not app.exception
    assert "- “Weather” is new." in all_text(app)
    (draft,) = my_template_drafts(baton.store, LOCAL)
    assert [s.key for s in draft.definition.sections][-3:] == ["reachable", "coming_up", "own_weather"]
    press(app, "Publish version 1")
    assert not app.exception
    assert app.title[0].value == "ACME shift"
    (found,) = adapted_templates(baton.store, LOCAL)
    assert found.audience.clients == ("ACME",)
    assert found.changes == (
        "The template is now called “ACME shift”.",
        "“Promises made to the client” is now called “Promises”.",
        "“Promises”: “To whom” must be filled in.",
        "“Promises”: “Owner” is no longer asked for.",
        "“Promises”: “Contract” is new.",
        "“Staffing and absences” is no longer asked for.",
        "“Weather” is new.",
        "“Reachable until” stands after “Staffing and absences” now.",
    )
    assert found.definition.section("promises").fields[-1].options == ("Main", "Annex")
    assert my_template_drafts(baton.store, LOCAL) == []


def test_a_draft_is_kept_and_offered_again(open_screen: OpenScreen, baton: Baton) -> None:
    app = press(open_screen("templates"), "Adapt the role handover")
    in_editor(app, "_when").set_value("Somebody leaves ACME.").run()
    app = press(open_screen("templates"), "Continue")
    assert in_editor(app, "_when").value == "Somebody leaves ACME."
    press(app, "Discard draft")
    named(app, "Discard").click().run()
    assert my_template_drafts(baton.store, LOCAL) == []


def test_what_breaks_a_rule_is_listed_and_leads_to_its_section(open_screen: OpenScreen, published: Published) -> None:
    app = press(open_screen("templates", id=str(published.adaptation)), "Change")
    named(app, "Change Big picture").click().run()
    in_editor(app, "big_picture_title").set_value("Open items").run()
    named(app, "Done Open items").click().run()
    press(app, "Publish version 2")
    gap = "Two sections are called “Open items”. Give one of them another name."
    assert gap in [button.label for button in app.button]
    assert not app.exception


def test_the_second_of_two_leads_is_told_and_goes_on(
    open_screen: OpenScreen, baton: Baton, published: Published, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = draft_of(published)
    hers = keep_template_draft(baton.store, lead, replace(hers, definition=replace(hers.definition, when="Hers.")))
    his = draft_of(published)
    publish_template(baton.store, LOCAL, replace(his, definition=replace(his.definition, when="His.")))
    act_as(lead, baton.store, monkeypatch)
    app = open_screen("templates", draft=hers.key)
    assert "local published version 2 of this template" in app.warning[0].value
    assert next(button for button in app.button if button.label == "Publish version 3").disabled
    press(app, "Put mine on top of theirs")
    assert not app.warning
    assert in_editor(app, "_when").value == "Hers."
    press(app, "Publish version 3")
    assert [one.definition.when for one in adapted_templates(baton.store, LOCAL)] == ["Hers."]


def test_the_same_draft_in_two_windows_becomes_two_and_the_second_is_told(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    draft = keep_template_draft(baton.store, LOCAL, draft_of(published))
    first, second = open_screen("templates", draft=draft.key), open_screen("templates", draft=draft.key)
    in_editor(first, "_when").set_value("First window.").run()
    in_editor(second, "_name").set_value("Second window").run()
    assert not second.exception
    assert "Both texts are kept: this is a draft of its own now" in second.warning[0].value
    assert in_editor(second, "_name").value == "Second window"
    in_editor(second, "_when").set_value("Second too.").run()  # goes on with its own
    kept = {one.key: (one.definition.name, one.definition.when) for one in my_template_drafts(baton.store, LOCAL)}
    assert kept.pop(draft.key) == (published.definition.name, "First window.")
    assert list(kept.values()) == [("Second window", "Second too.")]
    press(second, "Go on with this one")
    assert not second.warning
    in_editor(first, "_name").set_value("First").run()  # nobody else changed that one
    assert not first.warning
    assert len(my_template_drafts(baton.store, LOCAL)) == 2


def test_a_window_that_changed_nothing_shows_what_another_one_did(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    draft = keep_template_draft(baton.store, LOCAL, draft_of(published))
    first, second = open_screen("templates", draft=draft.key), open_screen("templates", draft=draft.key)
    in_editor(first, "_when").set_value("First window.").run()
    second.run()
    assert "You changed this draft in another window." in second.info[0].value
    assert in_editor(second, "_when").value == "First window."
    in_editor(second, "_name").set_value("Second window").run()
    assert not second.warning
    (kept,) = my_template_drafts(baton.store, LOCAL)
    assert (kept.definition.name, kept.definition.when) == ("Second window", "First window.")
    press(first, "Publish version 2")  # it publishes what it shows, which is the newest now
    assert [one.definition.name for one in adapted_templates(baton.store, LOCAL)] == ["Second window"]


def test_an_older_version_is_looked_at_and_taken_up_again(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, "staffing", hidden=False)
    publish_template(baton.store, LOCAL, replace(draft, definition=definition))
    app = open_screen("templates", id=str(published.adaptation))
    assert [fold.label.split(",")[0] for fold in app.expander] == ["Version 2", "Version 1"]
    app.session_state[f"version_{published.version}"] = True
    app.run()
    assert any("## Weather \\*now\\*" in text for text in texts(app))
    press(app, "Take it up again")
    press(app, "Publish version 3")
    (newest,) = adapted_templates(baton.store, LOCAL)
    assert newest.changes == ("“Staffing and absences” is no longer asked for.",)


def test_a_template_is_taken_out_of_use(open_screen: OpenScreen, published: Published) -> None:
    app = press(open_screen("templates", id=str(published.adaptation)), "Take out of use")
    assert app.info[0].value.startswith("No longer offered.")
    assert "Take out of use" not in buttons(app)


def test_addresses_that_name_no_template(open_screen: OpenScreen) -> None:
    for query in ({"id": "7"}, {"id": "x"}, {"draft": "gone"}):
        assert open_screen("templates", **query).title[0].value == "Template not found"


def test_authors_do_not_adapt_templates(open_screen: OpenScreen, baton: Baton, monkeypatch: pytest.MonkeyPatch) -> None:
    with baton.store.atomic() as db:
        author = people.add(db, "Ana", "ana@example.com", Role.AUTHOR)
    act_as(author, baton.store, monkeypatch)
    app = open_screen("templates")
    assert app.title[0].value == "Not for your role"
    assert "As an author you may not adapt templates of handover notes. Ask a lead." in all_text(app)


def test_a_template_is_for_whom_its_lead_says(open_screen: OpenScreen, baton: Baton) -> None:
    with baton.store.atomic() as db:
        team = teams.save(db, None, "Night", "", None)
    app = press(open_screen("templates"), "Adapt the client or project handover")
    press(app, "Publish version 1")
    assert "Choose for whom the template is, or “All notes of this kind”." in texts(app)
    in_editor(app, "_whom").set_value("A team").run()
    in_editor(app, "_team").select(team).run()
    press(app, "Publish version 1")
    assert adapted_templates(baton.store, LOCAL)[0].audience.team == team
    press(app, "Change")
    assert in_editor(app, "_whom").value == "A team"
    in_editor(app, "_whom").set_value("All notes of this kind").run()
    press(app, "Publish version 2")
    found = adapted_templates(baton.store, LOCAL)[0]
    assert (found.audience.team, found.audience.clients, found.changes) == (None, (), ("It is for others now.",))


def test_a_newer_shipped_template_is_offered_for_comparison(
    open_screen: OpenScreen, baton: Baton, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = shipped.template_of("shift")
    newer = replace(old, version=2, sections=(*old.sections, Section("safety", "Safety", "What is dangerous.")))
    monkeypatch.setitem(shipped._BY_VERSION, ("shift", 2), newer)
    assert any("Newer shipped version" in text for text in texts(open_screen("templates")))
    app = press(open_screen("templates", id=str(published.adaptation)), "Change")
    assert any("has a newer shipped version (2)" in text and "“Safety” is new." in text for text in texts(app))
    press(app, "Add what is new")
    assert "Add what is new" not in buttons(app)
    press(app, "Publish version 2")
    assert adapted_templates(baton.store, LOCAL)[0].changes == (
        "“Safety” is new.",
        "It was compared with the newest shipped template.",
    )


# ---- the form of a note -------------------------------------------------------------------------------------------


def folds(app: AppTest) -> list[str]:
    return [expander.label for expander in app.expander][1:]


def test_the_client_chooses_the_template_and_the_writer_another_one(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    app = open_screen("handover-edit", template="shift")
    assert app.title[0].value == "Shift handover note"
    type_in(app, Client_or_process="acme", Big_picture="Busy")
    assert app.title[0].value == "ACME shift note"
    assert "Chosen because it is for acme." in all_text(app)
    assert "Weather \\*now\\*" in folds(app)
    assert "Staffing and absences" not in folds(app)
    assert field(app, "Big picture").value == "Busy"
    type_in(app, Client_or_process="Globex")
    assert app.title[0].value == "Shift handover note"
    field(app, "Template").select(published.version).run()
    assert app.title[0].value == "ACME shift note"
    type_in(app, Client_or_process="Initech")
    assert app.title[0].value == "ACME shift note"  # the writer's choice stays
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.template_version == published.version
    assert draft.text.answers == {"big_picture": Answer("Busy")}


def test_the_client_does_not_take_a_template_that_asks_for_less_than_is_written(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    app = open_screen("handover-edit", template="shift")
    type_in(app, Staffing_and_absences="Ravi is away", Client_or_process="ACME")
    assert app.title[0].value == "Shift handover note"
    assert "There is “ACME shift”. What it does not ask for is kept at the end." in all_text(app)
    press(app, "Use “ACME shift”")
    assert folds(app)[-1] == "Staffing and absences (no longer asked for)"
    none_of(app, "own_weather_now").check().run()
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.answers == {"own_weather_now": Answer(nothing=True), "staffing": Answer("Ravi is away")}
    press(app, "Remove “Staffing and absences”")
    (draft,) = unfinished_drafts(baton.store, LOCAL)
    assert draft.text.answers == {"own_weather_now": Answer(nothing=True)}


@pytest.fixture
def old_note(baton: Baton, published: Published) -> Note:
    """A draft that was saved before the template changed: it no longer asks for the weather, and for the site."""
    text = replace(shift_note(), template_version=published.version)
    text = replace(text, answers={**text.answers, "own_weather_now": Answer("Rain")})
    note = save_note(baton.store, baton.indexer, LOCAL, text, ensure_space(baton.store, LOCAL, SPACE))
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, "own_weather_now", hidden=True)
    definition = adapting.with_field(definition, "shift", "site", hidden=True)
    definition = adapting.with_section(definition, "big_picture", title="Overview")
    publish_template(baton.store, LOCAL, replace(draft, definition=definition))
    return note


def test_an_old_note_reads_as_it_was_written(open_screen: OpenScreen, old_note: Note) -> None:
    app = open_screen("handover", slug=old_note.page.slug)
    headings = [text for text in texts(app) if text.startswith("## ")]
    assert "## Weather \\*now\\*" in headings
    assert "## Big picture" in headings


def test_a_draft_moves_to_the_new_version_and_loses_nothing(
    open_screen: OpenScreen, baton: Baton, old_note: Note
) -> None:
    app = open_screen("handover-edit", slug=old_note.page.slug)
    assert "This template was changed since the note was begun." in all_text(app)
    assert "Big picture" in folds(app)
    press(app, "Use “ACME shift”")
    assert "Overview" in folds(app)
    assert folds(app)[-1] == "Weather \\*now\\* (no longer asked for)"
    assert field(app, "Site (no longer asked for)").value == "Pune"
    press(app, "Save")
    assert not app.exception
    moved = read_note(baton.store, LOCAL, old_note.page.slug)
    assert moved.text.template_version == old_note.text.template_version + 1
    assert moved.text.answers == old_note.text.answers
    assert moved.text.items == old_note.text.items
    headings = [text for text in texts(app) if text.startswith("## ")]
    place = headings.index("## Reachable until")
    assert headings[place + 1] == "## Weather \\*now\\* (no longer asked for)"


def test_a_template_out_of_use_is_not_offered(open_screen: OpenScreen, baton: Baton, published: Published) -> None:
    retire_template(baton.store, LOCAL, published)
    app = open_screen("handover-edit", template="shift")
    type_in(app, Client_or_process="ACME")
    assert app.title[0].value == "Shift handover note"
    assert "Template" not in [box.label for box in app.selectbox]


def test_a_template_that_looks_private_waits_until_it_is_masked_or_stays_for_a_reason(
    open_screen: OpenScreen, baton: Baton, published: Published
) -> None:
    draft = draft_of(published)
    definition = adapting.with_section(draft.definition, "own_weather_now", help="Like 4111 1111 1111 1111")
    definition = replace(definition, when="With password: hunter2-Xk9")
    draft = keep_template_draft(baton.store, LOCAL, replace(draft, definition=definition))
    app = open_screen("templates", draft=draft.key)
    press(app, "Publish version 2")
    assert not app.exception
    assert "Not published yet: this looks private" in all_text(app)
    assert adapted_templates(baton.store, LOCAL)[0].number == 1
    press(app, "Publish it as it is")
    assert [error.value for error in app.error] == ["Say in a few words why it has to stay."]
    next(one for one in app.button if one.key == "mask_template_0").click().run()
    assert in_editor(app, "_when").value == "With password: [password removed]"
    assert "card number ending 1111" in all_text(app)
    next(one for one in app.text_input if one.key == "private_reason_template").set_value("Their test card").run()
    press(app, "Publish it as it is")
    assert not app.exception
    newest = adapted_templates(baton.store, LOCAL)[0]
    assert newest.number == 2
    assert newest.definition.when == "With password: [password removed]"
    assert newest.changes[-1].endswith(": Their test card")
