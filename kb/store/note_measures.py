"""What is measured of submitted notes, in a few queries however many there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kb.handover.actions import CARRIED_LONG
from kb.handover.life import DONE
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
# First which notes began in the time, from the steps' index alone; the rest is asked of those.
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
          WHERE h.version > 0 AND e.page_id IN (
              SELECT e.page_id FROM handover_events AS e WHERE {_SUBMITS}
              GROUP BY e.page_id HAVING min(e.at) >= ? AND min(e.at) < ?)
          GROUP BY e.page_id) AS x
    JOIN pages ON pages.id = x.page_id
    WHERE {VISIBLE} AND pages.kind = 'handover' ORDER BY begun DESC, x.page_id DESC
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
    rows = db.execute(_NOTES, [to_text(since), to_text(until), *seen_by(viewer)]).fetchall()
    ids = json.dumps([row[0] for row in rows])
    live = json.dumps([row[0] for row in rows if row[5] not in DONE])  # elsewhere nobody has to own anything
    teams, questions, early = _teams(db, ids), _questions(db, ids), _reopened_early(db, ids)
    unowned, tasks = _unowned(db, live), _tasks(db, ids, templates)
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
    named: dict[tuple[str, int], tuple[str, ...]] = {}
    rows = db.execute(
        """SELECT 'team', id, name FROM teams
           UNION SELECT 'person', m.person_id, teams.name FROM team_members AS m JOIN teams ON teams.id = m.team_id
           ORDER BY 3 COLLATE NOCASE"""
    )
    for what, who, name in rows:
        named[what, who] = (*named.get((what, who), ()), name)
    parties = db.execute(
        f"""SELECT page_id, CASE WHEN team_id IS NULL THEN 'person' ELSE 'team' END, coalesce(team_id, person_id)
            FROM handover_parties WHERE part = 'receiver' AND page_id IN {_LISTED}""",
        [ids],
    )
    return {page_id: named.get((what, who), ()) for page_id, what, who in parties}


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
    # From the few actions without an owner: only of theirs is it asked in which note they live.
    rows = db.execute(
        f"""SELECT page_id, count(*) FROM (
                SELECT page_id FROM action_places WHERE place IN (
                    SELECT here.id FROM actions CROSS JOIN item_places AS here ON here.origin = actions.origin
                    WHERE actions.done = 0 AND actions.owner = '' AND +here.page_id IN {_LISTED})
                UNION ALL SELECT i.page_id FROM handover_items AS i
                WHERE NOT i.done AND i.owner = '' AND i.page_id IN {_LISTED}
                AND NOT EXISTS (SELECT 1 FROM actions WHERE actions.origin = i.origin))
            GROUP BY page_id""",
        [ids, ids],
    )
    return dict(rows.fetchall())


def _carried_long(db: Connection, ids: str) -> dict[int, int]:
    """How many items each note carried on that had been carried too often before; notes without one are left out."""
    # The places before are counted only of the few items that have been in so many notes.
    rows = db.execute(
        f"""SELECT here.page_id, count(*) FROM item_places AS here
            WHERE here.origin IN (SELECT origin FROM item_places GROUP BY origin HAVING count(*) > ? + 1)
            AND +here.page_id IN {_LISTED} AND ? < (
                SELECT count(*) FROM item_places AS before WHERE before.origin = here.origin AND before.id < here.id)
            GROUP BY here.page_id""",
        [CARRIED_LONG, ids, CARRIED_LONG],
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
    keys = [*items_keys]
    listed = ", ".join("?" * len(keys))  # a few: told apart faster than by a subquery
    rows = db.execute(
        f"""SELECT h.page_id, (
                SELECT count(CASE WHEN key NOT IN ({listed}) THEN 1 END) + (
                    coalesce(max(key IN ({listed})), 0)
                    OR EXISTS (SELECT 1 FROM handover_items AS i WHERE i.page_id = h.page_id))
                FROM json_each(h.answers))
            FROM handovers AS h WHERE h.page_id IN {_LISTED}""",
        [*keys, *keys, ids],
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
