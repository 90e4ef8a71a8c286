"""Notes' texts as JSON values and back: for the store's columns and for drafts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from kb.handover.models import (
    NAMED,
    Answer,
    Confidentiality,
    Header,
    NoteItem,
    NoteText,
    Part,
    Party,
    PartyId,
    Priority,
    Status,
)


def answers_to_json(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Answers as JSON values; an answer that says nothing yet is left out."""
    return {
        key: {
            name: value
            for name, value in (("text", answer.text), ("rows", answer.rows), ("nothing", answer.nothing))
            if value
        }
        for key, answer in answers.items()
        if answer != Answer()
    }


def answers_from_json(values: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers that :func:`answers_to_json` wrote."""
    return {
        key: Answer(value.get("text", ""), tuple(value.get("rows", ())), value.get("nothing", False))
        for key, value in values.items()
    }


def text_to_json(text: NoteText) -> dict[str, Any]:
    """A note's text as JSON values."""
    header = text.header
    return {
        "template": text.template,
        "template_version": text.template_version,
        "header": {
            **asdict(header),
            "effective": header.effective.isoformat() if header.effective else None,
            "acknowledge_by": header.acknowledge_by.isoformat() if header.acknowledge_by else None,
        },
        "answers": answers_to_json(text.answers),
        "items": [{**asdict(item), "due": item.due.isoformat() if item.due else None} for item in text.items],
    }


def text_from_json(values: Mapping[str, Any]) -> NoteText:
    """The text that :func:`text_to_json` wrote."""
    header = Header(**values["header"])
    return NoteText(
        template=values["template"],
        template_version=values["template_version"],
        header=replace(
            header,
            effective=_moment(values["header"]["effective"]),
            acknowledge_by=_moment(values["header"]["acknowledge_by"]),
            status=Status(header.status),
            confidentiality=Confidentiality(header.confidentiality),
            links=tuple(header.links),
        ).with_parties({part: Party(values["header"][part], _party_id(values["header"], part)) for part in NAMED}),
        answers=answers_from_json(values["answers"]),
        items=tuple(
            NoteItem(
                **{
                    **item,
                    "due": date.fromisoformat(item["due"]) if item["due"] else None,
                    "priority": Priority(item["priority"]),
                }
            )
            for item in values["items"]
        ),
    )


def _party_id(header: Mapping[str, Any], part: Part) -> PartyId | None:
    account = header.get(f"{part}_id")  # texts of before names had accounts have none
    return PartyId(**account) if account else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
