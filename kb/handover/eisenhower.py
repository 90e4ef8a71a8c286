"""Which field of the Eisenhower box an open item is in. Pure.

Important: its priority is high or critical, or its note's overall status is critical. Urgent: its due date comes within
``WORK_AHEAD`` of the viewer's own working time, today and the past included, or it is critical and has no date yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kb.handover.actions import Quadrant
from kb.handover.models import Priority, Status
from kb.models import Absence, Profile
from kb.worktime import local_time, moment_of, working_spans, zone_of

WORK_AHEAD = timedelta(hours=24)  # three working days of most people
LONGEST_AHEAD = 14  # days: for whom is away for longer, not everything is urgent
IMPORTANT_PRIORITIES = (Priority.HIGH, Priority.CRITICAL)
IMPORTANT_STATUSES = (Status.CRITICAL,)
URGENT_WITHOUT_DATE = (Priority.CRITICAL,)  # until somebody gives it a date


def urgent_until(profile: Profile, absences: Sequence[Absence], moment: datetime) -> date:
    """The last due date that is urgent: the viewer works for at most WORK_AHEAD until that day is over.

    Days off after that work are included: who is due on a Sunday has Friday to do it. Never before today.
    """
    today, zone = local_time(profile, moment).date(), zone_of(profile.zone)
    if not any(profile.hours):
        return today
    last = today
    for days in range(1, LONGEST_AHEAD + 1):
        day = today + timedelta(days=days)
        end = moment_of(day + timedelta(days=1), 0, zone)
        spans = working_spans(profile, absences, moment, end)
        if sum((span.end - span.start for span in spans), timedelta()) > WORK_AHEAD:
            break
        last = day
    return last


def is_important(priority: Priority, status: Status) -> bool:
    """Whether an item matters much."""
    return priority in IMPORTANT_PRIORITIES or status in IMPORTANT_STATUSES


def is_urgent(priority: Priority, due: date | None, until: date) -> bool:
    """Whether an item has to be done soon.

    :param until: of :func:`urgent_until`.
    """
    return priority in URGENT_WITHOUT_DATE if due is None else due <= until


def quadrant_of(priority: Priority, status: Status, due: date | None, until: date) -> Quadrant:
    """The field of the box that an item is in."""
    important, urgent = is_important(priority, status), is_urgent(priority, due, until)
    if important:
        return Quadrant.DO_NOW if urgent else Quadrant.PLAN
    return Quadrant.HAND_ON if urgent else Quadrant.LATER
