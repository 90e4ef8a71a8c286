"""Signing in, one-time links and signing out: plain forms, since only an HTTP response can set a cookie."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from kb.access import RuleError
from kb.application import Baton
from kb.passwords import MIN_LENGTH
from kb.people import LinkGone, PersonError, Purpose, find_link, is_set_up, use_link
from kb.sessions import (
    ABSOLUTE,
    SignedIn,
    SignInFailed,
    TooManyAttempts,
    end_session,
    sign_in,
    sign_out_token,
    token_hash,
)
from kb.settings import Settings
from kb.store.sessions import Link, Session
from kb.web.gate import session_cookie

FORM_COOKIE = "baton_form"  # repeats what a form holds: a page of another site can send the one, not the other
BROWSER_COOKIE = "baton_browser"  # tells a browser that a person has signed in with before
BROWSER_LIFE_S = 400 * 24 * 3600  # the longest that browsers keep a cookie
MAX_FORM = 20_000  # bytes; a password of MAX_LENGTH characters fits

_pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("pages")), autoescape=True, undefined=jinja2.StrictUndefined
)


def safe_next(address: str) -> str:
    """``address`` if it is one of ours, else the start page: a link to sign-in must not lead away afterwards."""
    plain = address.isprintable() and not any(character in address for character in "\\ ")
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    return "/" if urlsplit(address).path in ("/sign-in", "/sign-out", "/link") else address


def routes(open_baton: Callable[[], Baton]) -> list[Route]:
    """The routes of one application."""

    async def sign_in_form(request: Request) -> Response:
        if request.state.session is not None:
            return RedirectResponse(safe_next(request.query_params.get("next", "/")), 303)
        ready = await anyio.to_thread.run_sync(is_set_up, open_baton().store)
        if not ready:
            return _page(request, open_baton().settings, "not_set_up.html", 200)
        next_ = safe_next(request.query_params.get("next", "/"))
        return _page(request, open_baton().settings, "sign_in.html", 200, next=next_, email="", problem="")

    async def sign_in_sent(request: Request) -> Response:
        baton, form = open_baton(), await _form(request)
        email, next_ = form.get("email", ""), safe_next(form.get("next", "/"))
        again = partial(_page, request, baton.settings, "sign_in.html", next=next_, email=email)
        if not _ours(request, form):
            return again(400, problem="This form was open for long. Try again.")
        attempt = partial(
            sign_in, baton.store, email, form.get("password", ""),
            address=_address(request), agent=request.headers.get("user-agent", ""),
            browser_token=request.cookies.get(BROWSER_COOKIE, ""),
        )  # fmt: skip
        try:
            signed_in = await anyio.to_thread.run_sync(attempt)
        except SignInFailed as error:
            return again(401, problem=str(error))
        except TooManyAttempts as error:
            response = again(429, problem=str(error))
            response.headers["retry-after"] = str(error.wait_s)
            return response
        return _welcome(request, baton.settings, signed_in, next_)

    async def link_form(request: Request) -> Response:
        baton, token = open_baton(), request.query_params.get("token", "")
        try:
            link = await anyio.to_thread.run_sync(find_link, baton.store, token)
        except LinkGone as error:
            return _page(request, baton.settings, "link_gone.html", 404, problem=str(error))
        name = "" if link.purpose == Purpose.SETUP else link.person.name
        return _link_page(request, baton.settings, link, token, 200, name=name, email=link.email, problem="")

    async def link_sent(request: Request) -> Response:
        baton, form = open_baton(), await _form(request)
        token, name, email = form.get("token", ""), form.get("name", ""), form.get("email", "")
        try:
            link = await anyio.to_thread.run_sync(find_link, baton.store, token)
            again = partial(_link_page, request, baton.settings, link, token, name=name, email=email or link.email)
            if not _ours(request, form):
                return again(400, problem="This form was open for long. Try again.")
            if form.get("password", "") != form.get("again", ""):
                return again(400, problem="The two passwords differ. Type both again.")
            use = partial(
                use_link, baton.store, token, form.get("password", ""), name=name, email=email,
                address=_address(request), agent=request.headers.get("user-agent", ""),
            )  # fmt: skip
            return _welcome(request, baton.settings, await anyio.to_thread.run_sync(use), "/")
        except LinkGone as error:
            return _page(request, baton.settings, "link_gone.html", 404, problem=str(error))
        except (PersonError, RuleError) as error:
            return again(400, problem=str(error))

    async def sign_out(request: Request) -> Response:
        baton, form = open_baton(), await _form(request)
        session: Session = request.state.session
        token = request.cookies.get(session_cookie(baton.settings), "")
        if not hmac.compare_digest(form.get("form", ""), sign_out_token(token_hash(token))):
            return RedirectResponse("/", 303)
        await anyio.to_thread.run_sync(end_session, baton.store, session.person, session.id)
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(
            session_cookie(baton.settings), path="/", secure=baton.settings.secure, httponly=True, samesite="lax"
        )
        response.headers["clear-site-data"] = '"storage"'
        return response

    return [
        Route("/sign-in", sign_in_form, methods=["GET"]),
        Route("/sign-in", sign_in_sent, methods=["POST"]),
        Route("/link", link_form, methods=["GET"]),
        Route("/link", link_sent, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
    ]


def _link_page(request: Request, settings: Settings, link: Link, token: str, status: int, **more: Any) -> Response:
    return _page(
        request, settings, "link.html", status,
        token=token, setup=link.purpose == Purpose.SETUP, reset=link.purpose == Purpose.RESET, min_length=MIN_LENGTH,
        **more,
    )  # fmt: skip


def _page(request: Request, settings: Settings, template: str, status: int, **more: Any) -> Response:
    """A page of ours with a form token, the same in its cookie."""
    form = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    response = HTMLResponse(_pages.get_template(template).render(form=form, **more), status)
    response.set_cookie(FORM_COOKIE, form, httponly=True, samesite="strict", secure=settings.secure)
    return response


def _welcome(request: Request, settings: Settings, signed_in: SignedIn, next_: str) -> Response:
    response = RedirectResponse(next_, 303)
    for name, value, life in (
        (session_cookie(settings), signed_in.token, int(ABSOLUTE.total_seconds())),
        (BROWSER_COOKIE, signed_in.browser_token, BROWSER_LIFE_S),
    ):
        response.set_cookie(name, value, life, path="/", httponly=True, samesite="lax", secure=settings.secure)
    return response


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; none where it is too large to be one of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return {}
    request._body = body
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _ours(request: Request, form: dict[str, str]) -> bool:
    cookie = request.cookies.get(FORM_COOKIE, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), form.get("form", "").encode("utf-8", "replace"))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
