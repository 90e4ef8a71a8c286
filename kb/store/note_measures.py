"""What is measured of submitted notes, in a few queries however many there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kb.handover.actions import CARRIED_LONG
from kb.handover.measures import EARLY, NoteFacts
from kb.handover.models import NoteState
from kb.models import Person
from kb.store.access import VISIBLE, seen_by
from kb.store.db import Connection, to_moment, to_text

_SUBMITS = (
    "(e.step IN ('submit', 'pass on') OR (e.step = '' AND e.state = 'submitted'))"  # '': from before steps were kept
)
_ENDS = "(e.step IN ('close', 'cancel', 'supersede') OR (e.step = '' AND e.state IN ('closed', 'cancelled')))"
_ACKNOWLEDGES = "(e.step = 'confirm' OR (e.step = '' AND e.state = 'acknowledged'))"
# Columns that stand behind a note's answers are left alone: reading past long answers costs more than all else.
_NOTES = f"""
    SELECT x.page_id, pages.slug, pages.title, template, template_version, state, client, acknowledge_by, begun,
           submitted, acknowledged, ended, returned, closed
    FROM (SELECT e.page_id, h.template, h.template_version, h.state, h.client, h.acknowledge_by,
                 min(CASE WHEN {_SUBMITS} THEN e.at END) AS begun,
                 max(CASE WHEN {_SUBMITS} AND e.version = h.version THEN e.at END) AS submitted,
                 max(CASE WHEN {_ACKNOWLEDGES} AND e.version = h.version THEN e.at END) AS acknowledged,
                 max(CASE WHEN {_ENDS} THEN e.at END) AS ended,
                 max(e.step = 'return') AS returned,
                 max(e.state = 'closed') AS closed
          FROM handover_events AS e JOIN handovers AS h ON h.page_id = e.page_id
          WHERE h.version > 0 AND e.page_id IN (SELECT id FROM pages WHERE {VISIBLE} AND kind = 'handover')
          GROUP BY e.page_id HAVING begun >= ? AND begun < ?) AS x
    JOIN pages ON pages.id = x.page_id ORDER BY begun DESC, x.page_id DESC
"""
_LISTED = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What measuring has to know of a template: how many sections, and where a row names its how-to page."""

    sections: int
    items_key: str
    how_to: tuple[tuple[str, str], ...]  # keys of sections and of their fields


def submitted_notes(
    db: Connection, viewer: Person, since: datetime, until: datetime, templates: Mapping[tuple[str, int], TemplateFacts]
) -> list[NoteFacts]:
    """The notes that ``viewer`` may see and whose first version was submitted in this time, the latest first.

    :param until: exclusive.
    :param templates: by key and version; sections and tasks of others count as none.
    """
    rows = db.execute(_NOTES, [*seen_by(viewer), to_text(since), to_text(until)]).fetchall()
    ids = json.dumps([row[0] for row in rows])
    teams, questions, early = _teams(db, ids), _questions(db, ids), _reopened_early(db, ids)
    unowned, tasks = _unowned(db, ids), _tasks(db, ids, templates)
    carried, pages = _carried_long(db, ids), _pages(db, ids, viewer)
    answered = _answered(db, ids, {template.items_key for template in templates.values()})
    spellings: dict[str, str] = {}  # "ACME" and "Acme" are one client, as in lists of notes: the latest spelling
    found = []
    for page_id, slug, title, key, version, state, client, due, begun, submitted, accepted, ended, back, closed in rows:
        template = templates.get((key, version))
        waits = questions.get(page_id, ())
        total, undocumented = tasks.get(page_id, (0, 0))
        found.append(
            NoteFacts(
                slug=slug,
                title=title,
                template=key,
                client=spellings.setdefault(client.casefold(), client),
                teams=teams.get(page_id, ()),
                state=NoteState(state),
                begun=to_moment(begun),
                submitted=to_moment(submitted or begun),
                acknowledge_by=_moment(due),
                acknowledged=_moment(accepted),
                ended=_moment(ended),
                returned=bool(back),
                closed=bool(closed),
                reopened_early=page_id in early,
                questions=len(waits),
                answer_times=tuple(waited for waited in waits if waited is not None),
                sections=template.sections if template else 0,
                answered=answered.get(page_id, 0) if template else 0,
                unowned=unowned.get(page_id, 0),
                carried_long=carried.get(page_id, 0),
                pages=pages.get(page_id, 0),
                tasks=total,
                undocumented=undocumented,
            )
        )
    return found


def _teams(db: Connection, ids: str) -> dict[int, tuple[str, ...]]:
    """The names of the teams that receive each note: named in it, or those of the person who is."""
    rows = db.execute(
        f"""SELECT p.page_id, teams.name FROM handover_parties AS p JOIN teams ON teams.id = p.team_id
            WHERE p.part = 'receiver' AND p.page_id IN {_LISTED}
            UNION SELECT p.page_id, teams.name FROM handover_parties AS p
            JOIN team_members AS m ON m.person_id = p.person_id JOIN teams ON teams.id = m.team_id
            WHERE p.part = 'receiver' AND p.page_id IN {_LISTED} ORDER BY 2 COLLATE NOCASE""",
        [ids, ids],
    )
    found: dict[int, tuple[str, ...]] = {}
    for page_id, name in rows:
        found[page_id] = (*found.get(page_id, ()), name)
    return found


