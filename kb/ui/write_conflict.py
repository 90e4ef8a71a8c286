"""What the editor shows when somebody else saved the page first: both texts, and the ways on. Nothing is lost."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.drafts import rebase_draft, save_draft, text_of
from kb.merge import merge_texts
from kb.models import Page
from kb.pages import PageText, StaleEdit
from kb.private_data import PrivateDataFound
from kb.store.db import StoreError, now
from kb.ui import wishes
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton
from kb.ui.diff_view import show_diff
from kb.ui.markdown import escape
from kb.ui.moments import clock
from kb.ui.toasts import toast_next
from kb.ui.wishes import wish_button
from kb.ui.writing import Writing, start_anew

HEIGHT = 360  # pixels of each text


def show_conflict(writing: Writing) -> None:
    """Show both texts, what each side changed, and what can be done."""
    theirs, mine = writing.conflict, writing.draft.text
    base = writing.draft.base or PageText("", "")
    if theirs is None:
        return
    st.set_page_config(page_title="Two edits")
    st.title(f"Two edits of “{escape(base.title)}”", anchor=False)
    merged = merge_texts(base, mine, text_of(theirs))
    st.warning(
        f"{escape(theirs.updated_by.name)} saved this page at {clock(theirs.updated_at, now())}, while you were "
        "writing. Nothing is lost: your text is kept as a draft, theirs is the newest revision. How do you go on?",
        icon=":material/call_split:",
    )
    if writing.problem:
        st.error(escape(writing.problem), icon=":material/error:")
    _show_choices(writing, theirs, merged)
    _show_texts(base, mine, text_of(theirs))


def _show_choices(writing: Writing, theirs: Page, merged: PageText | None) -> None:
    with st.container(horizontal=True, key="choices"):
        if merged:
            st.button(
                "Put both together", type="primary", icon=":material/merge:", on_click=_put_together,
                args=[writing, theirs, merged],
            )  # fmt: skip
        wish_button(
            "Keep mine on top of theirs", lambda: _keep_mine(writing, theirs), icon=":material/vertical_align_top:"
        )
        st.button("Edit mine further", icon=":material/edit:", on_click=_edit_mine, args=[writing, theirs])
        st.button("Take theirs", icon=":material/download_done:", on_click=_take_theirs, args=[theirs])
        wishes.fulfil()
    st.caption(
        "Both can be put together: they changed different places. You read the result before it is saved."
        if merged
        else "Both changed the same place, so a person has to decide. Neither text is lost: theirs is in the history, "
        "yours stays a draft until you save it."
    )


def _put_together(writing: Writing, theirs: Page, merged: PageText) -> None:
    writing.reopen(rebase_draft(writing.draft, theirs, merged))
    writing.newest = theirs
    toast_next("Both texts are in one now: read it through, then save")


def _edit_mine(writing: Writing, theirs: Page) -> None:
    writing.newest = theirs
    writing.reopen(writing.draft)


def _take_theirs(theirs: Page) -> None:
    start_anew()
    toast_next("Your text stays as a draft: you find it when you edit this page")
    wishes.leave_for(Screen.PAGE, slug=theirs.slug)


def _keep_mine(writing: Writing, theirs: Page) -> None:
    baton, person = open_baton(), acting_person()
    if writing.saved is None:  # else this is the second of two clicks
        writing.replace_draft(rebase_draft(writing.draft, theirs))
        try:
            writing.saved = save_draft(baton.store, baton.indexer, person, writing.draft)
            toast_next("Saved")
            wishes.leave_for(Screen.PAGE, slug=writing.saved.slug)
        except PrivateDataFound as error:
            writing.newest = theirs
            writing.reopen(writing.draft)
            writing.private = error.found
        except StaleEdit as stale:
            writing.conflict = stale.current
        except (RuleError, StoreError) as error:
            writing.problem = str(error)
    wishes.done()
    wishes.go_on()
    st.rerun()


def _show_texts(base: PageText, mine: PageText, theirs: PageText) -> None:
    against, they_changed, i_changed, both = st.tabs(
        ["From theirs to mine", "What they changed", "What I changed", "Both texts"]
    )
    with against:
        show_diff(theirs, mine, "theirs_to_mine")
    with they_changed:
        show_diff(base, theirs, "base_to_theirs")
    with i_changed:
        show_diff(base, mine, "base_to_mine")
    with both:
        left, right = st.columns(2)
        with left:
            st.markdown("**Mine**")
            st.code(mine.body, language=None, wrap_lines=True, height=HEIGHT)
        with right:
            st.markdown("**Theirs**")
            st.code(theirs.body, language=None, wrap_lines=True, height=HEIGHT)
