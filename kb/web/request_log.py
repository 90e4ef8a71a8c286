"""One line in the log for each request, with an id that its other lines and its answer carry. Pure ASGI."""

from __future__ import annotations

import logging
import re
import secrets
import time
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.logs import request_id
from kb.web.notices import failed

HEADER = b"x-request-id"
# Told at debug only: what asks every few seconds, and the dozens of files that Streamlit's own page is made of.
HEALTH_CHECKS = frozenset({"/healthz", "/_stcore/health", "/_stcore/script-health-check"})
PARTS_OF_THE_PAGE = "/static/"
# A plain lower-case word, as the routes are made of. Whatever else stands in an address may be a token or a name.
_WORD = re.compile(r"[a-z_-]{1,30}(\.[a-z]{1,5})?", re.ASCII)

log = logging.getLogger(__name__)


def route_of(path: str) -> str:
    """The path of an address as it may be logged: what is no plain word becomes ``*``."""
    return "/".join(part if not part or _WORD.fullmatch(part) else "*" for part in path.split("/"))


class RequestLog:
    """Gives each request and websocket an id, and logs it when it is done. An id that a client sends is ignored."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        given = secrets.token_hex(8)
        header = (HEADER, given.encode())
        # In the headers, too: screens run in other threads and read it there.
        headers = [*(pair for pair in scope["headers"] if pair[0].lower() != HEADER), header]
        status: int | None = None
        started = time.perf_counter()
        error: Exception | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = HTTPStatus.SWITCHING_PROTOCOLS
            elif message["type"] == "websocket.close" and status is None:
                status = HTTPStatus.FORBIDDEN  # what the server makes of a close before the accept
            if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        token = request_id.set(given)
        try:
            await self._app({**scope, "headers": headers}, receive, send_with_id)
        except Exception as raised:
            error = raised
            if scope["type"] != "http" or status is not None:
                raise
            await failed(scope, given)(scope, receive, send_with_id)
        finally:
            _log(scope, status, (time.perf_counter() - started) * 1000, error)
            request_id.reset(token)


def _log(scope: Scope, status: int | None, duration_ms: float, error: Exception | None) -> None:
    route = route_of(scope["path"])
    method = scope.get("method", "WEBSOCKET")
    level = logging.INFO
    if scope["path"] in HEALTH_CHECKS or scope["path"].startswith(PARTS_OF_THE_PAGE):
        level = logging.DEBUG
    if error is not None or (status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        level = logging.ERROR
    facts: dict[str, Any] = {
        "method": method,
        "route": route,
        "status": None if status is None else int(status),  # None: the client went before the answer
        "duration_ms": round(duration_ms, 1),
    }
    log.log(level, "%s %s %s %.0f ms", method, route, facts["status"] or "-", duration_ms, exc_info=error, extra=facts)
