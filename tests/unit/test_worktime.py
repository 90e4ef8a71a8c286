"""When a person works: shifts, clock changes, public holidays, absences."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.models import Absence, Person, Profile
from kb.worktime import (
    NoWorkingTime,
    Presence,
    PresenceState,
    Span,
    is_at_work,
    length,
    local_time,
    moment_of,
    next_working_moment,
    working_spans,
    working_time_after,
)

INES = Person(7, "Ines")
NINE_TO_SIX = (9 * 60, 18 * 60)
NIGHT = (22 * 60, 6 * 60)
ALL_DAY = (0, 0)
BERLIN = Profile("Europe/Berlin", "DE", "BE", (NINE_TO_SIX,) * 5 + (None, None))
KATHMANDU = Profile("Asia/Kathmandu", "", "", (NINE_TO_SIX,) * 5 + (None, None))
NIGHTS = Profile("Europe/Berlin", "", "", (NIGHT,) * 7)
ALWAYS = Profile("America/New_York", "", "", (ALL_DAY,) * 7)
NEVER = Profile("Asia/Manila", "PH", "", (None,) * 7)
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, zone: str) -> datetime:
    """What the clocks of the zone show, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def away(first: str, last: str, stand_in: Person | None = None) -> Absence:
    return Absence(1, date.fromisoformat(first), date.fromisoformat(last), stand_in)


def berlin(text: str) -> datetime:
    return at(text, "Europe/Berlin")


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        (BERLIN, "2026-11-24T23:30:00+01:00"),
        (KATHMANDU, "2026-11-25T04:15:00+05:45"),
        (Profile(), "2026-11-24T22:30:00+00:00"),
        (Profile("Mars/Olympus"), "2026-11-24T22:30:00+00:00"),
    ],
)
def test_local_time(profile: Profile, shown: str) -> None:
    assert local_time(profile, utc("2026-11-24T22:30")).isoformat() == shown


@pytest.mark.parametrize(
    ("moment", "presence"),
    [
        ("2026-11-24T08:59", Presence(PresenceState.OUTSIDE_HOURS, next_start=utc("2026-11-24T08:00"))),
        ("2026-11-24T09:00", Presence(PresenceState.AT_WORK, until=utc("2026-11-24T17:00"))),
        ("2026-11-24T17:59", Presence(PresenceState.AT_WORK, until=utc("2026-11-24T17:00"))),
        ("2026-11-24T18:00", Presence(PresenceState.OUTSIDE_HOURS, next_start=utc("2026-11-25T08:00"))),
        ("2026-11-28T12:00", Presence(PresenceState.DAY_OFF, next_start=utc("2026-11-30T08:00"))),
        (
            "2026-12-24T20:00",  # the next three days are two holidays and a Sunday
            Presence(PresenceState.OUTSIDE_HOURS, next_start=utc("2026-12-28T08:00")),
        ),
        (
            "2026-12-25T12:00",
            Presence(PresenceState.HOLIDAY, next_start=utc("2026-12-28T08:00"), holiday="Christmas Day"),
        ),
    ],
)
def test_presence(moment: str, presence: Presence) -> None:
    assert is_at_work(BERLIN, [], berlin(moment)) == presence


def test_a_holiday_is_named_in_the_language_of_the_profile_or_of_who_asks() -> None:
    german = replace(BERLIN, language="de_DE")
    christmas = berlin("2026-12-25T12:00")
    assert is_at_work(german, [], christmas).holiday == "Erster Weihnachtstag"
    assert is_at_work(german, [], christmas, "en_GB").holiday == "Christmas Day"
    assert is_at_work(german, [], christmas, "pl_PL").holiday == "Christmas Day"  # not known in Polish


def test_a_holiday_of_one_region_only() -> None:
    in_bavaria, epiphany = replace(BERLIN, region="BY"), berlin("2027-01-06T12:00")
    assert is_at_work(in_bavaria, [], epiphany).state is PresenceState.HOLIDAY
    assert is_at_work(BERLIN, [], epiphany).state is PresenceState.AT_WORK


@pytest.mark.parametrize(("country", "region"), [("", ""), ("ZZ", ""), ("ZZ", "BY"), ("", "BY"), ("de", "")])
def test_without_a_known_country_there_are_no_holidays(country: str, region: str) -> None:
    profile = replace(BERLIN, country=country, region=region)
    assert is_at_work(profile, [], berlin("2026-12-25T12:00")).state is PresenceState.AT_WORK


