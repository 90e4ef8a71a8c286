"""Taking a step from a screen: say what came of it, or what forbids it, with nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from kb.access import RuleError
from kb.pages import PageNotFound
from kb.store.db import StoreError
from kb.ui.markdown import escape
from kb.ui.toasts import toast_next


def act(step: Callable[[], object], done: str) -> None:
    """Take the step and draw the screen anew; where it is refused, say why below.

    :param done: what to say afterwards, unless the step says with False that it was not taken.
    """
    try:
        taken = step()
    except (RuleError, PageNotFound, StoreError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    if taken is not False:
        toast_next(done)
        st.rerun()


def acting_button(place: str, label: str, step: Callable[[], object], done: str, **look: Any) -> None:
    """A button whose step is about what is drawn with it now, also when something else stands there after the click.

    Why it was refused is for :func:`show_refused` of the same place.

    :param look: what :func:`st.button` takes; the key among them.
    """
    st.button(label, on_click=act_at_once, args=(place, step, done), **look)


def show_refused(place: str) -> None:
    """Say why a step of this place was refused, once."""
    if problem := st.session_state.pop(f"refused_{place}", ""):
        st.error(escape(problem), icon=":material/error:")


def act_at_once(place: str, step: Callable[[], object], done: str = "") -> None:
    """Take the step before the screen is drawn; why it is refused is for :func:`show_refused` of the same place.

    :param done: what to say afterwards, unless the step says with False that it was not taken.
    """
    try:
        taken = step()
    except (RuleError, PageNotFound, StoreError) as error:
        refuse(place, str(error))
        return
    if done and taken is not False:
        toast_next(done)


def refuse(place: str, why: str) -> None:
    """Let :func:`show_refused` of this place say why."""
    st.session_state[f"refused_{place}"] = why
