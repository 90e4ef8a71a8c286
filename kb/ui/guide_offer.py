"""The offer of a newer shipped text, on a guide page that somebody edited."""

from __future__ import annotations

import difflib

import streamlit as st

from kb.guide_pages import ShippedGuide, decline_offer, take_offer
from kb.models import Page
from kb.pages import StaleEdit
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import page_markdown


def show(page: Page, guide: ShippedGuide | None) -> None:
    """Show the offer, if there is one."""
    if guide is None:
        return
    with st.container(key="guide_offer", border=True):
        st.markdown("**Baton brings a newer text of this guide page.** Yours was edited, so it stays until you decide.")
        with st.container(horizontal=True):
            if st.button("Compare", icon=":material/difference:"):
                _compare(page, guide)
            taken = st.button("Take the newer text")
            kept = st.button("Keep ours")
    if taken:
        _take(page, guide)
    if kept:
        decline_offer(open_baton().store, acting_person(), guide)
        st.rerun()


def _take(page: Page, guide: ShippedGuide) -> None:
    baton = open_baton()
    try:
        take_offer(baton.store, baton.indexer, acting_person(), page, guide)
    except StaleEdit as error:
        st.error(str(error))
        return
    st.toast("The page has the newer text. Your edit is in its history.")
    st.rerun()


@st.dialog("The newer text and yours", width="large")
def _compare(page: Page, guide: ShippedGuide) -> None:
    changes, newer = st.tabs(["What would change", "The newer text"])
    lines = difflib.unified_diff(page.body.splitlines(), guide.text.body.splitlines(), "yours", "newer", lineterm="")
    changes.code("\n".join(lines), language="diff", wrap_lines=True)
    newer.markdown(page_markdown(guide.text.body, {}), anchors=False)
