"""The screen "History": every revision of a page, what changed between any two, and the way back to an old one."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.diff import size_of_change
from kb.models import Page, PageKind, Revision
from kb.pages import PageNotFound, PageText, StaleEdit, history, read_page, restore_revision
from kb.store.db import StoreError
from kb.ui.addresses import Screen, address, page_address
from kb.ui.context import acting_person, open_baton
from kb.ui.diff_view import show_diff
from kb.ui.markdown import escape
from kb.ui.moments import full, number
from kb.ui.person_links import person_link
from kb.ui.runs import hold
from kb.ui.toasts import toast_next
from kb.ui.words import counted

PER_PAGE = 15  # revisions listed at once
OLD, NEW = "history_old", "history_new"  # the chosen revisions' keys


def render() -> None:
    """Show the screen."""
    slug = st.query_params.get("slug", "")
    try:
        page = read_page(open_baton().store, acting_person(), slug)
    except PageNotFound:
        _show_not_found(slug)
        return
    st.set_page_config(page_title=f"History of {page.title}")
    st.title(f"History of “{escape(page.title)}”", anchor=False)
    st.markdown(f"[Back to the page](<{page_address(page)}>)")
    if problem := st.session_state.pop("history_problem", ""):
        st.error(escape(problem), icon=":material/error:")
    revisions = history(open_baton().store, acting_person(), page)
    with st.container(key="history"):
        if len(revisions) > 1:
            _show_comparison(page, revisions)
        else:
            st.info("This page was never changed: there is nothing to compare yet.", icon=":material/history:")
        _show_revisions(page, revisions)


def _show_comparison(page: Page, revisions: list[Revision]) -> None:
    by_number = {revision.number: revision for revision in revisions}
    numbers = list(by_number)
    if st.session_state.get("history_of") != page.id:
        st.session_state["history_of"] = page.id
        _choose(revisions[1].number, revisions[0].number)
    # The fields' values are gone once another screen was shown.
    hold(OLD, numbers[1])
    hold(NEW, numbers[0])
    st.header("What changed", anchor=False)
    left, right = st.columns(2)
    with left:
        old = st.selectbox("From", numbers, key=OLD, format_func=lambda number: _name(by_number[number]))
    with right:
        new = st.selectbox("To", numbers, key=NEW, format_func=lambda number: _name(by_number[number]))
    show_diff(_text(by_number[old]), _text(by_number[new]), key="history_diff")


def _show_revisions(page: Page, revisions: list[Revision]) -> None:
    st.header(counted(len(revisions), "revision"), anchor=False)
    pages = -(-len(revisions) // PER_PAGE)
    first = (st.pagination(pages, key=f"history_pages_{page.id}") - 1) * PER_PAGE if pages > 1 else 0
    pairs = list(zip(revisions, [*revisions[1:], None], strict=True))
    for revision, before in pairs[first : first + PER_PAGE]:
        _show_revision(page, revision, before)


def _show_revision(page: Page, revision: Revision, before: Revision | None) -> None:
    with st.container(key=f"revision_{revision.number}", border=True, horizontal=True, vertical_alignment="center"):
        marks = " · the page now" if revision.number == page.revision else ""
        st.markdown(
            f"**{revision.number}**{marks} · {escape(revision.summary) or 'No summary'}  \n"
            f":small[{full(revision.created_at)} · {person_link(revision.author)} · {_size(revision, before)}]",
            width="stretch",
        )
        with st.container(horizontal=True, width="content"):
            _show_actions(page, revision, before)


def _show_actions(page: Page, revision: Revision, before: Revision | None) -> None:
    if before:
        st.button(
            "Changes",
            key=f"changes_{revision.number}",
            icon=":material/difference:",
            type="tertiary",
            help=f"What revision {revision.number} changed",
            on_click=_choose,
            args=(before.number, revision.number),
        )
    if revision.number != page.revision and page.kind is not PageKind.HANDOVER:
        st.button(
            "Restore",
            key=f"restore_{revision.number}",
            icon=":material/restore:",
            help=f"Save the text of revision {revision.number} as the newest one. The others stay in the history.",
            on_click=_restore,
            args=(page, revision.number),
        )


def _restore(page: Page, number: int) -> None:
    """Restore a revision of the page as the reader saw it."""
    baton = open_baton()
    try:
        saved = restore_revision(baton.store, baton.indexer, acting_person(), page, number)
    except StaleEdit as stale:
        name = stale.current.updated_by.name
        st.session_state["history_problem"] = (
            f"{name} saved the page meanwhile: look at the newest revision, then restore again."
        )
        return
    except (RuleError, PageNotFound, StoreError) as error:
        st.session_state["history_problem"] = str(error)
        return
    _choose(page.revision, saved.revision)
    toast_next(f"Revision {number} is the newest text again")


def _choose(old: int, new: int) -> None:
    st.session_state[OLD], st.session_state[NEW] = old, new


def _show_not_found(slug: str) -> None:
    st.set_page_config(page_title="Page not found")
    st.title("Page not found", anchor=False)
    st.markdown(
        f"There is no page at “{escape(slug)}”. It may be in the [trash]({Screen.TRASH}); "
        f"or [search for it]({address(Screen.SEARCH)})."
    )


def _name(revision: Revision) -> str:
    summary = f" · {revision.summary}" if revision.summary else ""
    return f"{revision.number} · {full(revision.created_at)} · {revision.author.name}{summary}"


def _size(revision: Revision, before: Revision | None) -> str:
    change = size_of_change(before.body if before else "", revision.body)
    signed = [f"{sign}{number(count)}" for sign, count in (("+", change.added), ("−", change.removed)) if count]
    return " ".join([*signed, "words"]) if signed else "same words"


def _text(revision: Revision) -> PageText:
    return PageText(revision.title, revision.body, revision.tags)
