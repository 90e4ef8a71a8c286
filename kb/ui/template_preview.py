"""What a template under adaptation gives: its form, a printed note, and what changed."""

from __future__ import annotations

import hashlib

import streamlit as st

from kb.handover.definition import as_template
from kb.handover.markdown import note_markdown
from kb.handover.sample import sample_note
from kb.handover.templates import HandoverTemplate, Section, SectionKind
from kb.store.db import now
from kb.template_adapting import changes_of
from kb.ui.handover_rows import Rows, show_field, show_rows
from kb.ui.markdown import escape, page_markdown
from kb.ui.template_form import TemplateForm


def show_preview(form: TemplateForm) -> None:
    """Show the preview beside the editor."""
    template = as_template(form.draft.definition, form.draft.base)
    on_form, on_paper, changed = st.tabs(["Form", "On paper", "Changes"])
    with on_form, st.container(key="preview_form"):
        _show_form(template)
    with on_paper, st.container(key="preview_paper", border=True):
        client = form.draft.clients[0] if form.draft.clients else ""
        st.markdown(f"## {escape(template.name)}", anchors=False)
        st.markdown(page_markdown(note_markdown(template, sample_note(template, client, now())), {}), anchors=False)
    with changed:
        _show_changes(form)


def _show_form(template: HandoverTemplate) -> None:
    st.caption(
        f"{escape(template.when)} Above the sections stands what every note has: client, from, to, times, status."
    )
    for place, section in enumerate(template.sections):
        none = " :gray[· None]" if section.may_be_none else ""
        with st.expander(f"{escape(section.title)}{none}", expanded=place == 0):
            if section.help:
                st.caption(escape(section.help))
            _show_answer(section)


def _show_answer(section: Section) -> None:
    # Other fields make other keys: what Streamlit keeps of a field must fit it.
    mark = hashlib.sha256(repr((section.kind, section.fields, section.common)).encode()).hexdigest()[:8]
    key = f"preview_{section.key}_{mark}"
    if section.kind is SectionKind.TEXT:
        st.text_area(escape(section.title), key=key, height=80, label_visibility="collapsed", disabled=True)
    elif section.kind is SectionKind.FACTS:
        for start in range(0, len(section.fields), 2):
            for field, column in zip(section.fields[start : start + 2], st.columns(2), strict=False):
                with column:
                    show_field(field, {}, f"{key}_{field.key}", lambda: None, disabled=True)
    else:
        show_rows(section, Rows([]), key, lambda _: None, disabled=True)


def _show_changes(form: TemplateForm) -> None:
    since = f"version {form.base.number}" if form.base else "the shipped template"
    changes = changes_of(form.draft, form.base)
    if not changes:
        st.caption(f"Nothing is changed since {since}.")
        return
    st.caption(f"Since {since}:")
    st.markdown("\n".join(f"- {escape(change)}" for change in changes))
