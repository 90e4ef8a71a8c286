"""What leads on from a page: its contents, its guide, pages like it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from index.chunking import Heading
from kb.guide_reading import Neighbours
from kb.models import Page
from kb.ui.addresses import page_address
from kb.ui.markdown import escape

DEEPEST = 3  # heading level that the contents name
FEWEST = 2  # headings that make contents worth their place


def show_contents(headings: Sequence[Heading], *, key: str) -> None:
    """Show the table of contents: open beside the text, folded above it; the style shows one of the two."""
    listed = [heading for heading in headings if heading.text]
    top = min((heading.level for heading in listed), default=1)
    lines = [
        f"{'  ' * (heading.level - top)}- [{escape(heading.text)}](<#{quote(heading.anchor)}>)"
        for heading in listed
        if heading.level < top + DEEPEST
    ]
    if len(lines) < FEWEST:
        return
    with st.container(key=key):
        if key == "contents_above":
            with st.expander("On this page"):
                st.markdown("\n".join(lines))
        else:
            st.markdown("## On this page", anchors=False)
            st.markdown("\n".join(lines))


def show_pages(title: str, pages: Sequence[Page], *, key: str) -> None:
    """Show a short list of pages under a title; nothing for an empty one."""
    if pages:
        with st.container(key=key):
            st.markdown(f"## {title}", anchors=False)
            st.markdown("\n".join(f"- [{escape(page.title)}](<{page_address(page)}>)" for page in pages))


def show_neighbours(found: Neighbours | None) -> None:
    """Show the previous and the next page of a guide."""
    if found is None:
        return
    st.divider()
    before, after = st.columns(2)
    if found.previous:
        link = f"[{escape(found.previous.title)}](<{page_address(found.previous)}>)"
        before.markdown(f":small[Previous page]  \n← {link}")
    if found.following:
        link = f"[{escape(found.following.title)}](<{page_address(found.following)}>)"
        after.markdown(f":small[Next page]  \n{link} →", text_alignment="right")
