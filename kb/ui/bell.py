"""The bell at the top of every screen: how much is new in the notes that the person takes part in.

It is rung again at every move to a screen, not by a clock: a tab that nobody uses must not keep its session alive.
"""

from __future__ import annotations

import streamlit as st

from kb.my_day import MOST_CHANGES, changes_for
from kb.store.db import now
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton


def show() -> None:
    """Show the bell, with the count of what the person has not seen; it leads to My day."""
    unread = len(changes_for(open_baton().store, acting_person(), now()))
    count = f"{MOST_CHANGES}+" if unread >= MOST_CHANGES else str(unread)
    label = f"{count} new in your handover notes" if unread else "Nothing new in your handover notes"
    badge = f'<span class="count" aria-hidden="true">{count}</span>' if unread else ""
    with st.container(key="bell"):
        st.html(
            f'<a href="{Screen.MY_DAY}#what-changed" aria-label="{label}" title="{label}">'
            f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_BELL}"/></svg>{badge}</a>'
        )


# Drawn here: an icon font would only be there once it is loaded.
_BELL = (
    "M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2Zm6-6v-5a6 6 0 0 0-5-5.9V4a1 1 0 1 0-2 0v1.1A6 6 0 0 0 6 11v5l-2 2v1h16v-1Z"
)
