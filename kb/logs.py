"""The process's log: one line an event on stderr, with the request it belongs to and nothing that people wrote.

An exception is logged with its trace and type, never with its message: messages quote queries, titles and file names.
"""

from __future__ import annotations

import errno
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import TypeAlias

from pythonjsonlogger.json import JsonFormatter

from kb.settings import LogFormat

OWN = ("kb", "index")  # the packages whose finer lines are known to hold nothing personal
# Libraries that bring handlers of their own. Their finer lines hold addresses with query strings.
WITH_HANDLERS = ("uvicorn", "uvicorn.access", "uvicorn.asgi", "uvicorn.error", "websockets")

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

request_id: ContextVar[str] = ContextVar("request_id", default="")
log = logging.getLogger(__name__)


def configure(log_format: LogFormat, level: str, request_of_thread: Callable[[], str] = str) -> None:
    """Send every line of this process to stderr in one format.

    :param level: of Baton's own lines; libraries tell warnings and worse at most.
    :param request_of_thread: the request id where :data:`request_id` has none: threads start without their starter's.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if log_format is LogFormat.JSON else _TextLines())
    handler.addFilter(_with_request_id(request_of_thread))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    own = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(own, logging.WARNING))
    for name in OWN:
        logging.getLogger(name).setLevel(own)
    for name in WITH_HANDLERS:
        leave_to_root(logging.getLogger(name))
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_end_of_thread


def leave_to_root(logger: logging.Logger) -> None:
    """Take a library's own handlers away, so that its lines are written as all others are."""
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def trace_of(error: BaseException) -> str:
    """The trace as Python prints it, without the messages of the exceptions."""
    return "".join(_lines(error, set())).rstrip("\n")


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _lines(before, seen)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_reason(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield "\nwhich holds:\n\n"
            yield from _lines(inner, seen)


def _reason(error: BaseException) -> str:
    """The part of the message that comes from the system and never from a person."""
    if isinstance(error, OSError) and error.errno is not None:
        return f": {errno.errorcode.get(error.errno, error.errno)}"
    name = getattr(error, "sqlite_errorname", None)
    return f": {name}" if isinstance(name, str) else ""


class _JsonLines(JsonFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "request_id", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "trace"},
            timestamp="time",
            defaults={"time": ""},  # first in the line; its value comes with each record
        )

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  logging's name
        return trace_of(ei[1]) if ei[1] is not None else ""


class _TextLines(logging.Formatter):
    """One line to read, and the trace below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(request_id)s %(name)s: %(message)s")

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  logging's name
        return trace_of(ei[1]) if ei[1] is not None else ""


def _with_request_id(request_of_thread: Callable[[], str]) -> Callable[[logging.LogRecord], bool]:
    def add(record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or request_of_thread() or "-"
        return True

    return add


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        error = ended.exc_value
        log.error("A thread stopped.", exc_info=(type(error), error, error.__traceback__))
