"""The sections of a template under adaptation: their order, and one of them opened with its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from kb.handover import adapting
from kb.handover.definition import ALWAYS_ASKED, all_fields
from kb.handover.template_rules import MAX_HELP, MAX_TITLE
from kb.handover.templates import Field, FieldKind, Section, SectionKind
from kb.ui.markdown import escape
from kb.ui.template_form import TemplateForm, named

SECTION_KINDS = {
    SectionKind.TEXT: "Text",
    SectionKind.TABLE: "Table",
    SectionKind.FACTS: "Row of fields",
    SectionKind.ITEMS: "Open items",
}
FIELD_KINDS = {
    FieldKind.TEXT: "Text",
    FieldKind.LONG: "Several lines",
    FieldKind.DATE: "Date",
    FieldKind.CHOICE: "Choice",
    FieldKind.PAGE: "Wiki page",
}
SEPARATOR = ";"  # between the options of a choice


def show_sections(form: TemplateForm) -> None:
    """Show every section as a row that can be moved and opened."""
    st.header("Sections", anchor=False)
    sections = form.draft.definition.sections
    opened = st.session_state.get(form.key("opened"), "")
    for place, section in enumerate(sections):
        with st.container(border=True, key=f"section_{section.key}", gap="small"):
            _show_row(form, section, place, len(sections), opened=section.key == opened)
            if section.key == opened:
                _show_section(form, section)
    _show_new_section(form)


def _show_row(form: TemplateForm, section: Section, place: int, number: int, *, opened: bool) -> None:
    title, change = section.title or "(no name yet)", form.draft.definition
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row_{section.key}", wrap=False):
        name = f":gray[{escape(title)}]" if section.hidden else f"**{escape(title)}**"
        st.markdown(f"{name}  \n:small[{' · '.join(_facts(section))}]", width="stretch")
        _arrows(
            form, section.key, title, place, number,
            lambda by: form.change(adapting.moved_section(change, section.key, by)),
        )  # fmt: skip
        if section.kind is not SectionKind.ITEMS:
            label = "Show" if section.hidden else "Hide"
            st.button(
                named(label, title), key=form.key(section.key, "hide"), type="tertiary",
                on_click=lambda: form.change(adapting.with_section(change, section.key, hidden=not section.hidden)),
            )  # fmt: skip
        st.button(
            named("Done" if opened else "Change", title), key=form.key(section.key, "open"),
            on_click=_open, args=[form, "" if opened else section.key],
        )  # fmt: skip


def _facts(section: Section) -> list[str]:
    facts = [SECTION_KINDS[section.kind]]
    if section.hidden:
        return [*facts, "hidden"]
    facts.append("required" if section.required else "may be left empty")
    if section.carries:
        facts.append("goes into the next note")
    return facts


def _open(form: TemplateForm, section: str) -> None:
    st.session_state[form.key("opened")] = section


def _show_section(form: TemplateForm, section: Section) -> None:
    key = form.begun(section.title, section.key, "title")
    st.text_input("Name", key=key, max_chars=MAX_TITLE, on_change=form.on_section(section.key, "title", key))
    key = form.begun(section.help, section.key, "help")
    st.text_input("Help text", key=key, max_chars=MAX_HELP, on_change=form.on_section(section.key, "help", key))
    with st.container(horizontal=True):
        _tick(form, section, "required", "Must be answered")
        if section.kind is not SectionKind.FACTS or not section.required or section.may_be_none:
            _tick(form, section, "may_be_none", "“None” is an answer")
        if section.kind is not SectionKind.ITEMS:
            _tick(
                form, section, "carries", "Goes into the next note", "A new note of the same client may start from it."
            )
    if section.kind is not SectionKind.TEXT:
        st.markdown("**Fields**")
        for fields in (section.common, section.fields):
            for place, field in enumerate(fields):
                _show_field(form, section, field, place, len(fields))
        _show_new_field(form, section)
    if section.key not in form.published:
        st.button(
            f"Remove “{escape(section.title)}”", key=form.key(section.key, "remove"), type="tertiary",
            icon=":material/delete:",
            on_click=lambda: form.change(adapting.without_section(form.draft.definition, section.key)),
        )  # fmt: skip


def _tick(form: TemplateForm, section: Section, attribute: str, label: str, explained: str | None = None) -> None:
    key = form.begun(getattr(section, attribute), section.key, attribute)
    st.checkbox(label, key=key, on_change=form.on_section(section.key, attribute, key), help=explained)


def _show_field(form: TemplateForm, section: Section, field: Field, place: int, number: int) -> None:
    names, title = (section.key, "field", field.key), field.title or "new field"
    always = section.kind is SectionKind.ITEMS and field.key in ALWAYS_ASKED
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"field_{section.key}_{field.key}"
    ):
        key = form.begun(field.title, *names, "title")
        st.text_input(
            f"Name of {escape(title)}", key=key, max_chars=MAX_TITLE, label_visibility="collapsed",
            placeholder="Name of the field", on_change=form.on_field(section.key, field.key, "title", key),
        )  # fmt: skip
        st.caption(FIELD_KINDS[field.kind], width=76)
        with st.container(key=f"asks_{section.key}_{field.key}", width="content"):
            key = form.begun(field.required, *names, "required")
            st.checkbox(
                f"Required: {escape(title)}", key=key, disabled=field.hidden or (always and field.required),
                on_change=form.on_field(section.key, field.key, "required", key),
            )  # fmt: skip
        with st.container(key=f"shows_{section.key}_{field.key}", width="content"):
            key = form.begun(not field.hidden, *names, "shown")
            st.checkbox(
                f"Shown: {escape(title)}", key=key, disabled=always,
                on_change=form.on_field(section.key, field.key, "hidden", key, lambda shown: not shown),
            )  # fmt: skip
        _arrows(
            form, f"{section.key}_{field.key}", title, place, number,
            lambda by: form.change(adapting.moved_field(form.draft.definition, section.key, field.key, by)),
        )  # fmt: skip
        if field.key not in _published_fields(form, section.key):
            st.button(
                named("Remove", title), key=form.key(*names, "remove"), type="tertiary",
                on_click=lambda: form.change(
                    adapting.without_field(form.draft.definition, section.key, field.key)
                ),
            )  # fmt: skip
    if field.kind is FieldKind.CHOICE and field.key != "priority":
        key = form.begun(f"{SEPARATOR} ".join(field.options), *names, "options")
        st.text_input(
            f"Options of {escape(title)}, separated by {SEPARATOR}", key=key,
            on_change=form.on_field(section.key, field.key, "options", key, options_of),
        )  # fmt: skip


def options_of(text: str) -> tuple[str, ...]:
    """The options that somebody typed in one line."""
    return tuple(option.strip() for option in (text or "").split(SEPARATOR) if option.strip())


def _published_fields(form: TemplateForm, section: str) -> set[str]:
    definitions = [form.shipped, *([form.newest.definition] if form.newest else [])]
    return {
        field.key
        for one in definitions
        for known in one.sections
        if known.key == section
        for field in all_fields(known)
    }


def _arrows(form: TemplateForm, key: str, title: str, place: int, number: int, move: Callable[[int], None]) -> None:
    with st.container(horizontal=True, gap=None, width="content", wrap=False, key=f"arrows_{key}"):
        for by, word, icon, last in ((-1, "up", "arrow_upward", 0), (1, "down", "arrow_downward", number - 1)):
            st.button(
                named("", f"Move “{title}” {word}"), key=form.key(key, word), icon=f":material/{icon}:",
                type="tertiary", on_click=move, args=[by], disabled=place == last,
            )  # fmt: skip


def _show_new_section(form: TemplateForm) -> None:
    key = form.key("new_section")

    def add() -> None:
        title = (st.session_state[f"{key}_title"] or "").strip()
        if title:
            definition, section = adapting.added_section(
                form.draft.definition, title, st.session_state[f"{key}_kind"] or SectionKind.TEXT
            )
            form.change(definition)
            _open(form, section)
            st.session_state[f"{key}_title"] = ""

    with st.container(border=True, key="new_section"):
        st.markdown("**Add a section**")
        kinds = [kind for kind in SectionKind if kind is not SectionKind.ITEMS]
        _show_new(key, "Name of the new section", kinds, SECTION_KINDS, add, "Add section")


def _show_new_field(form: TemplateForm, section: Section) -> None:
    key = form.key(section.key, "new_field")

    def add() -> None:
        title = (st.session_state[f"{key}_title"] or "").strip()
        if title:
            kind = st.session_state[f"{key}_kind"] or FieldKind.TEXT
            form.change(adapting.added_field(form.draft.definition, section.key, title, kind)[0])
            st.session_state[f"{key}_title"] = ""

    kinds = [kind for kind in FieldKind if not (kind is FieldKind.LONG and section.kind is SectionKind.TABLE)]
    _show_new(key, "Name of the new field", kinds, FIELD_KINDS, add, "Add field")


def _show_new(
    key: str, label: str, kinds: list[Any], names: dict[Any, str], add: Callable[[], None], button: str
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(label, key=f"{key}_title", max_chars=MAX_TITLE, width=220)
        st.selectbox("Kind", kinds, key=f"{key}_kind", format_func=names.__getitem__, width=150)
        st.button(button, key=f"{key}_add", icon=":material/add:", on_click=add)
