"""The screen "Index status"."""

from __future__ import annotations

import streamlit as st


def render() -> None:
    """Show the screen."""
    st.title("Index status")
