"""How handovers go, for who leads: only of notes that the viewer may see. Every function takes the acting person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kb.access import Ability, require
from kb.handover.measures import MEASURES, Measure, NoteFacts, Unit, reading
from kb.handover.templates import KIND_NAMES, FieldKind, HandoverTemplate
from kb.models import Person
from kb.note_templates import template_in
from kb.spreadsheet import csv_text
from kb.store import audit, note_measures, templates
from kb.store.db import Connection, Store, now, to_text
from kb.store.note_measures import TemplateFacts

_UNITS = {Unit.SHARE: "", Unit.PERCENT: " (%)", Unit.HOURS: " (hours)", Unit.NUMBER: ""}
COLUMNS = (
    "note", "kind", "client", "receiving teams", "state", "first submitted", "this version submitted",
    "acknowledge by", "acknowledged", *(f"{measure.title}{_UNITS[measure.unit]}".lower() for measure in MEASURES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MeasureFilter:
    """Which notes are measured: first submitted from ``since`` until before ``until``; empty texts mean all."""

    since: datetime
    until: datetime
    client: str = ""
    team: str = ""
    template: str = ""  # its key


def measured_notes(store: Store, viewer: Person, wanted: MeasureFilter) -> list[NoteFacts]:
    """What is measured of each note that passes the filter and that ``viewer`` may see, the latest first.

    :raises NotAllowed: when ``viewer`` may not see how handovers go.
    """
    with store.reading() as db:
        require(db, viewer, Ability.SEE_MEASURES)
        return narrowed(_measured(db, viewer, wanted), wanted)


def narrowed(notes: Iterable[NoteFacts], wanted: MeasureFilter) -> list[NoteFacts]:
    """Those of the notes that have the client, the team and the template."""
    client = wanted.client.casefold()
    return [
        note
        for note in notes
        if (not client or note.client.casefold() == client)
        and (not wanted.team or wanted.team in note.teams)
        and (not wanted.template or note.template == wanted.template)
    ]


def export_measures(store: Store, actor: Person, wanted: MeasureFilter) -> str:
    """The notes behind the measures as CSV, one row each with what it adds to every measure. The export is audited.

    :raises NotAllowed: when the person may not see how handovers go.
    """
    with store.atomic() as db:
        require(db, actor, Ability.SEE_MEASURES)
        moment = now()
        notes = narrowed(_measured(db, actor, wanted), wanted)
        audit.record(db, actor, "measures.exported", "measures", detail=f"{len(notes)} notes")
    return csv_text(COLUMNS, (_row(note, moment) for note in notes))


def _measured(db: Connection, viewer: Person, wanted: MeasureFilter) -> list[NoteFacts]:
    written = {(key, version): template_in(db, key, version) for key, version in templates.written_with(db)}
    known = {names: _facts_of(template) for names, template in written.items()}
    return note_measures.submitted_notes(db, viewer, wanted.since, wanted.until, known)


def _facts_of(template: HandoverTemplate) -> TemplateFacts:
    # A page that has to be named is what the row is about, such as a page that gets a new owner; others tell how to.
    how_to = [
        (section.key, field.key)
        for section in template.sections
        for field in section.fields
        if field.kind is FieldKind.PAGE and not field.required and section.key != template.items_section.key
    ]
    return TemplateFacts(len(template.sections), template.items_section.key, tuple(how_to))


def _row(note: NoteFacts, moment: datetime) -> tuple[str, ...]:
    moments = (note.begun, note.submitted, note.acknowledge_by, note.acknowledged)
    return (
        note.title,
        KIND_NAMES[note.template],
        note.client,
        ", ".join(note.teams),
        str(note.state),
        *(to_text(at) if at else "" for at in moments),
        *(_figure(measure, reading(measure, [note], moment).value) for measure in MEASURES),
    )


def _figure(measure: Measure, value: float | None) -> str:
    if value is None:
        return ""
    if measure.unit is Unit.SHARE:
        return "yes" if value else "no"
    return f"{value:.2f}".rstrip("0").rstrip(".")
