"""Facts of a text that can be compared by rule: numbers, dates, times, references, addresses, names. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kb.handover import calendar, numbers


class FactKind(StrEnum):
    """What a fact is; facts of one kind can contradict each other."""

    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    MONEY = "money"
    PERCENT = "percent"
    NUMBER = "number"
    REFERENCE = "reference"
    EMAIL = "e-mail"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it stands in a text.

    :ivar value: normalised; ``text`` is what was written.
    :ivar unit: currency, time zone, or the word that is counted; "" where there is none.
    """

    kind: FactKind
    value: str
    text: str
    unit: str = ""


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NO_FIGURES = re.compile(r"\b24/7\b|\b24x7\b|\bday one\b|\bone of\b", re.I)
_ADDRESS = re.compile(r"(?:https?://|www\.|\[\[)\S+")
_REFERENCE = re.compile(
    r"#\s?\d{2,}"
    r"|\b[A-Z]{1,6}[-_/]?\d+(?:[-_/][A-Z0-9]+)*\b"  # INC-4711, P1, PO-2026-118
    r"|\b[A-Z]{2,6}\s\d{3,}\b"  # INC 4711
    r"|\b[a-z]{2,5}-\d{2,}\b|\bv\d+(?:\.\d+)*\b"
    r"|(?<![\d.,])\d{5,}(?![\d.,]*\d)"  # an order number
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CAPITALISED = re.compile(r"^[^\W\d_a-z][a-zà-öø-ÿ]+(?:[A-Z][a-z]+)?$|^[A-Z]{2,6}$")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s|\n|[-*•–(“\"]\s?)\s*$")
# After a name at the start of a sentence comes what the person does.
_DOES = re.compile(
    r"^(?:\s*,?\s*(?:will|must|has|is|to|should|does|can|owns|takes|and|or|needs)\b"
    r"|\s+[a-z]{2,}(?:s|ed)\b|['’]s\b|\s+[A-Z][a-z]+\b)"
)
# Capitalised in notes, and nobody's name. Sentences and titles begin with them.
_NO_NAMES = frozenset(
    """
    a all also and any as ask at before both but by call calls check client close critical customer daily day do due
    each every everything finance first for from he her his i if in instead it its item keep legal long manager morning
    must my never new next night no none not note nothing of on one only open operations our owner please procurement
    quality send shift she so still supplier support target team that the their then there these they this ticket to two
    until update vendor waiting we weekly what when who will with work yes you your it's i'm i'll we'll don't can't
    agent agents approval backlog bank billing batch case cases deadline invoice invoices payment payroll queue refund
    report request sev severity stock system order orders escalation escalate contract file server training
    """.split()  # noqa: SIM905  longer as a list
)


def facts(text: str, on: date | None = None) -> list[Fact]:
    """What the text says in figures, dates, references and addresses; names are :func:`names`. In order of kind.

    :param on: the day on which it was written, which makes "tomorrow" and "3 Dec" a date.
    """
    found: list[Fact] = []

    def take(
        kind: FactKind, pattern: re.Pattern[str], value: Callable[[re.Match[str]], tuple[str, str] | None]
    ) -> None:
        nonlocal text
        for match in list(pattern.finditer(text)):
            read = value(match)
            if read is not None:
                found.append(Fact(kind, read[0], match.group().strip(), read[1]))
                # Blanked, so that no part of it is read again as something else.
                text = text[: match.start()] + "\x00" * len(match.group()) + text[match.end() :]

    take(FactKind.EMAIL, _EMAIL, lambda match: (match.group().casefold(), ""))
    text = _NO_FIGURES.sub(lambda match: "\x00" * len(match.group()), text)
    text = _ADDRESS.sub(lambda match: "\x00" * len(match.group()), text)
    take(FactKind.MONEY, numbers.MONEY, numbers.money)
    take(FactKind.PERCENT, numbers.PERCENT, numbers.percent)
    for pattern, read_date in calendar.DATES:
        take(FactKind.DATE, pattern, lambda match, read=read_date: calendar.as_value(read(match, on)))  # type: ignore[misc]
    for pattern, read_time in calendar.TIMES:
        take(FactKind.TIME, pattern, read_time)
    take(FactKind.DURATION, numbers.DURATION, numbers.duration)
    take(FactKind.REFERENCE, _REFERENCE, lambda match: (_plain_reference(match.group()), ""))
    take(FactKind.NUMBER, numbers.COUNT, numbers.count)
    return found


def names(text: str, known: Collection[str] = (), *, at_start: bool = True) -> list[Fact]:
    """Names that the text mentions: runs of capitalised words, and short forms such as DPD.

    :param at_start: also a word at the start of a sentence, where something that people do follows.
    :param known: words of names, casefolded, that are names wherever they stand.
    """
    found: list[Fact] = []
    end = -2
    for match in _WORD.finditer(_EMAIL.sub(lambda m: "\x00" * len(m.group()), text)):
        word = re.sub(r"['’]s$", "", match.group())
        folded = word.casefold()
        is_name = folded in known or (
            bool(_CAPITALISED.match(word))
            and folded not in _NO_NAMES
            and not calendar.is_calendar_word(word)
            and numbers.number_word(folded) is None
            and not _in_reference(text, match)
            and (
                not _SENTENCE_START.search(text[: match.start()])
                or (at_start and bool(_DOES.match(text[match.end() :])))
                or word.isupper()
            )
        )
        if not is_name:
            continue
        if found and match.start() == end + 1 and text[end] == " ":
            last = found.pop()
            found.append(Fact(FactKind.NAME, f"{last.value} {folded}", f"{last.text} {word}"))
        else:
            found.append(Fact(FactKind.NAME, folded, word))
        end = match.end()
    return found


def same(one: Fact, other: Fact) -> bool:
    """Whether two facts say the same, as far as both say it: "Thursday" is 2026-12-03, 14:00 is 14:00 CET."""
    kinds = {one.kind, other.kind}
    if FactKind.REFERENCE in kinds and kinds <= {FactKind.REFERENCE, FactKind.NUMBER}:
        return _same_reference(one.value, other.value)
    if kinds == {FactKind.DATE}:
        return calendar.same_date(one.value, other.value)
    if kinds == {FactKind.TIME}:
        return calendar.same_time((one.value, one.unit), (other.value, other.unit))
    if kinds == {FactKind.NAME}:
        return any(same_word(a, b) for a in one.value.split() for b in other.value.split())
    if kinds == {FactKind.MONEY}:
        return one.value == other.value and (one.unit == other.unit or not one.unit or not other.unit)
    if one.kind is not other.kind and not kinds <= {FactKind.MONEY, FactKind.NUMBER, FactKind.PERCENT}:
        return False
    return one.value == other.value  # "500" is the item's "500 EUR": the currency is not said otherwise


def contradicts(one: Fact, others: Iterable[Fact]) -> Fact | None:
    """The fact among ``others`` that stands where ``one`` should: of the same kind, the same unit first."""
    alike = [other for other in others if other.kind is one.kind]
    if one.kind is FactKind.REFERENCE:
        alike = [other for other in alike if _letters(other.value) in ("", _letters(one.value))]
    if one.kind is FactKind.NUMBER:
        alike = [other for other in alike if not one.unit or not other.unit or other.unit == one.unit]
    return next((other for other in alike if other.unit == one.unit), alike[0] if alike else None)


def same_word(one: str, other: str) -> bool:
    """Whether two casefolded words of names are the same: Pryia is Priya, and what is Canadian is of Canada."""
    if one == other or (len(one) > 4 and one[0] == other[0] and sorted(one) == sorted(other)):
        return True
    return _of_place(one, other) or _of_place(other, one)


def _of_place(adjective: str, place: str) -> bool:
    found = re.fullmatch(r"(\w{4,}?)(?:ian|ish|ese)", adjective)
    return bool(found) and place.startswith(found[1]) and 0 <= len(place) - len(found[1]) <= 1  # type: ignore[index]


def _plain_reference(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _letters(reference: str) -> str:
    return re.match(r"[A-Z]*", reference.upper())[0]  # type: ignore[index]


def _same_reference(one: str, other: str) -> bool:
    one, other = _plain_reference(one), _plain_reference(other)
    if one == other:
        return True
    # "4711" alone is INC-4711; single digits are too many things to be a reference.
    short, long = sorted((one, other), key=len)
    return 2 < len(short) < len(long) and short.isdigit() and long.endswith(short)


def _in_reference(text: str, match: re.Match[str]) -> bool:
    """Whether the letters belong to a reference or an amount: STRIKE26, INC-4711, EUR 500."""
    return (
        (bool(re.match(r"[-_/ #]{0,2}\d", text[match.end() :])) and match.group().isupper())
        or numbers.is_currency(match.group())
        or calendar.is_zone(match.group())
    )
