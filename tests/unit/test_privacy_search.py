"""What narrows the search for private data leaves nothing out: each rule, applied to the whole text, finds the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import credentials, privacy
from kb.credentials import MIN_RANDOM
from kb.national_ids import _DIGITS, _FOUR_DIGITS, NATIONAL_IDS, NationalId, _is_valid, has_context, national_ids
from kb.privacy import blocking, findings
from tests.unit.test_privacy import CLEAN, FOUND

TEXTS = [Path(__file__).parents[1] / "privacy" / name for name in ("clean.txt", "found.tsv")]
LINES = [*CLEAN, *(text for _, _, text in FOUND)]
BETWEEN = st.sampled_from(["\n", "\r\n", "\n\n", " ", "\r", "\u2028", ", "])
NAMES = ("ssn", "NHS number", "Pesel", "steuer", "bsn", "CPF", "\u0130d number", "nino", "passport no", "xuid", "")
WORDS = (
    "Password: ", "PA\u017fSWORD is ", "Kennwort = ", "HAS\u0141O: ", "contrase\u00d1a -> ", "PIN: ", "p\u0131n is ",
    "CVV ", "api-key=", "API \u212aEY: ", "bearer ", "token: ", "\u00df ", "hooks.slack.com/services/T1/B2/c3", "ghp_", "://me:",
)  # fmt: skip


def whole(text: str) -> list[tuple[int, int, str]]:
    """Where each rule of secrets and of states' numbers matches the whole text, and each detector each line."""
    found = [(*match.span(), "private key") for match in credentials._PRIVATE_KEY.finditer(text)]
    named = (match for match in credentials._NAMED.finditer(text) if credentials._is_password(text, match))
    found += [(*match.span("value"), "password") for match in named]
    found += [(*match.span("value"), "PIN") for match in credentials._PIN.finditer(text)]
    for match in credentials._KEY.finditer(text):
        group = "value" if match["value"] else "plain"
        if credentials._looks_given(match[group]) and not credentials._is_placeholder(match[group]):
            found.append((*match.span(group), "key"))
    for line in re.finditer(r"[^\r\n]+", text):
        for name, plugin in credentials._detectors():
            found += credentials._in_line(line.group(), line.start(), name, plugin)
    addresses = [match.span() for match in credentials._ADDRESS.finditer(text)]
    for match in credentials._RANDOM.finditer(text):
        inside = any(start <= match.start() < end for start, end in addresses)
        if not inside and credentials._is_random(match.group()):
            found.append((*match.span(), "key"))
    return [*found, *numbers(text)]


def numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """The same of states' numbers."""
    for kind in NATIONAL_IDS:
        for match in re.finditer(rf"(?<![\w/.-]){kind.form}(?![\w/-]|\.\d)", text, re.ASCII):
            if (not kind.context or has_context(text, match, kind.context)) and _is_valid(kind.module, match.group()):
                yield match.start(), match.end(), kind.name


@st.composite
def mixed(draw: st.DrawFn) -> str:
    """Lines with and without something private, words that name it, and numbers of every form, in any neighbourhood."""
    forms = st.sampled_from([kind.form for kind in NATIONAL_IDS]).flatmap(
        lambda form: st.from_regex(re.compile(form, re.ASCII), fullmatch=True)
    )
    values = st.sampled_from(["Summer2026!", "4242", "123", "s3cr3tTokenValue01", "x" * MIN_RANDOM, "pw@host"])
    part = st.one_of(st.sampled_from(LINES), st.sampled_from(NAMES), st.sampled_from(WORDS), forms, values)
    return "".join(chain.from_iterable(draw(st.lists(st.tuples(part, st.one_of(BETWEEN, st.just(""))), max_size=8))))


@given(mixed())
@settings(max_examples=50)
def test_secrets_and_numbers_are_those_of_the_whole_text(text: str) -> None:
    assert sorted([*credentials.credentials(text), *national_ids(text)]) == sorted(whole(text))


@pytest.mark.parametrize("kind", NATIONAL_IDS, ids=lambda kind: kind.name)
@given(data=st.data())
@settings(max_examples=20)
def test_no_number_is_on_a_line_that_is_passed_over(kind: NationalId, data: st.DataObject) -> None:
    number = data.draw(st.from_regex(re.compile(kind.form, re.ASCII), fullmatch=True))
    assert _DIGITS.search(number) or _FOUR_DIGITS.search(number)


@given(mixed())
@settings(max_examples=50)
def test_cards_and_accounts_are_those_of_the_whole_text(text: str) -> None:
    cards = [match.span() for match in privacy._CARD.finditer(text) if privacy._is_card(text, match)]
    codes = [match.span(1) for match in privacy._CARD_CODE.finditer(text)]
    lengths = [(match.start(), privacy._length_of_iban(match.group())) for match in privacy._IBAN.finditer(text)]
    accounts = [(start, start + length) for start, length in lengths if length]
    kinds = {privacy.FindingKind.CARD, privacy.FindingKind.IBAN}
    found = [(one.start, one.end) for one in privacy._grave(text) if one.kind in kinds]
    assert sorted(found) == sorted([*cards, *codes, *accounts])


@given(mixed())
@settings(max_examples=50)
def test_what_stops_is_what_is_found_but_for_phone_numbers(text: str) -> None:
    assert blocking(text) == [one for one in findings(text) if one.kind.blocking]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.name)
def test_a_long_text_gives_the_same(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert sorted([*credentials.credentials(text), *national_ids(text)]) == sorted(whole(text))
