"""Signing in, one-time links and signing out: plain forms, since only an HTTP response can set a cookie."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kb.access import RuleError
from kb.application import Baton
from kb.passwords import MIN_LENGTH
from kb.people import LinkGone, PersonError, Purpose, find_link, is_set_up, use_link
from kb.sessions import SignInFailed, TooManyAttempts, end_session, sign_in, sign_out_token, token_hash
from kb.settings import Settings
from kb.store.db import StoreError
from kb.store.sessions import Link, Session
from kb.web.forms import BROWSER_COOKIE, CANNOT_WRITE, address_of, form_of, is_ours, page, safe_next, welcome
from kb.web.gate import session_cookie

log = logging.getLogger(__name__)


def routes(open_baton: Callable[[], Baton]) -> list[Route]:
    """The routes of one application."""

    async def sign_in_form(request: Request) -> Response:
        if request.state.session is not None:
            return RedirectResponse(safe_next(request.query_params.get("next", "/")), 303)
        ready = await anyio.to_thread.run_sync(is_set_up, open_baton().store)
        if not ready:
            return page(request, open_baton().settings, "not_set_up.html", 200)
        next_ = safe_next(request.query_params.get("next", "/"))
        return _sign_in_page(request, open_baton().settings, 200, next=next_, email="", problem="")

    async def sign_in_sent(request: Request) -> Response:
        baton, form = open_baton(), await form_of(request)
        email, next_ = form.get("email", ""), safe_next(form.get("next", "/"))
        again = partial(_sign_in_page, request, baton.settings, next=next_, email=email)
        if not is_ours(request, form):
            return again(400, problem="This form was open for long. Try again.")
        attempt = partial(
            sign_in, baton.store, email, form.get("password", ""),
            address=address_of(request), agent=request.headers.get("user-agent", ""),
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
        except StoreError:
            log.exception("Nobody can sign in.")
            return again(503, problem=CANNOT_WRITE)
        return welcome(baton.settings, signed_in, next_)

    async def link_form(request: Request) -> Response:
        baton, token = open_baton(), request.query_params.get("token", "")
        try:
            link = await anyio.to_thread.run_sync(find_link, baton.store, token)
        except LinkGone as error:
            return page(request, baton.settings, "link_gone.html", 404, problem=str(error))
        name = "" if link.purpose == Purpose.SETUP else link.person.name
        return _link_page(request, baton.settings, link, token, 200, name=name, email=link.email, problem="")

    async def link_sent(request: Request) -> Response:
        baton, form = open_baton(), await form_of(request)
        token, name, email = form.get("token", ""), form.get("name", ""), form.get("email", "")
        try:
            link = await anyio.to_thread.run_sync(find_link, baton.store, token)
            again = partial(_link_page, request, baton.settings, link, token, name=name, email=email or link.email)
            if not is_ours(request, form):
                return again(400, problem="This form was open for long. Try again.")
            if form.get("password", "") != form.get("again", ""):
                return again(400, problem="The two passwords differ. Type both again.")
            use = partial(
                use_link, baton.store, token, form.get("password", ""), name=name, email=email,
                address=address_of(request), agent=request.headers.get("user-agent", ""),
            )  # fmt: skip
            return welcome(baton.settings, await anyio.to_thread.run_sync(use), "/")
        except LinkGone as error:
            return page(request, baton.settings, "link_gone.html", 404, problem=str(error))
        except (PersonError, RuleError) as error:
            return again(400, problem=str(error))
        except StoreError:
            log.exception("Nobody can use a one-time link.")
            return again(503, problem=CANNOT_WRITE)

    async def sign_out(request: Request) -> Response:
        baton, form = open_baton(), await form_of(request)
        session: Session = request.state.session
        token = request.cookies.get(session_cookie(baton.settings), "")
        given = form.get("form", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, sign_out_token(token_hash(token)).encode()):
            return RedirectResponse("/", 303)
        try:
            await anyio.to_thread.run_sync(end_session, baton.store, session.person, session.id)
        except StoreError:
            log.exception("Nobody can sign out.")
            return page(request, baton.settings, "still_signed_in.html", 503, problem=CANNOT_WRITE)
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


def _sign_in_page(request: Request, settings: Settings, status: int, **more: Any) -> Response:
    company = settings.oidc.name if settings.oidc else ""
    ended = bool(request.query_params.get("ended"))  # a screen found its session gone
    return page(request, settings, "sign_in.html", status, company=company, ended=ended, **more)


def _link_page(request: Request, settings: Settings, link: Link, token: str, status: int, **more: Any) -> Response:
    return page(
        request, settings, "link.html", status,
        token=token, setup=link.purpose == Purpose.SETUP, reset=link.purpose == Purpose.RESET, min_length=MIN_LENGTH,
        **more,
    )  # fmt: skip
