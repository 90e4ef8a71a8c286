"""The screen "Write a page": a new page, or an edit of one. What is typed is kept as a draft all the time."""

from __future__ import annotations

import textwrap

import streamlit as st

from index.chunking import plain_text
from kb.access import RuleError
from kb.diff import size_of_change
from kb.drafts import Draft, PageGone, as_new_page, drop_draft, save_draft, unfinished_drafts
from kb.models import PageKind
from kb.pages import PageNotFound, StaleEdit
from kb.private_data import PrivateDataFound
from kb.store.db import StoreError, now
from kb.ui import browser, wishes, words
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.discard import NEVER_SAVED, ask_to_discard
from kb.ui.editor import HELP, SAVE, show_editor
from kb.ui.markdown import escape
from kb.ui.moments import clock, number
from kb.ui.private_box import show_private_box
from kb.ui.toasts import toast_next
from kb.ui.wishes import wish_button
from kb.ui.write_conflict import show_conflict
from kb.ui.writing import Writing, current_writing, start_anew

SHOWN_DRAFTS = 2  # more would push the fields off a phone
EXCERPT = 90  # characters of a draft's text, to tell it from others


def render() -> None:
    """Show the screen."""
    wishes.go_on()
    try:
        writing = current_writing()
    except PageNotFound:
        _show_not_found(st.query_params.get("slug", ""))
        return
    if writing.newest and writing.newest.kind is PageKind.HANDOVER:
        browser.show_instead(address(Screen.HANDOVER_EDIT, slug=writing.newest.slug))
        return
    if writing.conflict:
        show_conflict(writing)
        return
    editing = writing.draft.base is not None
    title = escape(writing.draft.base.title) if writing.draft.base else ""
    st.set_page_config(page_title="Edit a page" if editing else "Write a page")
    st.title(f"Edit “{title}”" if editing else "Write a page", anchor=False)
    _offer_drafts(writing)
    _warn(writing)
    show_editor(writing)
    _show_actions(writing)
    if writing.draft.version:
        browser.keep_in_address(draft=writing.draft.key)


def _offer_drafts(writing: Writing) -> None:
    """Offer what the person left unfinished before."""
    store, person = open_baton().store, acting_person()
    others = [draft for draft in unfinished_drafts(store, person, writing.draft.slug) if draft.key not in writing.keys]
    if not others:
        return
    st.markdown("**You have an unfinished draft.**" if len(others) == 1 else "**You have unfinished drafts.**")
    for draft in others[:SHOWN_DRAFTS]:
        _offer(draft)
    if len(others) > SHOWN_DRAFTS:
        with st.expander(words.counted(len(others) - SHOWN_DRAFTS, "older draft")):
            for draft in others[SHOWN_DRAFTS:]:
                _offer(draft)


def _offer(draft: Draft) -> None:
    with st.container(key=f"draft_{draft.key}", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f"{'Edit of ' if draft.base else ''}**{escape(draft.text.title or 'Without a title')}**, "
            f"from {_when(draft)}  \n"
            f":small[{escape(_excerpt(draft))}]",
            width="stretch",
        )
        if st.button("Continue", key=f"continue_{draft.key}", icon=":material/edit:"):
            start_anew()
            go_to(Screen.WRITE, slug=draft.slug, draft=draft.key)
        if st.button("Discard", key=f"discard_{draft.key}", icon=":material/delete:", type="tertiary"):
            ask_to_discard(_consequence(draft), lambda: drop_draft(open_baton().store, acting_person(), draft))


def _consequence(draft: Draft) -> str:
    """What is lost with a draft."""
    if draft.base:
        return f"Your changes to “{escape(draft.base.title)}” are gone for good. The page stays as it is."
    return NEVER_SAVED


def _excerpt(draft: Draft) -> str:
    """What tells this draft from others: what it changed, or how it begins."""
    if draft.base:
        change = size_of_change(draft.base.body, draft.text.body)
        return f"+{number(change.added)} −{number(change.removed)} words"
    return textwrap.shorten(plain_text(draft.text.body[:500]), EXCERPT, placeholder=" …")


