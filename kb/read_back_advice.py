"""What a receiver's summary covers of a note: advice for both people, never a gate.

It is computed outside any transaction. For a read-back that was given it is computed once, by whoever sees it first,
and kept beside it: thresholds and models change, but receiver and sender have to see the same. It is no part of the
read-back and of no seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from index.embedder import Embedder
from index.encoder import EncoderUnavailable
from kb.handover.differences import Change, Difference
from kb.handover.facts import FactKind
from kb.handover.models import Note, NoteItem, Priority, ReadBack
from kb.handover.readback import ItemCoverage, ItemState, coverage
from kb.handover.times import to_local
from kb.models import Person
from kb.note_steps import require_seen, saved
from kb.read_backs import pending_read_back
from kb.store import coverages, read_backs
from kb.store.db import Store

MAX_ITEMS = 60  # of a note that are compared, critical ones first; nobody reads back more
MAX_SUMMARY = 6_000  # characters of a summary that are compared: about a thousand words


@dataclass(frozen=True, slots=True)
class ItemAdvice:
    """An open item against the summary.

    :ivar position: of the item in its note, from 0.
    :ivar sentence: the passage of the summary nearest to it; "" where the item is missing.
    :ivar differences: facts that the summary changes or lacks.
    """

    position: int
    title: str
    critical: bool
    state: ItemState
    sentence: str
    differences: tuple[Difference, ...] = ()


def check_summary(
    store: Store, embedder: Embedder, viewer: Person, note: Note, summary: str
) -> tuple[ItemAdvice, ...] | None:
    """What a summary that ``viewer`` is writing covers, critical items first; None while the model is not there.

    :raises PageNotFound: when they may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
    return _advice(embedder, note, summary, viewer.name)


def read_back_coverage(
    store: Store, embedder: Embedder, viewer: Person, note: Note, given: ReadBack
) -> tuple[ItemAdvice, ...] | None:
    """What a given read-back covers: the same for everybody who sees it. None while the model is not there.

    Of one that was judged before anybody saw its coverage there is none, and so it stays.

    :raises PageNotFound: when ``viewer`` may not see the note.
    """
    with store.reading() as db:
        require_seen(db, viewer, note)
        current = saved(db, note.page.id)
        waiting = pending_read_back(read_backs.of_note(db, current.page.id), current)
        kept = coverages.get(db, current.page.id, given.id)
    if kept is not None:
        return tuple(_from_json(one) for one in kept)
    if waiting is None or waiting.id != given.id:
        return ()
    found = _advice(embedder, current, waiting.summary, waiting.person.name)
    if found is None:
        return None
    with store.atomic() as db:
        coverages.keep(db, waiting.id, [_to_json(one) for one in found])
        kept = coverages.get(db, current.page.id, waiting.id)
    return tuple(_from_json(one) for one in kept or ())


def _advice(embedder: Embedder, note: Note, summary: str, receiver: str) -> tuple[ItemAdvice, ...] | None:
    places = sorted(
        (place for place, item in enumerate(note.text.items) if not item.done),
        key=lambda place: (note.text.items[place].priority.rank, place),
    )[:MAX_ITEMS]
    header = note.text.header
    on = to_local(header.effective, header.zone).date() if header.effective else None
    items = [note.text.items[place] for place in places]
    try:
        found = coverage(items, summary[:MAX_SUMMARY], embedder, on=on, receiver=receiver)
    except EncoderUnavailable:
        return None
    return tuple(_of(place, one) for place, one in zip(places, found, strict=True))


def _of(position: int, one: ItemCoverage) -> ItemAdvice:
    missing = one.state is ItemState.MISSING
    item: NoteItem = one.item
    return ItemAdvice(
        position, item.title, item.priority is Priority.CRITICAL, one.state, "" if missing else one.sentence,
        one.differences,
    )  # fmt: skip


def _to_json(one: ItemAdvice) -> dict[str, Any]:
    return {
        "position": one.position,
        "title": one.title,
        "critical": one.critical,
        "state": str(one.state),
        "sentence": one.sentence,
        "differences": [
            {"change": str(d.change), "item": d.item, "summary": d.summary, "kind": d.kind, "matters": d.matters}
            for d in one.differences
        ],
    }


def _from_json(kept: Mapping[str, Any]) -> ItemAdvice:
    differences = tuple(
        Difference(
            Change(one["change"]), one["item"], one["summary"], FactKind(one["kind"]) if one["kind"] else None,
            one["matters"],
        )
        for one in kept["differences"]
    )  # fmt: skip
    one = ItemAdvice(kept["position"], kept["title"], kept["critical"], ItemState(kept["state"]), kept["sentence"])
    return replace(one, differences=differences)
