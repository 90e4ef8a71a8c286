"""One running Baton: the store and everything that works on it, opened and closed together."""

from __future__ import annotations

from dataclasses import dataclass

from kb.guide_pages import load_guides
from kb.indexing import Indexer, PendingWorker, active_model
from kb.search import Retriever
from kb.search_process import RemoteRetriever, SearchProcess
from kb.settings import Settings
from kb.store.db import Store
from kb.store.people import SYSTEM


@dataclass(frozen=True, slots=True)
class Baton:
    """The collaborators of one process."""

    settings: Settings
    store: Store
    encoder: SearchProcess
    indexer: Indexer
    retriever: Retriever
    worker: PendingWorker

    @classmethod
    def open(cls, settings: Settings) -> Baton:
        """Open the store, load the shipped guides, begin to load the model; returns before the model is there.

        :raises StoreError: when the database cannot be used.
        """
        store = Store.open(settings.database)
        encoder = SearchProcess(active_model(store, settings), settings.database, settings.exports)
        indexer = Indexer(store, encoder)
        load_guides(store, indexer, SYSTEM)
        encoder.start()
        worker = PendingWorker(store, indexer, encoder).start()
        return cls(settings, store, encoder, indexer, RemoteRetriever(store, encoder), worker)

    def close(self) -> None:
        """End the encoder process and the worker, close the database."""
        self.worker.stop()
        self.encoder.stop()
        self.store.close()
