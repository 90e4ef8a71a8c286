"""The screen "Write a page"."""

from __future__ import annotations

import streamlit as st


def render() -> None:
    """Show the screen."""
    st.title("Write a page")
