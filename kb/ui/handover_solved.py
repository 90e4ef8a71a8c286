"""What a note tells of solved problems, each a click away from a page; and the pages that came of the note."""

from __future__ import annotations

import streamlit as st

from kb.access import Ability, RuleError
from kb.handover.models import Note, NoteState
from kb.handover.solved import Solved, solved_in
from kb.handover.templates import template_of
from kb.note_pages import draft_solution, pages_of_note
from kb.pages import PageNotFound
from kb.store.db import StoreError
from kb.store.note_pages import NotePage
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, can, open_baton
from kb.ui.handover_gaps import open_draft
from kb.ui.markdown import escape

SHOWN = 6  # problems; the others are folded


def show_solved(note: Note) -> None:
    """Show the solved problems of a submitted note."""
    solved = solved_in(template_of(note.text.template, note.text.template_version), note.text)
    if not solved or note.state is NoteState.DRAFT:
        return
    came = {page.words: page for page in pages_of_note(open_baton().store, acting_person(), note)}
    if not can(Ability.WRITE) and not came:
        return
    with st.container(key="solved", gap="small"):
        st.markdown("**Solved: worth a page?**  \n:small[The next person with the problem finds it in these words.]")
        for place, one in enumerate(solved[:SHOWN]):
            _show(note, one, came.get(one.words), place)
        if len(solved) > SHOWN:
            with st.expander(f"{len(solved) - SHOWN} more", type="compact"):
                for place, one in enumerate(solved[SHOWN:], SHOWN):
                    _show(note, one, came.get(one.words), place)


def show_pages_from(note: Note) -> None:
    """Show the pages that came of the note."""
    pages = pages_of_note(open_baton().store, acting_person(), note)
    if pages:
        st.markdown("## Pages from this note", anchors=False)
        st.markdown("\n".join(f"- {_link(page)}" for page in pages))


def _show(note: Note, one: Solved, page: NotePage | None, place: int) -> None:
    with st.container(key=f"solved_{place}", horizontal=True, vertical_alignment="center", gap="small"):
        became = f"  \n:small[became {_link(page)}]" if page else ""
        st.markdown(f":green[:material/check_circle:] {escape(one.words)}{became}", width="stretch")
        if page is None and can(Ability.WRITE):
            drafted = st.button("Make it a page", key=f"promote_{place}", icon=":material/note_add:")
            if drafted:
                _draft(note, one)


def _draft(note: Note, one: Solved) -> None:
    try:
        draft = draft_solution(open_baton().store, acting_person(), note, one)
    except (RuleError, PageNotFound, StoreError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    open_draft(draft)


def _link(page: NotePage) -> str:
    return f"[{escape(page.title)}](<{address(Screen.PAGE, slug=page.slug)}>)"
