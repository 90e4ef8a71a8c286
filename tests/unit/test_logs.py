"""The log: one line an event in either format, with the request's id, and no exception's message."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from kb import logs
from kb.settings import LogFormat
from kb.web.request_log import RequestLog, route_of

log = logging.getLogger("kb.example")
QUERY = "my salary"


@pytest.fixture(autouse=True)
def former_logging() -> Iterator[None]:
    """What the tests set up ends with them."""
    root = logging.getLogger()
    touched = [root, *(logging.getLogger(name) for name in (*logs.OWN, *logs.WITH_HANDLERS))]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in touched]
    hook = threading.excepthook
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)
    threading.excepthook = hook
    logging.captureWarnings(capture=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_object(capsys: pytest.CaptureFixture[str]):
    logs.configure(LogFormat.JSON, "info")
    log.info("First line\nand %s", "second", extra={"pages": 3})
    (line,) = lines(capsys)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "kb.example",
        "request_id": "-",
        "message": "First line\nand second",
        "pages": 3,
    }


def test_an_event_is_one_line_of_text_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]):
    logs.configure(LogFormat.TEXT, "info")
    log.warning("The disk is nearly full.")
    assert capsys.readouterr().err.endswith(" WARNING - kb.example: The disk is nearly full.\n")


def test_levels_are_baton_s_own_and_libraries_tell_only_warnings(capsys: pytest.CaptureFixture[str]):
    logs.configure(LogFormat.JSON, "debug")
    log.debug("own")
    logging.getLogger("uvicorn.error").info('"WebSocket /_stcore/stream?q=secret" [accepted]')
    logging.getLogger("other").info("secret")
    logging.getLogger("uvicorn.error").warning("worth knowing")
    assert [line["message"] for line in lines(capsys)] == ["own", "worth knowing"]
    logs.configure(LogFormat.JSON, "error")
    log.warning("own")
    logging.getLogger("other").warning("library")
    assert lines(capsys) == []


def failing(query: str) -> None:
    try:
        raise KeyError(query)
    except KeyError as error:
        raise ValueError(f"cannot search for {query}") from error


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_an_exception_is_told_with_its_trace_and_without_its_words(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
):
    logs.configure(log_format, "info")
    try:
        failing(QUERY)
    except ValueError:
        log.exception("A search stopped.")
    told = capsys.readouterr().err
    assert "salary" not in told
    assert "builtins.KeyError" in told
    assert "builtins.ValueError" in told
    assert "in failing" in told


def test_what_the_system_says_is_told():
    with pytest.raises(FileNotFoundError) as missing:
        Path("maria.txt").read_bytes()
    assert logs.trace_of(missing.value).endswith("builtins.FileNotFoundError: ENOENT")
    with closing(sqlite3.connect(":memory:")) as db, pytest.raises(sqlite3.Error) as wrong:
        db.execute("SELECT maria")
    assert logs.trace_of(wrong.value).endswith("sqlite3.OperationalError: SQLITE_ERROR")


def test_exceptions_of_a_group_are_told_each():
    group = ExceptionGroup("maria", [ValueError("maria"), OSError(28, "maria")])
    told = logs.trace_of(group)
    assert ("maria" in told, "builtins.ValueError\n" in told, told.endswith("OSError: ENOSPC")) == (False, True, True)


def test_an_exception_that_ends_a_thread_is_logged(capsys: pytest.CaptureFixture[str]):
    logs.configure(LogFormat.JSON, "info")
    thread = threading.Thread(target=failing, args=[QUERY])
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert (line["message"], "salary" in str(line), "in failing" in str(line["trace"])) == (
        "A thread stopped.",
        False,
        True,
    )


# ---- requests -----------------------------------------------------------------------------------------------------


@given(st.text())
def test_a_logged_route_holds_plain_words_only(path: str):
    route = route_of(path)
    assert route.count("/") == path.count("/")
    assert all(character in "abcdefghijklmnopqrstuvwxyz_-./*" for character in route)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/healthz", "/healthz"),
        ("/_stcore/stream", "/_stcore/stream"),
        ("/favicon.png", "/favicon.png"),
        ("/attachment/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", "/attachment/*"),
        ("/_stcore/upload_file/0f8fad5b-d9cb-469f-a165-70867728950e/1", "/_stcore/upload_file/*/*"),
        ("/static/js/index.D3x9kQ.js", "/static/js/*"),
        ("/invite/Maria Gonzalez", "/invite/*"),
        ("/a\nb", "/*"),
    ],
)
def test_what_may_be_a_token_or_a_name_is_left_out(path: str, route: str):
    assert route_of(path) == route


async def page(request: Request) -> Response:
    log.info("inside")
    await asyncio.to_thread(log.info, "inside a thread")
    return PlainTextResponse(request.headers["x-request-id"])


async def broken(_: Request) -> Response:
    failing(QUERY)
    raise AssertionError


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    log.info("connected")
    await websocket.close()


async def closed(websocket: WebSocket) -> None:
    await websocket.close()


def client_of_a_logged_application() -> TestClient:
    logs.configure(LogFormat.JSON, "info")
    paths = [
        Route("/page", page, methods=["GET", "POST"]),
        Route("/broken", broken),
        Route("/healthz", page),
        WebSocketRoute("/chat", chat),
        WebSocketRoute("/closed", closed),
    ]
    return TestClient(Starlette(routes=paths, middleware=[Middleware(RequestLog)]), raise_server_exceptions=False)


def test_a_request_has_an_id_in_its_lines_its_answer_and_its_headers(capsys: pytest.CaptureFixture[str]):
    client = client_of_a_logged_application()
    answer = client.post("/page?q=my+salary", headers={"X-Request-Id": "forged"})
    given = answer.headers["x-request-id"]
    assert (len(given), answer.text) == (16, given)
    inside, in_thread, request = lines(capsys)
    assert [line["request_id"] for line in (inside, in_thread, request)] == [given] * 3
    assert (request["level"], request["method"], request["route"], request["status"]) == ("INFO", "POST", "/page", 200)
    assert float(str(request["duration_ms"])) >= 0
    assert "salary" not in str(request)


def test_two_requests_have_two_ids():
    client = client_of_a_logged_application()
    assert client.get("/page").headers["x-request-id"] != client.get("/page").headers["x-request-id"]


def test_health_checks_are_told_to_those_who_look_for_everything(capsys: pytest.CaptureFixture[str]):
    client = client_of_a_logged_application()
    client.get("/healthz")
    assert [line["message"] for line in lines(capsys)] == ["inside", "inside a thread"]
    logs.configure(LogFormat.JSON, "debug")
    client.get("/healthz")
    assert [line["level"] for line in lines(capsys)] == ["INFO", "INFO", "DEBUG"]


def test_a_failure_is_answered_with_its_id_and_logged_with_its_trace(capsys: pytest.CaptureFixture[str]):
    client = client_of_a_logged_application()
    answer = client.get("/broken?q=my+salary")
    given = answer.headers["x-request-id"]
    assert answer.status_code == 500
    (line,) = lines(capsys)
    assert (line["level"], line["status"], line["request_id"], line["route"]) == ("ERROR", 500, given, "/broken")
    assert ("in failing" in str(line["trace"]), "salary" in str(line)) == (True, False)


def test_a_websocket_is_one_request(capsys: pytest.CaptureFixture[str]):
    client = client_of_a_logged_application()
    with client.websocket_connect("/chat?q=my+salary") as websocket:
        accepted = dict(websocket.extra_headers or [])
        with pytest.raises(WebSocketDisconnect):
            websocket.receive_text()
    connected, request = lines(capsys)
    assert accepted[b"x-request-id"].decode() == connected["request_id"] == request["request_id"]
    assert (request["method"], request["route"], request["status"]) == ("WEBSOCKET", "/chat", 101)


def test_a_refused_websocket_is_told(capsys: pytest.CaptureFixture[str]):
    client = client_of_a_logged_application()
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/closed"):
        pass
    (request,) = lines(capsys)
    assert request["status"] == 403
