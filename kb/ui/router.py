"""The script of every session: navigation only. Each screen has a module with one ``render()``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from kb.access import Ability, abilities
from kb.profiles import my_profile
from kb.teams import leads_a_team
from kb.ui import (
    account_menu,
    actions,
    audit,
    bell,
    browser,
    colleague,
    colleagues,
    handover,
    handover_dashboard,
    handover_edit,
    handovers,
    history,
    import_files,
    index_status,
    moments,
    my_day,
    no_access,
    page,
    people,
    profile,
    relay,
    runs,
    search,
    sessions,
    spaces,
    style,
    teams,
    templates,
    trash,
    write,
)
from kb.ui.addresses import Screen
from kb.ui.context import current_session, open_baton
from kb.ui.toasts import show_toast

# Files of our own: a named icon would be fetched from elsewhere.
ICON = str(Path(__file__).with_name("icon.svg"))
LOGO = str(Path(__file__).with_name("logo.svg"))

SCREENS = {
    Screen.SEARCH: st.Page(search.render, title="Search", icon=":material/search:", url_path="", default=True),
    Screen.MY_DAY: st.Page(my_day.render, title="My day", icon=":material/today:", url_path="my-day"),
    Screen.HANDOVERS: st.Page(
        handovers.render, title="Handover notes", icon=":material/handshake:", url_path="handovers"
    ),
    Screen.ACTIONS: st.Page(actions.render, title="Actions", icon=":material/checklist:", url_path="actions"),
    Screen.RELAY: st.Page(relay.render, title="Relay", icon=":material/view_timeline:", url_path="relay"),
    Screen.WRITE: st.Page(write.render, title="Write a page", icon=":material/edit:", url_path="write"),
    Screen.COLLEAGUES: st.Page(colleagues.render, title="Colleagues", icon=":material/group:", url_path="colleagues"),
    Screen.PROFILE: st.Page(profile.render, title="My profile", icon=":material/person:", url_path="profile"),
    Screen.IMPORT: st.Page(import_files.render, title="Import", icon=":material/upload_file:", url_path="import"),
    Screen.INDEX_STATUS: st.Page(
        index_status.render, title="Index status", icon=":material/monitoring:", url_path="index-status"
    ),
    Screen.TEMPLATES: st.Page(
        templates.render, title="Templates", icon=":material/dashboard_customize:", url_path="templates"
    ),
    Screen.TRASH: st.Page(trash.render, title="Trash", icon=":material/delete:", url_path="trash"),
    Screen.SPACES: st.Page(spaces.render, title="Spaces", icon=":material/folder_shared:", url_path="spaces"),
    Screen.PEOPLE: st.Page(people.render, title="People", icon=":material/person:", url_path="people"),
    Screen.TEAMS: st.Page(teams.render, title="Teams", icon=":material/groups:", url_path="teams"),
    Screen.AUDIT: st.Page(audit.render, title="Audit log", icon=":material/receipt_long:", url_path="audit"),
    Screen.SESSIONS: st.Page(
        sessions.render, title="Where I am signed in", icon=":material/devices:", url_path="sessions"
    ),
    Screen.HANDOVER_DASHBOARD: st.Page(
        handover_dashboard.render,
        title="Handover dashboard",
        icon=":material/insights:",
        url_path="handover-dashboard",
    ),
    Screen.PAGE: st.Page(page.render, title="Page", url_path="page", visibility="hidden"),
    Screen.COLLEAGUE: st.Page(colleague.render, title="Colleague", url_path="colleague", visibility="hidden"),
    Screen.HISTORY: st.Page(history.render, title="History", url_path="history", visibility="hidden"),
    Screen.HANDOVER: st.Page(handover.render, title="Handover note", url_path="handover", visibility="hidden"),
    Screen.HANDOVER_EDIT: st.Page(
        handover_edit.render, title="Write a handover note", url_path="handover-edit", visibility="hidden"
    ),
}


# What the sidebar offers, and what a person must be able to do for it; the services check again.
SECTIONS: dict[str, dict[Screen, Ability]] = {
    "": {
        Screen.SEARCH: Ability.READ,
        Screen.MY_DAY: Ability.READ,
        Screen.HANDOVERS: Ability.READ,
        Screen.ACTIONS: Ability.READ,
        Screen.RELAY: Ability.READ,
        Screen.WRITE: Ability.WRITE,
    },
    "People": {Screen.COLLEAGUES: Ability.READ, Screen.PROFILE: Ability.READ, Screen.SESSIONS: Ability.READ},
    "Manage": {
        Screen.HANDOVER_DASHBOARD: Ability.SEE_MEASURES,
        Screen.IMPORT: Ability.WRITE,
        Screen.TEMPLATES: Ability.ADAPT_TEMPLATES,
        Screen.INDEX_STATUS: Ability.SEE_INDEX,
        Screen.TRASH: Ability.WRITE,
        Screen.SPACES: Ability.SHARE_SPACES,
        Screen.PEOPLE: Ability.MANAGE_PEOPLE,
        Screen.TEAMS: Ability.MANAGE_TEAMS,
        Screen.AUDIT: Ability.READ_AUDIT,
    },
}
HIDDEN: dict[Screen, Ability] = {
    Screen.PAGE: Ability.READ,
    Screen.COLLEAGUE: Ability.READ,
    Screen.HISTORY: Ability.READ,
    Screen.HANDOVER: Ability.READ,
    Screen.HANDOVER_EDIT: Ability.WRITE,
}


NEEDED = {screen: ability for screens in (*SECTIONS.values(), HIDDEN) for screen, ability in screens.items()}
# In the place of a screen that a person may not open: its address says so, and no link to it breaks.
CLOSED = {
    screen: st.Page(
        partial(no_access.render, NEEDED[screen]), title=shown.title, url_path=shown.url_path, visibility="hidden"
    )
    for screen, shown in SCREENS.items()
    if NEEDED[screen] is not Ability.READ
}


def run() -> None:
    """Show the screen that the address names."""
    session = current_session()
    st.set_page_config(page_title="Baton", page_icon=ICON, layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    style.apply()
    store = open_baton().store
    moments.follow(my_profile(store, session.person))
    held = abilities(store, session.person)
    if leads_a_team(store, session.person):
        held |= {Ability.MANAGE_TEAMS}  # for the screen: the service lets them change their own team only
    screens = {screen: page if NEEDED[screen] in held else CLOSED[screen] for screen, page in SCREENS.items()}
    st.session_state["screens"] = screens
    chosen = st.navigation(
        {title: [screens[screen] for screen in section] for title, section in {**SECTIONS, "Hidden": HIDDEN}.items()},
        expanded=True,  # nothing that somebody may do is folded away
    )
    runs.begin(chosen.url_path)
    browser.follow_links_and_keys()
    account_menu.show(session)
    bell.show()
    show_toast()
    chosen.run()
    runs.end()


run()
