"""The look that Streamlit's theme cannot give: one constant, nothing that people write."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_CSS = Path(__file__).with_name("style.css").read_text("utf-8")


def apply() -> None:
    """Apply the style to the screen."""
    st.html(f"<style>{_CSS}</style>")
