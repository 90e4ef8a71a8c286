"""The read-back: the receiver's form, what the sender sees of it, and the acknowledgement with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from kb.handover.models import Note, NoteState, ReadBack, Seal, Step, Verdict
from kb.handover.seal import sealed_read_back
from kb.note_steps import MAX_REASON
from kb.read_backs import (
    MAX_SUMMARY,
    confirm,
    critical_items,
    decline,
    keep_read_back,
    kept_read_back,
    last_kept_summary,
    note_read_backs,
    note_seals,
    pending_read_back,
    read_back,
)
from kb.store.db import now
from kb.ui.acting import act_at_once, acting_button, show_refused
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_coverage import show_check, show_coverage
from kb.ui.handover_fields import enable_typing
from kb.ui.handover_life import READ_BACK_ANCHOR
from kb.ui.markdown import escape
from kb.ui.moments import clock, full
from kb.ui.private_box import DRAFT_HELD
from kb.ui.private_words import PrivateWords, Sending
from kb.ui.runs import hold


def show_read_backs(note: Note, possible: frozenset[Step]) -> None:
    """Show what belongs to the note's state: the form, the read-back that waits, or the acknowledgement."""
    found = note_read_backs(open_baton().store, acting_person(), note)
    waiting = pending_read_back(found, note)
    seals = note_seals(open_baton().store, acting_person(), note)
    accepted = sealed_read_back(found, seals, note.version)
    with st.container(key="note_read_back", gap="small"):
        if waiting or accepted or Step.READ_BACK not in possible:
            show_refused(_place(note))  # the form says it beside its button
        if waiting:
            _show_waiting(note, waiting, possible)
        elif accepted:
            _show_acknowledgement(note, accepted, seals)
        elif Step.READ_BACK in possible:
            _show_form(note, found)
        elif note.state is NoteState.SUBMITTED and (declined := _declined(found, note)):
            _show_declined(declined)
        if Step.READ_BACK not in possible:
            _show_kept(note)


def _declined(found: list[ReadBack], note: Note) -> ReadBack | None:
    """The last read-back of this version, where its sender asks for another one."""
    last = next((given for given in found if given.version == note.version), None)
    return last if last and last.verdict is Verdict.DECLINED else None


def _place(note: Note) -> str:
    return f"read_back_{note.page.id}"


def _show_form(note: Note, found: list[ReadBack]) -> None:
    store, person = open_baton().store, acting_person()
    st.header("Read back", anchor=READ_BACK_ANCHOR)
    if declined := _declined(found, note):
        _show_declined(declined)
    st.caption("Say in your own words what you take over and what you do first. It is kept while you write.")
    prefix = f"read_back_{note.page.id}_{note.version}"
    critical = critical_items(note.text)
    kept = kept_read_back(store, person, note)
    hold(f"{prefix}_summary", kept.summary)
    for place in critical:
        hold(f"{prefix}_{place}", place in kept.ticked)

    def ticked() -> set[int]:
        return {place for place in critical if st.session_state.get(f"{prefix}_{place}")}

    def summary() -> str:
        return st.session_state.get(f"{prefix}_summary") or ""

    def keep() -> None:
        act_at_once(_place(note), lambda: keep_read_back(store, person, note, summary(), ticked()))

    def take_over(earlier: str) -> None:
        st.session_state[f"{prefix}_summary"] = earlier
        keep()

    earlier = last_kept_summary(store, person, note)
    if not summary().strip() and earlier.summary:
        with st.container(border=True, gap="small", key="earlier_read_back"):
            st.markdown(
                f"You wrote this about version {earlier.version}, and did not give it:\n\n{_quoted(earlier.summary)}"
            )
            st.button("Go on with it", icon=":material/edit:", on_click=take_over, args=[earlier.summary])
    with st.container(key="editor"):  # what is typed in here is kept at every pause
        st.text_area(
            "What I understood", key=f"{prefix}_summary", on_change=keep, max_chars=MAX_SUMMARY, height=160,
            placeholder="I take over … The most urgent is … If …, I …",
        )  # fmt: skip
    enable_typing()
    with st.container(key="coverage_place"):  # it comes and goes: what is below must not move into its place
        show_check(note, summary())
    if critical:
        st.progress(len(ticked()) / len(critical), f"{len(ticked())} of {len(critical)} critical items understood")
        for place in critical:
            item = note.text.items[place]
            label = " · ".join(part for part in (item.title, item.reference, item.next_step) if part)
            st.checkbox(escape(label), key=f"{prefix}_{place}", on_change=keep)
    giving = Sending(
        PrivateWords(f"{prefix}_summary", "your read-back", keep),
        _place(note),
        lambda reason: read_back(store, person, note, summary(), ticked(), private_reason=reason),
        "Given: the sender confirms it next",
    )
    giving.show_private(DRAFT_HELD)
    show_refused(_place(note))
    with st.container(horizontal=True, vertical_alignment="center"):
        giving.button("Give read-back", type="primary", icon=":material/record_voice_over:", key="give_read_back")
        if kept.kept_at:
            st.caption(f"Kept {clock(kept.kept_at, now())}")


