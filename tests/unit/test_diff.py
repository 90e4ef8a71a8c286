"""kb.diff: exact rows, and that a diff always holds both texts."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.diff import ChangeSize, Fold, Piece, Row, RowKind, diff_rows, fold, same_places, size_of_change

SAME, REMOVED, ADDED = RowKind.SAME, RowKind.REMOVED, RowKind.ADDED

# Few letters, so that lines and words often recur; then anything at all.
texts = st.one_of(st.text(alphabet="ab \n.é漢", max_size=80), st.text(max_size=80))
items = st.lists(st.sampled_from("abcdef"), max_size=40)


def text_of(rows: list[Row], *kinds: RowKind) -> str:
    return "\n".join("".join(piece.text for piece in row.pieces) for row in rows if row.kind in kinds)


def shown(row: Row) -> str:
    """A row in one line: words that changed stand in brackets."""
    sign = {SAME: " ", REMOVED: "-", ADDED: "+"}[row.kind]
    return sign + "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in row.pieces)


@given(texts, texts)
def test_a_diff_holds_both_texts(old: str, new: str) -> None:
    rows = diff_rows(old, new)
    assert text_of(rows, SAME, REMOVED) == old
    assert text_of(rows, SAME, ADDED) == new


@given(texts, texts)
def test_line_numbers_count_the_lines_of_each_side(old: str, new: str) -> None:
    rows = diff_rows(old, new)
    before = [row.old_number for row in rows if row.kind is not ADDED]
    after = [row.new_number for row in rows if row.kind is not REMOVED]
    assert before == list(range(1, len(before) + 1))
    assert after == list(range(1, len(after) + 1))


@given(texts)
def test_a_text_compared_with_itself_has_no_change(text: str) -> None:
    assert all(row.kind is SAME for row in diff_rows(text, text))


@given(texts, texts, st.integers(0, 3))
def test_folding_hides_unchanged_rows_only(old: str, new: str, context: int) -> None:
    rows = diff_rows(old, new)
    unfolded: list[Row] = []
    for item in fold(rows, context):
        if isinstance(item, Fold):
            assert all(row.kind is SAME for row in item.rows)
        unfolded += item.rows if isinstance(item, Fold) else [item]
    assert unfolded == rows


@given(items, items)
def test_same_places_rise_and_hold_the_same(old: list[str], new: list[str]) -> None:
    places = same_places(old, new)
    assert all(old[a] == new[b] for a, b in places)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(places))


def test_a_changed_word_is_marked_within_its_line() -> None:
    assert diff_rows("Call Ana by noon.", "Call Ben by noon.") == [
        Row(REMOVED, 1, None, (Piece("Call "), Piece("Ana", changed=True), Piece(" by noon."))),
        Row(ADDED, None, 1, (Piece("Call "), Piece("Ben", changed=True), Piece(" by noon."))),
    ]


def test_an_added_line_has_a_number_on_the_new_side_only() -> None:
    assert diff_rows("one\nthree", "one\ntwo\nthree") == [
        Row(SAME, 1, 1, (Piece("one"),)),
        Row(ADDED, None, 2, (Piece("two"),)),
        Row(SAME, 2, 3, (Piece("three"),)),
    ]


def test_an_empty_text_has_no_line() -> None:
    assert diff_rows("", "") == []
    assert diff_rows("", "a") == [Row(ADDED, None, 1, (Piece("a"),))]
    assert diff_rows("a", "") == [Row(REMOVED, 1, None, (Piece("a"),))]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        (
            "The desk opens at nine.\nAsk the lead for access.",
            "The desk opens at eight sharp.\nNew: bring your badge.\nAsk the lead for access.",
            [
                "-The desk opens at [nine].",
                "+The desk opens at [eight sharp].",
                "+New: bring your badge.",
                " Ask the lead for access.",
            ],
        ),
        ("alpha beta", "gamma delta", ["-alpha beta", "+gamma delta"]),
        ("keep the first old words here", "keep the two new words here",
         ["-keep the [first old] words here", "+keep the [two new] words here"]),
        ("退款流程:先核对发票", "退款流程:再核对发票", ["-退款流程:[先]核对发票", "+退款流程:[再]核对发票"]),
        ("one two three\n\nsame", "one two four\n\nsame", ["-one two [three]", "+one two [four]", " ", " same"]),
        ("| a | 1 |\n| b | 2 |", "| a | 9 |\n| b | 8 |",
         ["-| a | [1] |", "+| a | [9] |", "-| b | [2] |", "+| b | [8] |"]),
        ("line\n", "line", [" line", "-"]),
    ],
)  # fmt: skip
def test_rows(old: str, new: str, rows: list[str]) -> None:
    assert [shown(row) for row in diff_rows(old, new)] == rows


def test_long_unchanged_stretches_are_folded() -> None:
    old = "\n".join(f"line {n}" for n in range(1, 31))
    folded = fold(diff_rows(old, old.replace("line 15", "changed entirely")), context=2)
    assert [len(item.rows) if isinstance(item, Fold) else shown(item) for item in folded] == [
        12,
        " line 13",
        " line 14",
        "-line 15",
        "+changed entirely",
        " line 16",
        " line 17",
        13,
    ]


def test_a_short_stretch_between_changes_is_not_folded() -> None:
    folded = fold(diff_rows("a\n1\n2\n3\n4\n5\n6\n7\nb", "A\n1\n2\n3\n4\n5\n6\n7\nB"), context=2)
    assert not any(isinstance(item, Fold) for item in folded)


def test_the_size_of_a_change_counts_words_wherever_they_stand() -> None:
    assert size_of_change("one two three", "three one four five") == ChangeSize(added=2, removed=1)
    assert size_of_change("moved only", "only moved") == ChangeSize(added=0, removed=0)


@pytest.mark.parametrize("vocabulary", [2, 200])
def test_a_very_long_text_is_compared_in_seconds(vocabulary: int) -> None:
    """Lines that recur are the worst case of difflib alone: it takes minutes for these."""
    dice = random.Random(7)
    lines = ["\n".join(f"line {dice.randrange(vocabulary)} of a long text" for _ in range(12_000)) for _ in range(2)]
    started = time.thread_time()
    rows = diff_rows(*lines)
    assert time.thread_time() - started < 30  # not quadratic: that would take minutes
    assert text_of(rows, SAME, ADDED) == lines[1]


def test_one_endless_line_is_compared_in_seconds() -> None:
    dice = random.Random(7)
    old = " ".join(f"word{dice.randrange(300)}" for _ in range(60_000))
    started = time.thread_time()
    rows = diff_rows(old, old.replace("word7 ", "other "))
    assert time.thread_time() - started < 30  # not quadratic: that would take minutes
    assert text_of(rows, REMOVED) == old
