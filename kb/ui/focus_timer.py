"""A focus timer: work, then a break. It runs in the browser; only the count of finished rounds is kept, for oneself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kb.focus import finish_round, rounds_today
from kb.ui.context import acting_person, open_baton
from kb.ui.problems import told

WORK_MINUTES, BREAK_MINUTES = 25, 5  # unless the person chooses others, which their browser keeps
_KEY = "focus_timer"
_HERE = Path(__file__)
_COMPONENT = st.components.v2.component(
    "baton_focus_timer",
    html='<section class="focus" aria-label="Focus timer"></section>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def show() -> None:
    """Show the timer."""
    person = acting_person()
    data = {
        "person": person.id,  # of several people at one browser, each has a timer
        "work": WORK_MINUTES,
        "rest": BREAK_MINUTES,
        "rounds": rounds_today(open_baton().store, person),
    }
    _COMPONENT(key=_KEY, data=data, on_finished_change=_count)


def _count() -> None:
    name = st.session_state[_KEY].get("finished")
    if name:
        with told():
            finish_round(open_baton().store, acting_person(), str(name))
