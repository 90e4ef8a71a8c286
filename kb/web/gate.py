"""Nobody in without a session: every address, the websocket, media and uploads. Pure ASGI, to see all of them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.application import Baton
from kb.sessions import session_of, token_hash
from kb.settings import Settings
from kb.store.sessions import Session

SESSION_HEADER = b"x-baton-session"  # for the screens, see server.trustedUserHeaders in .streamlit/config.toml
_OUR_HEADERS = b"x-baton-"  # of which a browser may send none
# What people without a session may reach. Everything else is closed.
PUBLIC = frozenset(
    {
        "/sign-in", "/sign-in/oidc", "/sign-in/oidc/callback", "/link", "/healthz", "/_stcore/health",
        "/calendar.ics",  # for who knows the token of one: calendar programs cannot sign in
    }
)  # fmt: skip
# Read by programs, with a token of its own: no session is looked for, so that none is kept alive.
_WITHOUT_SESSION = frozenset({"/calendar.ics"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def session_cookie(settings: Settings) -> str:
    """The name of the cookie that holds the session's token. With TLS no subdomain can set it (RFC 6265bis)."""
    return "__Host-baton_session" if settings.secure else "baton_session"


class Gate:
    """Lets in who has a session, and shows others the way to sign in. Inside, ``scope["state"]["session"]`` is it."""

    def __init__(self, app: ASGIApp, open_baton: Callable[[], Baton]) -> None:
        self._app = app
        self._open_baton = open_baton

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        baton = self._open_baton()
        cookies = "" if scope["path"] in _WITHOUT_SESSION else headers.get("cookie", "")
        token = cookie_parser(cookies).get(session_cookie(baton.settings), "")
        session = await anyio.to_thread.run_sync(session_of, baton.store, token_hash(token)) if token else None
        scope = _with_session(scope, session, token_hash(token))
        if scope["type"] == "websocket":
            if session is None or not _same_origin(headers, required=True):
                await receive()  # the handshake has to arrive before it can be refused
                return await send({"type": "websocket.close", "code": 4401})
            return await self._app(scope, receive, send)
        if scope["method"] not in _READS and not _same_origin(headers, required=False):
            return await _refused(403, "This came from another site.")(scope, receive, send)
        if session is None and scope["path"] not in PUBLIC:
            return await _way_in(scope, headers)(scope, receive, send)
        return await self._app(scope, receive, _uncached(send))


def _with_session(scope: Scope, session: Session | None, hashed: str) -> Scope:
    """The request without any identity that the browser claimed, and with the one that was found."""
    kept = [(name, value) for name, value in scope["headers"] if not name.startswith(_OUR_HEADERS)]
    if session is not None:
        kept.append((SESSION_HEADER, hashed.encode()))
    return {**scope, "headers": kept, "state": {**scope.get("state", {}), "session": session}}


def _same_origin(headers: Headers, *, required: bool) -> bool:
    """Whether a page of ours sent this. Browsers name the origin at every websocket and at every form that is sent.

    :param required: False lets in what names none, which no page of another site can achieve.
    """
    origin = headers.get("origin")
    if origin is None:
        return not required
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def _way_in(scope: Scope, headers: Headers) -> Response:
    """To the sign-in page, and from there back to here; programs get a status."""
    if scope["method"] in _READS and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        here = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/sign-in?next={quote(here, safe='')}" if here != "/" else "/sign-in", 303)
    return _refused(401, "Sign in first.")


def _refused(status: int, sentence: str) -> Response:
    return PlainTextResponse(sentence, status, headers={"cache-control": "no-store"})


def _uncached(send: Send) -> Send:
    """Pages are not kept by the browser: Back after signing out must show nothing."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers["cache-control"] = "no-store"
        await send(message)

    return sent
