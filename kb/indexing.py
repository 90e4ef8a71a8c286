"""A saved page -> chunks and embeddings. Chunks and embeds outside any transaction, then writes at once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.chunking import CHUNKER, chunk_markdown
from index.embedder import Embedder, ModelSpec, token_counter
from index.encoder import EncoderUnavailable
from kb.models import Page
from kb.settings import Settings
from kb.store import chunks
from kb.store.chunks import NewChunk, StoredChunk
from kb.store.db import Connection, Store
from kb.text import folded_width

log = logging.getLogger(__name__)

HEADING_SEPARATOR = " > "
EMBED_AT_SAVE = 16  # new chunks embedded while the writer waits (about half a second); the rest follow at once
PENDING_BATCH = 16  # written at once: a kill loses no more, and a new note waits behind one such batch at most


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page's chunks, ready to be written, and the model that their embeddings are of."""

    chunks: tuple[NewChunk, ...]
    model: str


def configured_model(settings: Settings) -> ModelSpec:
    """The model that the settings ask for."""
    return ModelSpec(settings.model, settings.query_prompt, settings.document_prompt)


def active_model(store: Store, settings: Settings) -> ModelSpec:
    """The model that the index is made with. A new index takes the configured one.

    :raises ModelUnavailable: when a new index would take one that is not there; none is taken then.
    """
    with store.reading() as db:
        state = chunks.index_state(db)
    if not state.model:
        token_counter(settings.model)
        with store.atomic() as db:
            state = chunks.index_state(db)
            if not state.model:
                chunks.set_index_state(db, configured_model(settings).to_json(), CHUNKER)
                state = chunks.index_state(db)
    return ModelSpec.from_json(state.model)


def chunk_page(title: str, body: str, tags: Sequence[str], keywords: Sequence[str], model_name: str) -> list[NewChunk]:
    """The chunks of a page's text, not embedded. A page without text still has one, for its title.

    Chunks are for searching: their letters are of one width, whatever the page has.
    """
    title = folded_width(title)
    found = []
    for chunk in chunk_markdown(body, token_counter(model_name)):
        headings = folded_width(HEADING_SEPARATOR.join(chunk.headings))
        found.append(NewChunk(chunk.position, chunk.anchor, title, headings, folded_width(chunk.text), "", ""))
    if not found:
        found.append(NewChunk(0, "", title, "", "", "", ""))
    # Tags and keywords stand for the whole page: the first chunk carries them, so that a match opens at the top.
    found[0] = replace(found[0], keywords=folded_width(" ".join([*tags, *keywords])))
    return [replace(chunk, content_hash=content_hash_of(chunk)) for chunk in found]


def embedded_text(chunk: NewChunk | StoredChunk) -> str:
    """What the model reads of a chunk: where it stands, then what it says."""
    path = HEADING_SEPARATOR.join(part for part in (chunk.title, chunk.headings) if part)
    return f"{path}\n{chunk.text}".strip()


class Indexer:
    """Keeps the index in step with the pages.

    :param embedder: None: chunks are stored without embeddings, which :meth:`embed_pending` adds later.
    """

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        self._store = store
        self.embedder = embedder

    def prepare(self, title: str, body: str, tags: Sequence[str] = (), keywords: Sequence[str] = ()) -> Prepared:
        """Chunk a page's text and embed what no chunk holds yet, as far as the model is there."""
        with self._store.reading() as db:
            model = chunks.index_state(db).model
        spec = ModelSpec.from_json(model) if model else ModelSpec()
        new = chunk_page(title, body, tags, keywords, spec.name)
        with self._store.reading() as db:
            known = chunks.embeddings_by_hash(db, [chunk.content_hash for chunk in new])
        missing = [chunk for chunk in new if chunk.content_hash not in known]
        if self.embedder is not None and self.embedder.spec == spec and 0 < len(missing) <= EMBED_AT_SAVE:
            try:
                vectors = self.embedder.encode_documents([embedded_text(chunk) for chunk in missing])
                known.update(zip((chunk.content_hash for chunk in missing), vectors, strict=True))
            except EncoderUnavailable as error:
                log.debug("Saved without embeddings, which follow: %s", error)
        return Prepared(tuple(replace(chunk, embedding=known.get(chunk.content_hash)) for chunk in new), model)

    def embed_pending(self, batch: int = PENDING_BATCH) -> int:
        """Embed the next chunks that wait for it.

        :return: how many were embedded; 0 when none waits.
        :raises EncoderUnavailable: when the model is not there now.
        """
        with self._store.reading() as db:
            model = chunks.index_state(db).model
            waiting = chunks.pending(db, batch)
        if not waiting or self.embedder is None or self.embedder.spec.to_json() != model:
            return 0
        vectors = self.embedder.encode_documents([embedded_text(chunk) for chunk in waiting])
        with self._store.atomic() as db:
            # A rebuild may have switched to another model meanwhile; never mix two.
            if chunks.index_state(db).model == model:
                write_embeddings(db, waiting, vectors)
        return len(waiting)


