"""People who may see a part of a wiki: how fast they search, and whether they find what a wiki of their own would give.

Every page goes into one of three restricted spaces, by chance but the same at each run.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarking.measuring import Latency, latency
from kb.models import Person, Role, SpaceKind
from kb.search import Retriever
from kb.store import chunks, pages, people, spaces
from kb.store.db import Store
from kb.store.people import SYSTEM

SEED = 20261122
TOP_K = 10
HUNDREDTH, HALF = "1 %", "50 %"
_TABLES = ("spaces", "pages", "page_tags", "chunks", "definitions")  # of a wiki of their own


@dataclass(frozen=True, slots=True)
class AtShare:
    """What somebody who may see a part of a wiki meets. ``found`` is the share of the ten best pages that they would
    find in a wiki which holds nothing but what they may see; ``first`` how often the first page is the same.
    """

    passages: int
    latency: Latency
    found: float
    first: float


def divide(store: Store) -> dict[str, Person]:
    """Move all pages but the guides into spaces that few may see, and add the people who may."""
    chance = random.Random(SEED)  # noqa: S311  a benchmark, no secret
    with store.atomic() as db:
        own = [spaces.add(db, name, name, SpaceKind.RESTRICTED) for name in ("hundredth", "half", "rest")]
        shared = {HUNDREDTH: own[:1], HALF: own[:2]}
        found = {
            share: people.add(db, f"Sees {share}", f"{number}@example.com", Role.READER)
            for number, share in enumerate(shared)
        }
        for number, space in enumerate(own):
            readers = [found[share].id for share, seen in shared.items() if number < len(seen)]
            spaces.set_members(db, space.id, readers, ())
        corpus = spaces.by_name(db, "Corpus")
        rows = db.execute("SELECT id FROM pages WHERE space_id = ? ORDER BY id", [corpus.id if corpus else 0])
        for (page,) in rows.fetchall():
            drawn = chance.random()
            pages.set_space(db, page, own[0 if drawn < 0.01 else 1 if drawn < 0.5 else 2])
        chunks.start_new_epoch(db)
    return found


def at_share(
    store: Store, retriever: Retriever, viewer: Person, queries: Sequence[str], timed: Callable[[str, Person], float]
) -> AtShare:
    """Search as ``viewer`` and in a wiki of their own.

    :param timed: searches and tells the milliseconds.
    """
    assert retriever.embedder is not None  # noqa: S101  the caller waited for the model
    taken = [timed(query, viewer) for query in queries]
    with tempfile.TemporaryDirectory(prefix="baton-benchmark-") as folder:
        alone = _own_wiki(store, viewer, Path(folder, "own.db"))
        with closing(alone):
            reference = Retriever(alone, retriever.embedder)
            both = [(_slugs(reference, query, SYSTEM), _slugs(retriever, query, viewer)) for query in queries]
            with alone.reading() as db:
                held = chunks.count(db)
    some = [(wanted, got) for wanted, got in both if wanted]
    return AtShare(
        passages=held,
        latency=latency(taken),
        found=sum(len(set(wanted) & set(got)) / len(wanted) for wanted, got in some) / len(some),
        first=sum(wanted[:1] == got[:1] for wanted, got in some) / len(some),
    )


def _slugs(retriever: Retriever, query: str, viewer: Person) -> list[str]:
    return [result.page.slug for result in retriever.search(query, viewer, top_k=TOP_K).results]


def _own_wiki(store: Store, viewer: Person, target: Path) -> Store:
    """A wiki that holds nothing but what ``viewer`` may see."""
    alone = Store.open(target)
    readable = "SELECT space_id FROM all_of.space_readers WHERE person_id = ?"
    of_pages = f"SELECT id FROM all_of.pages WHERE space_id IN ({readable})"  # noqa: S608  constants
    conditions = {
        "spaces": f"id IN ({readable})",
        "pages": f"space_id IN ({readable})",
        "page_tags": f"page_id IN ({of_pages})",
        "chunks": f"page_id IN ({of_pages})",
        "definitions": f"chunk_id IN (SELECT id FROM all_of.chunks WHERE page_id IN ({of_pages}))",  # noqa: S608
    }
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("ATTACH DATABASE ? AS all_of", [str(store.path)])
        db.execute("BEGIN")
        db.execute("DELETE FROM index_state")
        db.execute("INSERT INTO index_state SELECT * FROM all_of.index_state")
        for table in _TABLES:
            db.execute(
                f"INSERT INTO main.{table} SELECT * FROM all_of.{table} WHERE {conditions[table]}",  # noqa: S608
                [viewer.id],
            )
        db.execute("COMMIT")
    return alone


def milliseconds(search: Callable[[], object]) -> float:
    """How long a search takes."""
    started = time.perf_counter()
    search()
    return (time.perf_counter() - started) * 1000
