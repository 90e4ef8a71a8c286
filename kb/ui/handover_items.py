"""The items of a note, to read: what is urgent first, and what became of each since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import streamlit as st

from kb.handover.actions import ItemLife
from kb.handover.markdown import in_order, item_details, plain
from kb.handover.models import Note, NoteItem, NoteState
from kb.handover.templates import ITEM_FIELDS, Section, common_fields
from kb.pages import LinkTarget
from kb.store.db import now
from kb.ui import note_words
from kb.ui.action_words import since_then
from kb.ui.addresses import Screen
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import day

_COLUMNS = ("priority", "title", "next_step", "owner", "due")


def show_items(
    section: Section, note: Note, lives: Mapping[str, ItemLife], links: Mapping[str, LinkTarget], today: date
) -> None:
    """Show the items as a table of what the template asks for, then the details of those that have some.

    :param lives: what became of them, by origin.
    """
    moment = now()
    items = sorted(in_order(note.text.items), key=lambda item: _is_over(lives.get(item.origin)))
    names = {field.key: escape(field.title) for field in section.common or ITEM_FIELDS}
    asked = {field.key for field in common_fields(section)}
    columns = [key for key in _COLUMNS if key in asked or (key == "due" and any(item.due for item in items))]
    rows = [[names[key] for key in columns], ["---"] * len(columns)]
    cells = [_row(item, lives.get(item.origin), links, today, moment) for item in items]
    rows += [[row[key] for key in columns] for row in cells]
    with st.container(key="note_items"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
    if note.state is not NoteState.DRAFT and not all(_is_over(life) for life in lives.values()):
        st.markdown(f":small[Mark items done, or give them to somebody else, in [Actions]({Screen.ACTIONS}).]")
    details = item_details(section, items)
    if details:
        st.markdown(page_markdown(details, links))


def _row(
    item: NoteItem, life: ItemLife | None, links: Mapping[str, LinkTarget], today: date, moment: datetime
) -> dict[str, str]:
    title = page_markdown(plain(item.title), links)
    reference = f" :gray[{escape(item.reference)}]" if item.reference else ""
    since = f" :small[· {told}]" if life and (told := since_then(life, moment)) else ""
    done = life.done if life else item.done
    cells = (
        _badge(item, life, done=done),
        f"{title}{reference}{since}",
        page_markdown(plain(item.next_step), links),
        _owner(item, life),
        _due(item, life, today, done=done),
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _is_over(life: ItemLife | None) -> bool:
    """Whether nothing is left to do about the item here."""
    return life is not None and (life.done or life.carried_into is not None)


def _badge(item: NoteItem, life: ItemLife | None, *, done: bool) -> str:
    if done:
        return ":gray-badge[:material/check: Done]"
    if life and life.carried_into is not None:
        return ":gray-badge[:material/redo: Carried on]"
    return note_words.priority_badge(item.priority)


def _owner(item: NoteItem, life: ItemLife | None) -> str:
    """The owner now; beside it the note's own, where that is another."""
    owner = life.owner.name if life else item.owner
    before = f" :gray[(here: {escape(item.owner) or 'nobody'})]" if owner.casefold() != item.owner.casefold() else ""
    return (escape(owner) or ":gray[nobody]") + before


def _due(item: NoteItem, life: ItemLife | None, today: date, *, done: bool) -> str:
    due = life.due if life else item.due
    shown = day(due) if due else ""
    if due and due < today and not done:
        shown = f":red[**{shown}**]"
    before = f" :gray[(here: {day(item.due) if item.due else 'none'})]" if due != item.due else ""
    return shown + before
