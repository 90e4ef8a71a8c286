"""The screen "Trash": pages that were taken out of sight, to look at and to restore."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.models import Page
from kb.pages import PageNotFound, resolve_links, restore_from_trash, trashed_pages
from kb.store.db import StoreError
from kb.ui import words
from kb.ui.addresses import page_address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import full, number
from kb.ui.toasts import toast_next

PER_PAGE = 20
SHOWN = 20_000  # characters of a text; enough to know it again


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Trash")
    st.title("Trash", anchor=False)
    _show_restored()
    pages = trashed_pages(open_baton().store, acting_person())
    if not pages:
        st.info("The trash is empty. Pages that somebody deletes come here first.", icon=":material/delete:")
        return
    st.markdown(
        f"{words.counted(len(pages), 'page')}. What is here is found neither by search nor by a link, and "
        "nothing is deleted for good in this version: every page can be restored, with its history."
    )
    last = -(-len(pages) // PER_PAGE)
    first = (st.pagination(last, key="trash_pages") - 1) * PER_PAGE if last > 1 else 0
    for page in pages[first : first + PER_PAGE]:
        _show_page(page)


def _show_page(page: Page) -> None:
    with st.container(key=f"trashed_{page.id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            trashed = full(page.trashed_at) if page.trashed_at else ""
            st.markdown(
                f"**{escape(page.title)}**  \n"
                f":small[{words.KIND[page.kind]} in {escape(page.space.name)} · in the trash since {trashed}]",
                width="stretch",
            )
            st.button(
                "Restore",
                key=f"restore_{page.id}",
                icon=":material/restore_from_trash:",
                on_click=_restore,
                args=[page],
            )
        with st.expander("Look at the text", key=f"look_{page.id}", on_change="rerun", type="compact") as text:
            if text.open:
                _show_text(page)


def _show_text(page: Page) -> None:
    body = page.body[:SHOWN]
    if not body.strip():
        st.caption("This page has no text.")
        return
    st.markdown(page_markdown(body, resolve_links(open_baton().store, acting_person(), body)), anchors=False)
    if body != page.body:
        st.caption(f"The first {number(SHOWN)} of {number(len(page.body))} characters.")


def _restore(page: Page) -> None:
    baton = open_baton()
    try:
        st.session_state["restored"] = restore_from_trash(baton.store, baton.indexer, acting_person(), page)
    except (PageNotFound, RuleError, StoreError) as error:
        st.session_state["restored"] = str(error)
    else:
        toast_next("Restored")


def _show_restored() -> None:
    restored: Page | str | None = st.session_state.pop("restored", None)
    if isinstance(restored, Page):
        st.success(f"[{escape(restored.title)}](<{page_address(restored)}>) is back.", icon=":material/check:")
    elif restored:
        st.error(escape(restored), icon=":material/error:")
