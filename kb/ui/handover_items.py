"""The open items of a note, to read: what is urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from kb.handover.markdown import in_order, item_details, plain
from kb.handover.models import NoteItem
from kb.handover.templates import ITEM_FIELDS, Section, common_fields
from kb.pages import LinkTarget
from kb.ui import note_words
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import day

_COLUMNS = ("priority", "title", "next_step", "owner", "due")


def show_items(section: Section, items: Sequence[NoteItem], links: Mapping[str, LinkTarget], today: date) -> None:
    """Show the items as a table, then the details of those that have some."""
    names = {field.key: escape(field.title) for field in section.common or ITEM_FIELDS}
    asked = {field.key for field in common_fields(section)}
    columns = [key for key in _COLUMNS if key in asked or (key == "due" and any(item.due for item in items))]
    rows = [[names[key] for key in columns], ["---"] * len(columns)]
    rows += [[cells[key] for key in columns] for cells in (_row(item, links, today) for item in in_order(items))]
    with st.container(key="note_items"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
    details = item_details(section, items)
    if details:
        st.markdown(page_markdown(details, links))


def _row(item: NoteItem, links: Mapping[str, LinkTarget], today: date) -> dict[str, str]:
    title = page_markdown(plain(item.title), links)
    reference = f" :gray[{escape(item.reference)}]" if item.reference else ""
    next_step, owner = page_markdown(plain(item.next_step), links), escape(item.owner)
    due = day(item.due) if item.due else ""
    if item.done:
        done = ":gray-badge[:material/check: Done]"
        return dict(zip(_COLUMNS, (done, f"{title}{reference}", next_step, owner, due), strict=True))
    if item.due and item.due < today:
        due = f":red[**{due}**]"
    badge, owner = note_words.priority_badge(item.priority), owner or ":gray[nobody]"
    return dict(zip(_COLUMNS, (badge, f"{title}{reference}", next_step, owner, due), strict=True))
