"""What a read-back covers of a note: advice beside the summary, for whoever writes it and whoever confirms it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from kb.handover.differences import Change, Difference
from kb.handover.facts import FactKind
from kb.handover.models import Note, ReadBack
from kb.handover.readback import ItemState
from kb.read_back_advice import ItemAdvice, check_summary, read_back_coverage
from kb.read_backs import MIN_SUMMARY
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import escape
from kb.ui.moments import day

LOOK_AGAIN = "3s"  # how often advice is looked for while the model loads
SHOWN = 3  # items of a note without critical ones; the others are folded
AT_ONCE = 2_000  # characters of a summary that are compared without being asked; more takes more than a moment
HINT = "A hint, found by comparing sentences. It can be wrong, and blocks nothing."
_WAIT = "The meaning model is loading: what the summary covers appears here by itself. You need not wait for it."

_LOOK = {
    ItemState.COVERED: ":green-badge[:material/check: Covered]",
    ItemState.PARTLY: ":orange-badge[:material/rule: Partly]",
    ItemState.MISSING: ":red-badge[:material/search_off: Not mentioned]",
}
_COUNTED = {ItemState.COVERED: "covered", ItemState.PARTLY: "partly", ItemState.MISSING: "not mentioned"}

Advice = tuple[ItemAdvice, ...]


def show_check(note: Note, summary: str) -> None:
    """Show the receiver what their summary covers so far."""
    if len(summary.strip()) < MIN_SUMMARY or all(item.done for item in note.text.items):
        return
    key = f"check_{note.page.id}_{note.version}"
    held: tuple[str, Advice] | None = st.session_state.get(key)
    stale = held is None or held[0] != summary
    if stale and len(summary) > AT_ONCE:
        asked = st.button("Check my summary", icon=":material/fact_check:", key=f"{key}_now")
        stale = stale and asked
    if stale:
        baton, person = open_baton(), acting_person()
        _show_when_there(lambda: check_summary(baton.store, baton.encoder, person, note, summary), key, summary)
    elif held:
        _show(held[1], "Your summary so far")


def show_coverage(note: Note, given: ReadBack) -> None:
    """Show both people what a given read-back covers."""
    baton, person = open_baton(), acting_person()
    _show_when_there(lambda: read_back_coverage(baton.store, baton.encoder, person, note, given))


def _show_when_there(find: Callable[[], Advice | None], key: str = "", summary: str = "") -> None:
    found = find()
    if found is None:
        st.fragment(_wait, run_every=LOOK_AGAIN)()
        return
    if key:
        st.session_state[key] = (summary, found)
    _show(found, "Your summary so far" if key else "What the summary covers")


def _wait() -> None:
    """Say that the model is not there, and draw the screen again once it is."""
    encoder = open_baton().encoder
    if encoder.ready:
        st.rerun()
    elif encoder.failure:
        st.caption(":material/cloud_off: The meaning model cannot be used, so nothing is compared. Compare yourselves.")
    else:
        st.caption(f":material/hourglass_empty: {_WAIT}")


def _show(found: Advice, title: str) -> None:
    if not found:
        return
    critical = [one for one in found if one.critical] or list(found[:SHOWN])
    others = [one for one in found if one not in critical]
    with st.container(key="coverage", border=True, gap="small"):
        st.markdown(f":material/lightbulb: **{title}**  \n:small[{HINT}]")
        st.markdown("\n".join(_line(one) for one in critical))
        if others:
            with st.expander(f"Other items: {_counts(others)}", type="compact"):
                st.markdown("\n".join(_line(one) for one in others))


def _counts(items: Sequence[ItemAdvice]) -> str:
    number = Counter(one.state for one in items)
    return ", ".join(f"{number[state]} {_COUNTED[state]}" for state in _COUNTED if number[state])


def _line(one: ItemAdvice) -> str:
    lines = [f"- {_LOOK[one.state]} **{escape(one.title)}**"]
    if one.sentence:
        lines.append(f"  :small[nearest: “{escape(one.sentence)}”]")
    lines += [f"  :small[{_difference(each)}]" for each in one.differences]
    return "  \n".join(lines)


def _said(one: Difference, text: str) -> str:
    """A due date as people write it; other facts as they were written."""
    if one.kind is FactKind.DATE and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return day(date.fromisoformat(text))
    return text


def _difference(one: Difference) -> str:
    item, summary = escape(_said(one, one.item)), escape(_said(one, one.summary))
    match one.change:
        case Change.LACKING:
            return f":material/remove: without **{item}**"
        case Change.CHANGED:
            return f":material/swap_horiz: the note says **{item}**, the summary **{summary}**"
        case Change.NEGATED:
            return f":material/swap_horiz: the note says “{item}”, the summary “{summary}”: is one the opposite?"
