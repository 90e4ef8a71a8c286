"""Taking a step from a screen: say what came of it, or what forbids it, with nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kb.access import RuleError
from kb.pages import PageNotFound
from kb.store.db import StoreError
from kb.ui.markdown import escape
from kb.ui.toasts import toast_next


def act(step: Callable[[], object], done: str) -> None:
    """Take the step and draw the screen anew; where it is refused, say why below.

    :param done: what to say afterwards.
    """
    try:
        step()
    except (RuleError, PageNotFound, StoreError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    toast_next(done)
    st.rerun()