def _show_waiting(note: Note, given: ReadBack, possible: frozenset[Step]) -> None:
    store, person = open_baton().store, acting_person()
    st.header("Read-back", anchor=READ_BACK_ANCHOR)
    with st.container(border=True, gap="small"):
        _show_given(note, given)
        show_coverage(note, given)
        if Step.CONFIRM not in possible or given.person == person:
            return
        remark = f"remark_{given.id}"
        st.text_input("What is missing or misunderstood (to ask again)", key=remark, max_chars=MAX_REASON)
        asking = Sending(
            PrivateWords(remark, "your remark"),
            _place(note),
            lambda why: decline(store, person, note, given, st.session_state[remark] or "", private_reason=why),
            "Asked again",
        )
        asking.show_private()
        with st.container(horizontal=True):
            acting_button(
                _place(note), "Confirm", partial(confirm, store, person, note, given),
                "Acknowledged: this version is frozen and sealed",
                type="primary", icon=":material/handshake:", key="confirm_read_back",
            )  # fmt: skip
            asking.button("Ask again", icon=":material/replay:", key="decline_read_back")


def _show_given(note: Note, given: ReadBack) -> None:
    st.markdown(f"**{escape(given.person.name)}** understood, {full(given.at)}:")
    st.markdown(_quoted(given.summary))
    titles = [note.text.items[place].title for place in given.ticked if place < len(note.text.items)]
    if titles:
        st.markdown("\n".join(f"- :green[:material/check_box:] {escape(title)}" for title in titles))


def _quoted(text: str) -> str:
    return "\n".join(f"> {escape(line)}  " for line in text.splitlines())


def _show_kept(note: Note) -> None:
    """Show what the reader wrote and cannot give now: another step came in between."""
    kept = last_kept_summary(open_baton().store, acting_person(), note)
    if kept.summary and kept.kept_at:
        with st.container(border=True, gap="small", key="kept_read_back"):
            st.markdown(f"**Your read-back of version {kept.version} is kept.** It cannot be given now.")
            st.markdown(_quoted(kept.summary))


def _show_declined(given: ReadBack) -> None:
    judge = escape(given.judge.name) if given.judge else ""
    st.warning(f"{judge} asks for another read-back: {escape(given.remark)}", icon=":material/replay:")


def _show_acknowledgement(note: Note, given: ReadBack, seals: Sequence[Seal]) -> None:
    st.header("Acknowledged", anchor="acknowledged")
    with st.container(border=True, key="acknowledgement", gap="small"):
        _show_given(note, given)
        show_coverage(note, given)
        if given.judge and given.judged_at:
            st.markdown(f"Confirmed by **{escape(given.judge.name)}**, {full(given.judged_at)}.")
        for seal in seals[:1]:
            st.caption(f"Version {seal.version} is seal {seal.sequence}. Its hash covers it and every seal before it:")
            st.code(seal.sha256, language=None, wrap_lines=True)
