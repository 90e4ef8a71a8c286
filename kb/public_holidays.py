"""Public holidays by country and region, from the package holidays. Pure."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays

ENGLISH = "en_US"  # the English that most countries of the package have
# Some calendars follow the moon and are known for some decades only; beyond them the other holidays are right.
warnings.filterwarnings("ignore", message="Requested Holidays are available only from", category=UserWarning)


@lru_cache(maxsize=1)
def countries() -> Mapping[str, tuple[str, ...]]:
    """The countries whose public holidays are known (ISO 3166-1 alpha-2), each with its regions."""
    found = holidays.list_supported_countries(include_aliases=False)
    return MappingProxyType({country: tuple(regions) for country, regions in sorted(found.items())})


@lru_cache(maxsize=256)
def region_names(country: str) -> Mapping[str, str]:
    """The regions of a country with their names, by name; empty for an unknown country."""
    if country not in countries():
        return MappingProxyType({})
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    names = {region: (aliases.get(region) or [region])[0] for region in countries()[country]}
    return MappingProxyType(dict(sorted(names.items(), key=lambda item: item[1].casefold())))


def holiday_name(country: str, region: str, language: str, day: date) -> str:
    """The name of the public holiday that ``day`` is; "" when it is none, or the country is unknown."""
    return holidays_of(country, region, language, day.year).get(day, "")


def next_holidays(country: str, region: str, language: str, first: date, number: int) -> list[tuple[date, str]]:
    """The next public holidays from ``first`` on, at most ``number``, of that year and the next."""
    found = _sorted_from(country, region, language, first)
    return [item for item, _ in zip(found, range(number), strict=False)]


@lru_cache(maxsize=2048)
def holidays_of(country: str, region: str, language: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year. An unknown region has those of its country, an unknown country none.

    :param language: a locale. Where the country's names are not known in it, they are English, else the country's own.
    """
    # An object for each year: the package fills one object as it is asked, which two sessions must not do at once.
    if country not in countries():
        return MappingProxyType({})
    subdivision = region if region in countries()[country] else None
    calendar = holidays.country_holidays(
        country, subdiv=subdivision, years=year, language=_supported(country, language)
    )
    return MappingProxyType({day: name for day, name in sorted(calendar.items()) if day.year == year})


@lru_cache(maxsize=512)
def _supported(country: str, language: str) -> str | None:
    supported = holidays.list_localized_countries().get(country, ())
    plain = language.partition("_")[0] or "en"
    wanted = (language, plain, *(known for known in supported if known.partition("_")[0] == plain), ENGLISH)
    return next((known for known in wanted if known in supported), None)


def _sorted_from(country: str, region: str, language: str, first: date) -> Iterable[tuple[date, str]]:
    for year in (first.year, (first.replace(day=1) + timedelta(days=366)).year):
        for day, name in holidays_of(country, region, language, year).items():
            if day >= first:
                yield day, name
