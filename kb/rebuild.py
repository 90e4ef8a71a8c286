"""Rebuilding and checking the index while others search: resumable, and switched to at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from index.chunking import CHUNKER
from index.embedder import Embedder, Embeddings, ModelSpec, token_counter
from index.vectors import VectorIndex
from kb.indexing import (
    Prepared,
    chunk_stored_page,
    content_hash_of,
    embedded_text,
    unit_norm,
    write_chunks,
    write_embeddings,
)
from kb.locks import only_one
from kb.store import chunks, pages
from kb.store.chunks import NewChunk
from kb.store.db import Connection, Store

BATCH = 64  # chunks between two checkpoints: what a kill costs at most, about two seconds of work

Progress = Callable[[str, int, int], None]


class Mode(StrEnum):
    """How much a rebuild does."""

    INCREMENTAL = "incremental"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did. ``reason`` says why it was a full one, "" for an incremental one."""

    mode: Mode
    reason: str
    pages_chunked: int
    chunks: int
    embedded: int
    resumed: int
    repaired: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _PageChunks:
    page_id: int
    revision: int
    chunks: tuple[NewChunk, ...]


def rebuild(
    store: Store, wanted: ModelSpec, load: Callable[[ModelSpec], Embedder], progress: Progress, *, full: bool = False
) -> RebuildReport:
    """Bring the index up to date with the pages.

    Incremental, unless asked otherwise, or the model or the chunker changed, or a full rebuild was interrupted.

    :param wanted: the configured model.
    :param load: makes the embedder; called only when something has to be embedded.
    :raises Busy: when another rebuild runs.
    :raises ModelUnavailable: when the model is not there.
    """
    started = time.monotonic()
    with only_one(store.path.with_name("rebuild.lock"), "A rebuild"):
        reason = _reason_for_full(store, wanted, full)
        if reason:
            report = _rebuild_full(store, wanted, load, progress, reason)
        else:
            report = _rebuild_incrementally(store, wanted, load, progress)
        with store.atomic() as db:
            chunks.mark_rebuilt(db)
            chunks.trim_log(db)
    return replace(report, seconds=time.monotonic() - started)


def check(store: Store) -> list[str]:
    """Whether pages, chunks, full text, embeddings and vectors agree.

    :return: what is wrong, a sentence each; empty when all is well.
    """
    with store.atomic() as db:  # the full text's own check needs a write transaction
        faults = [fault.sentence for fault in _faults(db)]
        state = chunks.index_state(db)
        if not state.model or not state.chunker:
            faults.append("The index does not say which model and chunker made it.")
        elif state.chunker != CHUNKER:
            faults.append(f"The chunks were made by chunker {state.chunker}; this version has {CHUNKER}.")
        waiting = chunks.count_pending(db)
        if waiting:
            faults.append(f"{waiting} chunks wait for their embedding.")
        ids, embeddings = _sound_embeddings(db)
        if len(ids):
            index = VectorIndex(embeddings.shape[1])
            index.replace(ids, embeddings)
            if index.ids() != {chunk_id for chunk_id, _ in chunks.iter_embeddings(db)}:
                faults.append("The vectors do not hold the ids of the embedded chunks.")
    return faults


def _reason_for_full(store: Store, wanted: ModelSpec, asked: bool) -> str:
    with store.reading() as db:
        state = chunks.index_state(db)
        unfinished = chunks.unfinished_rebuild(db, wanted.to_json(), CHUNKER)
    if asked:
        return "as asked"
    if unfinished is not None:
        return "an interrupted full rebuild goes on"
    if state.model and state.model != wanted.to_json():
        return f"the model changed from {ModelSpec.from_json(state.model).name} to {wanted.name}"
    if state.chunker and state.chunker != CHUNKER:
        return f"the chunker changed from {state.chunker} to {CHUNKER}"
    return ""


