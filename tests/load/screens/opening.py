"""Opening a screen as a browser does, in a session of its own, and changing one of its fields."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load.processes import processor_ms
from tests.load.tab import RunFailed, Tab, fault_of

Value = str | bool | tuple[str, ...]  # what a field is set to: text or option, a tick, or the parts of a choice


@dataclass(frozen=True, slots=True)
class Stop:
    """A screen that is opened.

    :ivar person: the id of who opens it.
    :ivar path: of its address, without the leading stroke.
    :ivar title: what the browser's tab must be called then, or how that begins.
    :ivar change: a field's key and what it is set to: then this is measured, and not the opening before it.
    """

    name: str
    person: int
    path: str
    title: str
    query: str = ""
    change: tuple[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What it took from the request to the end of the script's run, in milliseconds, and how much came."""

    wall_ms: float
    server_ms: float  # of processor time
    search_ms: float
    kilobytes: float


@dataclass(slots=True)
class _Seen:
    title: str = ""
    fault: str = ""
    bytes: int = 0
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # key -> id of the widget, and of its fragment

    def take(self, message: ForwardMsg) -> None:
        self.bytes += message.ByteSize()
        self.fault = fault_of(message) or self.fault
        kind = message.WhichOneof("type")
        if kind == "page_config_changed" and message.page_config_changed.title:
            self.title = message.page_config_changed.title
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            widget = getattr(getattr(element, element.WhichOneof("type") or "", None), "id", "")
            # $$ID-<hash>-<key>: streamlit.elements.lib.utils
            if isinstance(widget, str) and widget.startswith("$$ID-"):
                self.fields[widget.split("-", 2)[2]] = (widget, message.delta.fragment_id)


async def open_screen(port: int, token: str, stop: Stop, pids: tuple[int, int | None]) -> Taken:
    """Open a screen in a new session.

    :param pids: of the server and the process that searches.
    :raises RunFailed: when it shows an error, or is another screen.
    """
    tab = Tab(port, token)
    await tab.connect()
    try:
        asked = BackMsg()
        asked.rerun_script.page_name = stop.path
        seen, taken = await _run(tab, asked, stop, pids)
        if stop.change is None:
            return taken
        name, value = stop.change
        if name not in seen.fields:
            raise RunFailed(f"there is no field {name}, but {', '.join(sorted(seen.fields))}")
        asked = BackMsg()
        widget, asked.rerun_script.fragment_id = seen.fields[name]
        state = asked.rerun_script.widget_states.widgets.add()
        state.id = widget
        if isinstance(value, bool):
            state.bool_value = value
        elif isinstance(value, tuple):
            state.string_array_value.data.extend(value)
        else:
            state.string_value = value
        return (await _run(tab, asked, stop, pids))[1]
    finally:
        await tab.close()


async def _run(tab: Tab, asked: BackMsg, stop: Stop, pids: tuple[int, int | None]) -> tuple[_Seen, Taken]:
    asked.rerun_script.query_string = stop.query
    seen = _Seen()
    before, begun = used_ms(pids), time.perf_counter()
    await tab.run(asked, seen.take, stop.path)
    wall, after = (time.perf_counter() - begun) * 1000, used_ms(pids)
    if seen.fault:
        raise RunFailed(seen.fault)
    if not seen.title.startswith(stop.title) and not asked.rerun_script.fragment_id:
        raise RunFailed(f"“{seen.title}” came instead of “{stop.title}”")
    return seen, Taken(wall, after[0] - before[0], after[1] - before[1], seen.bytes / 1000)


def used_ms(pids: tuple[int, int | None]) -> tuple[float, float]:
    """Processor time that the server and the process that searches have used."""
    return processor_ms(pids[0]), processor_ms(pids[1]) if pids[1] else 0.0
