"""Measurements in processes of their own, so that memory, threads and imports belong to one contender alone."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

SCRIPTS = Path(__file__).resolve().parent.parent

Answer = dict[str, Any]


class ChildFailed(RuntimeError):
    """A measurement ended with an error; the message holds the end of what it said."""


def run_child(module: str, task: Answer) -> Answer:
    """Call ``module.measure(task)`` in a fresh process.

    :param task: what JSON can hold; ``started``, the moment of the call in seconds since 1970, is added.
    :raises ChildFailed: when the process ends with an error.
    """
    with tempfile.TemporaryDirectory(prefix="baton-benchmark-") as folder:
        asked, answered = Path(folder, "task.json"), Path(folder, "answer.json")
        # A model that lies in a folder needs no hub, and nobody's usage is reported anywhere.
        quiet = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "TOKENIZERS_PARALLELISM": "false"}
        path = os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])
        asked.write_text(json.dumps({**task, "started": time.time()}))
        ended = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", "benchmarking.child", module, str(asked), str(answered)],
            env={**os.environ, **quiet, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode or not answered.exists():
            raise ChildFailed(f"{module} ended with status {ended.returncode}:\n{ended.stderr[-2000:]}")
        return cast("Answer", json.loads(answered.read_text()))


def _serve(module: str, asked: Path, answered: Path) -> None:
    answer = importlib.import_module(module).measure(json.loads(asked.read_text()))
    answered.write_text(json.dumps(answer))


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
