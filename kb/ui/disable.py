"""The question before an account is disabled, with what the person owns and who gets it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb import people
from kb.models import Account, Person
from kb.ownership import OwnedPage, owned_by, reassign
from kb.ui import people_words, words
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import told
from kb.ui.reassign import choose_owner, list_owned
from kb.ui.toasts import toast_next

NEW_OWNER = "disable_to"


@st.dialog("Disable this account?", width="medium")
def ask_to_disable(account: Account) -> None:
    """Ask; on yes disable the account and give away what was chosen."""
    person, first = account.person, escape(people_words.first_name(account))
    st.markdown(
        f"**{escape(person.name)}** is signed out at their next click and cannot sign in any more. "
        "What they wrote stays. You can enable the account again at any time."
    )
    owned = owned_by(open_baton().store, acting_person(), person)
    if owned:
        st.markdown(f"{first} owns {words.counted(len(owned), 'page')} that you can see. Who looks after that now?")
        with st.container(height=220 if len(owned) > 4 else "content", border=False):
            list_owned(owned, "disable_pages")
        choose_owner("New owner", person, owned, key=NEW_OWNER, nobody="Decide later, on this person's screen")
        if len({page.space.id for page in owned}) > 1:
            st.caption("Only people who see all of these spaces are offered. Give page by page afterwards to others.")
    with st.container(horizontal=True):
        confirmed = st.button("Disable", type="primary", key="confirm_disable", on_click=_disable, args=[person, owned])
        kept = st.button("Cancel", key="keep_enabled")
    if confirmed or kept:
        st.rerun()


def _disable(person: Person, owned: Sequence[OwnedPage]) -> None:
    store, actor = open_baton().store, acting_person()
    new_owner: Person | None = st.session_state.get(NEW_OWNER)
    with told():
        people.disable(store, actor, person.id)
        done = f"{escape(person.name)} is disabled"
        toast_next(done)
        if new_owner:
            number = reassign(store, actor, owned, new_owner)
            toast_next(f"{done}; {words.counted(number, 'page')} given to {escape(new_owner.name)}")
