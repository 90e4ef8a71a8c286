"""How the screens say things, and which words of a page a query matches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kb.query import matched_words
from kb.ui import words

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=13), "1 week ago"),
        (timedelta(days=75), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_age(passed: timedelta, said: str) -> None:
    assert words.ago(NOON - passed, NOON) == said


def test_numbers_and_sizes() -> None:
    assert [words.counted(n, "page") for n in (0, 1, 2_000)] == ["0 pages", "1 page", "2,000 pages"]
    assert [words.size(n) for n in (999, 14_300_000, 2_500_000_000)] == ["999 bytes", "14.3 MB", "2.5 GB"]


def test_long_text_is_cut_between_words() -> None:
    assert words.shortened("one two three", 10) == "one two…"
    assert words.shortened("one two", 10) == "one two"


def test_words_of_the_same_stem_match() -> None:
    text = "Charging twice: the CHARGED customer's charges. Café visits."
    assert matched_words("how is a customer charged? cafe", text) == [
        "café",
        "charged",
        "charges",
        "charging",
        "customer",
    ]


def test_stop_words_match_only_alone() -> None:
    assert matched_words("what is the rota", "What is the rota?") == ["rota"]
    assert matched_words("what is", "What is the rota?") == ["is", "what"]
    assert matched_words("", "What is the rota?") == []
