"""Personal data and secrets that do not belong into a page or a note, and the text without them. Pure.

Meant for the moment before saving. Precision comes first: a check that complains about order numbers is switched off
in people's heads. E-mail addresses are not reported; phone numbers are, and are no reason to stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from stdnum import iban, luhn

from kb.credentials import credentials
from kb.national_ids import has_context, lines_around, national_ids

MAX_TEXT = 500_000  # characters that are looked at


class FindingKind(StrEnum):
    """What was found, the gravest first."""

    SECRET = "secret"  # passwords, keys, tokens  # noqa: S105
    CARD = "payment card"
    IBAN = "bank account"
    NATIONAL_ID = "national id"
    PHONE = "phone number"

    @property
    def blocking(self) -> bool:
        """Whether saving should ask for a reason. A contact's phone number is legitimate in a handover."""
        return self is not FindingKind.PHONE


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text.

    :ivar start, end: characters, end exclusive.
    :ivar name: what exactly, such as "PESEL" or "password".
    :ivar masked: what may stand there instead.
    """

    kind: FindingKind
    start: int
    end: int
    name: str
    masked: str


_CARD = re.compile(
    r"(?<![\w.,/+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|3[47]\d{2}([ -])\d{6}\2\d{5}"
    r"|3\d{3}([ -])\d{6}\3\d{4})(?![\w/]|[-.,]\d| \d)",
    re.ASCII,
)
# First digits and lengths of the large issuers: ISO/IEC 7812 ranges as the issuers publish them.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|(?:6011|65\d\d|64[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}|6759\d{12}"
)
_OTHER_NUMBER = re.compile(
    r"(?:order|invoice|ticket|case|tracking|parcel|ref(?:erence)?|po|serial|imei|batch|document|doc|policy|account|"
    r"customer|job|item|sku|ean|gtin|id)(?:\s*(?:no|nr|number|id))?\.?\s*[:#]?\s*$",
    re.IGNORECASE,
)
_CARD_CODE = re.compile(r"\bcv[vc]2?\b(?: ?code)?\s*[:=]?\s*(?:is )?(\d{3,4})(?!\d)", re.IGNORECASE)
_IBAN = re.compile(r"(?<![\w/-])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,36}(?![\w/])", re.IGNORECASE | re.ASCII)
# What each card and each IBAN holds; both stand on one line. Patterns that begin with a digit are searched fast.
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){12}", re.ASCII)
_CHECK_DIGITS = re.compile(r"\d\d(?: ?[A-Za-z0-9]){11}", re.ASCII)
_MASK = re.compile(r"\[[^\[\]\n]{2,40} removed\]")


def findings(text: str) -> list[Finding]:
    """What should not be in the text, from the first to the last; they do not overlap.

    What :func:`masked` put there is not found again.
    """
    seen = _unmasked(text)
    return _merged([*_grave(seen), *_phone_numbers(seen)])


def blocking(text: str) -> list[Finding]:
    """Those of the :func:`findings` for which saving asks for a reason."""
    seen = _unmasked(text)
    # Phone numbers count only where they reach into something graver, which few texts hold.
    grave = list(_grave(seen))
    return [one for one in _merged([*grave, *_phone_numbers(seen)]) if one.kind.blocking] if grave else []


def _unmasked(text: str) -> str:
    # As long as what it replaces, so that places stay right; no rule matches across it.
    return _MASK.sub(lambda match: "\x00" * len(match.group()), text[:MAX_TEXT])


def _merged(found: Iterable[Finding]) -> list[Finding]:
    """Overlapping ones become one, of the graver kind."""
    order = list(FindingKind)
    merged: list[Finding] = []
    for one in sorted(found, key=lambda found: (found.start, -found.end)):
        last = merged[-1] if merged else None
        if last is None or one.start >= last.end:
            merged.append(one)
            continue
        graver = min((last, one), key=lambda found: order.index(found.kind))
        merged[-1] = Finding(graver.kind, last.start, max(last.end, one.end), graver.name, graver.masked)
    return merged


def masked(text: str, found: Sequence[Finding]) -> str:
    """The text with each finding replaced, and everything else as it was."""
    parts, end = [], 0
    for one in sorted(found, key=lambda found: found.start):
        parts += [text[end : one.start], one.masked]
        end = one.end
    return "".join([*parts, text[end:]])


def _grave(text: str) -> Iterator[Finding]:
    """Everything but phone numbers."""
    for start, end, name in credentials(text):
        yield _finding(FindingKind.SECRET, start, end, name)
    for start, end in lines_around(text, (match.start() for match in _MANY_DIGITS.finditer(text))):
        for match in _CARD.finditer(text, start, end):
            if _is_card(text, match):
                yield _finding(FindingKind.CARD, match.start(), match.end(), "card number")
    if _holds_card_code(text):
        for match in _CARD_CODE.finditer(text):
            yield _finding(FindingKind.CARD, *match.span(1), "card security code")
    for start, end in lines_around(text, (match.start() for match in _CHECK_DIGITS.finditer(text))):
        for match in _IBAN.finditer(text, start, end):
            length = _length_of_iban(match.group())
            if length:
                yield _finding(FindingKind.IBAN, match.start(), match.start() + length, "IBAN")
    for start, end, name in national_ids(text):
        yield _finding(FindingKind.NATIONAL_ID, start, end, name)


def _phone_numbers(text: str) -> Iterator[Finding]:
    for number in phonenumbers.PhoneNumberMatcher(text, None):
        yield _finding(FindingKind.PHONE, number.start, number.end, "phone number")


def _holds_card_code(text: str) -> bool:
    folded = text.casefold()
    return "cvv" in folded or "cvc" in folded


def _finding(kind: FindingKind, start: int, end: int, name: str) -> Finding:
    return Finding(kind, start, end, name, f"[{name} removed]")


def _is_card(text: str, match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match.group())
    if not (_ISSUERS.fullmatch(digits) and luhn.is_valid(digits)) or len(set(digits)) < 2:
        return False
    if has_context(text, match, r"\bcard|visa|master|amex|\bcc\b|\bpan\b"):
        return True
    # Every tenth order number passes the check digit: where it is called one, it is one.
    return not _OTHER_NUMBER.search(text[max(0, match.start() - 30) : match.start()])


def _length_of_iban(candidate: str) -> int:
    """The length of the IBAN at the beginning; words that follow are not part of it. 0 where there is none."""
    for end in range(len(candidate), 14, -1):
        at_word_end = end == len(candidate) or not candidate[end].isalnum() or not candidate[end - 1].isalnum()
        if at_word_end and candidate[end - 1] != " " and iban.is_valid(candidate[:end]):
            return end
    return 0
