"""What one screen has to tell on the next one, for instance that a page went to the trash."""

from __future__ import annotations

import streamlit as st

from kb.models import Page
from kb.pages import restore_from_trash
from kb.ui.addresses import Screen, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape


def tell_trashed(page: Page) -> None:
    """Let the next screen say that the page is in the trash, and offer to undo it."""
    st.session_state["trashed"] = page


def show() -> None:
    """Show what there is to tell, until the next screen."""
    page: Page | None = st.session_state.get("trashed")
    if page is None:
        return
    with st.container(key="notice", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"“{escape(page.title)}” is in the trash.", width="stretch")
        undo = st.button("Undo", icon=":material/undo:")
        if st.button("Close", icon=":material/close:", type="tertiary"):
            del st.session_state["trashed"]
            st.rerun()
    if undo:
        baton = open_baton()
        restored = restore_from_trash(baton.store, baton.indexer, acting_person(), page)
        del st.session_state["trashed"]
        go_to(Screen.PAGE, slug=restored.slug)
