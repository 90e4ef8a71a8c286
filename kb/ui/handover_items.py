"""The open items of a note, to read: what is urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from kb.handover.markdown import in_order, item_details, plain
from kb.handover.models import NoteItem
from kb.handover.templates import ITEM_DUE, ITEM_NEXT_STEP, ITEM_OWNER, ITEM_PRIORITY, ITEM_TITLE, Section
from kb.pages import LinkTarget
from kb.ui import note_words
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import day

_COLUMNS = (ITEM_PRIORITY, ITEM_TITLE, ITEM_NEXT_STEP, ITEM_OWNER, ITEM_DUE)


def show_items(section: Section, items: Sequence[NoteItem], links: Mapping[str, LinkTarget], today: date) -> None:
    """Show the items as a table, then the details of those that have some."""
    rows = [[field.title for field in _COLUMNS], ["---"] * len(_COLUMNS)]
    rows += [_row(item, links, today) for item in in_order(items)]
    with st.container(key="note_items"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
    details = item_details(section, items)
    if details:
        st.markdown(page_markdown(details, links))


def _row(item: NoteItem, links: Mapping[str, LinkTarget], today: date) -> list[str]:
    title = page_markdown(plain(item.title), links)
    reference = f" :gray[{escape(item.reference)}]" if item.reference else ""
    next_step, owner = page_markdown(plain(item.next_step), links), escape(item.owner)
    due = day(item.due) if item.due else ""
    if item.done:
        return [":gray-badge[:material/check: Done]", f"{title}{reference}", next_step, owner, due]
    if item.due and item.due < today:
        due = f":red[**{due}**]"
    return [note_words.priority_badge(item.priority), f"{title}{reference}", next_step, owner or ":gray[nobody]", due]
