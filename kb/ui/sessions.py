"""The screen "Where I am signed in": one's own sessions, and one's password."""

from __future__ import annotations

import streamlit as st

from kb.passwords import MIN_LENGTH
from kb.sessions import change_password, end_other_sessions, end_session, my_sessions
from kb.store.sessions import Session
from kb.ui.company_account_rows import show_company_accounts
from kb.ui.context import acting_person, current_session, open_baton
from kb.ui.problems import show_problem, told
from kb.ui.session_rows import session_row
from kb.ui.toasts import toast_next

CURRENT, NEW = "current_password", "new_password"


def render() -> None:
    """Show the screen."""
    st.set_page_config(page_title="Where I am signed in")
    st.title("Where I am signed in", anchor=False)
    show_problem()
    this = current_session()
    sessions = my_sessions(open_baton().store, acting_person())
    with st.container(key="sessions", gap="small"):
        for session in sessions:
            _show_session(session, this_one=session.id == this.id)
    if len(sessions) > 1:
        st.button("Sign out everywhere else", icon=":material/logout:", key="end_others", on_click=_end_others)
    st.caption(
        "You do not know one of these? Sign out everywhere else, then change your password. "
        "Whoever is signed out there notices it at their next click."
    )
    show_company_accounts(acting_person())
    _show_password()


def _show_session(session: Session, *, this_one: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(session_row(session, this_one=this_one), width="stretch")
        if not this_one:
            st.button("Sign out", key=f"end_{session.id}", icon=":material/logout:", on_click=_end, args=[session])


def _end(session: Session) -> None:
    with told():
        end_session(open_baton().store, acting_person(), session.id)
        toast_next("Signed out there")


def _end_others() -> None:
    this = current_session()
    with told():
        end_other_sessions(open_baton().store, acting_person(), this.id)
        toast_next("Signed out everywhere else")


def _show_password() -> None:
    st.header("Change my password", anchor=False)
    # A form, so that no key that is pressed is sent before the button is.
    with st.form("password", border=False, enter_to_submit=True):
        st.text_input("Current password", type="password", key=CURRENT, autocomplete="current-password", width=320)
        st.text_input(
            "New password", type="password", key=NEW, autocomplete="new-password", width=320,
            help=f"At least {MIN_LENGTH} characters. A few words that do not belong together do well.",
        )  # fmt: skip
        st.caption("You stay signed in here and are signed out everywhere else.")
        st.form_submit_button("Change password", on_click=_change_password)


def _change_password() -> None:
    state, this = st.session_state, current_session()
    with told():
        change_password(open_baton().store, acting_person(), state[CURRENT], state[NEW], this.id)
        toast_next("Your password is changed")
    # Whatever happened: no password stays in the session's memory.
    state[CURRENT] = state[NEW] = ""
