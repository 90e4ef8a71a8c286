"""What a screen shows when a text that looks private was not saved: mask it, change it, or say why it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kb.private_data import MAX_REASON, PrivateData
from kb.ui.markdown import escape
from kb.ui.words import counted

DRAFT_HELD = (
    "Until you decide, only your own draft holds the text: it is kept in Baton's database, where nobody else finds it, "
    "and discarding it deletes it."
)
SHOWN = 20  # of what was found; masking all masks the others as well


def show_private_box(
    found: Sequence[PrivateData],
    mask: Callable[[Sequence[PrivateData]], None],
    reach: Callable[[PrivateData], None] | None = None,
    *,
    name: str = "",
    said: tuple[str, str] = ("saved", "Save"),
    held: str = DRAFT_HELD,
    keep: Callable[[str], None] | None = None,
) -> str | None:
    """Show what was found and the ways on.

    :param mask: replaces these in the text; called before the next run.
    :param reach: brings the place of one into view.
    :param name: sets the keys of one box apart from those of others on the same screen.
    :param said: what was not done with the text, and the button that does it.
    :param held: says where the text is meanwhile.
    :param keep: called with the reason before the next run; without it the reason is returned.
    :return: the reason, when the person wants to save the text as it is; "" without one; else None.
    """
    name = f"_{name}" if name else ""
    done, do = said
    several = len(found) > 1
    with st.container(key=f"private_data{name}", border=True, gap="small"):
        st.markdown(
            f":orange[:material/shield_lock:] **Not {done} yet: this looks private.** Every reader would see "
            f"{'these' if several else 'it'}. {held}"
        )
        for place, one in enumerate(found[:SHOWN]):
            with st.container(key=f"private{name}_{place}", horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{escape(one.shown)}** in {escape(one.label)}", width="stretch")
                st.button("Mask", key=f"mask{name}_{place}", icon=":material/password:", on_click=mask, args=[[one]])
                if reach:
                    st.button(
                        "Go there", key=f"reach{name}_{place}", type="tertiary", icon=":material/arrow_upward:",
                        on_click=reach, args=[one],
                    )  # fmt: skip
        if len(found) > SHOWN:
            st.caption(f"and {counted(len(found) - SHOWN, 'more place')}")
        if several:
            st.button(
                "Mask all",
                key=f"mask_all{name}",
                type="primary",
                icon=":material/password:",
                on_click=mask,
                args=[found],
            )
        reason = st.text_input(
            "Or say why it has to stay",
            key=f"private_reason{name}",
            max_chars=MAX_REASON,
            placeholder="A test card, published by the bank",
            help="The audit log keeps your reason, what it is and where, never the value. You are asked once.",
        )
        label, key = f"{do} it as it is", f"keep_private{name}"
        if keep:
            st.button(
                label, key=key, icon=":material/lock_open:",
                on_click=lambda: keep(st.session_state[f"private_reason{name}"] or ""),
            )  # fmt: skip
        elif st.button(label, key=key, icon=":material/lock_open:"):
            return reason or ""
    return None
