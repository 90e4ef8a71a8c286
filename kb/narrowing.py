"""What the operators of a query narrow a search to, and why some cannot. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from kb.models import Filters, PageKind, Space
from kb.operators import Name, Operator, ParsedQuery
from kb.pages import tag_of

NAMED_CHOICES = 4  # of the spaces, tags or owners there are, where a note lists them


@dataclass(frozen=True, slots=True)
class Known:
    """What a person can narrow a search to: names that they may see."""

    spaces: Sequence[Space]
    tags: Sequence[str]
    owners: Sequence[str]


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as it is understood: ``used`` operators became filters; the others are told about in ``notes``."""

    query: ParsedQuery
    filters: Filters = field(default_factory=Filters)
    used: tuple[Operator, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is searched for by words and by meaning."""
        return self.query.text


class UnusableValue(ValueError):
    """An operator cannot use its value; the message says why and what to type instead."""


def understand(query: ParsedQuery, known: Known) -> Understood:
    """What the operators of a query mean here. One that cannot be used is left out, with a note."""
    filters = Filters()
    used, notes = [], []
    for operator in query.operators:
        try:
            filters = _NARROW[operator.name](filters, operator, known)
            used.append(operator)
        except UnusableValue as problem:
            notes.append(str(problem))
    return Understood(query, filters, tuple(used), tuple(notes))


def updated_between(value: str) -> tuple[datetime | None, datetime | None]:
    """The moments that ``updated:`` narrows to, days being those of UTC.

    :param value: a year, month or day, or two with ``..`` between, or one after ``>``, ``>=``, ``<`` or ``<=``.
    :return: the first moment, and the first one that is too late; None where there is no such bound.
    :raises UnusableValue: when the value is none of these.
    """
    found = _DATES.fullmatch(value)
    if not found:
        raise UnusableValue(f"updated: takes a date such as 2026, 2026-01 or >2026-01-31, not “{value}”.")
    if found["comparison"]:
        start, end = _period(found["date"])
        return {">": (end, None), ">=": (start, None), "<": (None, start), "<=": (None, end)}[found["comparison"]]
    start, end = _period(found["first"])[0], _period(found["last"] or found["first"])[1]
    if end <= start:
        raise UnusableValue(f"updated: “{value}” ends before it begins. Put the earlier date first.")
    return start, end


# Years of four digits, the first of them 1 or 2: no arithmetic with them leaves the calendar.
_DATE = "[12][0-9]{3}(?:-[0-9]{1,2}){0,2}"
_DATES = re.compile(rf"(?P<comparison>[<>]=?)(?P<date>{_DATE})|(?P<first>{_DATE})(?:\.\.(?P<last>{_DATE}))?")


def _period(date: str) -> tuple[datetime, datetime]:
    """The first moment of a year, month or day, and that of the next one."""
    year, *more = (int(part) for part in date.split("-"))
    month, day = (*more, 1, 1)[:2]
    try:
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError as problem:
        raise UnusableValue(f"updated: there is no date {date}. Type year-month-day, such as 2026-01-31.") from problem
    if len(more) == 2:
        return start, start + timedelta(days=1)
    if len(more) == 1:
        return start, (start + timedelta(days=31)).replace(day=1)
    return start, start.replace(year=year + 1)


def _by_words(filters: Filters, operator: Operator, known: Known) -> Filters:
    return _added(filters, operator, "phrases", operator.value)


def _by_title(filters: Filters, operator: Operator, known: Known) -> Filters:
    return _added(filters, operator, "titles", operator.value)


def _by_tag(filters: Filters, operator: Operator, known: Known) -> Filters:
    tag = tag_of(operator.value)
    if tag not in known.tags:
        raise UnusableValue(f"tag: no page has the tag “{operator.value}”. {_instead(tag, known.tags)}")
    return _added(filters, operator, "tags", tag)


def _by_space(filters: Filters, operator: Operator, known: Known) -> Filters:
    asked = operator.value.casefold()
    found = [space.slug for space in known.spaces if asked in (space.slug.casefold(), space.name.casefold())]
    if not found:
        names = [space.name for space in known.spaces]
        raise UnusableValue(f"space: there is no space “{operator.value}”. {_instead(operator.value, names)}")
    return _added(filters, operator, "spaces", *found)


def _by_type(filters: Filters, operator: Operator, known: Known) -> Filters:
    asked = operator.value.casefold()
    kind = next((kind for kind in PageKind if asked in (str(kind), f"{kind}s")), None)
    if kind is None:
        raise UnusableValue(f"type: takes page, guide, glossary or handover, not “{operator.value}”.")
    return _added(filters, operator, "kinds", kind)


def _by_owner(filters: Filters, operator: Operator, known: Known) -> Filters:
    asked = operator.value.casefold()
    # A whole name, or one of its parts: people know each other by first name.
    found = [owner for owner in known.owners if asked == owner.casefold()]
    found = found or [owner for owner in known.owners if asked in owner.casefold().split()]
    if not found:
        instead = _instead(operator.value, known.owners)
        raise UnusableValue(f"owner: nobody called “{operator.value}” owns a page. {instead}")
    return _added(filters, operator, "owners", *found)


def _by_update(filters: Filters, operator: Operator, known: Known) -> Filters:
    start, before = updated_between(operator.value)
    if operator.negated:
        raise UnusableValue("updated: cannot be left out with a minus. Type < or > before the date instead.")
    return replace(
        filters,
        updated_from=max(_given(filters.updated_from, start), default=None),
        updated_before=min(_given(filters.updated_before, before), default=None),
    )


def _added(filters: Filters, operator: Operator, name: str, *values: str) -> Filters:
    name = f"excluded_{name}" if operator.negated else name
    more: dict[str, Any] = {name: (*getattr(filters, name), *values)}
    return replace(filters, **more)


def _given(*moments: datetime | None) -> Iterable[datetime]:
    return (moment for moment in moments if moment is not None)


def _instead(asked: str, names: Sequence[str]) -> str:
    """What to type instead: the name that is much like it, or some of those there are."""
    by_lower = {name.casefold(): name for name in names}
    near = get_close_matches(asked.casefold(), by_lower, n=1)
    if near:
        return f"Did you mean {by_lower[near[0]]}?"
    if not names:
        return "There is none yet."
    more = ", …" if len(names) > NAMED_CHOICES else ""
    return f"Choose one of: {', '.join(names[:NAMED_CHOICES])}{more}."


_NARROW: dict[Name, Callable[[Filters, Operator, Known], Filters]] = {
    Name.WORDS: _by_words,
    Name.TITLE: _by_title,
    Name.TAG: _by_tag,
    Name.SPACE: _by_space,
    Name.TYPE: _by_type,
    Name.OWNER: _by_owner,
    Name.UPDATED: _by_update,
}