def _rebuild_incrementally(
    store: Store, wanted: ModelSpec, load: Callable[[ModelSpec], Embedder], progress: Progress
) -> RebuildReport:
    with store.atomic() as db:
        if not chunks.index_state(db).model:
            token_counter(wanted.name)  # a model that is not there is never recorded
            chunks.set_index_state(db, wanted.to_json(), CHUNKER)
        repaired = tuple(_repair(db))
    with store.reading() as db:
        stale = list(pages.by_ids(db, chunks.unchunked_pages(db)).values())
    for done, page in enumerate(stale, start=1):
        prepared = Prepared(tuple(chunk_stored_page(page, wanted.name)), wanted.to_json())
        with store.atomic() as db:
            current = pages.by_id(db, page.id)
            # A page saved meanwhile has brought its own chunks.
            if current is not None and current.revision == page.revision and not current.trashed_at:
                known = chunks.embeddings_by_hash(db, [chunk.content_hash for chunk in prepared.chunks])
                with_known = tuple(replace(c, embedding=known.get(c.content_hash)) for c in prepared.chunks)
                write_chunks(db, page.id, page.revision, Prepared(with_known, prepared.model))
        progress("Chunking", done, len(stale))
    embedded = _embed_pending(store, wanted, load, progress)
    with store.reading() as db:
        total = chunks.count(db)
    return RebuildReport(Mode.INCREMENTAL, "", len(stale), total, embedded, 0, repaired, 0.0)


def _embed_pending(store: Store, wanted: ModelSpec, load: Callable[[ModelSpec], Embedder], progress: Progress) -> int:
    with store.reading() as db:
        waiting = chunks.pending(db, limit=-1)
    if not waiting:
        return 0
    embedder = load(wanted)
    done = 0
    # Batches of like length waste no padding.
    waiting.sort(key=lambda chunk: len(chunk.text))
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        vectors = embedder.encode_documents([embedded_text(chunk) for chunk in batch])
        with store.atomic() as db:
            write_embeddings(db, batch, vectors)
        done += len(batch)
        progress("Embedding", done, len(waiting))
    return done


def _rebuild_full(
    store: Store, wanted: ModelSpec, load: Callable[[ModelSpec], Embedder], progress: Progress, reason: str
) -> RebuildReport:
    """Embed everything out of sight, then switch in one transaction; readers see the old index until then."""
    model = wanted.to_json()
    with store.atomic() as db:
        rebuild_id = chunks.unfinished_rebuild(db, model, CHUNKER)
        if rebuild_id is None:
            rebuild_id = chunks.begin_rebuild(db, model, CHUNKER)
        resumed = len(chunks.staged_hashes(db, rebuild_id))
    embedder: Embedder | None = None
    embedded = 0
    chunked: dict[int, _PageChunks] = {}
    while True:
        # A second pass takes what people saved during the first; it is short, and a third is hardly ever needed.
        fresh = _chunk_changed_pages(store, wanted, chunked, progress)
        with store.reading() as db:
            staged = chunks.staged_hashes(db, rebuild_id)
        missing = {c.content_hash: c for page in fresh for c in page.chunks if c.content_hash not in staged}
        todo = sorted(missing.values(), key=lambda chunk: len(chunk.text))
        for start in range(0, len(todo), BATCH):
            embedder = embedder or load(wanted)
            batch = todo[start : start + BATCH]
            vectors = embedder.encode_documents([embedded_text(chunk) for chunk in batch])
            with store.atomic() as db:
                chunks.stage(db, rebuild_id, zip((c.content_hash for c in batch), vectors, strict=True))
            embedded += len(batch)
            progress("Embedding", len(staged) + start + len(batch), len(staged) + len(todo))
        if not todo:
            break
    with store.reading() as db:
        vectors_by_hash = chunks.staged_embeddings(db, rebuild_id)
    with store.atomic() as db:
        _switch(db, rebuild_id, model, chunked.values(), vectors_by_hash)
        total = chunks.count(db)
    # What was saved between the last pass and the switch.
    embedded += _embed_pending(store, wanted, lambda spec: embedder or load(spec), progress)
    return RebuildReport(Mode.FULL, reason, len(chunked), total, embedded, resumed, (), 0.0)


def _chunk_changed_pages(
    store: Store, wanted: ModelSpec, chunked: dict[int, _PageChunks], progress: Progress
) -> list[_PageChunks]:
    """Chunk the pages that are new or changed since ``chunked``, and bring it up to date."""
    with store.reading() as db:
        current = pages.by_ids(db, chunks.indexed_pages(db))
    for page_id in chunked.keys() - current.keys():
        del chunked[page_id]
    changed = [p for p in current.values() if p.id not in chunked or chunked[p.id].revision != p.revision]
    for done, page in enumerate(changed, start=1):
        chunked[page.id] = _PageChunks(page.id, page.revision, tuple(chunk_stored_page(page, wanted.name)))
        progress("Chunking", done, len(changed))
    return [chunked[page.id] for page in changed]


