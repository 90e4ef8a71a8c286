"""Why a result was found, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kb.models import Page, PageKind, Person, Space
from kb.search import MatchedBy, SearchResult
from kb.snippets import Snippet
from kb.ui.why import why

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANA = Person(1, "Ana")


def result(age: timedelta = timedelta(days=3), **more: object) -> SearchResult:
    page = Page(
        1, "x", PageKind.PAGE, Space(1, "a", "A"), "X", "", (), (), ANA, 1, NOW - age, NOW - age, updated_by=ANA
    )
    found = SearchResult(1, page, (), "", Snippet(()), 1.0, MatchedBy.BOTH, 1)
    return replace(found, **more)  # type: ignore[arg-type]


def test_words_nearness_and_freshness_are_told() -> None:
    told = why(result(matched=("token", "expires"), cosine=0.613), NOW)
    assert told == "Why: matches “token”, “expires” · very near in meaning (0.61) · updated 3 days ago"


@pytest.mark.parametrize(
    ("cosine", "told"),
    [
        (0.55, "very near in meaning (0.55) · "),
        (0.54, "near in meaning (0.54) · "),
        (0.3, "loosely related in meaning (0.30) · "),
        (0.29, ""),
        (0.0, ""),
    ],
)
def test_nearness_has_a_word_and_a_figure(cosine: float, told: str) -> None:
    assert why(result(cosine=cosine), NOW) == f"Why: {told}updated 3 days ago"


def test_many_words_are_counted_and_hostile_ones_escaped() -> None:
    told = why(result(matched=("*a*", "<b>", "c", "d", "e", "f", "g")), NOW)
    assert told.startswith("Why: matches “\\*a\\*”, “\\<b\\>”, “c”, “d”, “e” and 2 more · ")


def test_a_stale_page_is_said_to_be_stale() -> None:
    assert why(result(timedelta(days=364)), NOW) == "Why: updated 12 months ago"
    assert why(result(timedelta(days=430)), NOW) == "Why: not updated for 14 months, may be out of date"
    assert why(result(timedelta(days=800)), NOW) == "Why: not updated for 2 years, may be out of date"
