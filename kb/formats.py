"""Dates, times and numbers as a person reads them: on their clock, in their language. Pure.

The words around them are English, whatever the language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal

DEFAULT_LANGUAGE = "en_GB"
# Languages of the countries that teams work from; what one of them lacks, English with another country's order has.
LANGUAGES = (
    "en_GB", "en_US", "en_AU", "en_CA", "en_IN", "en_PH", "en_ZA", "bg_BG", "bn_BD", "cs_CZ", "da_DK", "de_DE", "es_CO",
    "es_ES", "es_MX", "fil_PH", "fr_FR", "hi_IN", "hu_HU", "id_ID", "it_IT", "ja_JP", "ms_MY", "nl_NL", "pl_PL",
    "pt_BR", "pt_PT", "ro_RO", "si_LK", "sv_SE", "ta_IN", "tr_TR", "uk_UA", "vi_VN", "zh_CN",
)  # fmt: skip
_FIELDS = {"d": "DD", "M": "MM", "y": "YYYY"}


@dataclass(frozen=True, slots=True)
class Formats:
    """How a person reads dates, times and numbers.

    :param zone: the clock.
    :param language: one of LANGUAGES; empty for the default.
    """

    zone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009  immutable
    language: str = ""

    @property
    def locale(self) -> Locale:
        """What Babel knows of the language."""
        return Locale.parse(self.language if self.language in LANGUAGES else DEFAULT_LANGUAGE)

    def on_clock(self, moment: datetime) -> datetime:
        """The moment on the person's clock."""
        return moment.astimezone(self.zone)

    def number(self, number: int) -> str:
        """A whole number: "2,000"."""
        return _number(number, self.language)

    def decimal(self, number: float) -> str:
        """A number with one decimal: "1,234.5"."""
        groups = self.locale.decimal_formats[None].pattern.partition(".")[0]
        return str(format_decimal(number, format=f"{groups}.0", locale=self.locale))

    def day(self, day: date) -> str:
        """A date: "3 Nov 2026"."""
        return str(format_date(day, "medium", locale=self.locale))

    def short_day(self, day: date) -> str:
        """A date without its year: "3 Nov"."""
        return str(format_skeleton("MMMd", _noon(day), locale=self.locale))

    def weekday_and_day(self, day: date) -> str:
        """A date with its weekday, without its year: "Tue 3 Nov"."""
        return str(format_skeleton("MMMEd", _noon(day), locale=self.locale))

    def time(self, local: datetime | time) -> str:
        """A time of day as it stands: "14:32"."""
        return str(format_time(local.time() if isinstance(local, datetime) else local, "short", locale=self.locale))

    def date_and_time(self, local: datetime) -> str:
        """Date and time of day as they stand: "3 Nov 2026, 14:32"."""
        return str(self.locale.datetime_formats["medium"].format(self.time(local), self.day(local.date())))

    def full(self, moment: datetime) -> str:
        """A moment on the person's clock: "3 Nov 2026, 14:32"."""
        return self.date_and_time(self.on_clock(moment))

    def near(self, moment: datetime, now: datetime) -> str:
        """A moment close to another one: "14:32", or when that is another day "Tue 3 Nov, 14:32"."""
        local, today = self.on_clock(moment), self.on_clock(now).date()
        if local.date() == today:
            return self.time(local)
        if abs((local.date() - today).days) < 180:  # beyond, the year matters
            day = self.weekday_and_day(local.date())
            return str(self.locale.datetime_formats["medium"].format(self.time(local), day))
        return self.date_and_time(local)

    def clock(self, moment: datetime, now: datetime) -> str:
        """A moment on the person's clock, without the date when that is today's: "14:32", "3 Nov 2026, 14:32"."""
        local = self.on_clock(moment)
        return self.time(local) if local.date() == self.on_clock(now).date() else self.date_and_time(local)

    def elsewhere(self, moment: datetime, zone: ZoneInfo) -> str:
        """A moment on another clock, with that of the person: "21 Nov 2026, 06:00 Europe/Berlin (10:30 yours)"."""
        there, here = moment.astimezone(zone), self.on_clock(moment)
        shown = f"{self.date_and_time(there)} {zone.key}"
        if zone.key == self.zone.key:
            return shown
        other_day = "" if here.date() == there.date() else f"{self.short_day(here.date())}, "
        whose = "UTC" if self.zone.key == "UTC" else "yours"
        return f"{shown} ({other_day}{self.time(here)} {whose})"

    @property
    def input_format(self) -> str:
        """The order of day, month and year for a date field: "DD/MM/YYYY"; ISO 8601 where no language is set."""
        if self.language not in LANGUAGES:
            return "YYYY-MM-DD"
        pattern = self.locale.date_formats["short"].pattern
        order = sorted(_FIELDS, key=lambda letter: pattern.find(letter))
        if order[0] == "y":
            return "YYYY-MM-DD"
        separator = next((mark for mark in "/.-" if mark in pattern), "/")
        return separator.join(_FIELDS[letter] for letter in order)


def language_name(language: str) -> str:
    """How a language is called in English and in itself: "German (Germany) · Deutsch"."""
    locale = Locale.parse(language)
    own = locale.get_language_name(language) or ""
    english = locale.get_display_name("en") or language
    return english if locale.language == "en" else f"{english} · {own}"


def country_names(codes: tuple[str, ...], language: str) -> Mapping[str, str]:
    """The countries (ISO 3166-1 alpha-2) with their names in a language, by name."""
    territories = Formats(language=language).locale.territories
    named = {code: str(territories.get(code, code)) for code in codes}
    return MappingProxyType(dict(sorted(named.items(), key=lambda item: item[1].casefold())))


@lru_cache(maxsize=1_000)  # a list of results says a dozen of them, mostly the same small ones
def _number(number: int, language: str) -> str:
    return str(format_decimal(number, locale=Formats(language=language).locale))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