def _warn(writing: Writing) -> None:
    """Say what the writer should know before going on."""
    if writing.gone:
        st.warning(
            "This page is in the trash now. Your text is kept as a draft: restore the page from the trash, "
            "or save your text as a new page.",
            icon=":material/delete:",
        )
    elif writing.newest and writing.newest.revision > writing.draft.revision:
        st.info(
            f"{escape(writing.newest.updated_by.name)} saved this page at "
            f"{clock(writing.newest.updated_at, now())}, after you began. When you save, you see both texts.",
            icon=":material/info:",
        )


def _show_actions(writing: Writing) -> None:
    if writing.problem:
        st.error(escape(writing.problem), icon=":material/error:")
    left = writing.private_left()
    if left:
        show_private_box(left, writing.mask, keep=lambda reason: wishes.want(lambda: _save(writing, reason)))
    if writing.private and not left:
        st.success("Nothing private is left: save it.", icon=":material/check:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if writing.gone:
            wish_button(
                "Save as a new page", lambda: _turn_into_new_page(writing), type="primary", icon=":material/note_add:"
            )
            st.page_link(st.session_state["screens"][Screen.TRASH], label="Look in the trash")
        else:
            wish_button(
                "Save", lambda: _save(writing), key=SAVE, type="primary", shortcut="Ctrl+S", icon=":material/save:"
            )
        with st.popover("Markdown help", icon=":material/help:", type="tertiary"):
            st.markdown(HELP)
        if writing.draft.version:
            wish_button("Discard draft", lambda: _ask_to_discard(writing), type="tertiary", icon=":material/delete:")
            if writing.draft.base is None:
                wish_button("Begin another", _begin_another, type="tertiary", icon=":material/add:")
            st.caption(f"Draft kept {_when(writing.draft)}")
        wishes.fulfil()


def _begin_another() -> None:
    wishes.done()
    start_anew()
    go_to(Screen.WRITE)


def _ask_to_discard(writing: Writing) -> None:
    wishes.done()
    ask_to_discard(_consequence(writing.draft), lambda: _discard(writing))


def _save(writing: Writing, private_reason: str = "") -> None:
    baton, person = open_baton(), acting_person()
    if writing.saved is None:  # else this is the second of two clicks
        try:
            with st.spinner("Saving …"):
                writing.saved = save_draft(
                    baton.store, baton.indexer, person, writing.draft, private_reason=private_reason
                )
                changed = writing.saved.revision > writing.draft.revision
                toast_next("Saved" if changed else "Nothing was changed")
                wishes.leave_for(Screen.PAGE, slug=writing.saved.slug)
        except PrivateDataFound as error:
            writing.replace_draft(writing.draft)
            writing.private = error.found
        except StaleEdit as stale:
            writing.conflict = stale.current
        except PageGone:
            writing.gone = True
        except (RuleError, StoreError) as error:
            writing.replace_draft(writing.draft)
            writing.problem = str(error)
    wishes.done()
    wishes.go_on()
    st.rerun()


def _discard(writing: Writing) -> None:
    drop_draft(open_baton().store, acting_person(), writing.draft)
    start_anew()
    toast_next("Draft discarded")
    if writing.newest:
        go_to(Screen.PAGE, slug=writing.newest.slug)
    go_to(Screen.WRITE)


def _turn_into_new_page(writing: Writing) -> None:
    draft = as_new_page(open_baton().store, acting_person(), writing.draft)
    wishes.done()
    start_anew()
    go_to(Screen.WRITE, draft=draft.key)


def _show_not_found(slug: str) -> None:
    wishes.done()  # there is nothing left to do it with
    st.title("Page not found", anchor=False)
    st.markdown(
        f"There is no page at “{escape(slug)}”. It may be in the [trash]({Screen.TRASH}); "
        f"or [search for it]({Screen.SEARCH}), or [write it](<{address(Screen.WRITE, title=slug)}>)."
    )
    drafts = unfinished_drafts(open_baton().store, acting_person(), slug) if slug else []
    if drafts:
        st.markdown("**You have an unfinished draft of it.**")
    for draft in drafts:
        _offer(draft)


def _when(draft: Draft) -> str:
    return clock(draft.kept_at, now()) if draft.kept_at else "now"
