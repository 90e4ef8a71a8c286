"""Dates and times as people write them in notes: 3rd Dec, Friday, tomorrow, 2 pm, 14:00 CET, end of day. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"  # noqa: E501
_WEEKDAY = r"(?P<weekday>[Mm]onday|[Tt]uesday|[Ww]ednesday|[Tt]hursday|[Ff]riday|[Ss]aturday|[Ss]unday|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b"  # noqa: E501
_BEFORE = rf"(?:\b{_WEEKDAY},?\s+(?:the\s+)?)?"
_DAY = r"(?P<day>\d{1,2})"
# Hours from UTC. IST is India's; ET, CT and PT are left out because they change with the season.
_ZONES = {
    "UTC": 0.0, "GMT": 0.0, "Z": 0.0, "BST": 1.0, "CET": 1.0, "CEST": 2.0, "EET": 2.0, "EEST": 3.0, "SAST": 2.0,
    "IST": 5.5, "PHT": 8.0, "SGT": 8.0, "MYT": 8.0, "JST": 9.0, "AEST": 10.0, "AEDT": 11.0, "EST": -5.0, "EDT": -4.0,
    "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0, "BRT": -3.0,
}  # fmt: skip
_ZONE = rf"(?:\s?(?P<zone>{'|'.join(_ZONES)}|ET|CT|PT|UK time|local time|client time)\b)?"
_HALF = r"\s?(?P<half>[ap]\.?m\b\.?)"
_SET_BY = r"(?:(?<=\bat )|(?<=\bby )|(?<=\buntil )|(?<=\btill )|(?<=\bbefore )|(?<=\bfrom ))"


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it was said; None is not said. ``swapped``: day and month may be the other way round."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    swapped: bool = False

    def filled(self, on: date | None) -> Day:
        """With the year nearest to ``on``, where only the year is missing."""
        if on is None or self.year is not None or self.month is None or self.day is None:
            return self
        dates = [d for year in (on.year - 1, on.year, on.year + 1) if (d := _date(year, self.month, self.day))]
        nearest = min(dates, key=lambda d: abs((d - on).days), default=None)
        return Day(nearest.year, self.month, self.day, None, self.swapped) if nearest else self


def is_calendar_word(word: str) -> bool:
    """Whether the word names a month or a weekday."""
    word = word.casefold()
    return len(word) > 2 and any(name.startswith(word) for name in (*_MONTHS, *_WEEKDAYS))


def as_value(day: Day | None) -> tuple[str, str] | None:
    """The date as text, such as "2026-12-03 -": year, month, day or "?", then the weekday and whether it may be swapped."""  # noqa: E501
    if day is None:
        return None
    parts = "-".join("?" if part is None else f"{part:02}" for part in (day.year, day.month, day.day))
    return f"{parts} {'?' if day.weekday is None else day.weekday}{' swapped' if day.swapped else ''}", ""


def same_date(one: str, other: str) -> bool:
    """Whether two dates as :func:`as_value` writes them agree in all that both say, and both say something."""
    return any(_agree(a, b) for a in _readings(one) for b in _readings(other))


def same_time(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two times (value, zone) are the same; a missing zone agrees with every one."""
    (value, zone), (second, second_zone) = one, other
    if not value[0].isdigit() or not second[0].isdigit():
        return value == second
    minutes, others = _minutes(value), _minutes(second)
    if zone and second_zone and zone != second_zone:
        if zone not in _ZONES or second_zone not in _ZONES:
            return False
        return (minutes - others - round(60 * (_ZONES[zone] - _ZONES[second_zone]))) % 1_440 == 0
    # "at 2" is 2:00 or 14:00.
    half_open = value.endswith("?") or second.endswith("?")
    return (minutes - others) % (720 if half_open else 1_440) == 0


# ---- how dates are read ---------------------------------------------------------------------------------------------


def _iso(match: re.Match[str], on: date | None) -> Day | None:
    return _checked(int(match["year"]), int(match["month"]), int(match["day"]))


