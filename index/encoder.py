"""The embedder in a child process, so that torch never slows the web process down.

The child is ``python -m index.encoder``: it loads the model, then answers over two pipes, one for queries and one for
documents, each in a thread of its own, so that no query waits until documents are embedded.
When it dies it is started again; when its parent dies, however, it ends by itself at the closed pipe.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from index.embedder import Embedder, Embeddings, ModelSpec, ModelUnavailable, SentenceTransformerEmbedder

log = logging.getLogger(__name__)

RESTART_AFTER_S = 5.0  # a child that dies at once is not started again in a busy loop
RETRY_AFTER_S = 60.0  # a model that could not be loaded: it may be there in a minute, hardly in seconds
STOP_WITHIN_S = 3.0
ROOT = Path(__file__).resolve().parent.parent


class EncoderUnavailable(RuntimeError):
    """No embedding can be had now: the model is loading, or its process died and is being started again."""


class EncoderProcess:
    """An :class:`~index.embedder.Embedder` whose model lives in a child process. Safe to use from several threads."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.failure: str | None = None  # why the model cannot be used, in a sentence; None while it can
        self._process: subprocess.Popen[bytes] | None = None
        self._queries = _Line()
        self._documents = _Line()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._changing = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Whether the model is loaded and answers."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> EncoderProcess:
        """Begin to load the model and return at once."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep_running, name="encoder-keeper", daemon=True)
            self._keeper.start()
        return self

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Wait for the model; False when it is not there in time."""
        return self._ready.wait(timeout_s)

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length.

        :raises EncoderUnavailable: when the model is not there now.
        """
        return self._ask(self._queries, texts)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length.

        :raises EncoderUnavailable: when the model is not there now.
        """
        return self._ask(self._documents, texts)

    def use(self, spec: ModelSpec) -> None:
        """Change to another model: the child is started again with it. Until it is there, nothing is embedded."""
        self.spec = spec
        self._changing.set()
        self._end_child()

    def stop(self) -> None:
        """End the child and wait for it."""
        self._stopping.set()
        self._changing.set()  # so that nobody waits to start another
        self._end_child()
        if self._keeper is not None:
            self._keeper.join(STOP_WITHIN_S)

    def _end_child(self) -> None:
        self._ready.clear()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _ask(self, line: _Line, texts: Sequence[str]) -> Embeddings:
        if not self._ready.is_set():
            raise EncoderUnavailable(self.failure or "The embedding model is loading.")
        try:
            answer = line.ask(list(texts))
        except (OSError, EOFError) as error:
            self._ready.clear()
            raise EncoderUnavailable("The embedding model's process ended; it is being started again.") from error
        if isinstance(answer, Exception):
            raise EncoderUnavailable(f"The embedding model could not embed a text: {answer}") from answer
        return cast("Embeddings", answer)  # see _answer

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._changing.clear()
            self._run_once()
            if not self._stopping.is_set() and not self._changing.is_set():
                pause = RETRY_AFTER_S if self.failure else RESTART_AFTER_S
                log.warning("The encoder process ended; starting it again, %g s after the last start.", pause)
                self._changing.wait(max(0.0, pause - (time.monotonic() - started)))

    def _run_once(self) -> None:
        """Start a child, wait until its model is loaded, then until it ends."""
        queries, documents = Pipe(), Pipe()
        theirs = [queries[1], documents[1]]
        environment = dict(os.environ, PYTHONPATH=str(ROOT), TOKENIZERS_PARALLELISM="false")
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "index.encoder", *(str(end.fileno()) for end in theirs), self.spec.to_json()],
            pass_fds=[end.fileno() for end in theirs],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C and SIGTERM reach the whole group; the parent ends its child itself
        )
        for end in theirs:
            end.close()
        self._queries.open(queries[0])
        self._documents.open(documents[0])
        try:
            hello = queries[0].recv()
            if isinstance(hello, Exception):
                self.failure = str(hello)
                log.error("%s", hello)
            else:
                self.failure = None
                self._ready.set()
        except EOFError:
            self.failure = "The embedding model's process ended while loading."
        self._process.wait()
        self._ready.clear()
        self._queries.close()
        self._documents.close()


class _Line:
    """The parent's end of a pipe to the child: one question at a time, whoever asks."""

    def __init__(self) -> None:
        self._pipe: Connection[object, object] | None = None
        self._use = threading.Lock()

    def open(self, pipe: Connection[object, object]) -> None:
        self._pipe = pipe

    def ask(self, question: object) -> object:
        """:raises OSError, EOFError: when nobody answers any more."""
        with self._use:
            if self._pipe is None:
                raise EOFError
            self._pipe.send(question)
            return self._pipe.recv()

    def close(self) -> None:
        with self._use:
            if self._pipe is not None:
                self._pipe.close()
            self._pipe = None


def _serve(queries: Connection[object, object], documents: Connection[object, object], spec: ModelSpec) -> None:
    """The child: load the model, say so, answer until the pipes close."""
    with contextlib.suppress(OSError):
        os.nice(5)  # the web process goes first
    try:
        embedder = SentenceTransformerEmbedder(spec, threads=1)
    except ModelUnavailable as error:
        queries.send(error)
        return
    queries.send("ready")
    threading.Thread(target=_answer_documents, args=[documents, embedder], daemon=True).start()
    _answer(queries, embedder.encode_queries)


def _answer_documents(pipe: Connection[object, object], embedder: Embedder) -> None:
    with contextlib.suppress(OSError):
        os.nice(5)  # of this thread and those that it starts: queries go before documents
    _answer(pipe, embedder.encode_documents)


def _answer(pipe: Connection[object, object], encode: Callable[[Sequence[str]], Embeddings]) -> None:
    while True:
        try:
            texts = cast("list[str]", pipe.recv())  # what _ask sends
        except EOFError:
            return
        try:
            pipe.send(encode(texts))
        except (RuntimeError, ValueError, TypeError) as error:
            pipe.send(RuntimeError(str(error)))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])), Connection(int(sys.argv[2])), ModelSpec.from_json(sys.argv[3]))
