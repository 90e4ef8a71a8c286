"""Searching in the model's child process, so that neither keeps the process busy that serves the screens.

Python runs one thread of a process at a time. Of what a search costs, more than half is finding: here it has an
interpreter, and with that a core, of its own. The child holds the vectors, too; what it knows of the store it reads
from the same database, whose change log tells it what to read again.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from index.embedder import Embedder, ModelSpec
from index.encoder import EncoderProcess, EncoderUnavailable, Line, answer, embed, pipes_of
from index.onnx_embedder import query_embedder
from kb import logs
from kb.models import Filters, Page, Person
from kb.search import Retriever, SearchResponse
from kb.settings import Settings
from kb.store.db import Store

log = logging.getLogger("kb.search_process")  # in the child, too, where this module is __main__

LINES = 4  # questions that the child works on at once
STARTS_WITHIN_S = 5.0  # so long a search waits for a child that is being started; it needs one or two


class SearchProcess(EncoderProcess):
    """An encoder process that searches as well, as soon as it is started: until the model is there, by words.

    :param exports: where models are that are written down for ONNX Runtime (:mod:`index.onnx_export`); None, or one
        that lacks this model: torch runs it.
    """

    def __init__(self, spec: ModelSpec, database: Path, exports: Path | None = None) -> None:
        lines = [Line(STARTS_WITHIN_S) for _ in range(LINES)]
        self._free: queue.LifoQueue[Line] = queue.LifoQueue()
        for line in lines:
            self._free.put(line)
        super().__init__(spec, "kb.search_process", [str(database), str(exports or "")], lines)

    def ask(self, method: str, *arguments: object, **options: object) -> object:
        """What this method of the child's :class:`~kb.search.Retriever` answers.

        :raises EncoderUnavailable: when the child is not there now, or could not answer.
        """
        line = self._free.get()
        try:
            answered = line.ask((method, arguments, options))
        except (OSError, EOFError) as error:
            raise EncoderUnavailable("The process that searches is being started.") from error
        finally:
            self._free.put(line)
        if isinstance(answered, Exception):
            raise EncoderUnavailable(f"The process that searches could not answer: {answered}") from answered
        return answered


class RemoteRetriever(Retriever):
    """A Retriever that has a :class:`SearchProcess` search, and searches itself, by words, while that is not there."""

    def __init__(self, store: Store, process: SearchProcess) -> None:
        super().__init__(store, process)
        self._process = process
        self._by_itself = False  # since it last asked in vain

    def search(
        self,
        query: str,
        viewer: Person,
        filters: Filters | None = None,
        top_k: int = 10,
        *,
        correct: bool = True,
    ) -> SearchResponse:
        """See :meth:`kb.search.Retriever.search`."""
        try:
            return cast("SearchResponse", self._ask("search", query, viewer, filters, top_k, correct=correct))
        except EncoderUnavailable:
            return super().search(query, viewer, filters, top_k, correct=correct)

    def best_pages(
        self, texts: Sequence[str], viewer: Person, filters: Filters | None = None, top_k: int = 1
    ) -> list[SearchResponse]:
        """See :meth:`kb.search.Retriever.best_pages`."""
        try:
            return cast("list[SearchResponse]", self._ask("best_pages", texts, viewer, filters, top_k))
        except EncoderUnavailable:
            return super().best_pages(texts, viewer, filters, top_k)

    def with_nearest_sentences(self, response: SearchResponse) -> SearchResponse:
        """See :meth:`kb.search.Retriever.with_nearest_sentences`."""
        if not response.may_read_again:
            return response
        try:
            return cast("SearchResponse", self._ask("with_nearest_sentences", response))
        except EncoderUnavailable:
            return response

    def related(self, page: Page, viewer: Person, top_k: int = 5) -> list[Page]:
        """See :meth:`kb.search.Retriever.related`."""
        try:
            return cast("list[Page]", self._ask("related", page, viewer, top_k))
        except EncoderUnavailable:
            return super().related(page, viewer, top_k)

    def _ask(self, method: str, *arguments: object, **options: object) -> object:
        try:
            answered = self._process.ask(method, *arguments, **options)
        except EncoderUnavailable:
            self._by_itself = True
            raise
        if self._by_itself:
            self._by_itself = False
            self.forget()  # the child holds all of it
        return answered


def _serve(
    queries: Connection,
    documents: Connection,
    lines: Sequence[Connection],
    spec: ModelSpec,
    at: Path,
    exports: Path | None,
) -> None:
    """The child: search at once, by meaning too once the model is loaded, until the pipes close."""
    store = Store.open(at)
    retriever = Retriever(store, None)

    def reply(question: object) -> object:
        method, arguments, options = cast("tuple[str, tuple[object, ...], dict[str, object]]", question)
        try:
            return getattr(retriever, method)(*arguments, **options)
        except Exception:
            log.exception("A search failed; the process that serves the screens tries it by itself.")
            raise

    def loaded(embedder: Embedder) -> None:
        retriever.embedder = embedder

    # Begun before the model is loaded, whose thread lets everybody else go first.
    for line in lines:
        line.send("listening")
        threading.Thread(target=answer, args=[line, reply], daemon=True).start()
    embed(queries, documents, spec, loaded, lambda spec: query_embedder(spec, exports))


if __name__ == "__main__":
    _settings = Settings.from_env()
    logs.configure(_settings.log_format, _settings.log_level)
    _queries, _documents, *_lines = pipes_of(sys.argv[1])
    _exports = Path(sys.argv[4]) if sys.argv[4] else None
    _serve(_queries, _documents, _lines, ModelSpec.from_json(sys.argv[2]), Path(sys.argv[3]), _exports)