def _numeric(match: re.Match[str], on: date | None) -> Day | None:
    year = int(match["year"]) if match["year"] else None
    if year is not None and year < 100:
        year += 2_000
    first, second = int(match["day"]), int(match["month"])
    if second > 12:
        first, second = second, first
    found = _checked(year, second, first)
    swapped = first <= 12 and first != second and "/" in match.group()
    return Day(found.year, found.month, found.day, None, swapped).filled(on) if found else None


def _named(match: re.Match[str], on: date | None) -> Day | None:
    month = _number_of(match["month"], _MONTHS)
    found = _checked(int(match["year"]) if match["year"] else None, month, int(match["day"]))
    return found.filled(on) if found else None


def _of_month(match: re.Match[str], on: date | None) -> Day | None:
    day = int(match["day"])
    return Day(day=day) if 1 <= day <= 31 else None


def _weekday(match: re.Match[str], on: date | None) -> Day | None:
    return Day(weekday=_number_of(match["weekday"], _WEEKDAYS) - 1)


def _month(match: re.Match[str], on: date | None) -> Day | None:
    return Day(month=_number_of(match["month"], _MONTHS))


def _relative(match: re.Match[str], on: date | None) -> Day | None:
    word = match.group().casefold()
    away = 1 if word.startswith("tom") or word in ("tmrw", "next day") else -1 if word == "yesterday" else 0
    if "after" in word:
        away = 2
    if on is None:
        return Day(weekday=100 + away)  # agrees with itself alone
    day = on + timedelta(days=away)
    return Day(day.year, day.month, day.day)


Reader = Callable[[re.Match[str], date | None], Day | None]
DATES: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(rf"{_BEFORE}(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?!\d)"), _iso),
    # "14 and 15 November": the month is said once.
    (re.compile(rf"(?<![\d./]){_DAY}(?:st|nd|rd|th)?(?=\s?(?:and|or|to|until|[-–])\s?\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}"
                r"(?:[\s,-]+(?P<year>20\d\d))?)", re.I), _named),
    (re.compile(rf"{_BEFORE}(?<![\d./]){_DAY}(?:st|nd|rd|th)?(?:\s+of)?[\s-]{{1,2}}{_MONTH}(?:[\s,-]+(?P<year>20\d\d))?", re.I), _named),  # noqa: E501
    (re.compile(rf"{_BEFORE}\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?!\d|[:.]\d|\s?[ap]m)(?:,?\s+(?P<year>20\d\d))?", re.I), _named),  # noqa: E501
    (re.compile(rf"{_BEFORE}(?<![\d./]){_DAY}[./](?P<month>\d{{1,2}})[./](?P<year>\d{{4}}|\d{{2}})(?![\d./]*\d)"), _numeric),  # noqa: E501
    (re.compile(rf"{_BEFORE}(?:(?<=\bon )|(?<=\bby )|(?<=\buntil )|(?<=\bdue )|(?<=\bbefore ))"
                rf"{_DAY}/(?P<month>\d{{1,2}})(?P<year>(?!))?(?![\d/%])"), _numeric),
    (re.compile(rf"(?:\b(?:the|on|by|until|till|before)\s+(?:the\s+)?){_DAY}(?:st|nd|rd|th)\b"
                r"(?=\s*(?:[.,;:)]|$|\n|and\b|at\b|in\b|of\b|because\b|latest\b|to\b|for\b|with\b|by\b))", re.I), _of_month),  # noqa: E501
    (re.compile(r"\b(?:day after tomorrow|tomorrow|tommorow|tomorow|tmrw|today|tonight|yesterday)\b", re.I), _relative),
    (re.compile(rf"\b{_WEEKDAY}s?"), _weekday),
    (re.compile(r"\b(?P<month>January|February|April|June|July|September|October|November|December)\b"), _month),
    (re.compile(r"(?:(?<=\bin )|(?<=\bfor )|(?<=\bof )|(?<=\bend )|(?<=\buntil ))(?P<month>March|May|August)\b"), _month),  # noqa: E501
)  # fmt: skip


# ---- how times are read ---------------------------------------------------------------------------------------------


