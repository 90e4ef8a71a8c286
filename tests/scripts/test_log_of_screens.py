"""What the log holds of a screen: lines with the id of its connection, and exceptions without their words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.server import ROOT, free_port

APPLICATION = """
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from kb.settings import Settings
from kb.ui.logs import set_up_logs
from kb.web.request_log import RequestLog

set_up_logs(Settings.from_env({}))
app = st.App(Path(__file__).with_name("screen.py"), middleware=[Middleware(RequestLog)])
"""
SCREEN = """
import logging

import streamlit as st

logging.getLogger("kb.screen").info("The screen runs.")
raise ValueError("cannot search for " + st.query_params["q"])
"""


def run_screen(port: int, query: str) -> None:
    """Open the screen as a browser does, and wait until its run has ended."""
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream?{query}", subprotocols=["streamlit"]) as socket:
        message = BackMsg()
        message.rerun_script.query_string = query
        socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(bytes(socket.recv(timeout=60)))
            if answer.WhichOneof("type") == "script_finished":
                return


def test_a_screen_that_fails_is_logged_with_its_connection_and_without_what_was_searched(tmp_path: Path):
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "screen.py").write_text(SCREEN)
    port = free_port()
    server = subprocess.Popen(
        # In Baton's own folder, so with its .streamlit/config.toml.
        [sys.executable, "-m", "streamlit", "run", str(tmp_path / "app.py"), f"--server.port={port}"],
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
        run_screen(port, "q=my-salary")
    finally:
        server.terminate()
        told, log = server.communicate(timeout=60)
    assert "salary" not in told + log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    runs, failed, connection = lines
    assert (runs["message"], failed["message"], connection["route"]) == (
        "The screen runs.",
        "Uncaught app execution",
        "/_stcore/stream",
    )
    assert failed["trace"].endswith("builtins.ValueError")
    assert runs["request_id"] == failed["request_id"] == connection["request_id"] != "-"
