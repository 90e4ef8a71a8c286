"""What a writer should know of the space that they chose."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from kb.models import Space
from kb.space_choice import SpaceChoice
from kb.ui.markdown import escape


def tell_space(offered: Iterable[Space], chosen: SpaceChoice) -> None:
    """Say below the field when the name means a new space, or one that has another name now."""
    if chosen.is_new:
        st.caption("A new space, open to everybody: it is made when you save.")
        return
    present = next((space.name for space in offered if space.id == chosen.id), chosen.name)
    if present != chosen.name:
        st.caption(f"This space is called “{escape(present)}” now.")
