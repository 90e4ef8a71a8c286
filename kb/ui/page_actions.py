"""What a person can do with a page."""

from __future__ import annotations

import streamlit as st

from kb.access import Ability, RuleError
from kb.models import Page
from kb.pages import PageNotFound, manages_page, trash_page
from kb.store.db import StoreError
from kb.ui import notices
from kb.ui.addresses import Screen, go_to
from kb.ui.context import acting_person, can, open_baton
from kb.ui.markdown import escape
from kb.ui.page_move import ask_where_to


def show_actions(page: Page) -> None:
    """Show the page's actions."""
    with st.container(key="actions", horizontal=True, vertical_alignment="center"):
        screens = st.session_state["screens"]
        slug = {"slug": page.slug}
        if can(Ability.WRITE):
            st.page_link(screens[Screen.WRITE], label="Edit", icon=":material/edit:", query_params=slug)
        st.page_link(screens[Screen.HISTORY], label="History", icon=":material/history:", query_params=slug)
        if manages_page(open_baton().store, acting_person(), page):
            if st.button("Move", icon=":material/drive_file_move:", type="tertiary", help="To another space"):
                ask_where_to(page)
            if st.button("Move to trash", icon=":material/delete:", type="tertiary"):
                _confirm_trash(page)


@st.dialog("Move this page to the trash?")
def _confirm_trash(page: Page) -> None:
    st.markdown(f"“{escape(page.title)}” disappears from search. You can restore it from the trash.")
    with st.container(horizontal=True):
        confirmed = st.button("Move to trash", type="primary", key="confirm_trash")
        if st.button("Keep it"):
            st.rerun()
    if confirmed:
        try:
            trash_page(open_baton().store, acting_person(), page)
        except (RuleError, PageNotFound, StoreError) as error:
            st.error(escape(str(error)), icon=":material/error:")
            return
        notices.tell_trashed(page)
        go_to(Screen.SEARCH)
