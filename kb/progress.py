"""Progress bars for the scripts: one a stage, silent when nobody watches."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Never

from tqdm import tqdm


class ProgressBars:
    """Called with (what, done, total); shows rate and time left on a terminal's error stream, nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] | None = None
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        bar = self._bar
        if bar is None or what != self._what:
            self._close()
            bar = tqdm(total=total, desc=what, file=sys.stderr, unit="", smoothing=0.05)
            self._bar, self._what = bar, what
        bar.total = total
        bar.update(done - bar.n)

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
