"""The read-back: the receiver's form, what the sender sees of it, and the acknowledgement with its proof."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kb.access import RuleError
from kb.handover.models import Note, NoteState, ReadBack, Step, Verdict
from kb.note_steps import MAX_REASON
from kb.pages import PageNotFound
from kb.read_backs import (
    MAX_SUMMARY,
    confirm,
    critical_items,
    decline,
    keep_read_back,
    kept_read_back,
    note_read_backs,
    note_seals,
    pending_read_back,
    read_back,
)
from kb.store.db import StoreError, now
from kb.ui.acting import act
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_coverage import show_check, show_coverage
from kb.ui.handover_fields import enable_typing
from kb.ui.handover_life import READ_BACK_ANCHOR
from kb.ui.markdown import escape
from kb.ui.moments import clock, full


def show_read_backs(note: Note, possible: frozenset[Step]) -> None:
    """Show what belongs to the note's state: the form, the read-back that waits, or the acknowledgement."""
    found = note_read_backs(open_baton().store, acting_person(), note)
    waiting = pending_read_back(found, note)
    accepted = next((r for r in found if r.version == note.version and r.verdict is Verdict.CONFIRMED), None)
    with st.container(key="note_read_back", gap="small"):
        if waiting:
            _show_waiting(note, waiting, possible)
        elif accepted:
            _show_acknowledgement(note, accepted)
        elif Step.READ_BACK in possible:
            _show_form(note, found)
        elif note.state is NoteState.SUBMITTED and found and found[0].verdict is Verdict.DECLINED:
            _show_declined(found[0])


def _show_form(note: Note, found: list[ReadBack]) -> None:
    store, person = open_baton().store, acting_person()
    st.header("Read back", anchor=READ_BACK_ANCHOR)
    if found and found[0].version == note.version and found[0].verdict is Verdict.DECLINED:
        _show_declined(found[0])
    st.caption("Say in your own words what you take over and what you do first. It is kept while you write.")
    prefix = f"read_back_{note.page.id}_{note.version}"
    critical = critical_items(note.text)
    kept = kept_read_back(store, person, note)
    st.session_state.setdefault(f"{prefix}_summary", kept.summary)
    for place in critical:
        st.session_state.setdefault(f"{prefix}_{place}", place in kept.ticked)

    def ticked() -> set[int]:
        return {place for place in critical if st.session_state.get(f"{prefix}_{place}")}

    def keep() -> None:
        try:
            keep_read_back(store, person, note, st.session_state[f"{prefix}_summary"] or "", ticked())
        except (RuleError, PageNotFound, StoreError) as error:
            st.session_state["read_back_problem"] = str(error)

    with st.container(key="editor"):  # what is typed in here is kept at every pause
        st.text_area(
            "What I understood", key=f"{prefix}_summary", on_change=keep, max_chars=MAX_SUMMARY, height=160,
            placeholder="I take over … The most urgent is … If …, I …",
        )  # fmt: skip
    enable_typing()
    with st.container(key="coverage_place"):  # it comes and goes: what is below must not move into its place
        show_check(note, st.session_state[f"{prefix}_summary"] or "")
    if critical:
        st.progress(len(ticked()) / len(critical), f"{len(ticked())} of {len(critical)} critical items understood")
        for place in critical:
            item = note.text.items[place]
            label = " · ".join(part for part in (item.title, item.reference, item.next_step) if part)
            st.checkbox(escape(label), key=f"{prefix}_{place}", on_change=keep)
    if problem := st.session_state.pop("read_back_problem", ""):
        st.error(escape(problem), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        give = st.button("Give read-back", type="primary", icon=":material/record_voice_over:", key="give_read_back")
        if kept.kept_at:
            st.caption(f"Kept {clock(kept.kept_at, now())}")
    if give:
        summary = st.session_state[f"{prefix}_summary"] or ""
        act(partial(read_back, store, person, note, summary, ticked()), "Given: the sender confirms it next")


def _show_waiting(note: Note, given: ReadBack, possible: frozenset[Step]) -> None:
    store, person = open_baton().store, acting_person()
    st.header("Read-back", anchor=READ_BACK_ANCHOR)
    with st.container(border=True, gap="small"):
        _show_given(note, given)
        show_coverage(note, given)
        if Step.CONFIRM not in possible or given.person == person:
            return
        remark = st.text_input(
            "What is missing or misunderstood (to ask again)", key=f"remark_{given.id}", max_chars=MAX_REASON
        )
        with st.container(horizontal=True):
            yes = st.button("Confirm", type="primary", icon=":material/handshake:", key="confirm_read_back")
            again = st.button("Ask again", icon=":material/replay:", key="decline_read_back")
    if yes:
        act(partial(confirm, store, person, note, given), "Acknowledged: this version is frozen and sealed")
    if again:
        act(partial(decline, store, person, note, given, remark or ""), "Asked again")


def _show_given(note: Note, given: ReadBack) -> None:
    st.markdown(f"**{escape(given.person.name)}** understood, {full(given.at)}:")
    st.markdown("\n".join(f"> {escape(line)}  " for line in given.summary.splitlines()))
    titles = [note.text.items[place].title for place in given.ticked if place < len(note.text.items)]
    if titles:
        st.markdown("\n".join(f"- :green[:material/check_box:] {escape(title)}" for title in titles))


def _show_declined(given: ReadBack) -> None:
    judge = escape(given.judge.name) if given.judge else ""
    st.warning(f"{judge} asks for another read-back: {escape(given.remark)}", icon=":material/replay:")


def _show_acknowledgement(note: Note, given: ReadBack) -> None:
    st.header("Acknowledged", anchor="acknowledged")
    with st.container(border=True, key="acknowledgement", gap="small"):
        _show_given(note, given)
        show_coverage(note, given)
        if given.judge and given.judged_at:
            st.markdown(f"Confirmed by **{escape(given.judge.name)}**, {full(given.judged_at)}.")
        seals = note_seals(open_baton().store, acting_person(), note)
        for seal in seals[:1]:
            st.caption(f"Version {seal.version} is seal {seal.sequence}. Its hash covers it and every seal before it:")
            st.code(seal.sha256, language=None, wrap_lines=True)