def _questions(db: Connection, ids: str) -> dict[int, list[timedelta | None]]:
    """How long each question of each note waited for the next answer in its thread; None while it waits."""
    rows = db.execute(
        f"""SELECT q.page_id, q.at, (
                SELECT min(a.at) FROM handover_questions AS a
                WHERE a.page_id = q.page_id AND a.is_answer AND a.id > q.id
                AND a.parent_id = coalesce(q.parent_id, q.id))
            FROM handover_questions AS q WHERE NOT q.is_answer AND q.page_id IN {_LISTED} ORDER BY q.id""",
        [ids],
    )
    found: dict[int, list[timedelta | None]] = {}
    for page_id, asked, answered in rows:
        found.setdefault(page_id, []).append(to_moment(answered) - to_moment(asked) if answered else None)
    return found


def _reopened_early(db: Connection, ids: str) -> set[int]:
    """The notes that were reopened soon after they were closed."""
    rows = db.execute(
        f"""SELECT e.page_id, e.at, (
                SELECT max(c.at) FROM handover_events AS c
                WHERE c.page_id = e.page_id AND c.id < e.id AND c.state = 'closed')
            FROM handover_events AS e WHERE e.step = 'reopen' AND e.page_id IN {_LISTED}""",
        [ids],
    )
    return {page for page, at, closed in rows if closed and to_moment(at) - to_moment(closed) <= EARLY}


def _unowned(db: Connection, ids: str) -> dict[int, int]:
    """How many items that are open now, and live in this note, nobody owns; notes without one are left out."""
    rows = db.execute(
        f"""SELECT i.page_id, count(*) FROM handover_items AS i LEFT JOIN actions ON actions.origin = i.origin
            WHERE i.page_id IN {_LISTED} AND coalesce(actions.owner, i.owner) = ''
            AND NOT coalesce(actions.done, i.done) AND (actions.origin IS NULL
                OR i.id IN (SELECT item_id FROM action_places WHERE action_places.origin = i.origin))
            GROUP BY i.page_id""",
        [ids],
    )
    return dict(rows.fetchall())


def _carried_long(db: Connection, ids: str) -> dict[int, int]:
    """How many items each note carried on that had been carried too often before; notes without one are left out."""
    rows = db.execute(
        f"""SELECT here.page_id, count(*) FROM item_places AS here
            WHERE here.page_id IN {_LISTED} AND ? < (
                SELECT count(*) FROM item_places AS before WHERE before.origin = here.origin AND before.id < here.id)
            GROUP BY here.page_id""",
        [ids, CARRIED_LONG],
    )
    return dict(rows.fetchall())


def _pages(db: Connection, ids: str, viewer: Person) -> dict[int, int]:
    """How many pages that the viewer may see came of each note; notes without one are left out."""
    rows = db.execute(
        f"""SELECT note_id, count(*) FROM pages_from_notes JOIN pages ON pages.id = page_id
            WHERE note_id IN {_LISTED} AND {VISIBLE} GROUP BY note_id""",
        [ids, *seen_by(viewer)],
    )
    return dict(rows.fetchall())


def _answered(db: Connection, ids: str, items_keys: Set[str]) -> dict[int, int]:
    """How many sections each note answers; a section of open items also by having some."""
    rows = db.execute(
        f"""SELECT h.page_id,
                   (SELECT count(*) FROM json_each(h.answers) WHERE key NOT IN {_LISTED})
                   + (EXISTS (SELECT 1 FROM handover_items AS i WHERE i.page_id = h.page_id)
                      OR EXISTS (SELECT 1 FROM json_each(h.answers) WHERE key IN {_LISTED}))
            FROM handovers AS h WHERE h.page_id IN {_LISTED}""",
        [json.dumps([*items_keys]), json.dumps([*items_keys]), ids],
    )
    return dict(rows.fetchall())


def _tasks(db: Connection, ids: str, templates: Mapping[tuple[str, int], TemplateFacts]) -> dict[int, tuple[int, int]]:
    """How many rows of each note could name a how-to page, and how many of them do not."""
    found: dict[int, tuple[int, int]] = {}
    for (key, version), template in templates.items():
        for section, field in template.how_to:
            rows = db.execute(
                f"""SELECT h.page_id, count(*), sum(coalesce(r.value ->> ?, '') = '')
                    FROM handovers AS h, json_each(h.answers, ?) AS r
                    WHERE h.template = ? AND h.template_version = ? AND h.page_id IN {_LISTED} GROUP BY h.page_id""",
                [f"$.{_quoted(field)}", f"$.{_quoted(section)}.rows", key, version, ids],
            )
            for page_id, total, without in rows:
                before = found.get(page_id, (0, 0))
                found[page_id] = (before[0] + total, before[1] + without)
    return found


def _quoted(key: str) -> str:
    return json.dumps(key)


def _moment(text: Any) -> datetime | None:
    return to_moment(text) if text else None
