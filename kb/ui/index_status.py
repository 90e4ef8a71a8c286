"""The screen "Index status": what can be found, and whether meaning has a say in it yet."""

from __future__ import annotations

import streamlit as st

from kb.status import IndexStatus, index_status
from kb.ui import words
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import full, number

LOOK_AGAIN = "2s"  # how often the numbers are read while they change by themselves


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Index status")
    st.title("Index status", anchor=False)
    busy = _read().busy
    st.fragment(_show, run_every=LOOK_AGAIN if busy else None)(busy)


def _read() -> IndexStatus:
    baton = open_baton()
    return index_status(baton.store, baton.settings, baton.encoder, acting_person())


def _show(was_busy: bool) -> None:
    status = _read()
    if was_busy and not status.busy:
        st.rerun()  # to look no more
    with st.container(key="status"):
        _show_state(status)
        _show_model(status)
        _show_numbers(status)


def _show_state(status: IndexStatus) -> None:
    if status.model_failure:
        st.error(
            f"The meaning model cannot be used: {escape(status.model_failure)} "
            "Until it can, search answers by words only."
        )
    elif status.needs_rebuild:
        st.warning(
            "The settings ask for another model than the index is made with. Search goes on with the old one. "
            "Run `python scripts/rebuild_index.py` to switch."
        )
    elif not status.model_ready or status.changes_model:
        st.info("The meaning model is loading. Search answers by words only until it is ready.")
    elif status.pending:
        waiting = words.counted(status.pending, "passage")
        st.info(f"{waiting} can be found by words already, and soon by meaning too.")
    else:
        st.success("Everything is up to date: each page can be found by its words and by its meaning.")


def _show_model(status: IndexStatus) -> None:
    ready = "ready" if status.model_ready else "failed" if status.model_failure else "loading"
    rebuilt = full(status.rebuilt_at) if status.rebuilt_at else "never: every page was added as it was saved"
    with st.container(key="model"):
        st.header("Model", anchor=False)
        st.markdown(
            "| | |\n|---|---|\n"
            f"| State | {ready} |\n"
            f"| The index is made with | {escape(status.active.name)} |\n"
            f"| The settings ask for | {escape(status.configured.name)} |\n"
            f"| Last rebuild | {rebuilt} |\n"
            f"| Generation | {number(status.generation)} |"
        )


def _show_numbers(status: IndexStatus) -> None:
    st.header("What can be found", anchor=False)
    with st.container(key="numbers", horizontal=True):
        for kind, amount in status.pages.items():
            st.metric(words.KINDS[kind], number(amount), border=True, width=150)
        st.metric("Passages (chunks)", number(status.chunks), border=True, width=170)
        st.metric("Waiting for meaning", number(status.pending), border=True, width=180)
        st.metric("Database", words.size(status.database_bytes), border=True, width=150)
