"""Addresses beside the screens: attached files, calendars, and health."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from kb.application import Baton
from kb.calendar_feed import ROUTE as CALENDAR
from kb.calendar_feed import NoCalendar, calendar_of
from kb.health import Health, Status, health
from kb.models import PICTURES, Attachment
from kb.store import attachments
from kb.store.db import now


def routes(open_baton: Callable[[], Baton]) -> list[Route]:
    """The routes of one application."""

    async def attachment(request: Request) -> Response:
        viewer = request.state.session.person

        def read() -> Attachment | None:
            with open_baton().store.reading() as db:
                return attachments.by_sha256(db, request.path_params["sha256"], viewer)

        found = await anyio.to_thread.run_sync(read)
        if found is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        # Anything else is only offered as a download, so that no uploaded page or script ever runs here.
        shown = found.media_type in PICTURES
        # The address is the hash of the content, which can never change. Who may see it can: so the browser keeps it,
        # and asks each time.
        tag = f'"{request.path_params["sha256"]}"'
        headers = {
            "cache-control": "private, no-cache",
            "etag": tag,
            "content-disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(found.name)}",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        media_type = found.media_type if shown else "application/octet-stream"
        return Response(found.content, media_type=media_type, headers=headers)

    async def healthz(_: Request) -> Response:
        def look() -> Health:
            baton = open_baton()
            return health(baton.store, baton.encoder)

        found = await anyio.to_thread.run_sync(look)
        code = 503 if found.status is Status.UNAVAILABLE else 200
        return JSONResponse(found.as_json(), status_code=code, headers={"cache-control": "no-store"})

    async def calendar(request: Request) -> Response:
        def read() -> bytes:
            baton = open_baton()
            return calendar_of(baton.store, baton.settings, request.query_params.get("token", ""), now())

        kept = {"cache-control": "private, no-cache"}
        try:
            found = await anyio.to_thread.run_sync(read)
        except NoCalendar as error:
            return PlainTextResponse(str(error), 404, kept)
        kept["content-disposition"] = 'inline; filename="baton.ics"'
        return Response(found, media_type="text/calendar", headers=kept)

    return [Route(CALENDAR, calendar), Route("/attachment/{sha256}", attachment), Route("/healthz", healthz)]
