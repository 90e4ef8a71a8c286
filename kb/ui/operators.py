"""Operators of a query on the search screen: what was understood, what was not, and what there is."""

from __future__ import annotations

import hashlib

import streamlit as st

from kb.narrowing import Understood, updated_between
from kb.operators import Name, Operator, parse_query
from kb.tidying import cut
from kb.ui.markdown import escape
from kb.ui.moments import day

MAX_LABEL = 60  # characters of a chip
_TIPS = {
    '`"second approval"`': "these words in a row",
    "`-draft`": "pages without this word",
    "`title:refund`": "the title has this word",
    "`tag:billing`": "pages with this tag",
    '`space:"Client handbook"`': "pages of this space",
    "`type:guide`": "or page, glossary, handover",
    "`owner:maria`": "pages of this owner",
    "`updated:2026-01`": "changed in that month; a year or a day works too",
    "`updated:>=2026-01`": "changed since then; also `>`, `<` and `<=`",
    "`updated:2026-01..2026-03`": "changed between these dates",
    "`-tag:old`": "pages without this tag",
}
# Markdown, no st.table, which would make an Arrow table of it at each search, for 9 % of what all of it costs.
_TIPS_TABLE = "\n".join(
    ["| Type | Finds |", "| --- | --- |", *(f"| {typed} | {finds} |" for typed, finds in _TIPS.items())]
)


def show_understood(understood: Understood) -> None:
    """Show each operator that counts as a chip, to be removed by a press, and why others do not count."""
    if understood.used:
        with st.container(key="understood", horizontal=True, gap="small"):
            # Named by what they are, not by their place: a press on the second must never remove what has come second.
            for typed, operator in {operator.typed: operator for operator in understood.used}.items():
                st.button(
                    escape(label(operator)),
                    key=f"operator_{hashlib.sha256(typed.encode()).hexdigest()[:12]}",
                    help="Remove from the search",
                    icon=":material/close:",
                    icon_position="right",
                    on_click=_remove,
                    args=[operator],
                )
    if understood.notes:
        st.caption("  \n".join(escape(note) for note in understood.notes))


def show_tips() -> None:
    """Show the button that tells what can be typed besides words."""
    with st.popover("Search tips", icon=":material/help:", type="tertiary"), st.container(key="tips"):
        st.markdown(_TIPS_TABLE)


def label(operator: Operator) -> str:
    """What an operator means, for instance "not tag: billing", "updated: from 1 Feb 2026"."""
    told = f"“{operator.value}”" if operator.name is Name.WORDS else f"{operator.name}: {_value(operator)}"
    return cut(f"not {told}" if operator.negated else told, MAX_LABEL)


def _value(operator: Operator) -> str:
    if operator.name is not Name.UPDATED:
        return operator.value
    if not operator.value.startswith((">", "<")):
        return operator.value.replace("..", " to ")
    # Whether the month itself counts is told best by a day.
    first, too_late = updated_between(operator.value)
    return f"from {day(first)}" if first else f"before {day(too_late)}" if too_late else ""


def _remove(operator: Operator) -> None:
    # Of the box as it is now: somebody may have typed on since the chip was drawn.
    st.session_state["query"] = str(parse_query(st.session_state.get("query") or "").without(operator))
