"""Security headers on every response. Pure ASGI, since Starlette's BaseHTTPMiddleware never sees websockets."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.application import Baton


class SecurityHeaders:
    """Adds a strict Content-Security-Policy and its companions."""

    def __init__(self, app: ASGIApp, open_baton: Callable[[], Baton]) -> None:
        self._app = app
        self._open_baton = open_baton

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        secure = self._open_baton().settings.secure

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in security_headers(secure=secure) if name not in given),
                ]
            await send(message)

        return await self._app(scope, receive, send_with_headers)


@lru_cache(maxsize=2)
def security_headers(*, secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers, with the hash of the one inline script that Streamlit's own page has.

    :param secure: over TLS, which the browser then insists on for a year.
    """
    # Found, not imported: only app.py and kb.ui know Streamlit.
    package = importlib.util.find_spec("streamlit")
    assert package is not None and package.origin is not None  # noqa: S101, PT018  pinned in requirements.txt
    page = (Path(package.origin).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    policy = (
        f"default-src 'self'; script-src 'self' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "frame-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        *([(b"strict-transport-security", b"max-age=31536000")] if secure else []),
    )
