"""One person's browser on the search screen, as the server sees it: Streamlit's messages over a websocket."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load.tab import RunFailed, Tab, fault_of

BOX = "Search the wiki"  # the label of the search box
RESULTS = "-results"  # how the id of the container with this key ends
WORDS_ONLY = "match by words only"  # what the screen says when meaning had no say
_CORRECTED = re.compile(r"Showing results for \*\*(?P<query>.*)\*\*\.$")  # instead of a misspelt query
_ESCAPE = re.compile(r":color\[\\?(.)\]\{\}|\\(.)")  # see kb.ui.markdown.escape
_RESULT = re.compile(r"^## \[(?P<title>.*?)\]\(<(?P<address>[^<>]*)>\)", re.MULTILINE)


class SearchFailed(RuntimeError):
    """A search was not answered as it should be; the message says what came instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search brought. Milliseconds count from the moment it was sent."""

    titles: tuple[str, ...]
    shown_ms: float  # until every result was on the screen
    finished_ms: float  # until the run ended: better sentences have replaced the first ones
    by_meaning: bool


@dataclass(slots=True)
class _Run:
    """What the server sent from a request to the end of the run."""

    sent: float
    results_at: tuple[int, ...] = ()  # where the container of the results is
    results: list[tuple[str, str]] = field(default_factory=list)  # title, and the query of its link
    shown: float = 0.0
    by_meaning: bool = True
    corrected: str = ""  # what was searched for instead
    fault: str = ""


class Visitor:
    """A browser tab. Use :meth:`open` first, then :meth:`search` as often as wanted, one at a time.

    :param port: of the application, on this machine.
    :param token: of the session that the browser is signed in with.
    """

    def __init__(self, port: int, token: str) -> None:
        self._tab = Tab(port, token)
        self._box = self._fragment = ""
        self._address = ""  # the query string that the address bar shows

    async def open(self) -> None:
        """Open the search screen in a new session.

        :raises SearchFailed: when it does not come.
        """
        self._box = self._fragment = self._address = ""
        try:
            await self._tab.connect()
        except RunFailed as error:
            raise SearchFailed(str(error)) from error
        await self._run(BackMsg())
        if not self._box:
            raise SearchFailed("the search screen has no search box")

    async def search(self, query: str) -> Answer:
        """Type a query and wait until the screen is done.

        :raises SearchFailed: when anything else comes than results of this very query.
        """
        asked = BackMsg()
        box = asked.rerun_script.widget_states.widgets.add()
        box.id, box.string_value = self._box, query
        run = await self._run(asked)
        finished = time.perf_counter()
        others = {of for _, of in run.results} - {query, run.corrected or query}
        if others or not run.results:
            raise SearchFailed(f"{query!r} was answered by {f'results of {others}' if others else 'no results'}")
        self._address = urlencode({"q": query})
        return Answer(
            tuple(title for title, _ in run.results),
            (run.shown - run.sent) * 1000,
            (finished - run.sent) * 1000,
            run.by_meaning,
        )

    async def close(self) -> None:
        """Close the tab."""
        await self._tab.close()

    async def _run(self, asked: BackMsg) -> _Run:
        """Ask for a run of the script, or of the search box's fragment where it is in one, and follow it to its end."""
        asked.rerun_script.query_string = self._address
        asked.rerun_script.fragment_id = self._fragment
        run = _Run(time.perf_counter())
        try:
            await self._tab.run(asked, lambda message: self._take(message, run))
        except RunFailed as error:
            raise SearchFailed(str(error)) from error
        if run.fault:
            raise SearchFailed(run.fault)
        return run

    def _take(self, message: ForwardMsg, run: _Run) -> None:
        run.fault = fault_of(message) or run.fault
        if message.WhichOneof("type") == "delta":
            self._take_delta(message.delta, tuple(message.metadata.delta_path), run)

    def _take_delta(self, delta: Delta, place: tuple[int, ...], run: _Run) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if delta.WhichOneof("type") == "add_block":
            if delta.add_block.id.endswith(RESULTS):
                run.results_at = place
        elif kind == "text_input" and element.text_input.label == BOX:
            self._box, self._fragment = element.text_input.id, delta.fragment_id
        elif kind == "markdown":
            run.by_meaning = run.by_meaning and WORDS_ONLY not in element.markdown.body
            if corrected := _CORRECTED.match(element.markdown.body):
                run.corrected = _ESCAPE.sub(r"\1\2", corrected["query"])
            found = _RESULT.findall(element.markdown.body)
            if found and run.results_at and place[:-1] == run.results_at:
                if not run.results:  # what comes again has better sentences
                    run.shown = time.perf_counter()
                run.results = [(title, _query_of(address)) for title, address in found]


def _query_of(address: str) -> str:
    """The search that a result's link says it was found by."""
    return parse_qs(urlsplit(address).query).get("q", [""])[0]