def test_an_unknown_region_has_the_holidays_of_its_country() -> None:
    profile = replace(BERLIN, region="Atlantis")
    assert is_at_work(profile, [], berlin("2026-12-25T12:00")).state is PresenceState.HOLIDAY
    assert is_at_work(profile, [], berlin("2027-01-06T12:00")).state is PresenceState.AT_WORK


def test_an_absence_names_its_last_day_and_the_stand_in() -> None:
    absences = [away("2026-11-24", "2026-12-03", INES)]
    expected = Presence(
        PresenceState.AWAY, next_start=utc("2026-12-04T08:00"), last_day=date(2026, 12, 3), stand_in=INES
    )
    assert is_at_work(BERLIN, absences, berlin("2026-11-24T00:00")) == expected
    assert is_at_work(BERLIN, absences, berlin("2026-12-03T23:59")) == expected
    assert is_at_work(BERLIN, absences, berlin("2026-12-04T09:00")).state is PresenceState.AT_WORK


def test_absences_without_a_gap_are_told_as_one_where_the_stand_in_is_the_same() -> None:
    first, second = away("2026-11-24", "2026-11-25", INES), away("2026-11-26", "2026-11-27", INES)
    assert is_at_work(BERLIN, [second, first], berlin("2026-11-24T12:00")).last_day == date(2026, 11, 27)
    alone = replace(second, stand_in=None)
    assert is_at_work(BERLIN, [first, alone], berlin("2026-11-24T12:00")).last_day == date(2026, 11, 25)


def test_an_absence_is_known_where_the_hours_are_not() -> None:
    absences = [away("2026-11-24", "2026-12-03", INES)]
    told = Presence(PresenceState.AWAY, last_day=date(2026, 12, 3), stand_in=INES)
    assert is_at_work(Profile(), absences, utc("2026-11-24T12:00")) == told
    assert is_at_work(NEVER, absences, utc("2026-11-24T12:00")) == told


@pytest.mark.parametrize("profile", [Profile(), NEVER])
def test_without_a_zone_or_hours_nothing_is_claimed(profile: Profile) -> None:
    assert is_at_work(profile, [], utc("2026-11-24T12:00")) == Presence(PresenceState.NOT_SET)


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    absent_on_wednesday = [away("2026-11-25", "2026-11-25")]
    presence = is_at_work(NIGHTS, absent_on_wednesday, berlin("2026-11-25T03:00"))
    assert presence == Presence(PresenceState.AT_WORK, until=utc("2026-11-25T05:00"))
    assert is_at_work(NIGHTS, absent_on_wednesday, berlin("2026-11-25T23:00")).state is PresenceState.AWAY
    # The night of the absence is free to its end, which is on Thursday.
    thursday = is_at_work(NIGHTS, absent_on_wednesday, berlin("2026-11-26T03:00"))
    assert thursday == Presence(PresenceState.OUTSIDE_HOURS, next_start=utc("2026-11-26T21:00"))


def test_days_of_24_hours_run_into_each_other() -> None:
    always = is_at_work(ALWAYS, [], utc("2026-11-24T12:00"))
    assert always.state is PresenceState.AT_WORK
    assert always.until is not None
    assert always.until > utc("2026-12-01T00:00")
    week = replace(ALWAYS, hours=(ALL_DAY,) * 5 + (None, None))
    assert is_at_work(week, [], at("2026-11-24T12:00", week.zone)).until == utc("2026-11-28T05:00")


def test_24_hours_from_eight_to_eight() -> None:
    tuesdays = Profile("Asia/Manila", "", "", (None, (480, 480), *[None] * 5))
    assert working_spans(tuesdays, [], utc("2026-11-23T00:00"), utc("2026-11-30T00:00")) == [
        Span(utc("2026-11-24T00:00"), utc("2026-11-25T00:00"))
    ]


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-03-28", 7),  # the clocks go forward in the night to the 29th
        ("2026-10-24", 9),  # and back in the night to the 25th
        ("2026-11-24", 8),
    ],
)
def test_a_night_in_which_the_clocks_change_is_shorter_or_longer(day: str, hours: int) -> None:
    noon = berlin(f"{day}T12:00")
    (span,) = working_spans(NIGHTS, [], noon, noon + 20 * HOUR)
    assert span.end - span.start == hours * HOUR


