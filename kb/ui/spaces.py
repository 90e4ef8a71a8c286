"""The screen "Spaces": who sees what. One space is :mod:`kb.ui.space_sharing`."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kb.models import SpaceKind
from kb.pages import MAX_SPACE_NAME
from kb.sharing import SpaceSummary, make_space, rename_space, sharing_of, space_summaries
from kb.ui import space_sharing
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import show_problem, told
from kb.ui.space_sharing import Chosen, choose_sharing, kind_badge
from kb.ui.toasts import toast_next
from kb.ui.words import counted

NAME = "new_space_name"


def render() -> None:
    """Show the screen: every space that the person sees, or the one that the address names."""
    st.set_page_config(page_title="Spaces")
    slug = st.query_params.get("space", "")
    summaries = space_summaries(open_baton().store, acting_person())
    if slug:
        found = next((summary for summary in summaries if summary.space.slug == slug), None)
        st.markdown(f"[All spaces](<{address(Screen.SPACES)}>)")
        with st.container(key="space_sharing"):
            _show_space(found)
        return
    st.title("Spaces", anchor=False)
    show_problem()
    st.markdown("Every page is in one space, and the space says who sees it.")
    with st.expander("Make a space", icon=":material/create_new_folder:", key="make_space"):
        _show_new()
    with st.container(key="spaces", gap="small"):
        for summary in summaries:
            with st.container(border=True):
                st.markdown(_row(summary), anchors=False)
    st.caption("Confidential spaces that are not shared with you are not listed.")


def _row(summary: SpaceSummary) -> str:
    space = summary.space
    facts = [counted(summary.pages, "page")]
    if space.kind is not SpaceKind.OPEN:
        facts.append(space_sharing.shared_with(sharing_of(open_baton().store, acting_person(), space)))
    return (
        f"## [{escape(space.name)}](<{address(Screen.SPACES, space=space.slug)}>)\n\n"
        f"{kind_badge(space.kind)} :small[{' · '.join(facts)}]"
    )


def _show_new() -> None:
    st.text_input("Name", key=NAME, max_chars=MAX_SPACE_NAME, width=320, placeholder="for instance a client's name")
    chosen = choose_sharing("new_space", None)
    st.button(
        "Make the space", type="primary", icon=":material/create_new_folder:", key="new_space_save",
        on_click=_make, args=[chosen],
    )  # fmt: skip


def _make(choose: Callable[[], Chosen]) -> None:
    chosen = choose()
    with told():
        made = make_space(
            open_baton().store, acting_person(), st.session_state[NAME], chosen.kind, chosen.people, chosen.teams
        )
        toast_next(f"{escape(made.space.name)} is a space now")
        st.session_state[NAME] = ""
        space_sharing.forget("new_space")


def _show_space(summary: SpaceSummary | None) -> None:
    if summary is None:
        st.title("Space not found", anchor=False)
        st.markdown("There is no such space, or it is not shared with you. Choose from the list of all spaces.")
        return
    space = summary.space
    st.set_page_config(page_title=space.name)
    st.title(escape(space.name), anchor=False)
    link = address(Screen.SEARCH, space=space.slug)
    st.markdown(f"{kind_badge(space.kind)} [{counted(summary.pages, 'page')}](<{link}>)")
    show_problem()
    space_sharing.show(sharing_of(open_baton().store, acting_person(), space))
    st.header("Name", anchor=False)
    with st.form("rename_space", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", space.name, key=f"space_name_{space.id}", max_chars=MAX_SPACE_NAME, width=320)
        st.form_submit_button("Save name", on_click=_rename, args=[summary])
    st.caption("Links to the space and its pages go on working.")


def _rename(summary: SpaceSummary) -> None:
    with told():
        name = st.session_state[f"space_name_{summary.space.id}"]
        rename_space(open_baton().store, acting_person(), summary.space, name)
        toast_next("Saved")
