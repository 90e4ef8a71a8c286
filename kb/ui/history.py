"""The screen "History"."""

from __future__ import annotations

import streamlit as st


def render() -> None:
    """Show the screen."""
    st.title("History")
