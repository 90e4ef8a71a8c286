"""A one-time link that was just made, shown once: it is kept nowhere and cannot be shown again."""

from __future__ import annotations

import streamlit as st

from kb.invitations import Invitation
from kb.people import Purpose
from kb.ui.markdown import escape
from kb.ui.moments import full

_KEY = "new_link"


def show_next(made: Invitation) -> None:
    """Let the next run of the screen show the link."""
    st.session_state[_KEY] = made


def show() -> None:
    """Show the link that was just made, if there is one."""
    made: Invitation | None = st.session_state.pop(_KEY, None)
    if made is not None:
        _show(made)


@st.dialog("One-time link", width="medium")
def _show(made: Invitation) -> None:
    name = escape(made.account.person.name)
    what = "choose a new password" if made.purpose is Purpose.RESET else "choose a password and sign in"
    st.markdown(f"With this link **{name}** can {what}. It works once, until **{full(made.expires_at)}**.")
    st.code(made.address, language=None, wrap_lines=True)
    if made.mailed:
        st.success(f"Mailed to {escape(made.account.email)} as well.", icon=":material/mail:")
    elif made.mail_problem:
        st.warning(
            f"The mail was not sent: {escape(made.mail_problem)}. Copy the link and pass it on yourself.",
            icon=":material/unsubscribe:",
        )
    else:
        st.markdown(f"Copy it and pass it on to {name} yourself, for instance by chat.")
    st.caption("It is shown only now. If it gets lost, make a new one: the lost one then no longer works.")
    if st.button("Done", type="primary", key="link_done"):
        st.rerun()