class SwitchableEmbedder(Embedder, Protocol):
    """An embedder that can change its model."""

    def use(self, spec: ModelSpec) -> None:
        """Change to another model."""


def follow_model(store: Store, embedder: SwitchableEmbedder) -> bool:
    """Let the embedder use the model that the index is made with; a rebuild may have switched to another.

    :return: whether it had to change.
    """
    with store.reading() as db:
        model = chunks.index_state(db).model
    if not model or embedder.spec.to_json() == model:
        return False
    log.info("The index is now made with %s; changing to it.", model)
    embedder.use(ModelSpec.from_json(model))
    return True


class PendingWorker:
    """A thread that embeds what was saved while the model was not there, and follows a rebuild's change of model."""

    def __init__(self, store: Store, indexer: Indexer, embedder: SwitchableEmbedder, pause_s: float = 0.5) -> None:
        self._store = store
        self._indexer = indexer
        self._embedder = embedder
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pending-embeddings", daemon=True)

    def start(self) -> PendingWorker:
        """Begin to work and return at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                follow_model(self._store, self._embedder)
                idle = self._indexer.embed_pending() == 0
            except EncoderUnavailable:
                idle = True
            except Exception:
                # The thread must outlive a full disk or a locked database; what waits stays pending.
                log.exception("Could not embed what waits; trying again.")
                idle = True
            if idle:
                self._stopping.wait(self._pause_s)


def write_chunks(db: Connection, page_id: int, revision: int, prepared: Prepared) -> None:
    """Write a page's chunks within the transaction that writes the page."""
    new: Sequence[NewChunk] = prepared.chunks
    if chunks.index_state(db).model != prepared.model:
        # The index switched to another model since the chunks were prepared: let them be embedded anew.
        new = [replace(chunk, embedding=None) for chunk in new]
    chunks.replace(db, page_id, revision, new)


def write_embeddings(db: Connection, embedded: Sequence[StoredChunk], vectors: chunks.Vector) -> None:
    """Write the embeddings of chunks that are still as they were when they were read; others stay pending."""
    held = chunks.by_ids(db, [chunk.id for chunk in embedded])
    chunks.set_embeddings(
        db,
        [
            (chunk.id, vector)
            for chunk, vector in zip(embedded, vectors, strict=True)
            if chunk.id in held and held[chunk.id].content_hash == chunk.content_hash
        ],
    )


def chunk_stored_page(page: Page, model_name: str) -> list[NewChunk]:
    """The chunks of a page as it is stored."""
    return chunk_page(page.title, page.body, page.tags, page.keywords, model_name)


def unit_norm(vectors: chunks.Vector) -> NDArray[np.bool_]:
    """Which rows have length 1, as cosine by inner product needs; a row with NaN has not."""
    sound: NDArray[np.bool_] = np.isclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    return sound


def content_hash_of(chunk: NewChunk | StoredChunk) -> str:
    """SHA-256 of what is embedded of a chunk: two chunks with the same hash have the same embedding."""
    return hashlib.sha256(embedded_text(chunk).encode("utf-8", "replace")).hexdigest()
