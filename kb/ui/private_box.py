"""What a screen shows when a text that looks private was not saved: mask it, change it, or say why it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kb.private_data import MAX_REASON, PrivateData
from kb.ui.markdown import escape
from kb.ui.words import counted

SHOWN = 20  # of what was found; masking all masks the others as well


def show_private_box(
    found: Sequence[PrivateData],
    mask: Callable[[Sequence[PrivateData]], None],
    reach: Callable[[PrivateData], None] | None = None,
) -> str | None:
    """Show what was found and the ways on.

    :param mask: replaces these in the text; called before the next run.
    :param reach: brings the place of one into view.
    :return: the reason, when the person wants to save the text as it is; "" without one; else None.
    """
    several = len(found) > 1
    with st.container(key="private_data", border=True, gap="small"):
        st.markdown(
            ":orange[:material/shield_lock:] **Not saved yet: this looks private.** Every reader would see "
            f"{'these' if several else 'it'}. Until you decide, only your own draft holds the text: it is kept in "
            "Baton's database, where nobody else finds it, and discarding it deletes it."
        )
        for place, one in enumerate(found[:SHOWN]):
            with st.container(key=f"private_{place}", horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{escape(one.shown)}** in {escape(one.label)}", width="stretch")
                st.button("Mask", key=f"mask_{place}", icon=":material/password:", on_click=mask, args=[[one]])
                if reach:
                    st.button(
                        "Go there", key=f"reach_{place}", type="tertiary", icon=":material/arrow_upward:",
                        on_click=reach, args=[one],
                    )  # fmt: skip
        if len(found) > SHOWN:
            st.caption(f"and {counted(len(found) - SHOWN, 'more place')}")
        if several:
            st.button(
                "Mask all", key="mask_all", type="primary", icon=":material/password:", on_click=mask, args=[found]
            )
        reason = st.text_input(
            "Or say why it has to stay",
            key="private_reason",
            max_chars=MAX_REASON,
            placeholder="A test card, published by the bank",
            help="The audit log keeps your reason, what it is and where, never the value. You are asked once.",
        )
        if st.button("Save it as it is", key="keep_private", icon=":material/lock_open:"):
            return reason or ""
    return None