@pytest.mark.parametrize(
    ("local", "zone", "moment"),
    [
        ("2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59"),
        ("2026-03-29 02:00", "Europe/Berlin", "2026-03-29T01:00"),  # from here to 03:00 the clocks skip
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30"),  # shown twice: the first
        ("2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),  # they skip half an hour
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30T10:00"),  # this day did not happen
        ("2026-01-01 00:00", "Asia/Kathmandu", "2025-12-31T18:15"),
    ],
)
def test_the_moment_that_the_clocks_reach_a_time(local: str, zone: str, moment: str) -> None:
    wall = datetime.fromisoformat(local)
    assert moment_of(wall.date(), wall.hour * 60 + wall.minute, ZoneInfo(zone)) == utc(moment)


def test_hours_that_the_clocks_skip_altogether_are_no_work() -> None:
    early = Profile("Europe/Berlin", "", "", ((135, 165),) * 7)  # 02:15 to 02:45
    saturday = berlin("2026-03-28T12:00")
    assert working_spans(early, [], saturday, saturday + 24 * HOUR) == []
    assert next_working_moment(early, [], saturday) == utc("2026-03-30T00:15")


@pytest.mark.parametrize(
    ("profile", "start", "hours", "end"),
    [
        (BERLIN, "2026-11-24T10:00", 4, "2026-11-24T14:00"),
        (BERLIN, "2026-11-24T17:00", 2, "2026-11-25T10:00"),
        (BERLIN, "2026-11-24T17:00", 1, "2026-11-24T18:00"),  # at the end of the day, not the next morning
        (BERLIN, "2026-11-24T03:00", 1, "2026-11-24T10:00"),
        (BERLIN, "2026-11-27T17:00", 2, "2026-11-30T10:00"),  # over a weekend
        (BERLIN, "2026-12-24T17:00", 2, "2026-12-28T10:00"),  # over Christmas
        (BERLIN, "2026-12-31T17:00", 10, "2027-01-04T18:00"),  # over New Year and a weekend
        (BERLIN, "2026-11-24T10:00", 45, "2026-12-01T10:00"),  # a week
        (BERLIN, "2026-11-24T20:00", 0, "2026-11-25T09:00"),
        (BERLIN, "2026-11-24T18:00", 0, "2026-11-24T18:00"),
        (NIGHTS, "2026-03-28T23:00", 7, "2026-03-29T22:00+1"),  # six are left of this night
    ],
)
def test_working_time_is_added(profile: Profile, start: str, hours: int, end: str) -> None:
    end, _, further = end.partition("+")
    expected = berlin(end) + int(further or 0) * HOUR
    assert working_time_after(profile, [], berlin(start), hours * HOUR) == expected


def test_working_time_skips_absences() -> None:
    absences = [away("2026-11-25", "2026-11-27"), away("2026-11-30", "2026-11-30")]
    found = working_time_after(BERLIN, absences, berlin("2026-11-24T17:00"), 2 * HOUR)
    assert found == berlin("2026-12-01T10:00")
    assert next_working_moment(BERLIN, absences, berlin("2026-11-24T19:00")) == berlin("2026-12-01T09:00")


def test_kathmandu() -> None:
    assert next_working_moment(KATHMANDU, [], utc("2026-11-24T00:00")) == utc("2026-11-24T03:15")


def test_spans_are_cut_at_both_ends() -> None:
    assert working_spans(BERLIN, [], berlin("2026-11-24T10:00"), berlin("2026-11-26T08:00")) == [
        Span(berlin("2026-11-24T10:00"), berlin("2026-11-24T18:00")),
        Span(berlin("2026-11-25T09:00"), berlin("2026-11-25T18:00")),
    ]
    assert working_spans(BERLIN, [], berlin("2026-11-24T10:00"), berlin("2026-11-24T10:00")) == []


def test_who_never_works_is_an_error_that_says_so() -> None:
    for wanted in (HOUR, timedelta()):
        with pytest.raises(NoWorkingTime, match="No working hours are set for this person: set them in the profile"):
            working_time_after(NEVER, [], utc("2026-11-24T12:00"), wanted)
    with pytest.raises(NoWorkingTime, match="No working hours are set"):
        next_working_moment(NEVER, [], utc("2026-11-24T12:00"))
    assert working_spans(NEVER, [], utc("2026-11-24T12:00"), utc("2027-11-24T12:00")) == []


def test_the_search_ends() -> None:
    forever = [away("2026-01-01", "2126-01-01")]
    with pytest.raises(NoWorkingTime, match="too little in the next five years: check the working hours and the abs"):
        next_working_moment(BERLIN, forever, utc("2026-11-24T12:00"))
    with pytest.raises(NoWorkingTime, match="too little"):
        working_time_after(BERLIN, [], utc("2026-11-24T12:00"), timedelta(days=2000))
    assert is_at_work(BERLIN, forever, utc("2026-11-24T12:00")).next_start is None


def test_negative_work_and_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        working_time_after(BERLIN, [], utc("2026-11-24T12:00"), -HOUR)
    with pytest.raises(ValueError, match=re.escape("2026-11-24 12:00:00 has no time zone")):
        is_at_work(BERLIN, [], datetime(2026, 11, 24, 12))


# ---- properties ---------------------------------------------------------------------------------------------------

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
         "Pacific/Apia", "Africa/Casablanca", "Asia/Manila"]  # fmt: skip
