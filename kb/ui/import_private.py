"""What an import held back because it looks private: a choice for each file, and for all. A part of "Import"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import streamlit as st

from kb.access import RuleError
from kb.import_privacy import HOLD, Fate, PrivateChoice, PrivateChoices, PrivateDocument
from kb.private_data import MAX_REASON
from kb.ui.markdown import escape
from kb.ui.moments import number
from kb.ui.private_words import NO_REASON
from kb.ui.runs import hold
from kb.ui.words import counted

ASKED = 50  # files with a choice of their own; more follow what is chosen for all
LISTED = 200  # files that are done
NAMED = 5  # of what looks private in one file
ALL, REASON, PROBLEM = "import_fate_all", "import_reason", "import_private_problem"
_LABELS = {Fate.HELD: "Leave out", Fate.MASKED: "Mask", Fate.KEPT: "Keep as it is"}

Begin = Callable[[PrivateChoices], None]


def show_held(documents: Sequence[PrivateDocument], begin: Begin) -> None:
    """Show what was held back, and let the importer decide.

    :param begin: imports again, with these choices; called before the next run.
    """
    asked, rest = documents[:ASKED], len(documents) - ASKED
    with st.container(key="import_private", border=True, gap="small"):
        st.markdown(
            f":orange[:material/shield_lock:] **{counted(len(documents), 'file')} not imported yet: this looks "
            "private.** Every reader of the space would see it. Decide for each, or change what you bring and import "
            "again. All other files are imported."
        )
        if len(documents) > 1:
            _show_choice("**All files**", ALL, "What to do with all files", lambda: _choose_all(asked))
        for place, one in enumerate(asked):
            with st.container(key=f"import_held_{place}", border=True):
                _show_choice(
                    f"**{escape(one.source)}**  \n{escape(_found(one))}",
                    _key(one),
                    f"What to do with {escape(one.source)}",
                )
        if rest > 0:
            st.caption(f"And {number(rest)} more: they follow what you choose for all files.")
        st.caption("Masked, a card number becomes “[card number removed]” in the page. Your files stay as they are.")
        chosen = [_chosen(_key(one)) for one in asked] + [_chosen(ALL)] * max(0, rest)
        if Fate.KEPT in chosen:
            st.text_input(
                "Why it has to stay", key=REASON, max_chars=MAX_REASON, placeholder="Test cards, published by the bank",
                help="The audit log keeps your reason, what it is and where, never the value.",
            )  # fmt: skip
        if problem := st.session_state.pop(PROBLEM, ""):
            st.error(escape(problem), icon=":material/error:")
        wanted = sum(fate is not Fate.HELD for fate in chosen)
        st.button(
            f"Import {counted(wanted, 'file')}" if wanted else "Import", key="import_decided", type="primary",
            icon=":material/upload_file:", disabled=not wanted, on_click=_begin, args=[asked, begin],
        )  # fmt: skip


def show_done(documents: Sequence[PrivateDocument]) -> None:
    """List what looked private and was imported in one way; nothing where there is nothing."""
    if not documents:
        return
    with st.expander(f"Looked private, {documents[0].fate}: {number(len(documents))}"):
        rows = [f"| {escape(one.source)} | {escape(_found(one))} |" for one in documents[:LISTED]]
        st.markdown("\n".join(["| File | Looks private |", "|---|---|", *rows]))
        if len(documents) > LISTED:
            st.caption(f"And {number(len(documents) - LISTED)} more.")


def _show_choice(told: str, key: str, label: str, on_change: Callable[[], None] | None = None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(told, width="stretch")
        hold(key, Fate.HELD)
        st.segmented_control(
            label, list(_LABELS), key=key, default=None, required=True, format_func=lambda fate: _LABELS[fate],
            label_visibility="collapsed", on_change=on_change,
        )  # fmt: skip


def _choose_all(documents: Sequence[PrivateDocument]) -> None:
    for one in documents:
        st.session_state[_key(one)] = _chosen(ALL)


def _begin(documents: Sequence[PrivateDocument], begin: Begin) -> None:
    reason = st.session_state.get(REASON) or ""
    choices = {
        Fate.HELD: HOLD,
        Fate.MASKED: PrivateChoice(mask=True),
        Fate.KEPT: PrivateChoice(reason=reason),
    }
    own = {one.source: _chosen(_key(one)) for one in documents}
    others = _chosen(ALL)
    if Fate.KEPT in (others, *own.values()) and not reason.strip():
        st.session_state[PROBLEM] = NO_REASON
        return
    wanted = PrivateChoices(choices[others], {source: choices[fate] for source, fate in own.items()})
    try:
        wanted.check()
    except RuleError as error:
        st.session_state[PROBLEM] = str(error)
        return
    begin(wanted)


def _chosen(key: str) -> Fate:
    return Fate(st.session_state.get(key, Fate.HELD))


def _key(document: PrivateDocument) -> str:
    """The key of a file's choice, whatever the file is called."""
    return f"import_fate_{hashlib.sha256(document.source.encode()).hexdigest()[:16]}"


def _found(document: PrivateDocument) -> str:
    left = len(document.found) - NAMED
    return "; ".join(document.found[:NAMED]) + (f"; and {number(left)} more" if left > 0 else "")
