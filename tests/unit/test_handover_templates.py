"""The templates as data, and the times that notes name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kb.handover.models import Status
from kb.handover.templates import (
    TEMPLATES,
    FieldKind,
    HandoverTemplate,
    SectionKind,
    item_fields,
    template_of,
)
from kb.handover.times import clock, clock_change, from_now, known_zone, time_zones, to_local, to_utc

SECTIONS = {
    "shift": [
        "Shift and site",
        "Big picture",
        "Open items",
        "If this, then that",
        "Resolved this shift",
        "Changes, outages and workarounds",
        "Promises made to the client",
        "Staffing and absences",
        "Coming up next shift",
        "Reachable until",
    ],
    "role": [
        "Reason and last day",
        "Responsibilities",
        "Open work",
        "Next 90 days",
        "Decisions made and options rejected",
        "What only I know",
        "Systems and access",
        "Contacts and introductions",
        "Recurring problems and risks",
        "Pages I own",
        "Shadowing sessions",
    ],
    "client": [
        "Scope and contract",
        "Stakeholders",
        "SLAs and KPIs",
        "Process topics",
        "Systems, access and data",
        "Calendar, peaks and cut-offs",
        "Where things stand",
        "Milestones, backlog and deferred items",
        "Decisions, risks and issues",
        "Escalation",
        "Quality history",
        "Exit criteria and end of hypercare",
        "Acceptance",
    ],
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
class TestEveryTemplate:
    def test_has_its_sections_in_order(self, template: HandoverTemplate) -> None:
        assert [section.title for section in template.sections] == SECTIONS[template.key]

    def test_keys_are_unique(self, template: HandoverTemplate) -> None:
        keys = [section.key for section in template.sections]
        assert len(set(keys)) == len(keys)
        for section in template.sections:
            fields = [field.key for field in section.fields]
            assert len(set(fields)) == len(fields)

    def test_has_one_section_of_open_items_whose_fields_do_not_hide_the_common_ones(
        self, template: HandoverTemplate
    ) -> None:
        assert [section.kind for section in template.sections].count(SectionKind.ITEMS) == 1
        fields = [field.key for field in item_fields(template.items_section)]
        assert len(set(fields)) == len(fields)
        assert fields[:6] == ["title", "reference", "next_step", "owner", "due", "priority"]

    def test_every_section_must_be_answered(self, template: HandoverTemplate) -> None:
        assert [section.title for section in template.sections if not section.required] == []

    def test_a_cell_of_a_table_is_one_line(self, template: HandoverTemplate) -> None:
        tables = [section for section in template.sections if section.kind is SectionKind.TABLE]
        assert [f.key for section in tables for f in section.fields if f.kind is FieldKind.LONG] == []

    def test_choices_have_options_and_only_they(self, template: HandoverTemplate) -> None:
        for section in template.sections:
            for field in section.fields:
                assert bool(field.options) is (field.kind is FieldKind.CHOICE)

    def test_texts_are_short_sentences(self, template: HandoverTemplate) -> None:
        assert template.when.endswith(".")
        for section in template.sections:
            assert section.help.endswith(".")
            assert len(section.help) < 140

    def test_is_found_by_key_and_by_version(self, template: HandoverTemplate) -> None:
        assert template_of(template.key) is template
        assert template_of(template.key, template.version) is template


# What the field wants in each handover, and where a template asks for it: a section, a field, or a word of a help text.
WANTED = {
    "role": {
        "leaving": ["Reason", "Last day", "Contact afterwards"],
        "responsibilities": ["Task", "How often", "Next due", "How-to page", "New owner"],
        "items": ["State so far", "What to do next", "Due", "Blocked by"],
        "calendar": ["90 days", "Date", "What happens"],
        "decisions": ["decided", "turned down"],
        "workarounds": ["Workarounds", "What only I know"],
        "systems": ["System", "Access", "Transfer", "Revoke", "Where the secret is kept"],
        "contacts": ["Name", "introductions still to make", "Introduced"],
        "risks": ["Recurring problems", "risks"],
        "pages": ["Page", "New owner"],
        "shadowing": ["Topic", "With whom", "Watched"],
    },
    "shift": {
        "shift": ["Shift", "Site", "Overlap window", "Overall severity"],
        "big_picture": ["Volumes", "backlog", "SLA clock"],
        "items": ["Reference", "Severity", "Situation", "Background", "Tried so far", "Stuck where", "What to do next",
                  "Owner", "Due"],
        "contingencies": ["If", "Then"],
        "resolved": ["Cause", "Fix", "Follow-up"],
        "changes": ["Change", "Outage", "Workaround", "Ends on"],
        "promises": ["Promise", "To whom", "By"],
        "staffing": ["Staffing", "absences"],
        "coming_up": ["Coming up next shift"],
        "reachable": ["Until", "How"],
    },
    "client": {
        "scope": ["In scope", "Out of scope", "Contract starts", "Contract ends"],
        "stakeholders": ["Name", "Prefers", "Sensitive about"],
        "service_levels": ["SLAs and KPIs", "Target", "Current"],
        "processes": ["Topic", "Owner", "Procedure page", "Exceptions", "Controls", "How validated", "Readiness"],
        "systems": ["System", "Access", "Data rules"],
        "calendar": ["Calendar", "peaks", "cut-offs"],
        "standing": ["state of the work"],
        "items": ["Milestone", "Backlog", "Deferred"],
        "log": ["Decision", "Risk", "Issue"],
        "escalation": ["Severity", "Who", "How", "Within"],
        "quality": ["Quality history"],
        "exit": ["Exit criteria", "Hypercare ends"],
        "acceptance": ["Delivery", "Quality", "Client"],
    },
}  # fmt: skip


@pytest.mark.parametrize("key", WANTED)
def test_the_shipped_templates_ask_for_everything_that_the_field_wants(key: str) -> None:
    template, lacking = template_of(key), []
    for name, wanted in WANTED[key].items():
        section = template.section(name)
        fields = item_fields(section) if section.kind is SectionKind.ITEMS else section.fields
        asked = [section.title, section.help, *(field.title for field in fields)]
        asked += [option for field in fields for option in field.options]
        lacking += [(name, word) for word in wanted if not any(word in said for said in asked)]
    assert lacking == []
    assert WANTED[key].keys() == {section.key for section in template.sections}


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(KeyError):
        template_of("weekly")
    with pytest.raises(KeyError):
        template_of("shift", 99)
    with pytest.raises(KeyError):
        template_of("shift").section("weather")


def test_statuses_of_a_note() -> None:
    assert list(Status) == ["stable", "watch", "critical"]


# ---- times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        (datetime(2026, 1, 15, 6, 0), "Europe/Berlin", datetime(2026, 1, 15, 5, 0)),
        (datetime(2026, 7, 15, 6, 0), "Europe/Berlin", datetime(2026, 7, 15, 4, 0)),
        (datetime(2026, 7, 15, 6, 0), "Asia/Kolkata", datetime(2026, 7, 15, 0, 30)),
        (datetime(2026, 7, 15, 6, 0), "UTC", datetime(2026, 7, 15, 6, 0)),
        # The night of 29 March 2026: 02:00 becomes 03:00.
        (datetime(2026, 3, 29, 1, 59), "Europe/Berlin", datetime(2026, 3, 29, 0, 59)),
        (datetime(2026, 3, 29, 2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 30)),
        (datetime(2026, 3, 29, 3, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, 30)),
        # The night of 25 October 2026: 03:00 becomes 02:00, and 02:30 comes twice.
        (datetime(2026, 10, 25, 2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30)),
        (datetime(2026, 10, 25, 3, 30), "Europe/Berlin", datetime(2026, 10, 25, 2, 30)),
    ],
)
def test_local_time_to_utc(local: datetime, zone: str, utc: datetime) -> None:
    assert to_utc(local, zone) == utc.replace(tzinfo=UTC)


def test_utc_to_local_time_and_back() -> None:
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert to_local(moment, "Europe/Berlin") == datetime(2026, 10, 25, 2, 30)
    assert to_utc(to_local(moment, "Europe/Berlin"), "Europe/Berlin") == moment


def test_a_time_that_the_clocks_skip_or_repeat_is_told() -> None:
    skipped = clock_change(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
    assert skipped == "02:30 does not exist that day (clocks go forward): 03:30 is meant."
    twice = clock_change(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
    assert twice == "02:30 comes twice that day (clocks go back): the first one is meant."
    assert clock_change(datetime(2026, 3, 29, 2, 30), "Asia/Kolkata") == ""
    assert clock_change(datetime(2026, 3, 29, 4, 0), "Europe/Berlin") == ""


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "21 Nov 2026, 22:30 UTC"),
        ("Europe/Berlin", "21 Nov 2026, 23:30 Europe/Berlin (22:30 UTC)"),
        ("Asia/Kolkata", "22 Nov 2026, 04:00 Asia/Kolkata (21 Nov, 22:30 UTC)"),
    ],
)
def test_a_moment_on_the_clock_of_its_zone(zone: str, shown: str) -> None:
    assert clock(datetime(2026, 11, 21, 22, 30, tzinfo=UTC), zone) == shown


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [(12, 0, "now"), (12, 45, "in 45 min"), (14, 30, "in 2 h"), (11, 15, "45 min ago"), (9, 0, "3 h ago")],
)
def test_how_far_away_a_moment_is(hour: int, minute: int, shown: str) -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert from_now(now.replace(hour=hour, minute=minute), now) == shown


def test_how_far_away_a_day_is() -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert from_now(now.replace(day=24), now) == "in 3 days"
    assert from_now(now.replace(day=20), now) == "24 h ago"


def test_time_zones_to_choose_from() -> None:
    assert time_zones()[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Kolkata", "Asia/Manila", "America/New_York"} <= set(time_zones())


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "a\x00b"])
def test_an_unknown_time_zone_is_utc(name: str) -> None:
    assert known_zone(name) == "UTC"
    assert known_zone(None) == "UTC"
    assert known_zone("Asia/Manila") == "Asia/Manila"
