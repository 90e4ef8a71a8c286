"""What every screen works with: the running Baton, the session and the acting person."""

from __future__ import annotations

import threading
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import streamlit as st

from kb.access import Ability, abilities
from kb.application import Baton
from kb.models import Person
from kb.sessions import session_of
from kb.settings import Settings
from kb.store.sessions import Session
from kb.ui import browser

# One Baton a process, shared by all sessions; not st.cache_resource, which knows no orderly end.
_lock = threading.Lock()
_opened: list[Baton] = []


def open_baton() -> Baton:
    """The running Baton, opened by the first call.

    :raises StoreError: when the database cannot be used.
    :raises SettingsError: when a BATON_* variable cannot be used.
    """
    with _lock:
        if not _opened:
            _opened.append(Baton.open(Settings.from_env()))
        return _opened[0]


def close_baton() -> None:
    """End the running Baton; a later :func:`open_baton` opens a new one."""
    with _lock:
        while _opened:
            _opened.pop().close()


def current_session() -> Session:
    """The session that this browser is signed in with, asked for again at every run: it may have ended meanwhile.

    A run without one ends here, and the browser goes to the sign-in page.
    """
    session = session_of(open_baton().store, session_hash())
    if session is None:
        browser.leave_for(f"/sign-in?{urlencode({'next': _here(), 'ended': 1})}")
        st.info("You are signed out. [Sign in](/sign-in)")
        st.stop()
    return session


def acting_person() -> Person:
    """Who uses this session, and from where now."""
    session = current_session()
    return replace(session.person, address=st.context.ip_address or session.address)


def can(ability: Ability) -> bool:
    """Whether the acting person may do that: for offering it. Whoever does it is checked again."""
    return ability in abilities(open_baton().store, acting_person())


def session_hash() -> str:
    """The hash of this browser's session, as the sign-in gate has found it; empty without one."""
    return str(st.user.get("session") or "")


def _here() -> str:
    """The present address, to come back to."""
    address = urlsplit(st.context.url or "/")
    query = urlencode(st.query_params.to_dict())
    return f"{address.path or '/'}{'?' + query if query else ''}"
