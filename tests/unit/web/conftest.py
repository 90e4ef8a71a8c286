"""The sign-in gate in front of a small stand-in for the screens, with everything else real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from kb.application import Baton
from kb.people import setup_link as make_setup_link
from kb.people import use_link
from kb.settings import Settings
from kb.store.db import Store
from kb.web import oidc, routes, sign_in
from kb.web.gate import Gate
from kb.web.headers import SecurityHeaders

PASSWORD = "four plain words here"
EMAIL = "ada@example.com"


@dataclass
class Site:
    """Baton's addresses, without its screens: what lies behind the gate says who it was told is there."""

    store: Store
    app: Starlette
    baton: Baton

    def visitor(self, **headers: str) -> TestClient:
        """A browser with no cookies yet. It follows no redirect."""
        return TestClient(self.app, base_url="http://testserver", headers=headers, follow_redirects=False)

    def signed_in(self, email: str = EMAIL, password: str = PASSWORD) -> TestClient:
        """A browser in which this person is signed in."""
        browser = self.visitor()
        answer = send(browser, "/sign-in", email=email, password=password)
        assert answer.status_code == 303, answer.text
        return browser


@pytest.fixture
def site(store: Store) -> Site:
    """A wiki whose first administrator is Ada."""
    link = make_setup_link(store)
    assert link is not None
    use_link(store, link.token, PASSWORD, name="Ada", email=EMAIL)
    return site_of(store, Settings())


def site_of(store: Store, settings: Settings) -> Site:
    """The gate and its forms over ``store``."""
    baton = Baton(settings, store, *cast(list[None], [None] * 4))  # type: ignore[arg-type]

    def open_baton() -> Baton:
        return baton

    async def screen(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(f"<p>{request.state.session.person.name}</p>")
        return JSONResponse(
            {
                "person": request.state.session.person.name,
                "headers": {k: v for k, v in request.headers.items() if k.startswith("x-baton")},
            }
        )

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.headers["x-baton-session"])
        await websocket.close()

    app = Starlette(
        routes=[
            *sign_in.routes(open_baton),
            *oidc.routes(open_baton),
            *(route for route in routes.routes(open_baton) if route.path.startswith("/attachment/")),
            Route("/healthz", lambda _: Response("ok")),
            Route("/{rest:path}", screen, methods=["GET", "POST", "PUT", "DELETE"]),
            WebSocketRoute("/_stcore/stream", stream),
        ],
        middleware=[Middleware(SecurityHeaders, open_baton=open_baton), Middleware(Gate, open_baton=open_baton)],
    )
    return Site(store, app, baton)


def send(browser: TestClient, path: str, **fields: str) -> Response:
    """Fill in the form at ``path`` and send it, as a browser does: with the form's own token and its cookie."""
    query = f"?token={fields['token']}" if "token" in fields else ""
    browser.get(path + query, headers={"accept": "text/html"})
    form = browser.cookies.get("baton_form") or ""
    return cast(Response, browser.post(path, data={"form": form, **fields}, headers={"origin": "http://testserver"}))
