"""The script of every session: navigation only. Each screen has a module with one ``render()``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kb.profiles import my_profile
from kb.ui import (
    browser,
    colleague,
    colleagues,
    handover,
    handover_edit,
    handovers,
    history,
    import_files,
    index_status,
    moments,
    page,
    profile,
    search,
    style,
    trash,
    write,
)
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton
from kb.ui.toasts import show_toast

# Files of our own: a named icon would be fetched from elsewhere.
ICON = str(Path(__file__).with_name("icon.svg"))
LOGO = str(Path(__file__).with_name("logo.svg"))

SCREENS = {
    Screen.SEARCH: st.Page(search.render, title="Search", icon=":material/search:", url_path="", default=True),
    Screen.HANDOVERS: st.Page(
        handovers.render, title="Handover notes", icon=":material/handshake:", url_path="handovers"
    ),
    Screen.WRITE: st.Page(write.render, title="Write a page", icon=":material/edit:", url_path="write"),
    Screen.COLLEAGUES: st.Page(colleagues.render, title="Colleagues", icon=":material/group:", url_path="colleagues"),
    Screen.PROFILE: st.Page(profile.render, title="My profile", icon=":material/person:", url_path="profile"),
    Screen.IMPORT: st.Page(import_files.render, title="Import", icon=":material/upload_file:", url_path="import"),
    Screen.INDEX_STATUS: st.Page(
        index_status.render, title="Index status", icon=":material/monitoring:", url_path="index-status"
    ),
    Screen.TRASH: st.Page(trash.render, title="Trash", icon=":material/delete:", url_path="trash"),
    Screen.PAGE: st.Page(page.render, title="Page", url_path="page", visibility="hidden"),
    Screen.COLLEAGUE: st.Page(colleague.render, title="Colleague", url_path="colleague", visibility="hidden"),
    Screen.HISTORY: st.Page(history.render, title="History", url_path="history", visibility="hidden"),
    Screen.HANDOVER: st.Page(handover.render, title="Handover note", url_path="handover", visibility="hidden"),
    Screen.HANDOVER_EDIT: st.Page(
        handover_edit.render, title="Write a handover note", url_path="handover-edit", visibility="hidden"
    ),
}


def run() -> None:
    """Show the screen that the address names."""
    st.set_page_config(page_title="Baton", page_icon=ICON, layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    style.apply()
    moments.follow(my_profile(open_baton().store, acting_person()))
    st.session_state.setdefault("screens", SCREENS)
    chosen = st.navigation(
        {
            "": [SCREENS[Screen.SEARCH], SCREENS[Screen.HANDOVERS], SCREENS[Screen.WRITE]],
            "People": [SCREENS[Screen.COLLEAGUES], SCREENS[Screen.PROFILE]],
            "Manage": [SCREENS[Screen.IMPORT], SCREENS[Screen.INDEX_STATUS], SCREENS[Screen.TRASH]],
            "Hidden": [
                SCREENS[Screen.PAGE],
                SCREENS[Screen.COLLEAGUE],
                SCREENS[Screen.HISTORY],
                SCREENS[Screen.HANDOVER],
                SCREENS[Screen.HANDOVER_EDIT],
            ],
        }
    )
    browser.follow_links_and_keys()
    show_toast()
    chosen.run()


run()
