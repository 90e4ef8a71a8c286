"""The web application: ``streamlit run app.py``, or ``bash scripts/start.sh``, which also prepares everything."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware

from kb.settings import Settings
from kb.ui.addresses import Screen
from kb.ui.context import close_baton, open_baton
from kb.ui.failures import show_failure
from kb.ui.logs import set_up_logs
from kb.web import oidc, routes, sign_in
from kb.web.gate import Gate
from kb.web.headers import SecurityHeaders
from kb.web.interpreter import serve_many
from kb.web.notices import KnownScreens
from kb.web.request_log import RequestLog

ROUTER = Path(__file__).resolve().parent / "kb" / "ui" / "router.py"


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open Baton before the first request; end its child process and threads after the last one."""
    baton = await anyio.to_thread.run_sync(open_baton)
    serve_many()
    try:
        yield {"baton": baton}
    finally:
        await anyio.to_thread.run_sync(close_baton)


set_up_logs(Settings.from_env())  # after Uvicorn has set up its own, before it writes its first line
app = st.App(
    ROUTER,
    lifespan=lifespan,
    routes=[*routes.routes(open_baton), *sign_in.routes(open_baton), *oidc.routes(open_baton)],
    middleware=[
        Middleware(RequestLog),  # sees what the others refuse
        Middleware(SecurityHeaders, open_baton=open_baton),
        Middleware(Gate, open_baton=open_baton),
        Middleware(KnownScreens, screens=[str(screen) for screen in Screen]),
    ],
    on_script_error=show_failure,
)

if __name__ == "__main__":
    app.run()
