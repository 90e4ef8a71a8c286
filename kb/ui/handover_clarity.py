"""What a note could say more clearly: beside the section that says it, and as a list to jump from. Never in the way."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.handover.clarity import Remark, Unclear
from kb.handover.templates import Section, SectionKind, item_fields
from kb.ui.handover_form import NoteForm
from kb.ui.markdown import escape
from kb.ui.words import counted

SHOWN = 25  # in the list; whoever has more begins with these


def show_remarks_of(section: Section, remarks: Sequence[Remark]) -> None:
    """Show a section's remarks below its fields."""
    here = [remark for remark in remarks if remark.place == section.key]
    with st.container(key=f"clarity_{section.key}"):  # always there: what is below must not move into its place
        if here:
            st.markdown("\n".join(f"- :small[:material/lightbulb: {_line(section, remark)}]" for remark in here))


def show_remarks(form: NoteForm, remarks: Sequence[Remark]) -> None:
    """Show all remarks, each leading to its section."""
    if not remarks:
        return
    with st.expander(f":material/lightbulb: {counted(len(remarks), 'hint')} for clearer wording", type="compact"):
        st.caption("You can submit without following them.")
        for place, remark in enumerate(remarks[:SHOWN]):
            section = form.template.section(remark.place)
            st.button(
                f"{escape(section.title)}: {_line(section, remark)}",
                key=f"clarity_go_{place}",
                type="tertiary",
                icon=":material/arrow_upward:",
                on_click=form.reach,
                args=[remark.place],
            )
        if len(remarks) > SHOWN:
            st.caption(f"and {counted(len(remarks) - SHOWN, 'more hint')}, in their sections")


def _line(section: Section, remark: Remark) -> str:
    where = _where(section, remark)
    if remark.kind is Unclear.NO_OWNER or remark.kind is Unclear.NO_DATE:
        said = "no owner" if remark.kind is Unclear.NO_OWNER else "no date"
        return f"{where}: {said}. {escape(remark.remedy)}"
    said = f"“{escape(remark.words)}”"
    return f"{where}: {said}. {escape(remark.remedy)}" if where else f"{said}. {escape(remark.remedy)}"


def _where(section: Section, remark: Remark) -> str:
    """The row and field, such as "item 2, What to do next"; "" where the section is one text."""
    if not remark.row:
        return ""
    fields = item_fields(section) if section.kind is SectionKind.ITEMS else section.fields
    titles = {field.key: field.title for field in fields}
    if section.kind is SectionKind.FACTS:
        return escape(titles.get(remark.field, ""))
    name = "item" if section.kind is SectionKind.ITEMS else "row"
    field = f", {escape(titles[remark.field])}" if remark.words and remark.field in titles else ""
    return f"{name} {remark.row}{field}"
