"""What a person can do with a handover note."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kb.access import RuleError
from kb.handover.models import Note, NoteState, Step
from kb.handover_drafts import replaced_by
from kb.handovers import NotReady, submit_note
from kb.note_endings import cancel_note, close_note, reopen_note, return_note
from kb.note_steps import MAX_REASON
from kb.pages import PageNotFound, trash_page
from kb.private_data import PrivateDataFound
from kb.store.db import StoreError
from kb.ui import notices, wishes
from kb.ui.acting import act
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_download import show_download
from kb.ui.markdown import escape
from kb.ui.note_words import submitted_said
from kb.ui.private_words import NO_REASON, PrivateWords
from kb.ui.toasts import toast_next
from kb.ui.wishes import leaving_button, wish_button


def show_actions(note: Note, possible: frozenset[Step]) -> None:
    """Show the note's actions: only those that are possible now."""
    draft = note.state is NoteState.DRAFT
    replaced = replaced_by(open_baton().store, acting_person(), note) if draft and Step.SUBMIT in possible else None
    if replaced:
        link = f"[{escape(replaced.page.title)}](<{address(Screen.HANDOVER, slug=replaced.page.slug)}>)"
        st.markdown(f":material/history: Submitting it replaces {link}. Choose otherwise with *Edit*.")
    with st.container(key="actions", horizontal=True):
        if draft and Step.SUBMIT in possible:
            wish_button("Submit", lambda: _submit(note, replaced), type="primary", icon=":material/send:")
        if Step.SUBMIT in possible:
            leaving_button("Edit", Screen.HANDOVER_EDIT, {"slug": note.page.slug}, icon=":material/edit:")
        show_download(note)
        leaving_button("History", Screen.HISTORY, {"slug": note.page.slug}, icon=":material/history:")
        if Step.RETURN in possible:
            wish_button("Return", lambda: _ask(_ask_return, note), icon=":material/undo:")
        if Step.CLOSE in possible:
            wish_button("Close", lambda: _ask(_confirm_close, note), icon=":material/task_alt:")
        if Step.REOPEN in possible:
            wish_button("Reopen", lambda: _ask(_ask_reopen, note), icon=":material/refresh:")
        if not draft and Step.CANCEL in possible:
            wish_button("Cancel note", lambda: _ask(_confirm_cancel, note), type="tertiary", icon=":material/block:")
        if draft:
            wish_button("Move to trash", lambda: _ask(_confirm_trash, note), type="tertiary", icon=":material/delete:")
        wishes.fulfil()


def _ask(dialog: Callable[[Note], None], note: Note) -> None:
    """Open a dialog, once: what is in it may end the run."""
    wishes.done()
    dialog(note)


@st.dialog("Return this note?")
def _ask_return(note: Note) -> None:
    st.markdown("It goes back to its writer, who changes it and submits it again. For a single point, ask a question.")
    st.text_area("What has to be changed?", key="return_reason", max_chars=MAX_REASON, height=90)
    _end_with_reason(note, "return", "Return the note", return_note, "Returned")


@st.dialog("Reopen this note?")
def _ask_reopen(note: Note) -> None:
    st.markdown("What was acknowledged stays so. A new version has to be acknowledged again.")
    st.text_area("Why?", key="reopen_reason", max_chars=MAX_REASON, height=90)
    _end_with_reason(note, "reopen", "Reopen the note", reopen_note, "Reopened")


def _end_with_reason(note: Note, name: str, label: str, step: Callable[..., Note], done: str, stay: str = "") -> None:
    """The end of a dialog: what looks private in its reason, and the buttons.

    :param name: its field is ``{name}_reason``.
    :param stay: the button that leaves everything as it is.
    """
    field = f"{name}_reason"
    words = PrivateWords(field, "your reason")
    private = st.container()
    with st.container(horizontal=True):
        pressed = st.button(label, type="primary", key=f"confirm_{name}")
        if stay and st.button(stay):
            st.rerun()

    def end(private_reason: str) -> Note:
        text = st.session_state[field] or ""
        return step(open_baton().store, acting_person(), note, text, private_reason=private_reason)

    if pressed:
        act(lambda: words.send(end), done)
    with private:
        kept = words.show()
        if kept is not None and not kept.strip():
            st.error(NO_REASON, icon=":material/error:")
        elif kept is not None:
            act(lambda: words.send(end, kept), done)


def _submit(note: Note, replaced: Note | None) -> None:
    baton, person = open_baton(), acting_person()
    try:
        with st.spinner("Submitting…"):
            saved = submit_note(baton.store, baton.indexer, person, note.text, note.page.space, note, replaced)
            toast_next(submitted_said(saved))
            wishes.done()
    except NotReady:
        st.session_state["try_to_submit"] = True
        wishes.leave_for(Screen.HANDOVER_EDIT, slug=note.page.slug)
    except PrivateDataFound as error:
        st.session_state["private_found"] = error.found
        wishes.leave_for(Screen.HANDOVER_EDIT, slug=note.page.slug)
    except (RuleError, PageNotFound, StoreError) as error:
        wishes.done()
        st.error(escape(str(error)), icon=":material/error:")
        return
    wishes.done()
    wishes.go_on()
    st.rerun()


@st.dialog("Cancel this note?")
def _confirm_cancel(note: Note) -> None:
    st.markdown("It stays readable, and says that nobody should follow it. This cannot be taken back.")
    st.text_area("Why?", key="cancel_reason", max_chars=MAX_REASON, height=90)
    _end_with_reason(note, "cancel", "Cancel the note", cancel_note, "Cancelled", stay="Keep it")


@st.dialog("Close this note?")
def _confirm_close(note: Note) -> None:
    left = [item for item in note.text.items if not item.done]
    st.markdown(
        "It is handed over and nothing is left to do."
        if not left
        else f"{len(left)} of its open items {'is' if len(left) == 1 else 'are'} not done. Close it all the same?"
    )
    st.text_input("Remark (optional)", key="close_reason", max_chars=MAX_REASON)
    _end_with_reason(note, "close", "Close the note", close_note, "Closed", stay="Keep it open")


@st.dialog("Move this draft to the trash?")
def _confirm_trash(note: Note) -> None:
    st.markdown(f"“{escape(note.page.title)}” disappears from your search. You can restore it from the trash.")
    with st.container(horizontal=True):
        confirmed = st.button("Move to trash", type="primary", key="confirm_trash")
        if st.button("Keep it"):
            st.rerun()
    if confirmed:
        try:
            trash_page(open_baton().store, acting_person(), note.page)
        except (RuleError, PageNotFound, StoreError) as error:
            st.error(escape(str(error)), icon=":material/error:")
            return
        notices.tell_trashed(note.page)
        go_to(Screen.SEARCH)
