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
    """An :class:`~index.embedder.Embedder` whose model lives in a child process. Safe to use from several threads.

    A subclass may have its child do more than that, and ask for it over ``lines`` of its own.

    :param module: what the child runs. Its arguments are the file descriptors of its ends of the pipes, separated by
        commas (queries, documents, and those of ``lines``), the model's spec, and ``arguments``.
    """

    def __init__(
        self, spec: ModelSpec, module: str = "index.encoder", arguments: Sequence[str] = (), lines: Sequence[Line] = ()
    ) -> None:
        self.spec = spec
        self.failure: str | None = None  # why the model cannot be used, in a sentence; None while it can
        self._module = module
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._queries = Line()
        self._documents = Line()
        self._lines = (self._queries, self._documents, *lines)
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

    def _ask(self, line: Line, texts: Sequence[str]) -> Embeddings:
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
        pipes = [Pipe() for _ in self._lines]
        theirs = [pipe[1] for pipe in pipes]
        files = [end.fileno() for end in theirs]
        environment = dict(os.environ, PYTHONPATH=str(ROOT), TOKENIZERS_PARALLELISM="false")
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", self._module, ",".join(map(str, files)), self.spec.to_json(), *self._arguments],
            pass_fds=files,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            # Ctrl-C and SIGTERM reach the whole group; the parent ends its child itself. No session of its own: Linux
            # may give each session an equal part of the cores, however nice the others are (sched_autogroup).
            process_group=0,
        )
        for end in theirs:
            end.close()
        for line, pipe in zip(self._lines, pipes, strict=True):
            line.open(pipe[0])
        try:
            hello = pipes[0][0].recv()
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
        for line in self._lines:
            line.close()


class Line:
    """The parent's end of a pipe to the child: one question at a time, whoever asks.

    :param patience_s: how long the first question waits for the greeting with which the child says that it listens;
        None where it sends none.
    """

    def __init__(self, patience_s: float | None = None) -> None:
        self._pipe: Connection[object, object] | None = None
        self._patience_s = patience_s
        self._greeted = False
        self._use = threading.Lock()

    def open(self, pipe: Connection[object, object]) -> None:
        """Ask a new child from now on."""
        self._pipe = pipe
        self._greeted = self._patience_s is None

    def ask(self, question: object) -> object:
        """:raises OSError, EOFError: when nobody answers any more, or listens yet."""
        with self._use:
            if self._pipe is None:
                raise EOFError
            if not self._greeted:
                if not self._pipe.poll(self._patience_s):
                    raise EOFError
                self._pipe.recv()
                self._greeted = True
            self._pipe.send(question)
            return self._pipe.recv()

    def close(self) -> None:
        """Ask nobody any more, once the question under way is answered."""
        with self._use:
            if self._pipe is not None:
                self._pipe.close()
            self._pipe = None


def pipes_of(files: str) -> list[Connection[object, object]]:
    """The child's ends of the pipes that its first argument names."""
    return [Connection(int(file)) for file in files.split(",")]


def embed(
    queries: Connection[object, object],
    documents: Connection[object, object],
    spec: ModelSpec,
    loaded: Callable[[Embedder], None] = lambda embedder: None,
    load: Callable[[ModelSpec], Embedder] = lambda spec: SentenceTransformerEmbedder(spec, threads=1),
) -> None:
    """In the child: load the model, say so, answer until the pipes close.

    :param loaded: is given the model, once it is there.
    :param load: loads it.
    """
    with contextlib.suppress(OSError):
        os.nice(5)  # of this thread and those that it starts: the web process goes first
    try:
        embedder = load(spec)
    except ModelUnavailable as error:
        queries.send(error)
        return
    loaded(embedder)
    queries.send("ready")
    threading.Thread(target=_answer_documents, args=[documents, embedder], daemon=True).start()
    answer(queries, cast("Callable[[object], object]", embedder.encode_queries))


def _answer_documents(pipe: Connection[object, object], embedder: Embedder) -> None:
    with contextlib.suppress(OSError):
        os.nice(5)  # queries go before documents
    answer(pipe, cast("Callable[[object], object]", embedder.encode_documents))


def answer(pipe: Connection[object, object], reply: Callable[[object], object]) -> None:
    """In the child: answer one question after the other until the pipe closes; what goes wrong is an answer, too."""
    while True:
        try:
            question = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            replied = reply(question)
        except Exception as error:  # noqa: BLE001  whoever asked raises it
            replied = RuntimeError(f"{type(error).__name__}: {error}")
        try:
            pipe.send(replied)
        except OSError:
            return


if __name__ == "__main__":
    _queries, _documents = pipes_of(sys.argv[1])
    embed(_queries, _documents, ModelSpec.from_json(sys.argv[2]))
