"""Signing in with a company account: to the provider and back, to the address that was wanted.

Streamlit has ``st.login`` for this. It runs inside a script, before which Baton's gate asks for a session; it forgets
the address that was wanted; and its cookie lasts 30 days and cannot be revoked. So these routes use the same library
and end in a session of Baton's own, as a password does.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import anyio.to_thread
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kb.access import RuleError
from kb.application import Baton
from kb.models import Role
from kb.oidc_accounts import EmailMissing, EmailUnverified, Identity, NotSetUp, PasswordFirst, link, sign_in_elsewhere
from kb.people import is_set_up
from kb.sessions import SignedIn, SignInFailed, TooManyAttempts
from kb.settings import Oidc, Settings
from kb.store.db import StoreError
from kb.web.forms import BROWSER_COOKIE, CANNOT_WRITE, address_of, form_of, is_ours, page, safe_next, welcome
from kb.web.oidc_provider import Attempt, CodeRefused, Provider, ProviderFailed, TokenRefused

BEGIN, CALLBACK = "/sign-in/oidc", "/sign-in/oidc/callback"
LIFE_S = 600  # of a sign-in under way: time for a password and a second factor at the provider
MAX_COOKIE = 2800  # bytes; browsers keep 4096, and the cookie of a link holds more than that of an attempt

log = logging.getLogger(__name__)


def under_way_cookie(settings: Settings) -> str:
    """The name of the cookie that ties a sign-in under way to the browser that began it."""
    return "__Host-baton_oidc" if settings.secure else "baton_oidc"


def routes(open_baton: Callable[[], Baton]) -> list[Route]:
    """The routes of one application."""
    # A key of this process. After a restart, who was under way begins again.
    key = secrets.token_bytes(32)
    attempts = URLSafeTimedSerializer(key, salt="attempt", signer_kwargs={"digest_method": hashlib.sha256})
    links = URLSafeTimedSerializer(key, salt="link", signer_kwargs={"digest_method": hashlib.sha256})
    providers: dict[Oidc, Provider] = {}

    def provider_of(settings: Settings, oidc: Oidc) -> Provider:
        if oidc not in providers:
            providers[oidc] = Provider(oidc, settings.url + CALLBACK)
        return providers[oidc]

    async def begin(request: Request) -> Response:
        settings = open_baton().settings
        next_ = safe_next(request.query_params.get("next", "/"))
        if request.state.session is not None:
            return RedirectResponse(next_, 303)
        if settings.oidc is None:
            return _not_configured(request, settings)
        if not await anyio.to_thread.run_sync(is_set_up, open_baton().store):
            return page(request, settings, "not_set_up.html", 403)
        attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32), next_)
        kept = attempts.dumps(dataclasses.asdict(attempt))
        if len(kept) > MAX_COOKIE:
            kept = attempts.dumps(dataclasses.asdict(attempt) | {"next": "/"})
        try:
            address = await provider_of(settings, settings.oidc).sign_in_address(attempt)
        except ProviderFailed as error:
            return _failed(request, settings, next_, error)
        response = RedirectResponse(address, 303, headers={"cache-control": "no-store"})
        _keep(response, settings, str(kept))
        return response

    async def come_back(request: Request) -> Response:
        baton, given = open_baton(), request.query_params
        settings = baton.settings
        if settings.oidc is None:
            return _not_configured(request, settings)
        kept = _read(attempts, request, settings)
        attempt = Attempt(**kept) if kept else None
        if attempt is None or not hmac.compare_digest(attempt.state.encode(), given.get("state", "").encode()):
            return _stale(request, settings, "the state is not that of this browser, or too old")
        try:
            if given.get("error") == "access_denied":
                response = _denied(request, settings, attempt.next)
            elif "code" not in given:
                raise ProviderFailed("the provider sends the browser back without a code")
            else:
                identity = await provider_of(settings, settings.oidc).identity(given["code"], attempt)
                signed_in = await anyio.to_thread.run_sync(_sign_in(request, baton, settings.oidc, identity))
                response = welcome(settings, signed_in, attempt.next)
        except CodeRefused as error:
            response = _stale(request, settings, str(error), attempt.next)
        except (ProviderFailed, TokenRefused) as error:
            response = _failed(request, settings, attempt.next, error)
        except NotSetUp:
            response = page(request, settings, "not_set_up.html", 403)
        except PasswordFirst:
            response = _link_page(request, settings, 200, email=identity.email, problem="")
            claim = {"identity": dataclasses.asdict(identity) | {"name": ""}, "next": attempt.next}
            _keep(response, settings, str(links.dumps(claim)))
            return response
        except RuleError as error:
            response = _no_access(request, settings, attempt.next, error)
        except StoreError:
            log.exception("No sign-in with a company account.")
            response = _problem(request, settings, 503, "Not signed in", CANNOT_WRITE, attempt.next)
        _forget(response, settings)  # an attempt counts once
        return response

    async def link_sent(request: Request) -> Response:
        baton, form = open_baton(), await form_of(request)
        settings = baton.settings
        kept = _read(links, request, settings) if settings.oidc else None
        if kept is None:
            return _stale(request, settings, "the form to link an account was open for long")
        identity = Identity(**kept["identity"])
        again = partial(_link_page, request, settings, email=identity.email)
        if not is_ours(request, form):
            return again(400, problem="This form was open for long. Try again.")
        linking = partial(link, baton.store, identity, form.get("password", ""), **_browser(request))
        try:
            response = welcome(settings, await anyio.to_thread.run_sync(linking), kept["next"])
        except SignInFailed:
            return again(401, problem="The password is wrong.")
        except TooManyAttempts as error:
            response = again(429, problem=str(error))
            response.headers["retry-after"] = str(error.wait_s)
            return response
        except RuleError as error:
            response = _no_access(request, settings, kept["next"], error)
        except StoreError:
            log.exception("No company account can be linked.")
            return again(503, problem=CANNOT_WRITE)
        _forget(response, settings)
        return response

    return [
        Route(BEGIN, begin, methods=["GET"]),
        Route(BEGIN, link_sent, methods=["POST"]),
        Route(CALLBACK, come_back, methods=["GET"]),
    ]


def _sign_in(request: Request, baton: Baton, oidc: Oidc, identity: Identity) -> Callable[[], SignedIn]:
    role = None if oidc.role == "none" else Role(oidc.role)
    return partial(sign_in_elsewhere, baton.store, identity, role, **_browser(request))


def _browser(request: Request) -> dict[str, str]:
    return {
        "address": address_of(request),
        "agent": request.headers.get("user-agent", ""),
        "browser_token": request.cookies.get(BROWSER_COOKIE, ""),
    }


# ---- the cookie of a sign-in under way ----------------------------------------------------------------------------


def _keep(response: Response, settings: Settings, value: str) -> None:
    # Lax: the browser comes back from another site.
    response.set_cookie(
        under_way_cookie(settings), value, LIFE_S, path="/", httponly=True, samesite="lax", secure=settings.secure
    )


def _forget(response: Response, settings: Settings) -> None:
    response.delete_cookie(under_way_cookie(settings), path="/", httponly=True, samesite="lax", secure=settings.secure)


def _read(signer: URLSafeTimedSerializer, request: Request, settings: Settings) -> Any:
    """What the cookie holds; None where it is not ours, too old, or of the other kind."""
    try:
        return signer.loads(request.cookies.get(under_way_cookie(settings), ""), max_age=LIFE_S)
    except BadData:
        return None


# ---- pages --------------------------------------------------------------------------------------------------------


def _problem(request: Request, settings: Settings, status: int, title: str, sentence: str, next_: str) -> Response:
    return page(
        request, settings, "oidc_problem.html", status,
        title=title, sentence=sentence, company=settings.oidc.name if settings.oidc else "", next=quote(next_, safe=""),
    )  # fmt: skip


def _not_configured(request: Request, settings: Settings) -> Response:
    return _problem(request, settings, 404, "Not set up here", "In this wiki, people sign in with a password.", "/")


def _failed(request: Request, settings: Settings, next_: str, error: ProviderFailed | TokenRefused) -> Response:
    log.error("No sign-in with a company account: %s", error, exc_info=error.__cause__)
    if isinstance(error, TokenRefused):
        title, sentence = "This answer cannot be trusted", "What came back is not a valid sign-in to Baton."
    else:
        title, sentence = "No answer", "The company's sign-in cannot be reached, or does not answer as it should."
    return _problem(request, settings, 502, title, f"{sentence} If it stays so, tell an administrator.", next_)


def _stale(request: Request, settings: Settings, reason: str, next_: str = "/") -> Response:
    log.warning("No sign-in with a company account: %s.", reason)
    sentence = "It took long, was used already, or was begun in another browser. Nothing is lost: begin again."
    return _problem(request, settings, 400, "This sign-in is over", sentence, next_)


def _denied(request: Request, settings: Settings, next_: str) -> Response:
    log.info("No sign-in with a company account: declined at the provider.")
    sentence = "Baton was not allowed to learn who you are, so you are not signed in."
    return _problem(request, settings, 403, "You declined", sentence, next_)


def _no_access(request: Request, settings: Settings, next_: str, error: RuleError) -> Response:
    log.info("No sign-in with a company account: %s.", type(error).__name__)
    known_title = isinstance(error, EmailMissing | EmailUnverified)
    title = "Your address is missing" if known_title else "You have no access yet"
    return _problem(request, settings, 403, title, str(error), next_)


def _link_page(request: Request, settings: Settings, status: int, **more: Any) -> Response:
    company = settings.oidc.name if settings.oidc else ""
    return page(request, settings, "oidc_link.html", status, company=company, **more)
