"""What the search screen shows before anybody asks: what is new, what is handed over, where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from kb.guide_reading import starting_pages
from kb.models import Page, PageKind
from kb.pages import recently_updated
from kb.ui import words
from kb.ui.addresses import Screen, address, page_address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape

RECENT_PAGES = 8
RECENT_NOTES = 5


def show_home(moment: datetime) -> None:
    """Show the starting points."""
    store, person = open_baton().store, acting_person()
    with st.container(key="home"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Recently updated", anchor=False)
        recent = recently_updated(store, person, PageKind.PAGE, limit=RECENT_PAGES)
        nothing = f"No pages yet. [Write the first one]({address(Screen.WRITE)}) or [import a folder]({Screen.IMPORT})."
        _list(recent, moment, nothing)
    with right:
        st.header("Handover notes", anchor=False)
        notes = recently_updated(store, person, PageKind.HANDOVER, limit=RECENT_NOTES)
        _list(notes, moment, f"No open handover notes. [Write one]({Screen.HANDOVER_EDIT}).")
        st.header("Start here", anchor=False)
        starts = starting_pages(store, person)
        st.markdown("\n".join(f"- [{escape(page.title)}](<{page_address(page)}>)" for page in starts))


def _list(pages: Sequence[Page], moment: datetime, nothing: str) -> None:
    lines = [
        f"- [{escape(page.title)}](<{page_address(page)}>)  \n"
        f"  :small[{escape(page.space.name)} · {words.updated(page, moment)}]"
        for page in pages
    ]
    st.markdown("\n".join(lines) or nothing)
