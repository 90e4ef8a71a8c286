"""Judged read-backs: notes with summaries, and for each item what a person says of it. A file has one note per line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kb.handover.models import NoteItem
from kb.handover.readback import ItemState


class CasesError(ValueError):
    """The file holds no readable cases; the message names the line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of an item and a summary: the state, and the facts that differ, in the item's words."""

    state: ItemState
    changed: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class JudgedSummary:
    """A summary of a note with one judgement an item. ``kind`` says what sort of case it is; free text."""

    note: str
    on: date | None
    receiver: str
    items: tuple[NoteItem, ...]
    text: str
    kind: str
    judgements: tuple[Judgement, ...]


def load_cases(path: Path) -> list[JudgedSummary]:
    """The summaries of a file as docs/read-back.md describes it, in its order.

    :raises CasesError: when the file cannot be read or a line has another form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CasesError(f"{path} cannot be read: {error}.") from error
    found: list[JudgedSummary] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found += _of_note(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise CasesError(f"{path}, line {number}: {type(error).__name__}: {error}") from error
    if not found:
        raise CasesError(f"{path} holds no cases.")
    return found


def _of_note(values: Mapping[str, Any]) -> list[JudgedSummary]:
    items = tuple(_item(item) for item in values["items"])
    on = date.fromisoformat(values["on"]) if values.get("on") else None
    summaries = []
    for summary in values["summaries"]:
        judgements = tuple(_judgement(label) for label in summary["labels"])
        if len(judgements) != len(items):
            raise ValueError(f"{len(judgements)} labels for {len(items)} items")
        summaries.append(
            JudgedSummary(
                values["note"],
                on,
                values.get("receiver", ""),
                items,
                summary["text"],
                summary.get("kind", ""),
                judgements,
            )
        )
    return summaries


def _item(values: Mapping[str, Any]) -> NoteItem:
    due = values.get("due")
    return NoteItem(
        title=values["title"],
        reference=values.get("reference", ""),
        next_step=values.get("next_step", ""),
        owner=values.get("owner", ""),
        due=date.fromisoformat(due) if due else None,
        details=dict(values.get("details", {})),
    )


def _judgement(values: Mapping[str, Any]) -> Judgement:
    return Judgement(
        ItemState(values["state"]),
        tuple(values.get("changed", ())),
        tuple(values.get("lacking", ())),
        bool(values.get("negated", False)),
    )
