"""The questions of a note: threads, with a box to answer or to ask on."""

from __future__ import annotations

import streamlit as st

from kb.handover.models import Note, Post, Step
from kb.handover.threads import Thread
from kb.questions import MAX_POST, answer, ask, note_threads
from kb.ui.acting import show_refused
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_life import QUESTIONS_ANCHOR
from kb.ui.markdown import escape
from kb.ui.moments import full
from kb.ui.private_words import PrivateWords, Sending


def show_questions(note: Note, possible: frozenset[Step]) -> None:
    """Show what was asked and answered, open threads first; nothing where nobody asked or may ask."""
    show_refused(_place(note))
    threads = note_threads(open_baton().store, acting_person(), note)
    if Step.ANSWER in possible:
        possible -= {Step.ASK, Step.BLOCK}  # a lead who hands over: nobody asks themselves
    if not threads and Step.ASK not in possible:
        return
    with st.container(key="note_questions", gap="small"):
        st.header("Questions", anchor=QUESTIONS_ANCHOR)
        for thread in sorted(threads, key=lambda thread: (not thread.is_blocking, not thread.is_open)):
            _show_thread(note, thread, possible)
        if Step.ASK in possible:
            _show_ask(note, possible)


def _show_thread(note: Note, thread: Thread, possible: frozenset[Step]) -> None:
    with st.container(key=f"thread_{thread.id}", border=True, gap="small"):
        for post in thread.posts:
            _show_post(post, thread)
        if thread.is_open and Step.ANSWER in possible:
            _show_box(note, thread, "Your answer", "Answer", Step.ANSWER)
        elif not thread.is_open and Step.ASK in possible:
            with st.expander("Ask on", type="compact"):
                _show_box(note, thread, "Your question", "Ask", Step.ASK)


def _show_post(post: Post, thread: Thread) -> None:
    name = escape(post.author.name)
    badge = ""
    if post.is_answer:
        badge = ":green-badge[Answer]"
    elif post.blocking:
        badge = ":orange-badge[:material/front_hand: Blocking]" if thread.is_blocking else ":gray-badge[Was blocking]"
    elif post is thread.posts[-1]:
        badge = ":blue-badge[Question]"
    st.markdown(f"**{name}** {badge} :small[{full(post.at)}, about version {post.version}]")
    st.markdown("  \n".join(escape(line) for line in post.text.splitlines()), anchors=False)


def _show_ask(note: Note, possible: frozenset[Step]) -> None:
    with st.expander("Ask a question", icon=":material/help:", key=f"ask_fold_{note.page.id}"):
        if Step.BLOCK in possible:
            st.checkbox("Blocking: I cannot take over before this is answered", key=_blocking(note))
        _show_box(note, None, "Your question", "Ask", Step.ASK)


def _show_box(note: Note, thread: Thread | None, label: str, button: str, step: Step) -> None:
    store, person = open_baton().store, acting_person()
    place = f"{note.page.id}_{thread.id if thread else 'new'}"
    sent = int(st.session_state.get(f"posts_{place}", 0))  # another box after each post: an empty one
    field = f"post_{place}_{sent}"
    st.text_area(label, key=field, max_chars=MAX_POST, height=90)

    def send(reason: str) -> None:
        text = st.session_state[field] or ""
        if thread is not None and step is Step.ANSWER:
            answer(store, person, note, thread.id, text, private_reason=reason)
        else:
            # Read now, not when the button was drawn: who ticks and asks at once means the tick.
            blocking = thread is None and bool(st.session_state.get(_blocking(note)))
            ask(
                store, person, note, text, blocking=blocking, thread=thread.id if thread else None,
                private_reason=reason,
            )  # fmt: skip
        st.session_state[f"posts_{place}"] = sent + 1

    done = "Answered" if step is Step.ANSWER else "Asked"
    sending = Sending(PrivateWords(field, label.casefold()), _place(note), send, done)
    sending.show_private()
    sending.button(button, key=f"send_{place}", type="primary" if step is Step.ANSWER else "secondary")


def _blocking(note: Note) -> str:
    return f"ask_{note.page.id}_blocking"


def _place(note: Note) -> str:
    return f"questions_{note.page.id}"
