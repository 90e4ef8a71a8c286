"""In the place of a screen that the person may not open."""

from __future__ import annotations

import streamlit as st

from kb.access import Ability, why_not
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton


def render(needed: Ability) -> None:
    """Say what is missing and who can help."""
    st.title("Not for your role", anchor=False)
    st.markdown(f"{why_not(open_baton().store, acting_person(), needed)}\n\n[Back to search]({Screen.SEARCH})")
