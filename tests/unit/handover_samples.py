"""A shift note that is ready to be submitted, and parts to vary it with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from kb.handover.models import Answer, Header, NoteItem, NoteText, Priority, Status
from kb.handover.templates import template_of

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
HEADER = Header(
    client="ACME",
    sender="night",
    receiver="day",
    effective=datetime(2026, 11, 21, 5, 0, tzinfo=UTC),
    acknowledge_by=datetime(2026, 11, 21, 6, 0, tzinfo=UTC),
    zone="Europe/Berlin",
    status=Status.WATCH,
)
ITEM = NoteItem(
    "Refund batch stuck",
    reference="INC-4711",
    next_step="Call the bank",
    owner="Ana",
    due=date(2026, 11, 22),
    priority=Priority.CRITICAL,
    details={"severity": "Sev 1", "situation": "The file was rejected"},
)


def nothing_but(template: str, **answers: Answer) -> dict[str, Answer]:
    """These answers, and "None" for every other section that may say so."""
    none = {s.key: Answer(nothing=True) for s in template_of(template).sections if s.may_be_none and s.key != "items"}
    return none | answers


def shift_note(**changes: object) -> NoteText:
    """A shift note that lacks nothing; ``changes`` are fields of its header."""
    answers = nothing_but(
        "shift",
        shift=Answer(rows=({"shift": "Night", "site": "Pune"},)),
        big_picture=Answer("Backlog of **412** cases."),
    )
    return NoteText("shift", 1, replace(HEADER, **changes), answers, (ITEM,))  # type: ignore[arg-type]
