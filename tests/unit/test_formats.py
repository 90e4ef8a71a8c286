"""Dates, times and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from kb.formats import LANGUAGES, Formats, country_names, language_name

MOMENT = datetime(2026, 11, 24, 20, 2, tzinfo=UTC)
DEFAULT = Formats()
INDIA = Formats(ZoneInfo("Asia/Kolkata"), "en_IN")
GERMANY = Formats(ZoneInfo("Europe/Berlin"), "de_DE")


def plain(text: str) -> str:
    """With common spaces: locales have several."""
    return " ".join(text.split())


def test_a_moment_is_on_the_clock_and_in_the_language_of_the_person() -> None:
    assert [plain(formats.full(MOMENT)) for formats in (DEFAULT, INDIA, GERMANY)] == [
        "24 Nov 2026, 20:02",
        "25 Nov 2026, 1:32 am",
        "24.11.2026, 21:02",
    ]


def test_numbers() -> None:
    assert [formats.number(1_234_567) for formats in (DEFAULT, INDIA, GERMANY)] == [
        "1,234,567",
        "12,34,567",
        "1.234.567",
    ]
    assert [formats.decimal(1_234_567.84) for formats in (DEFAULT, INDIA, GERMANY)] == [
        "1,234,567.8",
        "12,34,567.8",
        "1.234.567,8",
    ]
    assert DEFAULT.decimal(14) == "14.0"


def test_the_day_is_left_out_when_it_is_today() -> None:
    assert DEFAULT.clock(MOMENT, MOMENT) == DEFAULT.near(MOMENT, MOMENT) == "20:02"
    tomorrow, in_a_year = MOMENT - timedelta(days=1), MOMENT - timedelta(days=365)
    assert DEFAULT.clock(MOMENT, tomorrow) == "24 Nov 2026, 20:02"
    assert DEFAULT.near(MOMENT, tomorrow) == "Tue 24 Nov, 20:02"
    assert DEFAULT.near(MOMENT, in_a_year) == "24 Nov 2026, 20:02"
    # In India both are on the next day.
    assert plain(INDIA.clock(MOMENT, MOMENT + timedelta(hours=3))) == "1:32 am"


def test_two_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert DEFAULT.elsewhere(MOMENT, berlin) == "24 Nov 2026, 21:02 Europe/Berlin (20:02 UTC)"
    assert DEFAULT.elsewhere(MOMENT, ZoneInfo("UTC")) == "24 Nov 2026, 20:02 UTC"
    assert GERMANY.elsewhere(MOMENT, berlin) == "24.11.2026, 21:02 Europe/Berlin"
    manila = Formats(ZoneInfo("Asia/Manila"))
    assert manila.elsewhere(MOMENT, berlin) == "24 Nov 2026, 21:02 Europe/Berlin (25 Nov, 04:02 yours)"


@pytest.mark.parametrize("language", ["", "xx_XX", "../../etc", "de"])
def test_an_unknown_language_is_the_default(language: str) -> None:
    formats = Formats(language=language)
    assert (formats.full(MOMENT), formats.input_format) == ("24 Nov 2026, 20:02", "YYYY-MM-DD")


def test_the_order_of_date_fields() -> None:
    found = {language: Formats(language=language).input_format for language in ("en_US", "en_GB", "de_DE", "ja_JP")}
    assert found == {"en_US": "MM/DD/YYYY", "en_GB": "DD/MM/YYYY", "de_DE": "DD.MM.YYYY", "ja_JP": "YYYY-MM-DD"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(language: str) -> None:
    assert Locale.parse(language).territory == language[-2:]
    formats = Formats(ZoneInfo("Asia/Kathmandu"), language)
    shown = [formats.full(MOMENT), formats.near(MOMENT, MOMENT - timedelta(days=2)), formats.short_day(MOMENT.date())]
    assert all(any(sign.isdigit() for sign in text) for text in shown)
    assert set(formats.input_format) & set("DMY") == set("DMY")
    assert language_name(language)


def test_names_of_countries_follow_the_language() -> None:
    assert list(country_names(("DE", "IN", "US"), "de_DE").items()) == [
        ("DE", "Deutschland"),
        ("IN", "Indien"),
        ("US", "Vereinigte Staaten"),
    ]
    assert list(country_names(("US", "DE"), "")) == ["DE", "US"]
    assert DEFAULT.day(date(2026, 3, 1)) == "1 Mar 2026"
