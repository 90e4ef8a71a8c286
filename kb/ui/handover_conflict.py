"""What the handover form shows when somebody else saved the note first: both texts, and the ways on."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from kb.handover.merge import merge_notes
from kb.handover.models import Note, NoteText
from kb.handover_drafts import rebased
from kb.handovers import page_text
from kb.pages import PageText
from kb.store.db import now
from kb.ui import wishes
from kb.ui.addresses import Screen
from kb.ui.diff_view import show_diff
from kb.ui.handover_form import NoteForm, start_anew
from kb.ui.markdown import escape
from kb.ui.moments import clock
from kb.ui.toasts import toast_next


def show_conflict(form: NoteForm) -> None:
    """Show both texts, what each side changed, and what can be done."""
    theirs = form.conflict
    if theirs is None:
        return
    st.set_page_config(page_title="Two edits · Baton")
    st.title(f"Two edits of “{escape(theirs.page.title)}”", anchor=False)
    st.warning(
        f"{escape(theirs.page.updated_by.name)} saved this note at {clock(theirs.page.updated_at, now())}, while you "
        "were writing. Nothing is lost: yours is kept as a draft, theirs is the newest revision. How do you go on?",
        icon=":material/call_split:",
    )
    merged = merge_notes(form.draft.base, form.draft.text, theirs.text) if form.draft.base else None
    with st.container(horizontal=True, key="choices"):
        if merged:
            st.button(
                "Put both together", type="primary", icon=":material/merge:", on_click=_reopen,
                args=[form, theirs, merged, "Both are in one now: read it through, then save or submit"],
            )  # fmt: skip
        st.button(
            "Put mine on top of theirs", icon=":material/vertical_align_top:", on_click=_reopen,
            args=[form, theirs, form.draft.text, "Yours is on top now: read it through, then save or submit"],
        )  # fmt: skip
        st.button("Take theirs", icon=":material/download_done:", on_click=_take_theirs, args=[theirs])
    st.caption(
        "Both can be put together: they changed different parts."
        if merged
        else "Both changed the same part, so a person has to decide. The history keeps both."
    )
    against, they_changed, i_changed = st.tabs(["From theirs to mine", "What they changed", "What I changed"])
    base, mine, newest = _page(form, form.draft.base), _page(form, form.draft.text), _page(form, theirs.text)
    with against:
        show_diff(newest, mine, "theirs_to_mine")
    with they_changed:
        show_diff(base, newest, "base_to_theirs")
    with i_changed:
        show_diff(base, mine, "base_to_mine")


def _reopen(form: NoteForm, theirs: Note, text: NoteText, said: str) -> None:
    form.newest = theirs
    form.reopen(replace(rebased(form.draft, theirs), text=text))
    toast_next(said)


def _take_theirs(theirs: Note) -> None:
    start_anew()
    toast_next("Yours stays as a draft: you find it when you edit this note")
    wishes.leave_for(Screen.HANDOVER, slug=theirs.page.slug)


def _page(form: NoteForm, text: NoteText | None) -> PageText:
    return page_text(form.template, text) if text else PageText("", "")
