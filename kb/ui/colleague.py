"""The screen "Colleague": who somebody is, their local time, and whether they are at work."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from kb.formats import Formats, country_names
from kb.profiles import Colleague, ProfileError, colleague, may_edit
from kb.public_holidays import region_names
from kb.store.db import now
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.hours_strip import show_strip
from kb.ui.markdown import escape
from kb.ui.moments import reader
from kb.ui.person_links import person_link
from kb.ui.presence import ROLES, days_said, presence_of, say, weekly_hours
from kb.worktime import zone_of


def render() -> None:
    """Show the person that the address names."""
    wanted = st.query_params.get("id", "")
    store, person = open_baton().store, acting_person()
    try:
        seen = colleague(store, person, int(wanted) if wanted.isdecimal() and len(wanted) < 19 else -1)
    except ProfileError:
        _show_not_found()
        return
    st.set_page_config(page_title=seen.person.name)
    moment, formats = now(), reader()
    _show_head(seen, own=seen.person == person, editable=may_edit(store, person, seen.person.id))
    if seen.disabled:
        st.info("This account is disabled: nobody can sign in to it.", icon=":material/person_off:")
        return
    with st.container(key="presence", border=True):
        _show_presence(seen, moment, formats)
        if seen.profile.zone and seen.person != person:
            mine = colleague(store, person, person.id)
            show_strip((seen.profile, seen.absences), (mine.profile, mine.absences), moment, formats)
    hours, absences = st.columns(2, gap="large")
    with hours, st.container(key="hours"):
        _show_hours(seen, formats)
    with absences, st.container(key="absences"):
        _show_absences(seen, formats)


def _show_head(seen: Colleague, *, own: bool, editable: bool) -> None:
    with st.container(key="head", gap="small"):
        st.markdown(f":small[[Colleagues]({Screen.COLLEAGUES}) › {escape(seen.person.name)}]")
        st.title(escape(seen.person.name), anchor=False)
        facts = [ROLES[seen.role], ", ".join(escape(team) for team in seen.teams), escape(seen.email)]
        st.markdown(f":small[{' · '.join(fact for fact in facts if fact)}]")
        if own:
            st.markdown(f"This is you. [Change my profile]({Screen.PROFILE})")
        elif editable:
            st.markdown(f"[Change this profile](<{address(Screen.PROFILE, id=str(seen.person.id))}>)")


def _show_presence(seen: Colleague, moment: datetime, formats: Formats) -> None:
    said = say(presence_of(seen, moment, formats), seen.profile, moment, formats)
    if seen.profile.zone:
        zone = zone_of(seen.profile.zone)
        there = moment.astimezone(zone)
        clock = f"{formats.weekday_and_day(there.date())}, {formats.time(there)}"
        st.markdown(f":small[Local time]  \n**{escape(clock)}** {escape(zone.key)} · {_apart(there, formats)}")
    st.markdown(f"{said.badge} {said.more}")


def _apart(there: datetime, formats: Formats) -> str:
    """How far their clock is from the reader's."""
    offset, own = there.utcoffset(), formats.on_clock(there).utcoffset()
    minutes = int((offset - own).total_seconds() // 60) if offset is not None and own is not None else 0
    if not minutes:
        return "your time too"
    hours, rest = divmod(abs(minutes), 60)
    told = " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
    return f"{told} {'ahead of' if minutes > 0 else 'behind'} you"


def _show_hours(seen: Colleague, formats: Formats) -> None:
    st.markdown("## Working hours", anchors=False)
    if not seen.profile.zone:
        st.caption("Not set yet.")
        return
    st.markdown("\n".join(f"- **{days}:** {hours}" for days, hours in weekly_hours(seen.profile, formats)))
    country = seen.profile.country
    if country:
        names = country_names((country,), formats.language)
        region = region_names(country).get(seen.profile.region, "")
        place = ", ".join(part for part in (names[country], region) if part)
        st.caption(f"Public holidays: {escape(place)}")


def _show_absences(seen: Colleague, formats: Formats) -> None:
    st.markdown("## Absences", anchors=False)
    if not seen.absences:
        st.caption("None planned.")
        return
    lines = []
    for absence in seen.absences:
        stand_in = f"{person_link(absence.stand_in)} stands in" if absence.stand_in else "nobody stands in"
        lines.append(f"- {days_said(absence, formats)}: {stand_in}")
    st.markdown("\n".join(lines))


def _show_not_found() -> None:
    st.set_page_config(page_title="Colleague not found")
    st.title("Colleague not found", anchor=False)
    st.markdown(f"Nobody is at this address. [See all colleagues]({Screen.COLLEAGUES}).")
