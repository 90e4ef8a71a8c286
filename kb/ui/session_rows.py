"""The rows of "where somebody is signed in", the same for themselves and for administrators."""

from __future__ import annotations

from kb.store.db import now
from kb.store.sessions import Session
from kb.ui.browser_names import browser_name
from kb.ui.markdown import escape
from kb.ui.moments import full
from kb.ui.words import ago


def session_row(session: Session, *, this_one: bool = False) -> str:
    """One session in Markdown: browser, when, and from where."""
    where = f" · from {escape(session.address)}" if session.address else ""
    mark = " :green-badge[This browser]" if this_one else ""
    return (
        f"**{browser_name(session.agent)}**{mark}  \n"
        f":small[Last used {ago(session.seen_at, now())} · signed in {full(session.created_at)}{where}]"
    )
