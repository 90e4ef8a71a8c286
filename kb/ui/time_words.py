"""How the screens say who is away, who stands in, why somebody starts no earlier, and to whom an overdue note goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kb.formats import Formats
from kb.handover.escalation import Call
from kb.handover.models import Part
from kb.handover.parties import StandIn
from kb.models import Person
from kb.ui.markdown import escape
from kb.ui.moments import reader
from kb.ui.presence import both_clocks
from kb.workers import Obstacle
from kb.worktime import PresenceState, zone_of

PART = {Part.SENDER: "sender", Part.RECEIVER: "receiver", Part.BACKUP: "backup", Part.LEAD: "lead"}


def on_both_clocks(moment: datetime, zone: str, present: datetime) -> str:
    """A moment on somebody's clock and the reader's: "Mon 30 Nov, 09:00 their time (04:00 yours)"."""
    formats = reader()
    theirs = replace(formats, zone=zone_of(zone)) if zone else formats
    return both_clocks(moment, present, theirs, formats)


def overdue_said(due: datetime, calls: Sequence[Call], present: datetime) -> str:
    """Since when a note is overdue, whom it is with, and to whom it goes next."""
    formats = reader()
    told = [f"**Overdue** since {formats.near(due, present)}."]
    for call in calls:
        who = f"the {PART[call.part]} **{escape(call.person.name)}**"
        if call.instead_of:
            who += f", who stands in for {escape(call.instead_of.name)},"
        when = on_both_clocks(call.when, call.zone, present)
        told.append(f"With {who} {'since' if call.when <= present else 'from'} {when}.")
        if why := obstacles_said(call.why, call.instead_of or call.person, call.person, formats):
            told[-1] += f" Not earlier: {why}."
    return " ".join(told).replace(",,", ",")


def stand_ins_said(stand_ins: Sequence[StandIn], viewer: Person) -> str:
    """Who is away and who stands in: "Ana is away until 3 Dec; Ben stands in."."""
    told = dict.fromkeys(
        f"{_name(one.instead_of, viewer)} away until {reader().short_day(one.last_day)}; "
        f"{'**you stand in**' if one.person == viewer else f'{escape(one.person.name)} stands in'}."
        for one in stand_ins
    )
    return " ".join(told)


def obstacles_said(found: Sequence[Obstacle], meant: Person, reached: Person, formats: Formats) -> str:
    """What kept people from work: "Fri 25 Dec is a public holiday for Ana (Christmas Day), Sat 26 Dec is a day off"."""
    told = []
    for one in found:
        if one.state is PresenceState.AWAY:
            said = f"{escape(meant.name)} is away until {formats.short_day(one.last_day)}"
            if one.stand_in and reached != meant:
                said += f" and {escape(reached.name)} stands in"
            told.append(said)
        elif one.state is PresenceState.HOLIDAY:
            said = "is a public holiday" if one.first_day == one.last_day else "are public holidays"
            told.append(f"{_days(one, formats)} {said} for {escape(reached.name)} ({escape(one.holiday)})")
        else:
            said = "is not a working day" if one.first_day == one.last_day else "are not working days"
            told.append(f"{_days(one, formats)} {said} for {escape(reached.name)}")
    return ", ".join(told)


def length_said(work: timedelta) -> str:
    """A stretch of working time: "15 minutes", "1 hour", "8 hours"."""
    hours, minutes = divmod(work // timedelta(minutes=1), 60)
    if not hours:
        return f"{minutes} minutes"
    return f"{hours} {'hour' if hours == 1 else 'hours'}{f' {minutes} minutes' if minutes else ''}"


def _days(one: Obstacle, formats: Formats) -> str:
    first, last = formats.weekday_and_day(one.first_day), formats.weekday_and_day(one.last_day)
    return first if one.first_day == one.last_day else f"{first} to {last}"


def _name(person: Person, viewer: Person) -> str:
    return "You are" if person == viewer else f"{escape(person.name)} is"
