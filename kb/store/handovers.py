"""Handover notes as the store keeps them: what a note has beside its page, its items and the steps of its life."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from kb.handover.json import answers_from_json, answers_to_json
from kb.handover.models import (
    Confidentiality,
    Header,
    Note,
    NoteFilter,
    NoteItem,
    NoteState,
    NoteSummary,
    NoteText,
    Priority,
    Status,
)
from kb.models import Page, Person, SpaceKind
from kb.store import actions, pages, parties
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, to_moment, to_text

_TEXT_COLUMNS = (
    "template", "template_version", "title", "client", "sender", "receiver", "backup", "lead", "effective_at",
    "acknowledge_by", "zone", "status", "confidentiality", "links", "answers",
)  # fmt: skip


def by_slug(db: Connection, slug: str, viewer: Person) -> Note | None:
    """The note at ``slug``, if ``viewer`` may see it."""
    page = pages.by_slug(db, slug, viewer)
    return _note(db, page, viewer) if page else None


def by_page_id(db: Connection, page_id: int) -> Note | None:
    """The note of this page, in the trash or not, whoever asks: for the rules, not for screens.

    It does not say what replaced it, which is not for everybody to know.
    """
    page = pages.by_id(db, page_id)
    return _note(db, page) if page else None


def latest_submitted(db: Connection, viewer: Person, template: str, client: str) -> Note | None:
    """The note of this template and client that was submitted last and stands."""
    rows = db.query(
        f"""SELECT page_id FROM handovers JOIN pages ON pages.id = page_id
            WHERE client = ? COLLATE NOCASE AND template = ? AND submitted_at IS NOT NULL AND state != ? AND {VISIBLE}
            ORDER BY submitted_at DESC, page_id DESC LIMIT 1""",
        [client, template, str(NoteState.CANCELLED), *seen_by(viewer)],
    )
    return next((by_page_id(db, row["page_id"]) for row in rows), None)


def find(
    db: Connection,
    viewer: Person,
    wanted: NoteFilter,
    moment: datetime,
    done: Sequence[NoteState],
    limit: int,
    turns: Collection[int] = (),
) -> list[NoteSummary]:
    """The notes that pass the filter: overdue ones first, then open ones by acknowledge-by, ``done`` ones last.

    :param moment: what "overdue" is measured against.
    :param turns: the pages of submitted notes in which the viewer has to act, for the filter ``my_turn``.
    """
    where, parameters = _conditions(viewer, wanted, moment, turns)
    rows = db.query(
        f"""SELECT pages.slug, pages.title AS page_title, pages.updated_at, pages.owner_id, people.name AS owner_name,
                   handovers.*
            FROM handovers JOIN pages ON pages.id = handovers.page_id JOIN people ON people.id = pages.owner_id
            WHERE {where}
            ORDER BY CASE WHEN state IN (SELECT value FROM json_each(?)) THEN 3
                          WHEN state = 'acknowledged' THEN 2
                          WHEN {_OVERDUE} THEN 0 ELSE 1 END,
                     CASE WHEN state IN (SELECT value FROM json_each(?)) THEN NULL
                          ELSE coalesce(acknowledge_by, '9999') END,
                     pages.updated_at DESC, pages.id DESC
            LIMIT ?""",
        [*parameters, _json(done), to_text(moment), _json(done), limit],
    )
    found = list(rows)
    items = actions.open_counts(db, [row["page_id"] for row in found])
    return [_summary(row, items.get(row["page_id"], (0, 0))) for row in found]


def count(db: Connection, viewer: Person, wanted: NoteFilter, moment: datetime, turns: Collection[int] = ()) -> int:
    """How many notes pass the filter."""
    where, parameters = _conditions(viewer, wanted, moment, turns)
    sql = f"SELECT count(*) FROM handovers JOIN pages ON pages.id = handovers.page_id WHERE {where}"
    return int(db.execute(sql, parameters).fetchone()[0])


def clients(db: Connection, viewer: Person) -> list[str]:
    """The clients of all notes that ``viewer`` may see, the last used first; one spelling each, the latest."""
    rows = db.query(
        f"""SELECT client, max(pages.updated_at) AS used FROM handovers JOIN pages ON pages.id = page_id
            WHERE client != '' AND {VISIBLE} GROUP BY client COLLATE NOCASE ORDER BY used DESC, client""",
        seen_by(viewer),
    )
    return [row["client"] for row in rows]


def tellable_among(db: Connection, slugs: Iterable[str]) -> set[str]:
    """Those of the notes at these addresses that are not marked confidential, and not in a confidential space."""
    rows = db.execute(
        """SELECT pages.slug FROM pages JOIN handovers ON handovers.page_id = pages.id
           JOIN spaces ON spaces.id = pages.space_id
           WHERE pages.slug IN (SELECT value FROM json_each(?))
           AND handovers.confidentiality != ? AND spaces.kind != ?""",
        [json.dumps(sorted(slugs)), str(Confidentiality.CONFIDENTIAL), str(SpaceKind.CONFIDENTIAL)],
    )
    return {row[0] for row in rows}


def titles(db: Connection, viewer: Person, limit: int) -> list[tuple[str, str]]:
    """Address and title of the pages that changed last, for choosing links."""
    rows = db.query(
        f"SELECT slug, title FROM pages WHERE {VISIBLE} ORDER BY updated_at DESC, id DESC LIMIT ?",
        [*seen_by(viewer), limit],
    )
    return [(row["slug"], row["title"]) for row in rows]


def add(db: Connection, page_id: int, text: NoteText) -> None:
    """Add the note of a page, as a draft."""
    db.execute(
        f"INSERT INTO handovers(page_id, state, version, {', '.join(_TEXT_COLUMNS)}) "
        f"VALUES (?, ?, 0, {', '.join('?' * len(_TEXT_COLUMNS))})",
        [page_id, str(NoteState.DRAFT), *_text_values(text)],
    )
    _set_items(db, page_id, text.items)
    parties.set_parties(db, page_id, text.header)


def set_text(db: Connection, page_id: int, text: NoteText) -> None:
    """Replace what a note says."""
    assignments = ", ".join(f"{column} = ?" for column in _TEXT_COLUMNS)
    db.execute(f"UPDATE handovers SET {assignments} WHERE page_id = ?", [*_text_values(text), page_id])
    _set_items(db, page_id, text.items)
    parties.set_parties(db, page_id, text.header)


def set_superseded(db: Connection, page_id: int, successor_id: int) -> None:
    """Say which note replaced this one."""
    db.execute("UPDATE handovers SET superseded_by = ? WHERE page_id = ?", [successor_id, page_id])


_OVERDUE = "(state IN ('submitted', 'questions', 'read back') AND acknowledge_by < ?)"  # takes the present moment


def _conditions(viewer: Person, wanted: NoteFilter, moment: datetime, turns: Collection[int]) -> tuple[str, list[Any]]:
    sql = [VISIBLE]
    parameters: list[Any] = [*seen_by(viewer)]
    if wanted.states:
        sql.append(f"CASE WHEN {_OVERDUE} THEN 'overdue' ELSE state END IN (SELECT value FROM json_each(?))")
        parameters += [to_text(moment), _json(wanted.states)]
    if wanted.template:
        sql.append("template = ?")
        parameters.append(wanted.template)
    if wanted.client:
        sql.append("client = ? COLLATE NOCASE")
        parameters.append(wanted.client)
    if wanted.status:
        sql.append("status = ?")
        parameters.append(str(wanted.status))
    if wanted.my_turn:
        sql.append(
            "(state IN ('draft', 'returned') AND pages.owner_id = ? OR pages.id IN (SELECT value FROM json_each(?)))"
        )
        parameters += [viewer.id, json.dumps(list(turns))]
    if wanted.mine:
        sql.append("pages.owner_id = ?")
        parameters.append(viewer.id)
    for word in wanted.text.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        sql.append("(pages.title || ' ' || client || ' ' || sender || ' ' || receiver) LIKE ? ESCAPE '\\'")
        parameters.append(pattern)
    return " AND ".join(sql), parameters


def _text_values(text: NoteText) -> list[Any]:
    header = text.header
    return [
        text.template,
        text.template_version,
        header.title,
        header.client,
        header.sender,
        header.receiver,
        header.backup,
        header.lead,
        to_text(header.effective) if header.effective else None,
        to_text(header.acknowledge_by) if header.acknowledge_by else None,
        header.zone,
        str(header.status),
        str(header.confidentiality),
        json.dumps(header.links),
        json.dumps(answers_to_json(text.answers)),
    ]


def _set_items(db: Connection, page_id: int, items: Sequence[NoteItem]) -> None:
    db.execute("DELETE FROM handover_items WHERE page_id = ?", [page_id])
    db.conn.executemany(
        "INSERT INTO handover_items(page_id, position, title, reference, next_step, owner, due, priority, done, "
        "details, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                page_id, position, item.title, item.reference, item.next_step, item.owner,
                item.due.isoformat() if item.due else None, str(item.priority), item.done,
                json.dumps(dict(item.details)), item.origin,
            )
            for position, item in enumerate(items)
        ],
    )  # fmt: skip


def _note(db: Connection, page: Page, viewer: Person | None = None) -> Note | None:
    row = next(iter(db.query("SELECT * FROM handovers WHERE page_id = ?", [page.id])), None)
    if row is None:
        return None
    items = db.query("SELECT * FROM handover_items WHERE page_id = ? ORDER BY position", [page.id])
    text = NoteText(
        template=row["template"],
        template_version=row["template_version"],
        header=Header(
            title=row["title"],
            client=row["client"],
            sender=row["sender"],
            receiver=row["receiver"],
            backup=row["backup"],
            lead=row["lead"],
            effective=_moment(row["effective_at"]),
            acknowledge_by=_moment(row["acknowledge_by"]),
            zone=row["zone"],
            status=Status(row["status"]),
            confidentiality=Confidentiality(row["confidentiality"]),
            links=tuple(json.loads(row["links"])),
            **parties.ids_of(db, page.id),
        ),
        answers=answers_from_json(json.loads(row["answers"])),
        items=tuple(_item(item) for item in items),
    )
    newer = row["superseded_by"]
    successor = pages.by_id(db, newer) if newer and viewer and pages.may_be_seen(db, newer, viewer) else None
    return Note(
        page,
        NoteState(row["state"]),
        row["version"],
        text,
        _moment(row["submitted_at"]),
        successor.slug if successor else "",
    )


def _item(row: dict[str, Any]) -> NoteItem:
    return NoteItem(
        title=row["title"],
        reference=row["reference"],
        next_step=row["next_step"],
        owner=row["owner"],
        due=date.fromisoformat(row["due"]) if row["due"] else None,
        priority=Priority(row["priority"]),
        done=bool(row["done"]),
        details=json.loads(row["details"]),
        origin=row["origin"],
    )


def _summary(row: dict[str, Any], items: tuple[int, int]) -> NoteSummary:
    return NoteSummary(
        slug=row["slug"],
        title=row["page_title"],
        template=row["template"],
        state=NoteState(row["state"]),
        version=row["version"],
        status=Status(row["status"]),
        client=row["client"],
        sender=row["sender"],
        receiver=row["receiver"],
        effective=_moment(row["effective_at"]),
        acknowledge_by=_moment(row["acknowledge_by"]),
        zone=row["zone"],
        open_items=items[0],
        critical_items=items[1],
        owner=Person(row["owner_id"], row["owner_name"]),
        updated_at=to_moment(row["updated_at"]),
    )


def _json(states: Sequence[NoteState]) -> str:
    return json.dumps([str(state) for state in states])


def _moment(text: str | None) -> datetime | None:
    return to_moment(text) if text else None
