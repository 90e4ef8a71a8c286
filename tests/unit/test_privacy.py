"""Personal data and secrets: what is found, what is left alone, and what masking keeps."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.privacy import FindingKind, findings, masked

FOLDER = Path(__file__).parent.parent / "privacy"
CLEAN = (FOLDER / "clean.txt").read_text(encoding="utf-8").splitlines()
FOUND = [line.split("\t") for line in (FOLDER / "found.tsv").read_text(encoding="utf-8").splitlines()]
PARTS = st.sampled_from([text for _, _, text in FOUND] + CLEAN)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PARTS, max_size=5).map("\n".join))


@pytest.mark.parametrize("text", CLEAN)
def test_what_is_nobodys_business_data_is_left_alone(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize(("kind", "value", "text"), FOUND)
def test_what_should_not_be_written_down_is_found(kind: str, value: str, text: str) -> None:
    assert [(one.kind.value, text[one.start : one.end]) for one in findings(text)] == [(kind, value)]


def test_there_are_enough_cases() -> None:
    assert (len(CLEAN) >= 40, len(FOUND) >= 40) == (True, True)


def test_a_phone_number_is_no_reason_to_stop() -> None:
    assert [kind for kind in FindingKind if not kind.blocking] == [FindingKind.PHONE]


def test_masking_leaves_the_words_around() -> None:
    text = "The password is Summer2026! and the card 4111 1111 1111 1111 works."
    assert (
        masked(text, findings(text)) == "The password is [password removed] and the card [card number removed] works."
    )


def test_a_private_key_is_masked_whole() -> None:
    text = "Key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----\nUse it."
    assert masked(text, findings(text)) == "Key:\n[private key removed]\nUse it."


def test_words_after_an_iban_are_not_part_of_it() -> None:
    text = "DE89 3704 0044 0532 0130 00 PAID TODAY"
    assert masked(text, findings(text)) == "[IBAN removed] PAID TODAY"


@given(TEXTS)
def test_findings_lie_inside_and_do_not_overlap(text: str) -> None:
    found = findings(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(TEXTS)
def test_masking_keeps_everything_else(text: str) -> None:
    found = findings(text)
    rest, end = [], 0
    for one in found:
        rest.append(text[end : one.start])
        end = one.end
    rest.append(text[end:])
    left = masked(text, found)
    for one, part in zip(found, rest, strict=False):
        assert left.startswith(part + one.masked)
        left = left[len(part + one.masked) :]
    assert left == rest[-1]


@given(st.lists(PARTS, max_size=6).map("\n".join))
def test_masked_text_holds_nothing_more(text: str) -> None:
    once = masked(text, findings(text))
    assert findings(once) == []
    assert masked(once, findings(once)) == once
