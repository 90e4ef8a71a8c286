"""Reading the audit log. It is written where things happen, in the same transaction (:mod:`kb.store.audit`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from kb.access import Ability, require
from kb.audit_details import Subject, references
from kb.models import Person
from kb.spreadsheet import csv_text
from kb.store import actions, audit, pages, people, spaces, teams, templates
from kb.store.audit import AuditEntry, AuditFilter
from kb.store.db import Store, to_text

COLUMNS = ("time", "who", "action", "what", "id", "detail", "from")


def find_entries(
    store: Store, viewer: Person, wanted: AuditFilter, limit: int = 100, before_id: int | None = None
) -> tuple[list[AuditEntry], int]:
    """The lines that pass the filter, the latest first, and how many there are in all.

    :param before_id: only lines older than this one; the number in all is that without this limit.
    :raises NotAllowed: when ``viewer`` may not read the log.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ_AUDIT)
        return audit.find(db, wanted, limit, before_id), audit.count(db, wanted)


def actions_in_log(store: Store, viewer: Person) -> list[str]:
    """Every action that the log has, for choosing.

    :raises NotAllowed: when ``viewer`` may not read the log.
    """
    with store.reading() as db:
        require(db, viewer, Ability.READ_AUDIT)
        return audit.actions(db)


def subject_names(store: Store, viewer: Person, entries: Iterable[AuditEntry]) -> dict[Subject, str]:
    """What these lines and their details name by id, as it is called now and as far as ``viewer`` may see it.

    :return: names by kind and id; what the viewer may not see is left out.
    :raises NotAllowed: when ``viewer`` may not read the log.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    items: set[str] = set()
    for entry in entries:
        subjects: list[Subject] = [found.subject for found in references(entry.action, entry.detail)]
        if entry.subject_id is not None:
            subjects.append((entry.subject, entry.subject_id))
        for kind, number in subjects:
            if isinstance(number, int):
                wanted[kind].add(number)
            else:
                items.add(number)
    with store.reading() as db:
        require(db, viewer, Ability.READ_AUDIT)
        titles = actions.titles(db, items, viewer)
        known = {
            "page": pages.titles(db, wanted["page"], viewer),
            "person": people.names(db, wanted["person"]),
            "space": {space.id: space.name for space in spaces.all_spaces(db, viewer)},
            "team": {team.id: team.name for team in teams.all_teams(db)},
            "template": templates.names(db, wanted["template"], viewer),
        }
    found: dict[Subject, str] = {("item", origin): title for origin, title in titles.items()}
    for kind, names in known.items():
        found |= {(kind, number): names[number] for number in wanted[kind] & names.keys()}
    return found


def export_csv(store: Store, actor: Person, wanted: AuditFilter) -> str:
    """Every line that passes the filter as CSV, the oldest first. The export is a line of the log itself.

    :raises NotAllowed: when the person may not read the log.
    """
    with store.atomic() as db:
        require(db, actor, Ability.READ_AUDIT)
        rows = [_row(entry) for entry in audit.all_matching(db, wanted)]
        audit.record(db, actor, "audit.exported", "audit")
    return csv_text(COLUMNS, rows)


def _row(entry: AuditEntry) -> tuple[str, ...]:
    who = entry.actor.name if entry.actor else ""
    number = "" if entry.subject_id is None else str(entry.subject_id)
    return (to_text(entry.at), who, entry.action, entry.subject, number, entry.detail, entry.address)
