"""The script of every session: navigation only. Each screen has a module with one ``render()``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from kb.ui import (
    audit,
    browser,
    handover,
    handover_edit,
    handovers,
    history,
    import_files,
    index_status,
    page,
    people,
    search,
    sessions,
    spaces,
    style,
    teams,
    trash,
    write,
)
from kb.ui.addresses import Screen
from kb.ui.allowed import offered
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
    Screen.IMPORT: st.Page(import_files.render, title="Import", icon=":material/upload_file:", url_path="import"),
    Screen.INDEX_STATUS: st.Page(
        index_status.render, title="Index status", icon=":material/monitoring:", url_path="index-status"
    ),
    Screen.TRASH: st.Page(trash.render, title="Trash", icon=":material/delete:", url_path="trash"),
    Screen.SESSIONS: st.Page(
        sessions.render, title="Where I am signed in", icon=":material/devices:", url_path="sessions"
    ),
    Screen.PAGE: st.Page(page.render, title="Page", url_path="page", visibility="hidden"),
    Screen.HISTORY: st.Page(history.render, title="History", url_path="history", visibility="hidden"),
    Screen.HANDOVER: st.Page(handover.render, title="Handover note", url_path="handover", visibility="hidden"),
    Screen.HANDOVER_EDIT: st.Page(
        handover_edit.render, title="Write a handover note", url_path="handover-edit", visibility="hidden"
    ),
}
ADMINISTRATION = {
    Screen.SPACES: partial(st.Page, spaces.render, title="Spaces", icon=":material/folder_shared:", url_path="spaces"),
    Screen.PEOPLE: partial(st.Page, people.render, title="People", icon=":material/person:", url_path="people"),
    Screen.TEAMS: partial(st.Page, teams.render, title="Teams", icon=":material/groups:", url_path="teams"),
    Screen.AUDIT: partial(st.Page, audit.render, title="Audit log", icon=":material/receipt_long:", url_path="audit"),
}


def run() -> None:
    """Show the screen that the address names."""
    st.set_page_config(page_title="Baton", page_icon=ICON, layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    style.apply()
    shown = offered()
    administration = {
        # Hidden, not missing: whoever opens one by its address reads whose it is.
        screen: make(visibility="visible" if screen in shown else "hidden")
        for screen, make in ADMINISTRATION.items()
    }
    st.session_state.setdefault("screens", SCREENS | administration)
    chosen = st.navigation(
        {
            "": [SCREENS[Screen.SEARCH], SCREENS[Screen.HANDOVERS], SCREENS[Screen.WRITE]],
            "Manage": [
                SCREENS[Screen.IMPORT],
                SCREENS[Screen.INDEX_STATUS],
                SCREENS[Screen.TRASH],
                *administration.values(),
            ],
            "Me": [SCREENS[Screen.SESSIONS]],
            "Hidden": [
                SCREENS[Screen.PAGE],
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