def _switch(
    db: Connection, rebuild_id: int, model: str, chunked: Iterable[_PageChunks], vectors: dict[str, Embeddings]
) -> None:
    """Put the new chunks and embeddings in place of the old ones."""
    chunks.clear_embeddings(db)  # none of the old model's may stay
    chunks.set_index_state(db, model, CHUNKER)
    current = pages.by_ids(db, chunks.indexed_pages(db))
    for page in chunked:
        held = current.pop(page.page_id, None)
        if held is None:
            continue
        new = list(page.chunks)
        if held.revision != page.revision:  # saved a moment ago
            new = chunk_stored_page(held, ModelSpec.from_json(model).name)
        chunks.replace(
            db, held.id, held.revision, [replace(chunk, embedding=vectors.get(chunk.content_hash)) for chunk in new]
        )
    for added in current.values():  # a moment ago
        chunks.replace(db, added.id, added.revision, chunk_stored_page(added, ModelSpec.from_json(model).name))
    _repair(db)
    chunks.start_new_epoch(db)
    chunks.end_rebuild(db, rebuild_id)


@dataclass(frozen=True, slots=True)
class _Fault:
    sentence: str
    mend: Callable[[Connection], None]


def _repair(db: Connection) -> list[str]:
    """Mend what :func:`check` would complain of; what needs the model is left pending."""
    found = _faults(db)
    for fault in found:
        fault.mend(db)
    return [fault.sentence for fault in found]


def _faults(db: Connection) -> list[_Fault]:
    faults: list[_Fault | None] = []
    # First of all: the full text is mended from the chunks, which the later mends change through its triggers.
    full_text = chunks.full_text_faults(db)
    if full_text:
        faults.append(_Fault(f"The full text differs from the chunks ({full_text[0]}).", chunks.rebuild_full_text))
    faults += [
        _fault_of_pages(chunks.pages_with_stray_chunks(db), "pages in the trash still have chunks."),
        _fault_of_pages(_pages_with_broken_chunks(db), "pages have chunks that are incomplete or not of their text."),
    ]
    stale = chunks.unchunked_pages(db)
    if stale:
        # Nothing to mend here: a rebuild chunks them in any case.
        faults.append(_Fault(f"{len(stale)} pages have chunks of an earlier revision.", lambda db: None))
    broken = _broken_embeddings(db)
    if broken:
        faults.append(
            _Fault(
                f"{len(broken)} embeddings do not have unit length or the model's dimensions.",
                lambda db: chunks.clear_embeddings(db, broken),
            )
        )
    return [fault for fault in faults if fault is not None]


def _fault_of_pages(page_ids: list[int], what: str) -> _Fault | None:
    def mend(db: Connection) -> None:
        for page_id in page_ids:
            chunks.remove_of_page(db, page_id)  # the rebuild chunks anew what belongs into the index

    return _Fault(f"{len(page_ids)} {what}", mend) if page_ids else None


def _pages_with_broken_chunks(db: Connection) -> list[int]:
    found = set(chunks.pages_with_broken_positions(db)) - set(chunks.unchunked_pages(db))
    found |= {chunk.page_id for chunk in chunks.all_chunks(db) if content_hash_of(chunk) != chunk.content_hash}
    return sorted(found)


def _broken_embeddings(db: Connection) -> list[int]:
    rows = list(chunks.iter_embeddings(db))
    if not rows:
        return []
    sizes: dict[int, int] = {}
    for _, blob in rows:
        sizes[len(blob)] = sizes.get(len(blob), 0) + 1
    size = max(sizes, key=lambda s: sizes[s])  # the model's: one that was cut is alone with its size
    broken = [chunk_id for chunk_id, blob in rows if len(blob) != size]
    ids, embeddings = chunks.to_matrix([row for row in rows if len(row[1]) == size])
    return broken + [int(i) for i, sound in zip(ids, unit_norm(embeddings), strict=True) if not sound]


def _sound_embeddings(db: Connection) -> tuple[chunks.Ids, Embeddings]:
    broken = set(_broken_embeddings(db))
    return chunks.to_matrix([row for row in chunks.iter_embeddings(db) if row[0] not in broken])
