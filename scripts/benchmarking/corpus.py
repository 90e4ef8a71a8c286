"""A wiki of any size out of real documents, saved as people save: through the importers, the page rules, the chunker.

The documents of a folder are taken in an order that a fixed seed decides, so that 10,000 passages are always the same
ones, and a larger wiki holds all of a smaller one.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.chunking import CHUNKER
from index.embedder import Embedder
from kb.importers import DOCUMENT_SUFFIXES, read_path
from kb.indexing import Indexer
from kb.models import PageDraft, Space
from kb.pages import MAX_BODY, MAX_TITLE, PageText, create_page, ensure_space
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import SYSTEM

SEED = 20261121
EMBED_BATCH = 2_048  # chunks of one write; large, so that those of equal length meet
# What a documentation generator leaves beside its pages: their sources once more, and an index of every word.
_LEFT_OUT_FOLDERS = frozenset({"_sources", "_static", "_downloads"})
_LEFT_OUT_NAMES = ("genindex", "search.")

Progress = Callable[[str, int, int], None]


class CorpusTooSmall(ValueError):
    """The folders hold fewer passages than were asked for; the message says how many."""


class GrowingWiki:
    """A wiki that is filled step by step.

    :param texts: the pages, in the order in which they are saved.
    """

    def __init__(self, store: Store, embedder: Embedder, texts: Iterator[PageText], progress: Progress) -> None:
        self._store = store
        self._embedder = embedder
        self._texts = texts
        self._progress = progress
        with store.atomic() as db:
            chunks.set_index_state(db, embedder.spec.to_json(), CHUNKER)
        self._space: Space = ensure_space(store, SYSTEM, "Corpus")
        self.pages = 0

    def grow(self, size: int) -> int:
        """Save documents until the wiki holds at least ``size`` passages, all embedded.

        :return: how many it holds now.
        :raises CorpusTooSmall: when the documents do not suffice.
        """
        # Embeddings follow in large batches: the same rows as when each page is embedded at its save, sooner.
        indexer = Indexer(self._store, None)
        held = self._count()
        while held < size:
            text = next(self._texts, None)
            if text is None:
                raise CorpusTooSmall(f"The documents give {held:,} passages; {size:,} were asked for.")
            create_page(self._store, indexer, SYSTEM, self._space, text, private_reason="Public test documents")
            self.pages += 1
            held = self._count()
            self._progress(f"Saving {size:,} passages", held, size)
        self._embed(size)
        return held

    def _embed(self, size: int) -> None:
        indexer = Indexer(self._store, self._embedder)
        with self._store.reading() as db:
            total = chunks.count_pending(db)
        done = 0
        while embedded := indexer.embed_pending(batch=EMBED_BATCH):
            done += embedded
            self._progress(f"Embedding {size:,} passages", done, total)

    def _count(self) -> int:
        with self._store.reading() as db:
            return chunks.count(db)


def documents(folders: Sequence[Path]) -> list[Path]:
    """Every document below the folders that Baton can import, in an order that depends on their paths only."""
    found = {
        f"{number}/{path.relative_to(folder).as_posix()}": path
        for number, folder in enumerate(folders)
        for path in folder.rglob("*")
        if path.suffix.lower() in DOCUMENT_SUFFIXES and path.is_file() and not _left_out(path.relative_to(folder))
    }
    order = sorted(found)
    random.Random(SEED).shuffle(order)  # noqa: S311  an order, no secret
    return [found[name] for name in order]


def page_texts(paths: Sequence[Path], kept: KeptPages | None = None) -> Iterator[PageText]:
    """The pages that documents give, one after another; those that cannot be imported are left out."""
    for path in paths:
        text = kept.get(path) if kept else read_page(path)
        if text is not None:
            yield text


def read_page(path: Path) -> PageText | None:
    """The page that a document gives; None where it gives none."""
    for draft in read_path(path):
        if isinstance(draft, PageDraft) and draft.body.strip() and len(draft.body) <= MAX_BODY:
            return PageText(" ".join(draft.title.split())[:MAX_TITLE] or "Untitled", draft.body)
    return None


class KeptPages:
    """What documents were read as, kept in a folder for the next run: reading HTML takes a tenth of a second each."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "pages.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, page TEXT)")

    def get(self, path: Path) -> PageText | None:
        """The page of a document, read now where it is new or was changed since."""
        found = path.stat()
        key = f"{path.resolve()}:{found.st_size}:{found.st_mtime_ns}"
        row = self._db.execute("SELECT page FROM pages WHERE key = ?", [key]).fetchone()
        if row:
            return PageText(*json.loads(row[0])) if row[0] else None
        text = read_page(path)
        page = json.dumps([text.title, text.body]) if text else ""
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?)", [key, page])
        return text

    def close(self) -> None:
        """Close the folder's file."""
        self._db.close()


def _left_out(path: Path) -> bool:
    return not _LEFT_OUT_FOLDERS.isdisjoint(path.parts) or path.name.startswith(_LEFT_OUT_NAMES)
