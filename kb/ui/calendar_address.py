"""The address of one's own calendar, on the screen "My profile": made, shown once, replaced, taken away."""

from __future__ import annotations

import streamlit as st

from kb.calendar_feed import make_address, my_address, remove_address
from kb.ui.context import acting_person, open_baton
from kb.ui.moments import full
from kb.ui.problems import told
from kb.ui.toasts import toast_next

_KEY = "new_calendar_address"


def show_calendar_address() -> None:
    """Show whether there is an address, when a calendar last read it, and the buttons."""
    st.header("In my calendar", anchor="calendar")
    st.markdown(
        "Your calendar program can show by when you have to acknowledge notes, and when your open items are due. "
        "Of confidential notes it only says that there is one."
    )
    known = my_address(open_baton().store, acting_person())
    if known:
        read = f"last read {full(known.read_at)}" if known.read_at else "not read by any calendar yet"
        st.caption(f"Address made {full(known.made_at)}, {read}.")
    with st.container(horizontal=True):
        label = "Make a new address" if known else "Make an address"
        st.button(label, icon=":material/calendar_add_on:", key="make_calendar", on_click=_make)
        if known:
            st.button("Take it away", icon=":material/link_off:", key="remove_calendar", on_click=_remove)
    if made := st.session_state.pop(_KEY, ""):
        _show(made)


@st.dialog("Address of your calendar", width="medium")
def _show(address: str) -> None:
    st.markdown("Add it in your calendar program as a calendar **from the internet** (some say: subscribe, from URL).")
    st.code(address, language=None, wrap_lines=True)
    st.caption(
        "Whoever has it can read these dates, and nothing else. It is shown only now; a new one ends this one. A "
        "calendar on another machine has to reach Baton, and then keeps a copy of the dates there."
    )
    if st.button("Done", type="primary", key="calendar_done"):
        st.rerun()


def _make() -> None:
    baton = open_baton()
    with told():
        st.session_state[_KEY] = make_address(baton.store, baton.settings, acting_person())


def _remove() -> None:
    with told():
        remove_address(open_baton().store, acting_person())
        toast_next("Taken away: the address no longer works")
