"""What the search screen shows before anybody asks: what is new, what is handed over, where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from kb.access import Ability
from kb.guide_reading import starting_pages
from kb.handover.life import OPEN
from kb.handover.models import NoteFilter, NoteState, NoteSummary
from kb.handovers import find_notes
from kb.models import Page, PageKind
from kb.pages import recently_updated
from kb.ui import words
from kb.ui.addresses import Screen, address, page_address
from kb.ui.context import acting_person, can, open_baton
from kb.ui.markdown import escape
from kb.ui.note_words import state_badge

RECENT_PAGES = 8
RECENT_NOTES = 5
HANDED_OVER = tuple(state for state in OPEN if state is not NoteState.DRAFT)


def show_home(moment: datetime) -> None:
    """Show the starting points."""
    store, person = open_baton().store, acting_person()
    with st.container(key="home"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Recently updated", anchor=False)
        show_pages(recently_updated(store, person, PageKind.PAGE, limit=RECENT_PAGES), moment)
    with right:
        st.header("Open handover notes", anchor=False)
        _show_notes(find_notes(store, person, NoteFilter(HANDED_OVER), limit=RECENT_NOTES)[0], moment)
        st.header("Start here", anchor=False)
        starts = starting_pages(store, person)
        st.markdown("\n".join(f"- [{escape(page.title)}](<{page_address(page)}>)" for page in starts))


def show_pages(pages: Sequence[Page], moment: datetime) -> None:
    """Show pages as a list with their space and age."""
    lines = [
        f"- [{escape(page.title)}](<{page_address(page)}>)  \n"
        f"  :small[{escape(page.space.name)} · {words.updated(page, moment)}]"
        for page in pages
    ]
    first = f" [Write the first one]({Screen.WRITE}) or [import a folder]({Screen.IMPORT})."
    nothing = f"No pages yet.{first if can(Ability.WRITE) else ''}"
    st.markdown("\n".join(lines) or nothing)


def _show_notes(notes: Sequence[NoteSummary], moment: datetime) -> None:
    lines = [
        f"- [{escape(note.title)}](<{address(Screen.HANDOVER, slug=note.slug)}>)  \n"
        f"  {state_badge(note.state, note.acknowledge_by, moment)} :small[{escape(note.client)}]"
        for note in notes
    ]
    first = f" [Write one]({Screen.HANDOVER_EDIT})."
    st.markdown("\n".join(lines) or f"None.{first if can(Ability.WRITE) else ''}")
