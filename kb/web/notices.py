"""Pages of ours in the place of an answer: for an address that leads nowhere, and for what went wrong."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("pages")), autoescape=True, undefined=jinja2.StrictUndefined
)
# What the first part of an address may be beside a screen: Streamlit's own, and the routes of Baton.
_OTHERS = frozenset(
    {
        "_stcore", "media", "component", "static", "attachment", "sign-in", "sign-out", "link", "healthz",
        "calendar.ics",
    }
)  # fmt: skip


def wants_page(scope: Scope) -> bool:
    """Whether a person looks at the answer, rather than a program."""
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def notice(template: str, status: HTTPStatus, **more: Any) -> Response:
    """A page that says what is the matter; the browser does not keep it."""
    return HTMLResponse(PAGES.get_template(template).render(**more), status, headers={"cache-control": "no-store"})


def failed(scope: Scope, request_id: str) -> Response:
    """The answer where there is none."""
    if wants_page(scope):
        return notice("failed.html", HTTPStatus.INTERNAL_SERVER_ERROR, request_id=request_id)
    said = f"Something went wrong. The log tells more under {request_id}."
    return PlainTextResponse(said, HTTPStatus.INTERNAL_SERVER_ERROR)


class KnownScreens:
    """Says so where an address names no screen: Streamlit would show the first one, under a notice of its own."""

    def __init__(self, app: ASGIApp, screens: Collection[str]) -> None:
        self._app = app
        self._screens = frozenset(screens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if wants_page(scope) and scope["method"] in ("GET", "HEAD") and not self._is_known(scope["path"]):
            return await notice("no_such_address.html", HTTPStatus.NOT_FOUND)(scope, receive, send)
        return await self._app(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        return (path.rstrip("/") or "/") in self._screens or path.lstrip("/").partition("/")[0] in _OTHERS
