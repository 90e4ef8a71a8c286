"""What a handover note must say before it is handed over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kb.handover.models import Answer, Header, NoteItem, NoteText, Priority
from kb.handover.templates import HandoverTemplate, Section, SectionKind, item_fields


@dataclass(frozen=True, slots=True)
class Missing:
    """What a note lacks before it can be submitted. ``place`` is a field of the header or the key of a section."""

    place: str
    message: str


def is_answered(section: Section, text: NoteText) -> bool:
    """Whether a section holds content or an explicit "None"."""
    answer = text.answers.get(section.key, Answer())
    if section.kind is SectionKind.ITEMS and text.items:
        return True
    return answer.nothing or bool(answer.text.strip() or answer.rows)


def missing(template: HandoverTemplate, text: NoteText, moment: datetime) -> list[Missing]:
    """What has to be added before the note can be submitted at ``moment``; empty when it is ready."""
    found = _missing_in_header(text.header, moment)
    for section in template.sections:
        if is_answered(section, text):
            found += [Missing(section.key, message) for message in _incomplete(section, text)]
        elif section.required:
            ways = "write something, or tick None." if section.may_be_none else "it needs an answer."
            found.append(Missing(section.key, f"“{section.title}” is not answered: {ways}"))
    return found


def _missing_in_header(header: Header, moment: datetime) -> list[Missing]:
    wanted = [
        ("client", header.client, "Name the client or process."),
        ("sender", header.sender, "Say who hands over."),
        ("receiver", header.receiver, "Name a receiver: a person or a team."),
        ("effective", header.effective, "Say when the handover takes effect."),
        ("acknowledge_by", header.acknowledge_by, "Say by when it must be acknowledged."),
    ]
    found = [Missing(place, message) for place, value, message in wanted if not value]
    if header.receiver_id and header.receiver_id.person is not None and header.receiver_id == header.sender_id:
        found.append(Missing("receiver", "Nobody hands over to themselves: choose another receiver."))
    if header.acknowledge_by and header.effective and header.acknowledge_by <= header.effective:
        found.append(Missing("acknowledge_by", "Acknowledge by must be later than the time it takes effect."))
    elif header.acknowledge_by and header.acknowledge_by <= moment:
        found.append(Missing("acknowledge_by", "Acknowledge by has passed already: choose a later time."))
    return found


def _incomplete(section: Section, text: NoteText) -> list[str]:
    """What an answered section lacks."""
    rows = text.answers.get(section.key, Answer()).rows
    if section.kind is SectionKind.ITEMS:
        messages = []
        for number, item in enumerate(text.items, start=1):
            name = f"“{item.title}”" if item.title else f"“{section.title}”, row {number}"
            if not item.title:
                messages.append(f"{name}: say what it is about.")
            if not item.next_step and not item.done:
                messages.append(f"{name}: say what to do next.")
            if item.priority is Priority.CRITICAL and not item.owner and not item.done:
                messages.append(f"{name} is critical: name its owner.")
            messages += [f"{name}: {title} is missing." for title in _empty_fields(section, item)]
        return messages
    return [
        f"“{section.title}”{f', row {number}' if section.kind is SectionKind.TABLE else ''}: {field.title} is missing."
        for number, row in enumerate(rows, start=1)
        for field in section.fields
        if field.required and not row.get(field.key)
    ]


def _empty_fields(section: Section, item: NoteItem) -> list[str]:
    """The names of the further fields that the template requires of an open item and this one lacks."""
    said = {
        "reference": item.reference,
        "owner": item.owner,
        "due": item.due,
        "priority": item.priority,
        **item.details,
    }
    asked_before = ("title", "next_step") + (("owner",) if item.priority is Priority.CRITICAL else ())
    wanted = [field for field in item_fields(section) if field.required and field.key not in asked_before]
    return [] if item.done else [field.title for field in wanted if not said.get(field.key)]
