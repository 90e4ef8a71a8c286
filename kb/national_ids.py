"""Numbers that states give to people: by form and check digits, and a word beside them where that is not enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

CONTEXT_BEFORE = 40  # characters before a number in which the word that names it may stand, on the same line
CONTEXT_AFTER = 20


@dataclass(frozen=True, slots=True)
class NationalId:
    """A kind of number.

    :ivar module: of python-stdnum, whose ``is_valid`` decides; "" where the form is all there is.
    :ivar context: words of which one has to stand near, since other numbers look alike; "" needs none.
    """

    name: str
    form: str
    module: str = ""
    context: str = ""


_ELEVEN = r"\d{11}"
NATIONAL_IDS = (
    NationalId("US social security number", r"\d{3}[- ]?\d{2}[- ]?\d{4}", "us.ssn", r"ssn|social security"),
    NationalId("US taxpayer number", r"9\d{2}[- ]?\d{2}[- ]?\d{4}", "us.itin", r"itin|taxpayer"),
    NationalId("Aadhaar number", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", "in_.aadhaar", r"aadh?aa?r|uidai|\buid\b"),
    # The fourth letter P is a person's.
    NationalId("Indian PAN", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", "in_.pan"),
    NationalId(
        "UK national insurance number",
        r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} \d{2} \d{2} [A-D]",
    ),
    NationalId(
        "UK national insurance number",
        r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        context=r"nino\b|national insurance|\bni (?:no|number)",
    ),
    NationalId("NHS number", r"\d{3}[- ]?\d{3}[- ]?\d{4}", "gb.nhs", r"\bnhs\b"),
    NationalId("PESEL", _ELEVEN, "pl.pesel", r"pesel"),
    NationalId("German tax id", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr", r"steuer|idnr|tax[- ]?id|\btin\b"),
    NationalId("Spanish DNI or NIE", r"(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]", "es.nif", r"\bdni\b|\bnif\b|\bnie\b"),
    NationalId("French NIR", r"[12] \d{2} \d{2} \d[\dAB] \d{3} \d{3} \d{2}", "fr.nir"),
    NationalId("French NIR", r"[12]\d{4}\d[\dAB]\d{8}", "fr.nir", r"\bnir\b|s[ée]curit[ée] sociale|insee"),
    NationalId("Dutch BSN", r"\d{4}[. ]?\d{2}[. ]?\d{3}", "nl.bsn", r"\bbsn\b|burgerservice"),
    NationalId("Brazilian CPF", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    NationalId("Brazilian CPF", _ELEVEN, "br.cpf", r"\bcpf\b"),
    NationalId("South African id", r"\d{6} ?\d{4} ?\d{3}", "za.idnr", r"\bid (?:no|number)|\bidentity|rsa id|sa id"),
    NationalId("Romanian CNP", r"[1-9]\d{12}", "ro.cnp", r"\bcnp\b"),
    NationalId("Italian codice fiscale", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    NationalId("Irish PPS number", r"\d{7}[A-W][A-IW]?", "ie.pps", r"\bpps"),
    NationalId("Portuguese NIF", r"\d{9}", "pt.nif", r"\bnif\b|contribuinte"),
    NationalId("Czech birth number", r"\d{6}/\d{3,4}", "cz.rc", r"rodn|birth n|\brc\b|r[čc]\."),
    NationalId("Swedish personal number", r"\d{6}(?:\d{2})?[-+]?\d{4}", "se.personnummer", r"personn"),
    NationalId("Malaysian NRIC", r"\d{6}-?\d{2}-?\d{4}", "my.nric", r"nric|mykad"),
    NationalId("Bulgarian EGN", r"\d{10}", "bg.egn", r"\begn\b|егн"),
    NationalId("Mexican CURP", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "mx.curp"),
    NationalId("Passport number", r"[A-Z]{1,2}\d{6,8}", context=r"passport (?:no|number|nr|#|:)|passport:"),
)


# What each form holds: six digits with at most one other character between two of them, or, in an Indian PAN, four.
_DIGITS = re.compile(r"\d(?:[^\d\n]?\d){5}", re.ASCII)
_FOUR_DIGITS = re.compile(r"[A-Z]\d{4}[A-Z]", re.ASCII)
_FORMS = [(kind, re.compile(rf"(?<![\w/.-]){kind.form}(?![\w/-]|\.\d)", re.ASCII)) for kind in NATIONAL_IDS]
# All words that name one; also as a part of others, since what stands near may begin and end within a word.
_NAMES = re.compile("|".join(kind.context.replace(r"\b", "") for kind in NATIONAL_IDS if kind.context), re.IGNORECASE)


def national_ids(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of each number found; several kinds may claim the same one."""
    # A number and the word that names it stand on one line, so that lines without many digits need no further look.
    places = sorted(match.start() for form in (_DIGITS, _FOUR_DIGITS) for match in form.finditer(text))
    for start, end in lines_around(text, places):
        is_named = bool(_NAMES.search(text, start, end))
        for kind, form in _FORMS:
            if kind.context and not is_named:
                continue
            for match in form.finditer(text, start, end):
                if (not kind.context or has_context(text, match, kind.context)) and _is_valid(
                    kind.module, match.group()
                ):
                    yield match.start(), match.end(), kind.name


def lines_around(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Start and end, without the line feed, of each line with one of these places, which ascend."""
    end = -1
    for place in places:
        if place > end:
            start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            end = len(text) if end < 0 else end
            yield start, end


def has_context(text: str, match: re.Match[str], words: str) -> bool:
    """Whether one of the words (a pattern, any case) stands near the match on its line."""
    before = text[max(0, match.start() - CONTEXT_BEFORE) : match.start()].rsplit("\n", 1)[-1]
    after = text[match.end() : match.end() + CONTEXT_AFTER].split("\n", 1)[0]
    return bool(re.search(words, before, re.IGNORECASE) or re.search(words, after, re.IGNORECASE))


def _is_valid(module: str, number: str) -> bool:
    if not module:
        return True
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check(number)
