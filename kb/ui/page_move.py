"""The question to which space a page moves."""

from __future__ import annotations

import streamlit as st

from kb.models import Page, Space, SpaceKind
from kb.page_moves import move_page, spaces_to_move_to
from kb.ui.acting import act
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape


@st.dialog("Move this page to another space")
def ask_where_to(page: Page) -> None:
    """Ask, say who sees the page there, and move it."""
    store, person = open_baton().store, acting_person()
    offered = spaces_to_move_to(store, person, page)
    st.markdown(f"“{escape(page.title)}” is in **{escape(page.space.name)}**. Its address and its history stay.")
    if not offered:
        st.markdown(f"There is no other space that you see. A lead can make one: [Spaces](<{Screen.SPACES}>).")
        return
    space = st.selectbox(
        "Space",
        offered,
        index=None,
        format_func=lambda offer: offer.name,
        placeholder="Choose a space",
        key=f"move_to_{page.id}",
    )
    if space:
        _say_who_sees_it(page, space)
    with st.container(horizontal=True):
        confirmed = st.button("Move", type="primary", key="confirm_move", disabled=space is None)
        if st.button("Keep it here", key="keep_here"):
            st.rerun()
    if confirmed and space:
        act(lambda: move_page(store, person, page, space), f"Moved to {space.name}.")


def _say_who_sees_it(page: Page, space: Space) -> None:
    shared_with = f"the people and teams that {escape(space.name)} is shared with"
    if space.kind is SpaceKind.OPEN:
        told = "There everybody who can sign in sees it."
        if page.space.kind is not SpaceKind.OPEN:
            st.warning(f"Now only some people see this page. {told}", icon=":material/public:")
            return
    elif space.kind is SpaceKind.RESTRICTED:
        told = f"There {shared_with} see it, and administrators."
    else:
        told = f"There only {shared_with} see it; administrators do not."
    st.caption(told)
