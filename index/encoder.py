"""The embedder in a child process, so that torch never slows the web process down.

The child is ``python -m index.encoder``: it loads the model, then answers one request at a time over a pipe.
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
from collections.abc import Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from index.embedder import Embeddings, ModelSpec, ModelUnavailable, SentenceTransformerEmbedder

log = logging.getLogger(__name__)

RESTART_AFTER_S = 5.0  # a child that dies at once is not started again in a busy loop
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
        self._pipe: Connection[object, object] | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._changing = threading.Event()
        self._use = threading.Lock()
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
        return self._ask("queries", texts)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length.

        :raises EncoderUnavailable: when the model is not there now.
        """
        return self._ask("documents", texts)

    def use(self, spec: ModelSpec) -> None:
        """Change to another model: the child is started again with it. Until it is there, nothing is embedded."""
        self.spec = spec
        self._changing.set()
        self._end_child()

    def stop(self) -> None:
        """End the child and wait for it."""
        self._stopping.set()
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

    def _ask(self, what: str, texts: Sequence[str]) -> Embeddings:
        if not self._ready.is_set():
            raise EncoderUnavailable(self.failure or "The embedding model is loading.")
        with self._use:
            pipe = self._pipe
            try:
                if pipe is None:
                    raise EOFError
                pipe.send((what, list(texts)))
                answer = pipe.recv()
            except (OSError, EOFError) as error:
                self._ready.clear()
                raise EncoderUnavailable("The embedding model's process ended; it is being started again.") from error
        if isinstance(answer, Exception):
            raise EncoderUnavailable(f"The embedding model could not embed a text: {answer}") from answer
        return cast("Embeddings", answer)  # see _serve

    def _keep_running(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._changing.clear()
            self._run_once()
            if not self._stopping.is_set() and not self._changing.is_set():
                log.warning("The encoder process ended; starting it again.")
                self._stopping.wait(max(0.0, RESTART_AFTER_S - (time.monotonic() - started)))

    def _run_once(self) -> None:
        """Start a child, wait until its model is loaded, then until it ends."""
        ours, theirs = Pipe()
        environment = dict(os.environ, PYTHONPATH=str(ROOT), TOKENIZERS_PARALLELISM="false")
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "index.encoder", str(theirs.fileno()), self.spec.to_json()],
            pass_fds=[theirs.fileno()],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C and SIGTERM reach the whole group; the parent ends its child itself
        )
        theirs.close()
        try:
            hello = ours.recv()
            if isinstance(hello, Exception):
                self.failure = str(hello)
                log.error("%s", hello)
            else:
                self._pipe, self.failure = ours, None
                self._ready.set()
        except EOFError:
            self.failure = "The embedding model's process ended while loading."
        self._process.wait()
        self._ready.clear()
        with self._use:
            self._pipe = None
            ours.close()


def _serve(pipe: Connection[object, object], spec: ModelSpec) -> None:
    """The child: load the model, say so, answer until the pipe closes."""
    with contextlib.suppress(OSError):
        os.nice(5)  # the web process goes first
    try:
        embedder = SentenceTransformerEmbedder(spec, threads=1)
        embedder.encode_queries(["warm up"])
    except ModelUnavailable as error:
        pipe.send(error)
        return
    pipe.send("ready")
    while True:
        try:
            what, texts = cast("tuple[str, list[str]]", pipe.recv())  # what _ask sends
        except EOFError:
            return
        try:
            pipe.send(embedder.encode_queries(texts) if what == "queries" else embedder.encode_documents(texts))
        except (RuntimeError, ValueError, TypeError) as error:
            pipe.send(RuntimeError(str(error)))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])), ModelSpec.from_json(sys.argv[2]))
