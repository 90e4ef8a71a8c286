"""A browser tab as the server sees it: Streamlit's messages over a websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from kb.ui.failures import FAILED
from tests.server import SESSION_COOKIE

ANSWER_WITHIN_S = 30.0  # longer than anybody waits; after it the answer counts as missing


class RunFailed(RuntimeError):
    """A run of the application's script did not end as it should; the message says what came instead."""


class Tab:
    """A tab. Use :meth:`connect` first, then :meth:`run` as often as wanted, one at a time.

    :param port: of the application, on this machine.
    :param token: of the session that the browser is signed in with.
    """

    def __init__(self, port: int, token: str) -> None:
        self._host = f"127.0.0.1:{port}"
        self._cookie = f"{SESSION_COOKIE}={token}"
        self._connection: ClientConnection | None = None
        self._page = ""

    async def connect(self) -> None:
        """Begin a new session of the application; one before it ends.

        :raises RunFailed: when it does not come.
        """
        await self.close()
        self._page = ""
        try:
            self._connection = await connect(
                f"ws://{self._host}/_stcore/stream",
                origin=Origin(f"http://{self._host}"),
                subprotocols=[Subprotocol("streamlit")],
                additional_headers={"Cookie": self._cookie},
                max_size=None,
            )
        except (OSError, WebSocketException) as error:
            raise RunFailed(f"no connection: {error}") from error

    async def run(self, asked: BackMsg, take: Callable[[ForwardMsg], None], path: str = "") -> None:
        """Ask for a run of the script, and follow it to its end.

        :param take: is given each message.
        :param path: of the screen, as the address bar shows it.
        :raises RunFailed: when it does not end, or the connection breaks.
        """
        connection = self._connection
        if connection is None:
            raise RunFailed("no connection: open the screen first")
        request = asked.rerun_script
        request.page_script_hash = self._page
        request.context_info.url = f"http://{self._host}/{path}"
        request.context_info.timezone = "UTC"
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await connection.send(asked.SerializeToString())
                while not self._ends(ForwardMsg.FromString(await connection.recv(decode=False)), take):
                    pass
        except TimeoutError as error:
            raise RunFailed(f"no answer within {ANSWER_WITHIN_S:g} s") from error
        except (OSError, WebSocketException) as error:
            raise RunFailed(f"the connection broke: {error}") from error

    async def close(self) -> None:
        """Close the tab."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _ends(self, message: ForwardMsg, take: Callable[[ForwardMsg], None]) -> bool:
        take(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "navigation":  # the screen that the address names, where that is not the first one
            self._page = message.navigation.page_script_hash
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


def fault_of(message: ForwardMsg) -> str:
    """What went wrong, where the message shows an error; "" where not."""
    if message.WhichOneof("type") == "session_event":
        broken = message.session_event.HasField("script_compilation_exception")
        return "the screen's script cannot be read" if broken else ""
    element = message.delta.new_element
    if element.WhichOneof("type") == "exception":
        return f"the screen shows an error: {element.exception.type} {element.exception.message}".strip()
    if element.WhichOneof("type") == "alert" and element.alert.body.startswith(FAILED):
        return f"the screen shows an error: {element.alert.body}"
    return ""
