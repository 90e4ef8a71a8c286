"""A short message that appears on the next screen: Streamlit drops a toast when the screen changes."""

from __future__ import annotations

import streamlit as st


def toast_next(message: str) -> None:
    """Let the next run say this. People's text in it must be escaped."""
    st.session_state["toast"] = message


def show_toast() -> None:
    """Say what the last run left to say."""
    message = st.session_state.pop("toast", None)
    if message:
        st.toast(message, icon=":material/check:")
