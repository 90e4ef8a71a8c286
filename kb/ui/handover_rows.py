"""Rows that people fill in: as a table for speed, or one by one where the screen is small or the text long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import streamlit as st

from kb.handover.definition import COMMON_KEYS
from kb.handover.models import NoteItem, Priority
from kb.handover.templates import Field, FieldKind, Section, SectionKind, item_fields
from kb.tidying import cut
from kb.ui.markdown import escape
from kb.ui.moments import input_format
from kb.ui.runs import hold

DONE = "done"
ORIGIN, AGE = "origin", "age"  # which item a row is, and how old it is, in words; neither is written by hand
_SILENT = ("priority", DONE, ORIGIN, AGE)  # they have a value from the start
_NARROW, _AGE, _ROOMY = 112, 165, 220  # pixels of a column: a name or a date, an age, a short sentence
_NEW_ITEM = {"priority": str(Priority.NORMAL), DONE: False}

Row = dict[str, Any]


@dataclass
class Rows:
    """The rows of one section in the form.

    ``base`` is what the table began with: Streamlit tells only what has changed since, and begins anew when other
    rows are put in.
    """

    rows: list[Row]
    base: list[Row] = field(default_factory=list)
    round: int = 0
    one_by_one: bool = False
    chosen: int = 0
    touched: int | None = None  # the row that was written in last

    def __post_init__(self) -> None:
        self.base = list(self.rows)
        self.one_by_one = "Mobi" in st.context.headers.get("User-Agent", "")

    def said(self) -> list[Row]:
        """The rows that say something."""
        return [row for row in self.rows if any(value for name, value in row.items() if name not in _SILENT)]

    def begin_anew(self) -> None:
        """Show the present rows in new fields."""
        self.base = self.rows = self.said() if not self.one_by_one else list(self.rows)
        self.touched = None
        self.round += 1

    def take_table(self, changes: Mapping[str, Any]) -> None:
        """Take what was changed in the table since it began."""
        before, self.rows = self.rows, changed_rows(self.base, changes)
        different = [n for n, row in enumerate(self.rows) if n >= len(before) or row != before[n]]
        self.touched = different[0] if different and len(self.rows) >= len(before) else None

    def take_field(self, name: str, value: Any) -> None:
        """Take what was written into a field of the chosen row."""
        self.rows[self.chosen] = {**self.rows[self.chosen], name: value if name == DONE else text_value(value)}
        self.touched = self.chosen

    def add(self, row: Row) -> None:
        """Add a row and choose it."""
        self.rows = [*self.rows, row]
        self.chosen = len(self.rows) - 1
        self.begin_anew()

    def remove(self) -> None:
        """Remove the chosen row."""
        self.rows = [row for place, row in enumerate(self.rows) if place != self.chosen]
        self.chosen = max(0, min(self.chosen, len(self.rows) - 1))
        self.begin_anew()


def changed_rows(base: Sequence[Row], changes: Mapping[str, Any]) -> list[Row]:
    """The rows after what a table editor reports: ``edited_rows`` by place, ``deleted_rows``, ``added_rows``."""
    edited = {int(place): values for place, values in changes.get("edited_rows", {}).items()}
    gone = set(changes.get("deleted_rows", ()))
    kept = [{**row, **edited.get(place, {})} for place, row in enumerate(base) if place not in gone]
    return [
        {name: value if name == DONE else text_value(value) for name, value in row.items() if name != "_index"}
        for row in [*kept, *changes.get("added_rows", ())]
    ]


def text_value(value: object) -> str:
    """A field's value as notes keep it: dates as ISO 8601, nothing as an empty text."""
    if value is None:
        return ""
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def field_value(kept: Field, row: Mapping[str, Any]) -> str | date | None:
    """A kept value as the field for it takes it."""
    value = row.get(kept.key) or ""
    if kept.kind is FieldKind.DATE:
        return _date(value)
    return (value or None) if kept.kind is FieldKind.CHOICE else value


def row_of(item: NoteItem, age: str = "") -> Row:
    """An open item as a row of the form.

    :param age: how old it is, in words.
    """
    return {
        **item.details,
        "title": item.title,
        "reference": item.reference,
        "next_step": item.next_step,
        "owner": item.owner,
        "due": item.due.isoformat() if item.due else "",
        "priority": str(item.priority),
        DONE: item.done,
        ORIGIN: item.origin,
        AGE: age,
    }