def _clock(match: re.Match[str]) -> tuple[str, str] | None:
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    half = (match.groupdict().get("half") or "").casefold()
    zone = match.groupdict().get("zone") or ""
    if half:
        if hour > 12:
            half = ""
        hour = hour % 12 + (12 if half.startswith("p") else 0) if half else hour
    if hour > 24 or minute > 59:
        return None
    open_half = "?" if not half and match.groupdict().get("bare") is not None and 0 < hour < 13 else ""
    return f"{hour % 24:02}:{minute:02}{open_half}", zone


def _said(value: str) -> Callable[[re.Match[str]], tuple[str, str] | None]:
    return lambda match: (value, match.groupdict().get("zone") or "")


TIMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str] | None]], ...] = (
    (re.compile(rf"(?<![\d.:])(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d){_HALF}{_ZONE}", re.I), _clock),
    (re.compile(rf"(?<![\d.:])(?P<hour>\d{{1,2}})[:h](?P<minute>[0-5]\d)(?!\d)(?:\s?(?:hrs|hours|h|Uhr)\b)?{_ZONE}"), _clock),  # noqa: E501
    (re.compile(rf"{_SET_BY}(?P<hour>\d{{1,2}})\.(?P<minute>[0-5]\d)(?![\d%])(?:\s?(?:hrs|h|Uhr)\b)?{_ZONE}"), _clock),
    (re.compile(rf"(?<![\d.:,])(?P<hour>\d{{1,2}}){_HALF}{_ZONE}", re.I), _clock),
    (re.compile(rf"\b(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:hrs|hours|h|Z)\b{_ZONE}"), _clock),
    (re.compile(rf"\b(?P<hour>\d{{1,2}})(?P<bare>) ?o['’]?\s?clock{_ZONE}", re.I), _clock),
    (re.compile(rf"{_SET_BY}(?P<hour>\d{{1,2}})(?P<bare>)(?:h\b)?{_ZONE}"
                r"(?=\s*(?:[;)]|[.,](?!\d)|$|\n|and\b|on\b|sharp\b|today\b|tomorrow\b|\x00))", re.M), _clock),
    (re.compile(rf"\b(?:noon|midday|12 noon)\b{_ZONE}", re.I), _said("12:00")),
    (re.compile(rf"\bmidnight\b{_ZONE}", re.I), _said("00:00")),
    (re.compile(r"\b(?:EOD|COB|EOB|(?:end|close) of (?:the |each )?(?:business )?(?:day|business))\b", re.I), _said("end of day")),  # noqa: E501
    (re.compile(r"\b(?:EOS|end of (?:the |this |my |our |your )?shift|shift end)\b", re.I), _said("end of shift")),
    (re.compile(r"\b(?:EOW|end of (?:the |this )?week)\b", re.I), _said("end of week")),
    (re.compile(r"\b(?:EOM|(?<=\bby )month[- ]end|end of (?:the |this )?month)\b", re.I), _said("end of month")),
)  # fmt: skip


def _number_of(word: str, names: list[str]) -> int:
    word = word.casefold().rstrip(".")
    return next(number for number, name in enumerate(names, start=1) if name.startswith(word[:3]))


def _checked(year: int | None, month: int, day: int) -> Day | None:
    return Day(year, month, day) if _date(year or 2_024, month, day) else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _minutes(value: str) -> int:
    return int(value[:2]) * 60 + int(value[3:5])


def _readings(value: str) -> list[Day]:
    numbers, weekday, *swapped = value.split()
    year, month, day = (None if part == "?" else int(part) for part in numbers.split("-"))
    found = _date(year, month, day) if year and month and day else None
    known = found.weekday() if found else None if weekday == "?" else int(weekday)
    readings = [Day(year, month, day, known)]
    if swapped and _checked(year, day or 0, month or 0):
        readings.append(Day(year, day, month))
    return readings


def _agree(one: Day, other: Day) -> bool:
    pairs = [(one.year, other.year), (one.month, other.month), (one.day, other.day), (one.weekday, other.weekday)]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(both) and all(a == b for a, b in both)


def is_zone(word: str) -> bool:
    """Whether the word is the short name of a time zone."""
    return word in _ZONES or word in ("ET", "CT", "PT")
