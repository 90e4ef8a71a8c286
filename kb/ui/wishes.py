"""Clicks that are not lost when the next interaction ends the run before the line of their button is reached.

``if st.button(...)`` answers a click only in the run that the click began, and that run ends at any line that draws as
soon as somebody types or clicks again. A callback always runs, but perhaps before those of the fields that were typed
into, and it can neither draw nor move to another screen. So the callback notes what is wanted, bound to what was drawn,
and the first run that gets so far does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from kb.ui.addresses import Screen, go_to

_WISH, _LEAVING = "wish", "leaving"


def wish_button(label: str, wish: Callable[[], None], **look: Any) -> None:
    """A button whose wish waits for :func:`fulfil`.

    :param look: what :func:`st.button` takes.
    """
    st.button(label, on_click=want, args=[wish], **look)


def leaving_button(label: str, screen: Screen, query: dict[str, str], **look: Any) -> None:
    """A button that shows another screen; waits for :func:`go_on`."""
    st.button(label, on_click=lambda: leave_for(screen, **query), **look)


def want(wish: Callable[[], None]) -> None:
    """Note a wish, in the place of one that is not fulfilled yet."""
    st.session_state[_WISH] = wish


def fulfil() -> None:
    """Do what is wanted, if anything is. It may be begun again as long as it did not say :func:`done`, or failed."""
    if wish := st.session_state.get(_WISH):
        try:
            wish()
        except Exception:  # not that the run is interrupted, which is none
            done()  # or the screen could be used no more
            raise
        done()


def done() -> None:
    """Say that what is wanted is done, or refused: at once, before anything else is drawn."""
    st.session_state.pop(_WISH, None)


def leave_for(screen: Screen, **query: str) -> None:
    """Note that another screen (not the present one) shall be shown: also where this run ends before it is."""
    st.session_state[_LEAVING] = screen, query


def go_on() -> None:
    """Show the screen that was noted, if one was."""
    if leaving := st.session_state.get(_LEAVING):
        screen, query = leaving
        go_to(screen, **query)


def forget() -> None:
    """Want nothing any more: another screen is shown."""
    for key in (_WISH, _LEAVING):
        st.session_state.pop(key, None)