def further_fields(section: Section, rows: Sequence[Row]) -> list[Row]:
    """What the rows of a section hold besides what every open item has."""
    common = {*COMMON_KEYS, DONE} if section.kind is SectionKind.ITEMS else set()
    return [{name: value for name, value in row.items() if name not in common} for row in rows]


def item_of(row: Mapping[str, Any]) -> NoteItem:
    """A row of the form as an open item."""
    return NoteItem(
        title=row.get("title") or "",
        reference=row.get("reference") or "",
        next_step=row.get("next_step") or "",
        owner=row.get("owner") or "",
        due=_date(row.get("due") or ""),
        priority=Priority(row.get("priority") or Priority.NORMAL),
        done=bool(row.get(DONE)),
        details={name: value for name, value in row.items() if value and name not in {*COMMON_KEYS, DONE, ORIGIN, AGE}},
        origin=row.get(ORIGIN) or "",
    )


def show_rows(section: Section, rows: Rows, key: str, on_change: Callable[[Section], None], *, disabled: bool) -> None:
    """Show the rows of a section to be filled in.

    :param on_change: called after ``rows`` took a change.
    """
    fields = item_fields(section) if section.kind is SectionKind.ITEMS else section.fields
    if rows.one_by_one:
        _show_one(section, fields, rows, key, on_change, disabled=disabled)
    else:
        _show_table(section, fields, rows, key, on_change, disabled=disabled)
    if not disabled:
        st.button(
            "Fill in as a table" if rows.one_by_one else "Fill in one by one",
            key=f"{key}_switch",
            type="tertiary",
            icon=":material/table_rows:" if rows.one_by_one else ":material/view_agenda:",
            on_click=_switch,
            args=[rows],
        )


def _switch(rows: Rows) -> None:
    rows.one_by_one = not rows.one_by_one
    rows.chosen = 0
    rows.begin_anew()


def _show_table(
    section: Section,
    fields: Sequence[Field],
    rows: Rows,
    key: str,
    on_change: Callable[[Section], None],
    *,
    disabled: bool,
) -> None:
    key = f"{key}_{rows.round}_table"

    def changed() -> None:
        rows.take_table(st.session_state[key])
        on_change(section)

    columns: dict[str, Any] = {kept.key: _column(kept) for kept in fields}
    # Arrays with a type: from an empty list Streamlit would take a column for numbers.
    values = {
        kept.key: np.array(
            [field_value(kept, row) for row in rows.base],
            dtype="datetime64[s]" if kept.kind is FieldKind.DATE else object,
        )
        for kept in fields
    }
    if section.kind is SectionKind.ITEMS:
        _add_age(columns, values, [row.get(AGE) or "" for row in rows.base])
        columns[DONE] = st.column_config.CheckboxColumn("Done", default=False, width=_NARROW)
        values[DONE] = np.array([bool(row.get(DONE)) for row in rows.base], dtype=bool)
    st.data_editor(
        values,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config=columns,
        on_change=changed,
        disabled=disabled,
        height="content",
        alt=section.title,
        placeholder="",
    )


def _add_age(columns: dict[str, Any], values: dict[str, Any], ages: Sequence[str]) -> None:
    """Show how old the items are beside their names, where other notes had them before."""
    if not any(ages):
        return
    place = 1  # further right it would be out of sight
    told = st.column_config.TextColumn("Open for", disabled=True, width=_AGE, help="Since it was first handed over")
    for table, value in ((columns, told), (values, np.array(ages, dtype=object))):
        after = list(table.items())[place:]
        for name, _ in after:
            del table[name]
        table.update({AGE: value, **dict(after)})


def _column(kept: Field) -> Any:
    if kept.kind is FieldKind.DATE:
        return st.column_config.DateColumn(kept.title, format="D MMM YYYY", width=_NARROW)
    if kept.key == "priority":
        return st.column_config.SelectboxColumn(
            kept.title,
            options=list(kept.options),
            format_func=lambda priority: str(priority).capitalize(),
            default=str(Priority.NORMAL),
            required=True,
            width=_NARROW,
        )
    if kept.kind is FieldKind.CHOICE:
        return st.column_config.SelectboxColumn(kept.title, options=list(kept.options), width=_NARROW)
    roomy = kept.kind in (FieldKind.LONG, FieldKind.PAGE) or kept.required
    note = "Title of a wiki page" if kept.kind is FieldKind.PAGE else None
    return st.column_config.TextColumn(kept.title, width=_ROOMY if roomy else _NARROW, help=note)


