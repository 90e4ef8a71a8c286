"""Definitions of adapted templates: as data, what may be published, what changed, and what is kept of old answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.handover import adapting
from kb.handover.definition import Definition, as_template, definition_of, from_json, to_json
from kb.handover.gate import missing
from kb.handover.leftovers import leftover_sections, says_more_than
from kb.handover.markdown import note_markdown
from kb.handover.merge import merge_notes
from kb.handover.models import Answer, NoteItem
from kb.handover.template_rules import problems
from kb.handover.template_words import changes
from kb.handover.templates import (
    TEMPLATES,
    Field,
    FieldKind,
    HandoverTemplate,
    Section,
    SectionKind,
    item_fields,
    template_of,
)
from kb.handover.text import tidied
from tests.unit.handover_samples import ITEM, NOW, shift_note

SHIFT = definition_of(template_of("shift"))
VERSION = 1_001


def messages(definition: Definition, *published: Definition) -> list[str]:
    return [problem.message for problem in problems(definition, published)]


def with_weather() -> Definition:
    definition, key = adapting.added_section(SHIFT, "Weather", SectionKind.TABLE)
    return adapting.with_field(definition, key, "own_1", title="Where")


def without_shown_fields(section: str) -> Definition:
    hidden = tuple(replace(field, hidden=True) for field in SHIFT.section(section).fields)
    return adapting.with_section(SHIFT, section, fields=hidden)


# ---- as data ------------------------------------------------------------------------------------------------------

titles = st.text(st.characters(codec="utf-8"), max_size=30)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
fields = st.builds(
    Field,
    keys,
    titles,
    st.sampled_from(FieldKind),
    st.lists(titles, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
)
field_rows = st.lists(fields, max_size=4).map(tuple)
sections = st.builds(
    Section, keys, titles, titles, st.sampled_from(SectionKind), field_rows, st.booleans(), st.booleans(),
    st.booleans(), st.booleans(), field_rows,
)  # fmt: skip
definitions = st.builds(
    Definition, st.sampled_from(["shift", "role", "client"]), st.integers(1, 9), titles, titles,
    st.lists(sections, max_size=5).map(tuple),
)  # fmt: skip


@given(definitions)
def test_a_definition_is_the_same_after_it_was_kept_as_json(definition: Definition) -> None:
    assert from_json(json.loads(json.dumps(to_json(definition)))) == definition


@pytest.mark.parametrize("shipped", TEMPLATES, ids=lambda template: template.key)
def test_a_shipped_template_as_a_definition_is_the_same_template(shipped: HandoverTemplate) -> None:
    definition = definition_of(shipped)
    assert messages(definition, definition) == []
    template = as_template(definition, shipped.version)
    assert replace(template, sections=tuple(replace(s, common=()) for s in template.sections)) == shipped
    assert item_fields(template.items_section) == item_fields(shipped.items_section)


operations = st.lists(
    st.tuples(st.sampled_from(["hide", "show", "up", "down", "add", "require"]), st.integers(0, 30), titles),
    max_size=12,
)


@given(operations)
def test_whatever_a_lead_does_to_sections_keys_stay_unique_and_nothing_is_lost(
    steps: list[tuple[str, int, str]],
) -> None:
    definition = SHIFT
    for step, place, title in steps:
        key = definition.sections[place % len(definition.sections)].key
        match step:
            case "hide" | "show":
                definition = adapting.with_section(definition, key, hidden=step == "hide")
            case "up" | "down":
                definition = adapting.moved_section(definition, key, -1 if step == "up" else 1)
            case "add":
                definition, _ = adapting.added_section(definition, title, SectionKind.TEXT)
            case "require":
                definition = adapting.with_section(definition, key, required=True)
    found = [section.key for section in definition.sections]
    assert len(found) == len(set(found))
    assert {section.key for section in SHIFT.sections} <= set(found)
    assert not [message for message in messages(definition, SHIFT) if "published" in message or "key" in message]


# ---- what may be published ----------------------------------------------------------------------------------------


def test_hidden_sections_and_fields_are_set_apart() -> None:
    definition = adapting.with_section(SHIFT, "staffing", hidden=True)
    definition = adapting.with_field(definition, "resolved", "cause", hidden=True)
    definition = adapting.with_field(definition, "items", "due", hidden=True)
    template = as_template(definition, VERSION)
    assert [section.key for section in template.hidden] == ["staffing"]
    assert "staffing" not in [section.key for section in template.sections]
    assert [field.key for field in template.section("resolved").fields] == ["what", "fix", "follow_up"]
    assert "due" not in [field.key for field in item_fields(template.items_section)]
    assert template.version == VERSION
    assert template.subject == "Shift handover"


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (replace(SHIFT, name=" "), "Give the template a name of 1 to 60 characters."),
        (replace(SHIFT, when="x" * 201), "Say in 1 to 200 characters when the template is used."),
        (
            adapting.with_section(SHIFT, "items", hidden=True),
            "The section of the open items has to be shown: what is left to do is what a note hands over.",
        ),
        (
            replace(SHIFT, sections=(*SHIFT.sections, replace(SHIFT.section("staffing"), title="Other"))),
            "Two sections have the key 'staffing'. Keys must be different.",
        ),
        (
            adapting.with_section(SHIFT, "staffing", title=" big  PICTURE"),
            "Two sections are called “Big picture”. Give one of them another name.",
        ),
        (
            adapting.with_section(SHIFT, "staffing", title=""),
            "A section without a name: give it a name of 1 to 80 characters.",
        ),
        (
            adapting.with_section(SHIFT, "staffing", help="x" * 201),
            "“Staffing and absences”: its help text has 201 characters; shorten it to 200.",
        ),
        (
            without_shown_fields("reachable"),
            "“Reachable until”: show at least one field, or hide the section.",
        ),
        (
            adapting.with_field(SHIFT, "items", "owner", hidden=True),
            "“Open items”: “Owner” has to be shown: every open item has it.",
        ),
        (
            adapting.with_field(SHIFT, "items", "tried", title="done"),
            "“Open items”: two fields are called “done”. Give one of them another name.",
        ),
        (
            adapting.with_field(SHIFT, "changes", "kind", options=()),
            "“Changes, outages and workarounds”: “Kind” needs options to choose from.",
        ),
        (
            adapting.with_field(SHIFT, "changes", "kind", options=("Outage", "outage")),
            "“Changes, outages and workarounds”: “Kind” offers “outage” twice.",
        ),
        (
            adapting.added_field(SHIFT, "promises", "Story", FieldKind.LONG)[0],
            "“Promises made to the client”: “Story” cannot have several lines in a table.",
        ),
        (
            replace(SHIFT, sections=tuple(s for s in SHIFT.sections if s.key != "staffing")),
            "“Staffing and absences” was published: it can be hidden, not removed.",
        ),
        (
            adapting.without_field(SHIFT, "promises", "to"),
            "“Promises made to the client”: “To whom” was published: it can be hidden, not removed.",
        ),
        (
            adapting.with_section(SHIFT, "staffing", kind=SectionKind.TABLE, fields=(Field("who", "Who"),)),
            "“Staffing and absences” was published: hide it and add another one of a new kind.",
        ),
        (
            adapting.with_field(SHIFT, "promises", "by", kind=FieldKind.TEXT),
            "“Promises made to the client”: “By” was published: hide it and add another one of a new kind.",
        ),
        (
            adapting.with_field(SHIFT, "items", "priority", options=("high",)),
            "“Open items”: the options of “Priority” stay as they are.",
        ),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told(definition: Definition, message: str) -> None:
    assert messages(definition, SHIFT) == [message]


def test_two_hidden_sections_may_share_a_name() -> None:
    definition = adapting.with_section(SHIFT, "staffing", title="Big picture", hidden=True)
    assert messages(definition, SHIFT) == []


def test_own_keys_meet_no_other_key() -> None:
    definition, first = adapting.added_section(SHIFT, "Wéather: höw?", SectionKind.TEXT)
    definition, second = adapting.added_section(definition, "weather how", SectionKind.TEXT)
    definition, third = adapting.added_section(definition, "天気", SectionKind.TEXT)
    assert (first, second, third) == ("own_weather_how", "own_weather_how_2", "own_1")


def test_texts_are_tidied_and_empty_options_left_out() -> None:
    definition = adapting.with_field(SHIFT, "changes", "kind", options=(" A ", "", "B", "A"))
    definition = adapting.tidied(adapting.with_section(definition, "staffing", title=" Who\n is here "))
    assert definition.section("changes").fields[1].options == ("A", "B")
    assert definition.section("staffing").title == "Who is here"


# ---- what changed -------------------------------------------------------------------------------------------------


def test_changes_in_words() -> None:
    definition = replace(with_weather(), name="ACME shift")
    definition = adapting.with_section(definition, "staffing", hidden=True, required=False)
    definition = adapting.with_section(definition, "big_picture", title="Overview", help="Other.", carries=True)
    definition = adapting.with_section(definition, "coming_up", may_be_none=False)
    definition = adapting.with_field(definition, "changes", "kind", options=("Change", "Outage", "Test"))
    definition = adapting.with_field(definition, "items", "due", title="Deadline", required=True)
    definition, _ = adapting.added_field(definition, "promises", "Contract", FieldKind.TEXT)
    definition = adapting.moved_section(definition, "reachable", -9)
    definition = adapting.moved_field(definition, "resolved", "follow_up", -1)
    assert changes(SHIFT, definition) == [
        "The template is now called “ACME shift”.",
        "“Big picture” is now called “Overview”.",
        "“Overview” goes on into the next note.",
        "The help text of “Overview” was changed.",
        "“Open items”: “Due” is now called “Deadline”.",
        "“Open items”: “Deadline” must be filled in.",
        "“Resolved this shift”: “Follow-up” stands after “Cause” now.",
        "“Changes, outages and workarounds”: “Kind” now offers Test and no longer offers Workaround.",
        "“Promises made to the client”: “Contract” is new.",
        "“Staffing and absences” is no longer asked for.",
        "“Staffing and absences” may be left empty.",
        "“Coming up next shift” may not be answered with None.",
        "“Weather” is new.",
        "“Reachable until” stands first now.",
    ]
    assert changes(definition, definition) == []


def test_an_older_version_taken_up_again_keeps_what_came_later_hidden() -> None:
    later, _ = adapting.added_field(with_weather(), "promises", "Contract", FieldKind.TEXT)
    again = adapting.taken_up(SHIFT, later)
    assert messages(again, later) == []
    assert again.section("own_weather").hidden
    assert again.section("promises").fields[-1].hidden
    assert [s.key for s in as_template(again, VERSION).sections] == [s.key for s in SHIFT.sections]


def test_what_a_newer_shipped_template_adds_comes_where_it_stands_there() -> None:
    safety = Section("safety", "Safety", "What is dangerous.")
    promises = SHIFT.section("promises")
    newer = replace(
        SHIFT,
        shipped=2,
        sections=tuple(
            one
            for section in SHIFT.sections
            for one in (
                [replace(section, title="Shift", help="Other."), safety] if section.key == "shift"
                else [replace(promises, fields=(*promises.fields[:1], Field("risk", "Risk"), *promises.fields[1:]))]
                if section.key == "promises" else [section]
            )
        ),
    )  # fmt: skip
    adapted = adapting.with_section(adapting.moved_section(SHIFT, "shift", 3), "shift", title="Who worked")
    found = adapting.with_news(adapted, newer)
    assert [s.key for s in found.sections][:5] == ["big_picture", "items", "contingencies", "shift", "safety"]
    assert found.section("shift").title == "Who worked"
    assert [field.key for field in found.section("promises").fields] == ["promise", "risk", "to", "by", "owner"]
    assert found.shipped == 2
    assert messages(found, newer, SHIFT) == []


# ---- notes that move to another version ---------------------------------------------------------------------------


def test_answers_that_are_no_longer_asked_for_are_kept_shown_and_not_required() -> None:
    definition = adapting.with_section(SHIFT, "big_picture", hidden=True)
    definition = adapting.with_field(definition, "shift", "site", hidden=True)
    definition = adapting.with_field(definition, "items", "situation", hidden=True)
    definition = adapting.with_field(definition, "items", "due", hidden=True)
    template = as_template(definition, VERSION)
    text = replace(shift_note(), template_version=VERSION)
    assert says_more_than(template, text)
    assert not says_more_than(as_template(SHIFT, VERSION), text)
    assert [section.title for section in leftover_sections(template, text)] == ["Big picture"]
    kept = tidied(template, text)
    assert kept.answers["big_picture"] == text.answers["big_picture"]
    assert kept.answers["shift"] == text.answers["shift"]
    assert kept.items == text.items
    assert missing(template, kept, NOW) == []
    body = note_markdown(template, kept)
    assert body.endswith("## Big picture (no longer asked for)\n\nBacklog of **412** cases.\n")
    assert "- **Shift:** Night\n- **Site (no longer asked for):** Pune\n" in body
    assert "- **Situation (no longer asked for):** The file was rejected" in body
    assert "| Item | Reference | What to do next | Owner | Priority | Due (no longer asked for) |" in body


def test_unknown_sections_are_called_by_their_keys() -> None:
    template = template_of("shift")
    text = replace(
        shift_note(),
        answers={
            "own_weather_report": Answer(rows=({"where": "Pune", "long_text": "a"},)),
            "own_2": Answer(nothing=True),
        },
    )
    (section,) = leftover_sections(template, text)
    assert (section.title, [field.title for field in section.fields]) == ("Weather report", ["Where", "Long text"])


def test_an_adapted_template_drives_gate_and_text() -> None:
    definition = adapting.with_field(SHIFT, "items", "title", title="Case | *ticket*")
    definition = adapting.with_field(definition, "items", "reference", required=True)
    definition = adapting.with_field(definition, "items", "stuck", required=True)
    definition = adapting.moved_field(definition, "items", "priority", -9)
    definition = adapting.with_section(definition, "staffing", title="<b>Staff</b> # [x](y)")
    template = as_template(definition, VERSION)
    text = replace(
        shift_note(), template_version=VERSION, items=(replace(ITEM, reference=""), NoteItem("x", done=True))
    )
    assert [gap.message for gap in missing(template, text, NOW)] == [
        "“Refund batch stuck”: Reference is missing.",
        "“Refund batch stuck”: Stuck where is missing.",
    ]
    body = note_markdown(template, text)
    assert "| Priority | Case \\| \\*ticket\\* | What to do next |" in body
    assert "## \\<b\\>Staff\\</b\\> \\# \\[x\\](y)\n" in body


def test_two_edits_of_which_one_moved_to_another_version_go_together() -> None:
    base = shift_note()
    moved = replace(base, template_version=VERSION)
    written = replace(base, answers={**base.answers, "staffing": Answer("Ravi is away")})
    for mine, theirs in ((moved, written), (written, moved)):
        assert merge_notes(base, mine, theirs) == replace(written, template_version=VERSION)
    assert merge_notes(base, moved, replace(base, template_version=VERSION + 1)) is None