minutes = st.integers(0, 1439)
hours = st.none() | st.tuples(minutes, minutes)
profiles = st.builds(
    Profile,
    st.sampled_from(ZONES),
    st.sampled_from(["", "DE", "IN", "PH", "US", "ZZ"]),
    st.sampled_from(["", "BE", "KA", "CA"]),
    st.tuples(*[hours] * 7).filter(lambda week: sum(length(day) for day in week if day) >= 8 * 60),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
absence = st.builds(
    lambda first, days: Absence(1, first, first + timedelta(days=days)),
    st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    st.integers(0, 30),
)
absences = st.lists(absence, max_size=3)
works = st.timedeltas(timedelta(), timedelta(hours=30))


@given(profiles, absences, moments, works)
@example(NIGHTS, [], utc("2026-10-24T20:00"), timedelta(hours=9))
def test_added_working_time_lies_in_a_span_and_is_that_much(
    profile: Profile, absences: list[Absence], moment: datetime, work: timedelta
) -> None:
    found = working_time_after(profile, absences, moment, work)
    spans = working_spans(profile, absences, moment, found)
    assert sum((span.end - span.start for span in spans), timedelta()) == work
    around = working_spans(profile, absences, moment - HOUR, found + HOUR)
    assert any(span.start <= found <= span.end for span in around)


@given(profiles, absences, moments, works, works)
def test_adding_twice_is_adding_the_sum(
    profile: Profile, absences: list[Absence], moment: datetime, one: timedelta, other: timedelta
) -> None:
    between = working_time_after(profile, absences, moment, one)
    assert working_time_after(profile, absences, between, other) == working_time_after(
        profile, absences, moment, one + other
    )


@given(profiles, absences, moments, works, works)
def test_later_or_more_is_never_earlier(
    profile: Profile, absences: list[Absence], moment: datetime, later: timedelta, work: timedelta
) -> None:
    found = working_time_after(profile, absences, moment, work)
    assert found >= moment
    assert working_time_after(profile, absences, moment + later, work) >= found


@given(profiles, absences, moments)
def test_presence_and_the_next_working_moment_agree(
    profile: Profile, absences: list[Absence], moment: datetime
) -> None:
    presence = is_at_work(profile, absences, moment)
    following = next_working_moment(profile, absences, moment)
    assert (presence.state is PresenceState.AT_WORK) == (following == moment)
    assert (presence.next_start or moment) == following
    assert is_at_work(profile, absences, following).state is PresenceState.AT_WORK


@given(profiles, absences, moments, st.timedeltas(timedelta(), timedelta(days=20)))
def test_spans_are_apart_and_in_order(
    profile: Profile, absences: list[Absence], moment: datetime, reach: timedelta
) -> None:
    edges = [moment]
    for span in working_spans(profile, absences, moment, moment + reach):
        edges += [span.start, span.end]
    assert edges == sorted(edges)
    assert edges[-1] <= moment + reach
