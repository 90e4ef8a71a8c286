"""The offer of a newer shipped text, on a guide page that somebody edited."""

from __future__ import annotations

import streamlit as st

from kb.guide_pages import ShippedGuide, decline_offer, take_offer
from kb.models import Page
from kb.pages import PageText, StaleEdit
from kb.ui.context import acting_person, open_baton
from kb.ui.diff_view import show_diff
from kb.ui.markdown import page_markdown
from kb.ui.toasts import toast_next


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
    toast_next("The page has the newer text. Your edit is in its history.")
    st.rerun()


@st.dialog("The newer text and yours", width="large")
def _compare(page: Page, guide: ShippedGuide) -> None:
    changes, newer = st.tabs(["What would change", "The newer text"])
    with changes:
        show_diff(PageText(page.title, page.body, page.tags, page.keywords), guide.text, key="guide_offer_diff")
    newer.markdown(page_markdown(guide.text.body, {}), anchors=False)
