"""A screen that fails: what it says, and what the log holds of it: its connection, its trace, and no words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from kb.ui.failures import UNEXPECTED
from tests.server import ROOT, free_port

AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
APPLICATION = """
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from kb.settings import Settings
from kb.ui.failures import show_failure
from kb.ui.logs import set_up_logs
from kb.web.request_log import RequestLog

set_up_logs(Settings.from_env({}))
app = st.App(
    Path(__file__).with_name("screen.py"), middleware=[Middleware(RequestLog)], on_script_error=show_failure
)
"""
SCREEN = """
import logging

import streamlit as st

from kb.store.db import StoreError

logging.getLogger("kb.screen").info("The screen runs.")
match st.query_params["q"]:
    case "stop":
        st.stop()
    case "again" if not st.session_state.get("again"):
        st.session_state["again"] = True
        st.rerun()
    case "again":
        st.markdown("drawn again")
    case "part":
        @st.fragment
        def part():
            raise ValueError("a part of the screen")
        part()
    case "busy":
        raise StoreError("Somebody else writes just now: *wait*.")
    case asked:
        raise ValueError("cannot search for " + asked)
"""


def run_screen(port: int, query: str) -> list[str]:
    """Open the screen as a browser does, and wait until its run has ended.

    :return: what it says, in order.
    """
    said = []
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream?{query}", subprotocols=["streamlit"]) as socket:
        message = BackMsg()
        message.rerun_script.query_string = query
        socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(bytes(socket.recv(timeout=60)))
            match answer.delta.new_element.WhichOneof("type"):
                case "alert":
                    said.append(answer.delta.new_element.alert.body)
                case "markdown":
                    said.append(answer.delta.new_element.markdown.body)
                case "button":
                    said.append(answer.delta.new_element.button.label)
                case "exception":
                    said.append(f"Streamlit's own box: {answer.delta.new_element.exception.message}")
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished != AGAIN:
                return said


@dataclass(frozen=True)
class Ran:
    """What each screen said, by what it was asked for, and the log of all of them."""

    said: dict[str, list[str]]
    log: list[dict[str, Any]]
    printed: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The screen as a browser sees it, once for each way in which it ends."""
    folder = tmp_path_factory.mktemp("screens")
    (folder / "app.py").write_text(APPLICATION)
    (folder / "screen.py").write_text(SCREEN)
    port = free_port()
    server = subprocess.Popen(
        # In Baton's own folder, so with its .streamlit/config.toml.
        [sys.executable, "-m", "streamlit", "run", str(folder / "app.py"), f"--server.port={port}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5)
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        said = {asked: run_screen(port, f"q={asked}") for asked in ("my-salary", "busy", "part", "stop", "again")}
    finally:
        server.terminate()
        told, log = server.communicate(timeout=60)
    return Ran(said, [json.loads(line) for line in log.splitlines() if line.startswith("{")], told + log)


def test_a_screen_that_fails_is_logged_with_its_connection_and_without_what_was_searched(ran: Ran):
    assert "salary" not in ran.printed
    runs, failed, connection = ran.log[:3]
    assert (runs["message"], failed["message"], connection["route"]) == (
        "The screen runs.",
        "Uncaught app execution",
        "/_stcore/stream",
    )
    assert failed["trace"].endswith("builtins.ValueError")
    assert runs["request_id"] == failed["request_id"] == connection["request_id"] != "-"


def test_a_screen_that_fails_says_so_in_our_words_and_where_the_log_tells_more(ran: Ran):
    logged = ran.log[0]["request_id"]
    assert ran.said["my-salary"] == [
        f"**Something went wrong.** {UNEXPECTED}\n\nThe log tells more under **{logged}**.",
        "Try again",
    ]


def test_what_is_known_to_have_gone_wrong_is_said_as_it_is(ran: Ran):
    said, again = ran.said["busy"]
    assert said.startswith("**Something went wrong.** Somebody else writes just now\\: \\*wait\\*.\n\nThe log tells")
    assert again == "Try again"


def test_a_part_of_a_screen_that_fails_says_so_once(ran: Ran):
    said, again = ran.said["part"]
    assert said.startswith(f"**Something went wrong.** {UNEXPECTED}")
    assert again == "Try again"


def test_a_screen_that_ends_or_repeats_its_run_has_not_failed(ran: Ran):
    assert (ran.said["stop"], ran.said["again"]) == ([], ["drawn again"])
