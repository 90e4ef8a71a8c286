"""The question before a draft is gone for good: the same wherever one can be discarded."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

NEVER_SAVED = "What you typed is gone for good: it was never saved."


@st.dialog("Discard this draft?")
def ask_to_discard(consequence: str, discard: Callable[[], None]) -> None:
    """Ask; on yes drop the draft and show what follows.

    :param consequence: what the person loses and what stays.
    :param discard: drops the draft; may go to another screen. The present one is shown again otherwise.
    """
    st.markdown(consequence)
    with st.container(horizontal=True):
        confirmed = st.button("Discard", type="primary", key="confirm_discard", on_click=discard)
        kept = st.button("Keep it", key="keep_draft")
    if confirmed or kept:
        st.rerun()
