"""An import in a thread of its own: it goes on when its person looks at another screen or closes the browser."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kb.access import RuleError
from kb.imports import ImportReport, Progress
from kb.locks import Busy
from kb.store.db import StoreError
from kb.uploads import UploadError

log = logging.getLogger(__name__)


class ImportJob:
    """One import, and how far it is. ``report`` or ``problem`` is there once it has ended."""

    def __init__(self, work: Callable[[Progress], ImportReport]) -> None:
        self._work = work
        self._thread = threading.Thread(target=self._run, name="import", daemon=True)
        self.doing: tuple[str, int, int] = ("Beginning", 0, 1)
        self.report: ImportReport | None = None
        self.problem = ""

    def start(self) -> ImportJob:
        """Begin and return at once."""
        self._thread.start()
        return self

    @property
    def ended(self) -> bool:
        """Whether the import is over, well or not."""
        return self.report is not None or bool(self.problem)

    def wait(self, seconds: float) -> None:
        """Return when the import has ended, or after ``seconds``."""
        self._thread.join(seconds)

    def _tell(self, what: str, done: int, total: int) -> None:
        self.doing = (what, done, total)

    def _run(self) -> None:
        try:
            self.report = self._work(self._tell)
        except (UploadError, RuleError, StoreError, Busy) as error:
            self.problem = str(error)
        except Exception:
            log.exception("An import stopped.")
            self.problem = "The import stopped half-way. Import again: what is saved already is left as it is."