def _show_one(
    section: Section,
    fields: Sequence[Field],
    rows: Rows,
    key: str,
    on_change: Callable[[Section], None],
    *,
    disabled: bool,
) -> None:
    def add() -> None:
        rows.add(dict(_NEW_ITEM) if section.kind is SectionKind.ITEMS else {})

    def remove() -> None:
        rows.remove()
        on_change(section)

    def choose() -> None:
        rows.chosen = st.session_state[f"{key}_{rows.round}_chosen"] or 0

    if rows.rows:
        with st.container(border=True):
            if len(rows.rows) > 1:
                st.pills(
                    "Row",
                    range(len(rows.rows)),
                    default=rows.chosen,
                    format_func=lambda place: _row_name(fields[0], rows.rows[place], place),
                    key=f"{key}_{rows.round}_chosen",
                    on_change=choose,
                    required=True,
                    label_visibility="collapsed",
                )
            _show_fields(section, fields, rows, key, on_change, disabled=disabled)
            st.button(
                "Remove this row", key=f"{key}_remove", type="tertiary", icon=":material/delete:", on_click=remove,
                disabled=disabled,
            )  # fmt: skip
    noun = "item" if section.kind is SectionKind.ITEMS else "row"
    label = f"Add another {noun}" if rows.rows else f"Add {'an item' if noun == 'item' else 'a row'}"
    st.button(label, key=f"{key}_add", icon=":material/add:", on_click=add, disabled=disabled)


def _row_name(first: Field, row: Row, place: int) -> str:
    name = " ".join(str(row.get(first.key) or "").split())
    return escape(f"{place + 1}. {cut(name, 25) or 'New'}")


def _show_fields(
    section: Section,
    fields: Sequence[Field],
    rows: Rows,
    key: str,
    on_change: Callable[[Section], None],
    *,
    disabled: bool,
) -> None:
    row = rows.rows[rows.chosen]
    prefix = f"{key}_{rows.round}_{rows.chosen}"

    def changed(name: str) -> None:
        rows.take_field(name, st.session_state[f"{prefix}_{name}"])
        on_change(section)

    # Line by line, so that a phone, which stacks the columns, keeps the order.
    for line in range(0, len(fields), 3):
        for kept, column in zip(fields[line : line + 3], st.columns(3), strict=False):
            with column:
                show_field(kept, row, f"{prefix}_{kept.key}", changed, kept.key, disabled=disabled)
    if section.kind is SectionKind.ITEMS:
        name = f"{prefix}_{DONE}"
        hold(name, bool(row.get(DONE)))
        st.checkbox("Done", key=name, on_change=changed, args=[DONE], disabled=disabled)
        if row.get(AGE):
            st.caption(f"Open for {row[AGE]}")


def show_field(
    kept: Field, row: Mapping[str, Any], key: str, on_change: Callable[..., None], *args: str, disabled: bool
) -> None:
    """Show one field with its name above."""
    hold(key, field_value(kept, row))
    title = escape(kept.title)
    if kept.kind is FieldKind.DATE:
        st.date_input(
            title, st.session_state[key], key=key, on_change=on_change, args=args, format=input_format(),
            disabled=disabled,
        )  # fmt: skip
    elif kept.kind is FieldKind.CHOICE:
        options = list(kept.options)
        value = st.session_state[key]
        st.selectbox(
            title,
            options if value in (None, *options) else [*options, value],
            key=key,
            format_func=str.capitalize if kept.key == "priority" else str,
            on_change=on_change,
            args=args,
            disabled=disabled,
            placeholder="Choose",
        )
    elif kept.kind is FieldKind.LONG:
        st.text_area(title, key=key, on_change=on_change, args=args, height=80, disabled=disabled)
    else:
        hint = "Title of a wiki page" if kept.kind is FieldKind.PAGE else None
        st.text_input(title, key=key, on_change=on_change, args=args, disabled=disabled, placeholder=hint)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
