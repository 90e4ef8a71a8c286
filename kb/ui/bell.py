"""The bell at the top of every screen: how much is new in the notes that the person takes part in.

It is rung again at every move to a screen, not by a clock: a tab that nobody uses must not keep its session alive.
"""

from __future__ import annotations

import streamlit as st

from kb.my_day import MOST_CHANGES, count_changes
from kb.store.db import now
from kb.ui.addresses import Screen
from kb.ui.context import acting_person, open_baton


def show() -> None:
    """Show the bell, with the count of what the person has not seen; it leads to My day."""
    unread = count_changes(open_baton().store, acting_person(), now())
    count = f"{MOST_CHANGES}+" if unread >= MOST_CHANGES else str(unread)
    label = f"{count} new in your handover notes" if unread else "Nothing new in your handover notes"
    badge = f'<span class="count" aria-hidden="true">{count}</span>' if unread else ""
    with st.container(key="bell"):
        st.html(
            f'<a href="{Screen.MY_DAY}#what-changed" aria-label="{label}" title="{label}">'
            f'<span class="shape" aria-hidden="true"></span>{badge}</a>'
        )
