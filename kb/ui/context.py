"""What every screen works with: the running Baton and the acting person."""

from __future__ import annotations

import threading

from kb.application import Baton
from kb.models import Person
from kb.settings import Settings
from kb.store.people import LOCAL
from kb.store.sessions import Session

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


def acting_person() -> Person:
    """Who uses this session: the built-in local person, until people can sign in."""
    return LOCAL


def current_session() -> Session | None:
    """The session that this browser is signed in with: none, until people can sign in."""
    return None
