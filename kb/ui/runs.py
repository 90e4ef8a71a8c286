"""The fields that hold something before anybody typed, through every way in which a run of the script can end.

Streamlit tells the browser what a field holds in the run that sets it, and only then. A click while the screen is being
drawn ends that run, and what was drawn may never arrive: the field then shows what it would begin with by itself
(nothing, or the present minute), and reports that as if somebody had typed it. So :func:`hold` tells it again in the
run after one that did not reach its end, and for as long as the browser does not have the field.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kb.ui import wishes

_UNDER_WAY, _INTERRUPTED = "run_under_way", "run_interrupted"
_SCREEN, _HELD = "run_screen", "run_held"
_FAILED = "run_failed"


def begin(screen: str) -> None:
    """Note that a run draws this screen."""
    state = st.session_state
    state[_INTERRUPTED] = state.get(_UNDER_WAY, False)
    state[_UNDER_WAY] = True
    if state.pop(_FAILED, False):
        state[_INTERRUPTED] = True
        _tell_again()
    if state.get(_SCREEN) != screen:
        state[_SCREEN] = screen
        # Streamlit forgets what a field held once another screen is shown, but for a value that was set in a run that
        # ended before the field was drawn. That one would come back, whatever was typed since.
        for key in state.get(_HELD, ()):
            state.pop(key, None)
        state[_HELD] = set()
        wishes.forget()


def end() -> None:
    """Note that the run drew everything. Nobody calls this where a run ends otherwise."""
    st.session_state[_UNDER_WAY] = False


def fail() -> None:
    """Note that a fault ended the run, or a callback before it: the browser has dropped the fields that it lacks."""
    st.session_state[_FAILED] = True


def _tell_again() -> None:
    """Let every field that is drawn next show what was typed into it.

    Buttons and uploads are left out, which may not be set: no button holds a text, a number or a day. So are ticks,
    which look like buttons; those that matter are held.
    """
    state = st.session_state
    for key, value in state.items():
        texts = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
        if texts or (isinstance(value, str | int | float | date | time) and not isinstance(value, bool)):
            state[key] = value


def hold(key: str, value: Any) -> None:
    """Let a field that is drawn next hold this value, unless it holds one already."""
    state = st.session_state
    if key not in state or state.get(_INTERRUPTED) or not _is_in_the_browser(key):
        state[key] = state.get(key, value)
        state.setdefault(_HELD, set()).add(key)


def _is_in_the_browser(key: str) -> bool:
    """Whether the browser had the field when it asked for this run: it tells of every field that it has.

    Where the server is busy, a run can end and the next one begin before the browser was told what the first one drew.
    Streamlit then drops that for what the second one draws, which would no longer tell the field's value.
    """
    context = get_script_run_ctx()
    if context is None:
        return True
    session = context.session_state._state
    return session.get_widget_id_from_key(key) in session._new_widget_state.states
