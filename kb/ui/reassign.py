"""Giving what a person owns to somebody else: pages and handover notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from kb.models import PageKind, Person
from kb.ownership import OwnedPage, owned_by, possible_owners, reassign
from kb.ui import words
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.problems import told
from kb.ui.toasts import toast_next

PER_PAGE = 10


def show_owned(owner: Person) -> None:
    """List what the person owns, and offer to give it to somebody else."""
    st.header("Pages and notes", anchor=False)
    owned = owned_by(open_baton().store, acting_person(), owner)
    if not owned:
        st.markdown(f"There is nothing of {escape(owner.name)}'s that you can see.")
        return
    st.markdown(
        f"{escape(owner.name)} owns {words.counted(len(owned), 'page')} and notes that you can see."
        if len(owned) > 1
        else f"{escape(owner.name)} owns 1 page or note that you can see."
    )
    list_owned(owned, f"owned_pages_{owner.id}")
    _offer(owner, owned)


def list_owned(owned: Sequence[OwnedPage], key: str) -> None:
    """The pages as links, in parts."""
    last = -(-len(owned) // PER_PAGE)
    first = (st.pagination(last, key=key) - 1) * PER_PAGE if last > 1 else 0
    st.markdown("\n".join(_line(page) for page in owned[first : first + PER_PAGE]))


def _line(page: OwnedPage) -> str:
    screen = Screen.HANDOVER if page.kind is PageKind.HANDOVER else Screen.PAGE
    link = address(screen, slug=page.slug)
    return f"- [{escape(page.title)}](<{link}>) :small[{words.KIND[page.kind]} in {escape(page.space.name)}]"


def _offer(owner: Person, owned: Sequence[OwnedPage]) -> None:
    labels = _labels(owned)
    with st.container(key="reassign", horizontal=True, vertical_alignment="bottom"):
        ids = st.multiselect(
            "Give", list(labels), key=f"give_{owner.id}", format_func=lambda number: labels[number],
            placeholder=f"All {len(owned):,}", width=420,
        )  # fmt: skip
        chosen = [page for page in owned if page.id in ids] or list(owned)
        new_owner = choose_owner("To", owner, chosen, key=f"give_to_{owner.id}", nobody="Choose a person")
        st.button(
            "Give", icon=":material/swap_horiz:", key=f"give_now_{owner.id}", disabled=new_owner is None,
            on_click=_give, args=[owner, owned],
        )  # fmt: skip
    st.caption("Only people who may write and see the space of each page are offered.")


def choose_owner(label: str, owner: Person, owned: Sequence[OwnedPage], *, key: str, nobody: str) -> Person | None:
    """A field to choose who gets the pages; None as long as nobody is chosen."""
    candidates = [person for person in possible_owners(open_baton().store, acting_person(), owned) if person != owner]
    return st.selectbox(
        label, [None, *candidates], key=key, width=260, format_func=lambda person: person.name if person else nobody
    )


def _give(owner: Person, owned: Sequence[OwnedPage]) -> None:
    # Read now, not when the button was drawn: the last choice may not be drawn yet.
    ids, new_owner = st.session_state[f"give_{owner.id}"], st.session_state[f"give_to_{owner.id}"]
    if new_owner is None:
        return
    chosen = [page for page in owned if page.id in ids] or list(owned)
    with told():
        number = reassign(open_baton().store, acting_person(), chosen, new_owner)
        toast_next(f"{words.counted(number, 'page')} given to {escape(new_owner.name)}")


def _labels(owned: Sequence[OwnedPage]) -> dict[int, str]:
    """What each page is called in the field: with its address where another one is called the same."""
    names = {page.id: f"{page.title} ({page.space.name})" for page in owned}
    often = Counter(names.values())
    return {
        page.id: names[page.id] if often[names[page.id]] == 1 else f"{names[page.id]} [{page.slug}]" for page in owned
    }
