"""What went wrong in a callback, told at the top of the next run of the screen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from kb.access import RuleError
from kb.pages import PageNotFound
from kb.store.db import StoreError
from kb.ui.markdown import escape

_KEY = "problem"


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Keep the sentence of what cannot be done; the rest of the block is skipped then."""
    try:
        yield
    except (RuleError, PageNotFound, StoreError) as error:
        keep_problem(str(error))


def keep_problem(why: str) -> None:
    """Keep a sentence for :func:`show_problem`."""
    st.session_state[_KEY] = why


def show_problem() -> None:
    """Tell what was kept, once."""
    if problem := st.session_state.pop(_KEY, ""):
        st.error(escape(problem), icon=":material/error:")
