"""What the pages before sign-in share: templates, form tokens, cookies, and where to go afterwards."""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kb.sessions import ABSOLUTE, SignedIn
from kb.settings import Settings
from kb.web.gate import session_cookie
from kb.web.notices import PAGES

FORM_COOKIE = "baton_form"  # repeats what a form holds: a page of another site can send the one, not the other
BROWSER_COOKIE = "baton_browser"  # tells a browser that a person has signed in with before
BROWSER_LIFE_S = 400 * 24 * 3600  # the longest that browsers keep a cookie
NOT_AFTERWARDS = frozenset({"/sign-in", "/sign-in/oidc", "/sign-in/oidc/callback", "/sign-out", "/link"})
# For people who may not know what runs here; the log has the reason.
CANNOT_WRITE = "Baton cannot write to its database now. Try again in a minute; if it stays so, tell an administrator."
MAX_FORM = 20_000  # bytes; a password of MAX_LENGTH characters fits


def safe_next(address: str) -> str:
    """``address`` if it is one of ours, else the start page: a link to sign-in must not lead away afterwards."""
    plain = address.isprintable() and not any(character in address for character in "\\ ")
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    return "/" if urlsplit(address).path in NOT_AFTERWARDS else address


def page(request: Request, settings: Settings, template: str, status: int, **more: Any) -> Response:
    """A page of ours with a form token, the same in its cookie."""
    form = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    response = HTMLResponse(PAGES.get_template(template).render(form=form, **more), status)
    response.set_cookie(FORM_COOKIE, form, httponly=True, samesite="strict", secure=settings.secure)
    return response


def welcome(settings: Settings, signed_in: SignedIn, next_: str) -> Response:
    """The way to ``next_``, with the cookies of a session that has just begun."""
    response = RedirectResponse(next_, 303)
    for name, value, life in (
        (session_cookie(settings), signed_in.token, int(ABSOLUTE.total_seconds())),
        (BROWSER_COOKIE, signed_in.browser_token, BROWSER_LIFE_S),
    ):
        response.set_cookie(name, value, life, path="/", httponly=True, samesite="lax", secure=settings.secure)
    return response


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; none where it is too large to be one of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return {}
    request._body = body
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def is_ours(request: Request, form: dict[str, str]) -> bool:
    """Whether this browser got the form from us."""
    cookie = request.cookies.get(FORM_COOKIE, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), form.get("form", "").encode("utf-8", "replace"))


def address_of(request: Request) -> str:
    """The network address of the sender."""
    return request.client.host if request.client else ""
