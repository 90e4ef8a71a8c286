"""What operators narrow a search to, and what is said of those that cannot be used."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models import Filters, PageKind, Space
from kb.narrowing import Known, UnusableValue, understand, updated_between
from kb.operators import parse_query

KNOWN = Known(
    (Space(1, "acme", "ACME"), Space(2, "client-handbook", "Client handbook")),
    ("billing", "night-shift"),
    ("Maria Lopez", "Maria Weiss", "local"),
)


def filters(query: str) -> Filters:
    understood = understand(parse_query(query), KNOWN)
    assert understood.notes == ()
    assert understood.used == understood.query.operators
    return understood.filters


def notes(query: str) -> tuple[str, ...]:
    understood = understand(parse_query(query), KNOWN)
    assert (understood.filters, understood.used) == (Filters(), ())
    return understood.notes


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_operators_become_filters():
    assert filters('"two words" -draft -"old draft"') == Filters(
        phrases=("two words",), excluded_phrases=("draft", "old draft")
    )
    assert filters('tag:Billing -tag:"night shift"') == Filters(tags=("billing",), excluded_tags=("night-shift",))
    assert filters('space:Acme -space:"client handbook"') == Filters(
        spaces=("acme",), excluded_spaces=("client-handbook",)
    )
    assert filters("type:Guides -type:handover") == Filters(
        kinds=(PageKind.GUIDE,), excluded_kinds=(PageKind.HANDOVER,)
    )
    assert filters('title:refund -title:"x y"') == Filters(titles=("refund",), excluded_titles=("x y",))


def test_an_owner_is_known_by_the_whole_name_or_a_part_of_it():
    assert filters("owner:LOCAL").owners == ("local",)
    assert filters('owner:"maria weiss"').owners == ("Maria Weiss",)
    assert filters("owner:maria").owners == ("Maria Lopez", "Maria Weiss")
    assert filters("-owner:maria").excluded_owners == ("Maria Lopez", "Maria Weiss")


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        ("2026", (at(2026, 1, 1), at(2027, 1, 1))),
        ("2026-12", (at(2026, 12, 1), at(2027, 1, 1))),
        ("2026-2", (at(2026, 2, 1), at(2026, 3, 1))),
        ("2026-01-31", (at(2026, 1, 31), at(2026, 2, 1))),
        (">2026-01", (at(2026, 2, 1), None)),
        (">=2026-01", (at(2026, 1, 1), None)),
        ("<2026-01", (None, at(2026, 1, 1))),
        ("<=2026-01", (None, at(2026, 2, 1))),
        ("2026-01..2026-03", (at(2026, 1, 1), at(2026, 4, 1))),
        ("2025..2025", (at(2025, 1, 1), at(2026, 1, 1))),
        (">2999-12-31", (at(3000, 1, 1), None)),
    ],
)
def test_dates_are_periods(value: str, bounds: tuple[datetime | None, datetime | None]):
    assert updated_between(value) == bounds


def test_several_dates_must_all_fit():
    between = filters("updated:>=2025 updated:<2026-06 updated:>=2025-03 updated:<2027")
    assert (between.updated_from, between.updated_before) == (at(2025, 3, 1), at(2026, 6, 1))


@pytest.mark.parametrize("value", ["soon", ">soon", "26-01", "2026-", "2026/01", "0000", "9999", ">", "..", "2026..",
                                   ">2026..2027", "2026-01-01-01", "٢٠٢٦"])  # fmt: skip
def test_what_is_no_date_is_said(value: str):
    with pytest.raises(UnusableValue, match="takes a date such as 2026, 2026-01 or >2026-01-31, not"):
        updated_between(value)


def test_an_operator_that_cannot_be_used_is_left_out_with_cause_and_remedy():
    assert notes("type:banana") == ("type: takes page, guide, glossary or handover, not “banana”.",)
    assert notes("tag:biling") == ("tag: no page has the tag “biling”. Did you mean billing?",)
    assert notes("tag:zzz") == ("tag: no page has the tag “zzz”. Choose one of: billing, night-shift.",)
    assert notes("space:client-handbok") == (
        "space: there is no space “client-handbok”. Did you mean Client handbook?",
    )
    assert notes("owner:zoe") == (
        "owner: nobody called “zoe” owns a page. Choose one of: Maria Lopez, Maria Weiss, local.",
    )
    assert notes("updated:2026-02-30 -updated:2026 updated:2026..2025") == (
        "updated: there is no date 2026-02-30. Type year-month-day, such as 2026-01-31.",
        "updated: cannot be left out with a minus. Type < or > before the date instead.",
        "updated: “2026..2025” ends before it begins. Put the earlier date first.",
    )


def test_a_note_about_an_empty_wiki_names_no_choices():
    understood = understand(parse_query("tag:x"), Known((), (), ()))
    assert understood.notes == ("tag: no page has the tag “x”. There is none yet.",)


@given(st.text(max_size=30), st.booleans())
def test_any_date_is_bounds_or_a_note(value: str, negated: bool):
    understood = understand(parse_query(f"{'-' * negated}updated:{value}"), KNOWN)
    assert len(understood.used) + len(understood.notes) == len(understood.query.operators)


@given(st.from_regex(r"[<>]?=?[12]\d{3}(-\d{1,2}){0,2}(\.\.[12]\d{3}(-\d{1,2}){0,2})?", fullmatch=True))
def test_bounds_are_in_order(value: str):
    try:
        start, before = updated_between(value)
    except UnusableValue:
        return
    assert start is not None or before is not None
    assert start is None or before is None or start < before
