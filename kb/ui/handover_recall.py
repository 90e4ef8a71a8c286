"""Past items like the one that is being typed, and what fixed them."""

from __future__ import annotations

import streamlit as st

from kb.recall import PastItem, Recalled, past_items
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_form import NoteForm
from kb.ui.markdown import escape
from kb.ui.moments import day_here

_FIXED, _OPEN = ":green-badge[:material/check: Solved]", ":gray-badge[Open then]"


def show_recall(form: NoteForm) -> None:
    """Show what past notes tell of the item that was typed last."""
    words = form.item_in_hand()
    if not words:
        return
    found = _found(form, words)
    if not found.items:
        return
    by_words = "" if found.by_meaning else " Found by words only: the meaning model is not there."
    st.markdown(
        f":material/history: **Seen before?**  \n:small[Like “{escape(words)}”, in notes that you may see.{by_words}]"
    )
    st.markdown("\n".join(_line(item) for item in found.items))


def _found(form: NoteForm, words: str) -> Recalled:
    """The past items: looked for once for each wording."""
    key = (form.number, words)
    held: tuple[object, Recalled] | None = st.session_state.get("recalled")
    if held and held[0] == key:
        return held[1]
    baton = open_baton()
    found = past_items(baton.store, baton.retriever, acting_person(), words, form.draft.slug)
    if found.by_meaning:  # else there may be more once the model is there
        st.session_state["recalled"] = (key, found)
    return found


def _line(item: PastItem) -> str:
    solved = item.solved
    note = f"[{escape(item.note_title)}](<{address(Screen.HANDOVER, slug=item.slug)}>)"
    lines = [f"- {_FIXED if item.fixed else _OPEN} **{escape(solved.words)}** · {day_here(item.at)} · {note}"]
    told = [
        (("What fixed it" if item.fixed else "What was to be done"), solved.fix), ("Cause", solved.cause),
        ("Follow-up", solved.follow_up),
    ]  # fmt: skip
    lines += [f"  :small[{name}: {escape(text)}]" for name, text in told if text]
    return "  \n".join(lines)
