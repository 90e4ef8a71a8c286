"""What a screen says where it could not go on: one place for all screens, their callbacks and their dialogs."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.pages import PageNotFound
from kb.store.db import StoreError
from kb.ui import runs, style
from kb.ui.logs import request_id_of_screen
from kb.ui.markdown import escape

FAILED = "**Something went wrong.**"
UNEXPECTED = (
    "This is a fault of Baton, not of yours. What you typed is still in this tab: leave it open, and try again. "
    "If it happens again, tell an administrator."
)


def show_failure(error: Exception) -> bool:
    """Say calmly that something failed; Streamlit has logged it already, with its trace and without its message.

    Streamlit calls this for every exception that nobody caught, never for the ones with which it ends or repeats a run.

    :return: True: nothing else is to be shown.
    """
    runs.fail()
    style.apply()  # a callback fails before the screen is drawn
    known = isinstance(error, RuleError | PageNotFound | StoreError)
    said = escape(str(error)) if known else UNEXPECTED
    if logged := request_id_of_screen():
        said += f"\n\nThe log tells more under **{logged}**."
    st.error(f"{FAILED} {said}", icon=":material/error:")
    st.button("Try again", key="try_again", icon=":material/refresh:")
    return True
