"""kb.merge: two people's changes in one text, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.merge import merge_lines, merge_texts
from kb.pages import PageText

texts = st.one_of(st.text(alphabet="abc\n", max_size=30), st.text(max_size=30))
BASE = "first\n\nsecond\n\nthird"


@given(texts, texts)
def test_a_change_of_one_side_is_taken(base: str, changed: str) -> None:
    assert merge_lines(base, changed, base) == changed
    assert merge_lines(base, base, changed) == changed
    assert merge_lines(base, changed, changed) == changed


@given(texts, texts, texts)
def test_it_does_not_matter_who_is_who(base: str, mine: str, theirs: str) -> None:
    assert merge_lines(base, mine, theirs) == merge_lines(base, theirs, mine)


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("FIRST\n\nsecond\n\nthird", "first\n\nsecond\n\nTHIRD", "FIRST\n\nsecond\n\nTHIRD"),
        ("first\n\nsecond", "zero\n\nfirst\n\nsecond\n\nthird", "zero\n\nfirst\n\nsecond"),
        (BASE + "\n\nmine", "FIRST\n\nsecond\n\nthird", "FIRST\n\nsecond\n\nthird\n\nmine"),
        ("FIRST\n\nsecond\n\nmine", "FIRST\n\ntheirs\n\nthird", "FIRST\n\ntheirs\n\nmine"),
        ("first\n\nmine\n\nthird", "first\n\ntheirs\n\nthird", None),
        (BASE + "\n\nmine", BASE + "\n\ntheirs", None),
        ("first\n\nthird", "first\n\nsecond, corrected\n\nthird", None),
    ],
)
def test_merged_lines(mine: str, theirs: str, merged: str | None) -> None:
    assert merge_lines(BASE, mine, theirs) == merged


def test_titles_and_tags_are_merged_too() -> None:
    base = PageText("Title", BASE, ("a", "b"), ("one",))
    mine = PageText("Title", "FIRST\n\nsecond\n\nthird", ("a", "c"), ("one", "mine"))
    theirs = PageText("Better title", BASE, ("a", "b", "d"), ("one", "theirs"))
    assert merge_texts(base, mine, theirs) == PageText(
        "Better title", "FIRST\n\nsecond\n\nthird", ("a", "d", "c"), ("one", "theirs", "mine")
    )


def test_two_new_titles_need_a_person() -> None:
    base = PageText("Title", BASE)
    assert merge_texts(base, PageText("Mine", BASE), PageText("Theirs", BASE)) is None
