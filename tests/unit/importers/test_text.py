"""Plain text files."""

from __future__ import annotations

import pytest

from tests.unit.importers.helpers import body, draft


def test_a_short_first_line_is_the_title() -> None:
    page = draft("Moving day\n\nBring boxes.\n", "moving.txt")
    assert (page.title, page.body) == ("Moving day", "Bring boxes.")
    page = draft("Moving day\n==========\nBring boxes.\n", "moving.txt")
    assert (page.title, page.body) == ("Moving day", "Bring boxes.")


@pytest.mark.parametrize(
    "text", ["Bring boxes, please.\n\nAnd tape.", "x" * 90 + "\n\ny", "Bring boxes", "- a\n- b", "a   b\nc   d"]
)
def test_otherwise_the_file_name_is_the_title(text: str) -> None:
    assert draft(text, "moving_day.txt").title == "Moving day"


def test_text_that_looks_like_markdown_is_escaped() -> None:
    source = (
        "Intro text:\n\n# not a heading, *stars*, _under_ snake_case, `tick`, <b>, [[x]], [a](b), ~~c~~ &amp; A&B \\"
    )
    assert body(source, "a.txt").split("\n\n")[1] == (
        "\\# not a heading, \\*stars\\*, \\_under\\_ snake_case, \\`tick\\`, \\<b>, "
        "\\[[x]], [a]\\(b), \\~~c\\~~ \\&amp; A&B \\\\"
    )


@pytest.mark.parametrize(
    ("line", "escaped"),
    [
        ("1986. A year", "1986\\. A year"),
        ("- dash", "\\- dash"),
        ("+ plus", "\\+ plus"),
        ("> arrow", "\\> arrow"),
        ("-5 degrees", "-5 degrees"),
        ("#hash", "#hash"),
        ("    four spaces", "four spaces"),
    ],
)
def test_the_start_of_a_single_line_is_escaped(line: str, escaped: str) -> None:
    assert body(f"Some words.\n\n{line}", "a.txt").split("\n\n")[1] == escaped


def test_short_lines_stay_lines_and_wrapped_ones_make_a_paragraph() -> None:
    wrapped = "word " * 14 + "\n" + "word " * 5
    assert body(f"A sentence here.\n\nAnna\nMain Street 5\n\n{wrapped}", "a.txt") == (
        f"A sentence here.\n\nAnna  \nMain Street 5\n\n{('word ' * 14).strip()}\n{('word ' * 5).strip()}"
    )


def test_lists_stay_lists() -> None:
    source = "Bring these things:\n- boxes,\n  big *ones*\n- tape\n\n• first\n• second\n\n1) one\n2) two"
    assert body(source, "a.txt") == (
        "Bring these things:\n\n- boxes,\n  big \\*ones\\*\n- tape\n\n- first\n- second\n\n1. one\n2. two"
    )


def test_columns_keep_their_places_in_a_block_of_code() -> None:
    source = "A table follows.\n\nName     Phone\nAnna     12\nBo       34"
    assert body(source, "a.txt") == "A table follows.\n\n```\nName     Phone\nAnna     12\nBo       34\n```"


def test_windows_and_old_encodings_are_read() -> None:
    assert body("Gr\u00fc\u00dfe.\r\n\r\nZwei.", "a.txt") == "Gr\u00fc\u00dfe.\n\nZwei."
    for encoding in ("utf-8-sig", "utf-16", "utf-32", "cp1252"):
        assert draft("Gr\u00fc\u00dfe \u2014 \u20ac5.\r\nNeu".encode(encoding), "a.txt").body == "Grüße — €5.  \nNeu"
