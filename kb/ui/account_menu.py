"""Who is signed in, at the foot of the sidebar, and the way out."""

from __future__ import annotations

from html import escape

import streamlit as st

from kb.sessions import sign_out_token
from kb.store.sessions import Session
from kb.ui import context


def show(session: Session) -> None:
    """Show the person's name and "Sign out": a form of its own, since only an HTTP response can end a cookie."""
    with st.sidebar, st.container(key="account"):
        st.html(
            f'<p class="name">{escape(session.person.name)}</p>'
            '<form method="post" action="/sign-out">'
            f'<input type="hidden" name="form" value="{sign_out_token(context.session_hash())}">'
            "<button>Sign out</button></form>"
        )
