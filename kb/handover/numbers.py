"""Numbers as people write them in notes: 1,000 and 1k, two, 500 EUR, 98 percent, half an hour. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from kb.text import STOP_WORDS

_ONES_IN_ORDER = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ONES = _ONES_IN_ORDER.split()
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_ONES)} | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
_FACTORS = {
    "k": 1_000, "thousand": 1_000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000, "bn": 1_000_000_000,
    "lakh": 100_000, "lakhs": 100_000, "crore": 10_000_000, "crores": 10_000_000, "hundred": 100, "dozen": 12,
}  # fmt: skip
_CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "₹": "INR", "₱": "PHP", "zł": "PLN", "euro": "EUR", "euros": "EUR",
    "dollar": "USD", "dollars": "USD", "us$": "USD", "pounds": "GBP", "rupees": "INR", "rs": "INR", "pesos": "PHP",
    "zloty": "PLN", "rand": "ZAR", "lei": "RON",
}  # fmt: skip
_CODES = "EUR|USD|GBP|INR|PHP|PLN|ZAR|RON|CHF|SEK|NOK|DKK|CZK|HUF|AUD|CAD|NZD|SGD|MYR|JPY|CNY|BRL|MXN|COP|EGP|AED"
_CURRENCY = (
    rf"(?<![^\W\d_])(?:US\$|[€$£₹₱]|zł|(?:{_CODES})\b|(?:euros?|dollars?|pounds|rupees|Rs\.?|pesos|zloty|rand|lei)\b)"
)

_DIGITS = r"(?<![\w.,])(?<![A-Za-z]-)(?:\d{1,3}(?:[,'’  ]\d{3})+|\d+)(?:[.,]\d{1,4})?"
_FACTOR = r"(?:\s?(?:k|mn?|bn|thousand|million|lakhs?|crores?|hundred|dozen)\b)?"
_SPELT = (
    rf"\b(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[2:])}|(?:an?|one)(?= dozen))\b"
)
_NUMBER = rf"(?:{_DIGITS}|{_SPELT}){_FACTOR}"
_UNITS = r"minutes?|mins?|hours?|hrs?|h|(?:business |working |calendar )?days?|weeks?|wks?|months?|years?|yrs?"

MONEY = re.compile(rf"(?P<before>{_CURRENCY})\s?(?P<n1>(?:\d[\d,'’ ]*\d|\d)(?:\.\d+)?{_FACTOR})"
                   rf"|(?P<n2>{_NUMBER})\s?(?P<after>{_CURRENCY})", re.IGNORECASE)  # fmt: skip
PERCENT = re.compile(rf"(?P<number>{_NUMBER})\s?(?:%|per ?cent\b|pct\b|percentage points\b)", re.IGNORECASE)
DURATION = re.compile(
    rf"(?P<number>{_NUMBER}|\bone)[ -]?(?P<unit>{_UNITS})\b"
    rf"|\bhalf an (?P<half>hour)\b|\b(?P<lead>within|in|for|after|than|every) an? (?P<single>hour|day|week|month)\b"
    r"|\ban? (?P<before>hour|day|week|month)(?= (?:ahead|before|earlier|later|in advance|after)\b)",
    re.IGNORECASE,
)
# A number with the word that is counted, small words between left out.
COUNT = re.compile(
    rf"(?P<number>{_NUMBER}|\bone(?= [a-z]{{4}}))(?:[ -](?:(?:of|the|more|new|open|other|old|last)\s)*(?P<noun>[a-z]{{3,}}))?",  # noqa: E501
    re.I,
)
_MINUTES = {"min": 1, "hour": 60, "hr": 60, "h": 60, "day": 1_440, "week": 10_080, "wk": 10_080}
_NOT_COUNTED = STOP_WORDS | frozenset(["per", "within", "today", "tomorrow", "must", "via", "instead"])


def number_word(word: str) -> int | None:
    """The value of a number written as one word, casefolded; None for other words."""
    return _WORDS.get(word)


def number(text: str) -> Decimal:
    """The value of what ``_NUMBER`` matches: "1,000", "1k", "2.5 million", "twenty-five".

    :raises ValueError: when it is none.
    """
    text = text.strip().casefold()
    parts = re.fullmatch(r"(.*?)\s?(k|mn?|bn|thousand|million|lakhs?|crores?|hundred|dozen)?", text)
    if parts is None:
        raise ValueError(text)
    factor = Decimal(_FACTORS[parts[2]] if parts[2] else 1)
    plain = parts[1].strip()
    if plain in ("a", "an"):
        return factor
    if plain and plain[0].isalpha():
        words = re.split(r"[- ]", plain)
        if any(word not in _WORDS for word in words):
            raise ValueError(text)
        return sum((Decimal(_WORDS[word]) for word in words), Decimal(0)) * factor
    plain = re.sub(r"[,'’  ](?=\d{3}(?!\d))", "", plain).replace(",", ".")
    if not re.fullmatch(r"\d+(?:\.\d+)?", plain, re.ASCII):
        raise ValueError(text)
    return Decimal(plain) * factor


def money(match: re.Match[str]) -> tuple[str, str] | None:
    """:return: the amount and the ISO code of its currency."""
    currency = (match["before"] or match["after"]).rstrip(".")
    value = _value(match["n1"] or match["n2"])
    return None if value is None else (value, _CURRENCIES.get(currency.casefold(), currency.upper()))


def percent(match: re.Match[str]) -> tuple[str, str] | None:
    """:return: the percentage."""
    value = _value(match["number"])
    return None if value is None else (value, "%")


def duration(match: re.Match[str]) -> tuple[str, str] | None:
    """:return: minutes, or months as they are, with their unit."""
    if match["half"]:
        return "30", "minutes"
    single = match["single"] or match["before"]
    if single:
        amount, unit = Decimal(1), single.casefold()
    else:
        value = _value(match["number"])
        if value is None:
            return None
        amount, unit = Decimal(value), match["unit"].casefold().split()[-1]
    unit = unit.rstrip("s") if unit != "s" else unit
    if unit.startswith("month"):
        return _plain(amount), "months"
    if unit in ("year", "yr"):
        return _plain(amount * 12), "months"
    return _plain(amount * _MINUTES["min" if unit.startswith("min") else unit]), "minutes"


def count(match: re.Match[str]) -> tuple[str, str] | None:
    """:return: the number and the word that is counted, without its plural."""
    value = _value(match["number"])
    noun = (match["noun"] or "").casefold()
    if value is None:
        return None
    return value, "" if noun in _NOT_COUNTED else re.sub(r"(?<=[^s])s$", "", re.sub(r"ies$", "y", noun))


def _value(text: str) -> str | None:
    try:
        return _plain(number(text))
    except ValueError:
        return None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def is_currency(word: str) -> bool:
    """Whether the word is a currency's code."""
    return word in _CODES.split("|")
