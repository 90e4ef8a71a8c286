"""A filled-in note that shows what a template asks for, for its preview. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from kb.handover.models import Answer, Header, NoteItem, NoteText
from kb.handover.templates import Field, FieldKind, HandoverTemplate, SectionKind

BLANK = "…"  # what somebody will have written


def sample_note(template: HandoverTemplate, client: str, moment: datetime) -> NoteText:
    """A note in which everything that the template asks for is answered; ``moment`` is when it takes effect."""
    header = Header(
        client=client or BLANK,
        sender=BLANK,
        receiver=BLANK,
        effective=moment,
        acknowledge_by=moment + timedelta(hours=1),
    )
    answers = {}
    for section in template.sections:
        if section.kind is SectionKind.TEXT:
            answers[section.key] = Answer(BLANK)
        elif section.kind is not SectionKind.ITEMS:
            answers[section.key] = Answer(rows=({field.key: _value(field, moment) for field in section.fields},))
    details = {field.key: _value(field, moment) for field in template.items_section.fields}
    item = NoteItem(BLANK, BLANK, BLANK, BLANK, moment.date(), details=details)
    return NoteText(template.key, template.version, header, answers, (item,))


def _value(field: Field, moment: datetime) -> str:
    if field.kind is FieldKind.CHOICE:
        return field.options[0] if field.options else BLANK
    return moment.date().isoformat() if field.kind is FieldKind.DATE else BLANK
