"""The fields of a profile: where somebody works, when, and how they read dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from kb.formats import DEFAULT_LANGUAGE, LANGUAGES, Formats, country_names, language_name
from kb.handover.times import known_zone, time_zones
from kb.models import Hours, Profile
from kb.public_holidays import countries, next_holidays, region_names
from kb.store.db import now
from kb.ui.markdown import escape
from kb.ui.presence import WEEKDAYS
from kb.ui.runs import hold
from kb.worktime import length, zone_of

HOLIDAYS_SHOWN = 5
WORKING_DAYS = range(5)  # what the button copies Monday to
_USUAL: tuple[int, int] = (9 * 60, 17 * 60)  # what a day gets that is switched on


@dataclass(frozen=True, slots=True)
class ProfileFields:
    """The fields for one person's profile; their values live in Streamlit's session state."""

    person_id: int

    def key(self, name: str) -> str:
        """The session state's key of a field."""
        return f"profile_{self.person_id}_{name}"

    def fill(self, profile: Profile, *, own: bool) -> None:
        """Give the fields the profile's values where they have none yet.

        :param own: whether it is the profile of who looks at it: their browser knows their zone.
        """
        guess = known_zone(st.context.timezone) if own and st.context.timezone else ""
        self._default("zone", profile.zone or guess)
        self._default("country", profile.country)
        self._default(f"region_{profile.country}", profile.region)
        self._default("language", profile.language or DEFAULT_LANGUAGE)
        for day, hours in enumerate(profile.hours):
            self._default(f"works_{day}", hours is not None)
            if hours:
                self._default(f"start_{day}", _time(hours[0]))
                self._default(f"end_{day}", _time(hours[1]))

    def _default(self, name: str, value: Any) -> None:
        hold(self.key(name), value)

    def value(self, name: str) -> Any:
        """What a field holds."""
        return st.session_state.get(self.key(name))

    def typed(self) -> Profile:
        """The profile that the fields hold."""
        country = self.country
        return Profile(
            zone=self.value("zone") or "",
            country=country,
            region=(self.value(f"region_{country}") or "") if country else "",
            hours=tuple(self._hours(day) for day in range(len(WEEKDAYS))),
            language=self.value("language") or "",
        )

    def _hours(self, day: int) -> Hours:
        if not self.value(f"works_{day}"):
            return None
        start, end = self.value(f"start_{day}"), self.value(f"end_{day}")
        return (
            _minute(start) if start is not None else _USUAL[0],
            _minute(end) if end is not None else _USUAL[1],
        )

    # ---- what is shown ----------------------------------------------------------------------------------------------

    def show_place(self) -> None:
        """Show time zone, country and region, with the next public holidays there."""
        language = self.value("language") or ""
        formats = Formats(language=language)
        moment = now()
        zone, country, region = st.columns(3)
        # A list's choice travels as its label. So a label must not change while its list is shown: no time of day in
        # it, and another list for each language.
        with zone:
            st.selectbox(
                "Time zone", _with(["", *time_zones()], self.value("zone")), key=self.key("zone"),
                format_func=lambda name: name or "Not set", help="Type a city to find it.",
            )  # fmt: skip
        names = country_names(tuple(countries()), formats.language)
        with country:
            chosen = self.country
            self._default(f"country_{language}", chosen)
            chosen = st.selectbox(
                "Country", _with(["", *names], chosen), key=self.key(f"country_{language}"),
                format_func=lambda code: names.get(code, code) or "No public holidays",
                help="For its public holidays.",
            )  # fmt: skip
            st.session_state[self.key("country")] = chosen
        regions = region_names(chosen)
        if regions:
            key = f"region_{chosen}"
            self._default(key, "")
            with region:
                st.selectbox(
                    "Region", _with(["", *regions], self.value(key)), key=self.key(key),
                    format_func=lambda code: regions.get(code, code) or "Whole country",
                )  # fmt: skip
        self._tell_place(formats, moment)

    @property
    def country(self) -> str:
        """The country that is chosen, in whatever language its list was."""
        chosen = self.value(f"country_{self.value('language') or ''}")
        return str((self.value("country") if chosen is None else chosen) or "")

    def _tell_place(self, formats: Formats, moment: datetime) -> None:
        """Say what its clocks show now, and when its next public holidays are."""
        typed = self.typed()
        if typed.zone:
            there = moment.astimezone(zone_of(typed.zone))
            weekday = formats.weekday_and_day(there.date())
            st.caption(f"Local time: {escape(weekday)}, {formats.time(there)}")
        today = moment.astimezone(zone_of(typed.zone)).date()
        found = next_holidays(typed.country, typed.region, typed.language, today, HOLIDAYS_SHOWN)
        if found:
            told = [f"{escape(name)} ({escape(formats.weekday_and_day(day))})" for day, name in found]
            st.caption(f"Next public holidays: {', '.join(told)}")

    def show_hours(self) -> None:
        """Show a row for each weekday: whether it is worked, from when, and to when."""
        for day, name in enumerate(WEEKDAYS):
            with st.container(key=f"weekday_{day}", horizontal=True, vertical_alignment="center", gap="small"):
                st.toggle(name, key=self.key(f"works_{day}"), width=118)
                if not self.value(f"works_{day}"):
                    st.caption("No work")
                    continue
                usual = self._hours(0) or _USUAL
                for place, edge, said in ((0, "start", "from"), (1, "end", "to")):
                    self._default(f"{edge}_{day}", _time(usual[place]))
                    key = self.key(f"{edge}_{day}")
                    st.time_input(
                        f"{name} {said}", st.session_state[key], key=key, step=timedelta(minutes=15), width=100,
                        label_visibility="collapsed",
                    )  # fmt: skip
                st.caption(_length_said(self._hours(day)))
        st.button(
            "Same as Monday for all weekdays",
            icon=":material/content_copy:",
            on_click=self._copy_monday,
            help="Monday to Friday. A shift that ends before it starts goes on into the next day; "
            "with the same start and end it takes 24 hours.",
        )

    def _copy_monday(self) -> None:
        monday = self._hours(0)
        for day in WORKING_DAYS:
            st.session_state[self.key(f"works_{day}")] = monday is not None
            if monday:
                st.session_state[self.key(f"start_{day}")] = _time(monday[0])
                st.session_state[self.key(f"end_{day}")] = _time(monday[1])

    def show_language(self) -> None:
        """Show the choice of the language of dates and numbers, with an example."""
        options = sorted(LANGUAGES, key=language_name)
        st.selectbox(
            "Language of dates and numbers", options, key=self.key("language"), format_func=language_name, width=380
        )
        formats = Formats(zone_of(self.value("zone") or ""), self.value("language") or "")
        moment = now()
        weekday = formats.weekday_and_day(formats.on_clock(moment).date())
        st.caption(f"For example: {escape(formats.full(moment))} · {escape(weekday)} · {formats.decimal(1234567.8)}")


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _minute(shown: time) -> int:
    return shown.hour * 60 + shown.minute


def _length_said(hours: Hours) -> str:
    if hours is None:
        return ""
    whole, rest = divmod(length(hours), 60)
    told = f"{whole} h {rest} min" if rest else f"{whole} h"
    # An end at midnight is still the same day's.
    into_next = hours[0] + length(hours) > 1440
    return f"{told}, to the next day" if into_next else told


def _with(options: list[str], value: str | None) -> list[str]:
    return options if not value or value in options else [value, *options]
