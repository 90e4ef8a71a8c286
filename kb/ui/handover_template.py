"""Which template the handover form follows: said, changed, and what it no longer asks for."""

from __future__ import annotations

import streamlit as st

from kb.handover.leftovers import NO_LONGER, leftover_sections, says_more_than
from kb.handover.markdown import section_markdown
from kb.handover.models import NoteState
from kb.handover.templates import HandoverTemplate
from kb.note_templates import newer_template, offered
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_form import NoteForm
from kb.ui.markdown import escape, page_markdown


def show_template(form: NoteForm) -> None:
    """Say which template is used and why, and let another one be chosen where there is one."""
    if form.newest is not None and form.newest.state is not NoteState.DRAFT:
        return  # others have read it as it is
    store, person, text = open_baton().store, acting_person(), form.draft.text
    offers = offered(store, person, form.template.key, text.header.client)
    templates = {offer.template.version: offer.template for offer in offers}
    newer = newer_template(store, person, form.template.key, form.template.version)
    if len(templates) == 1 and newer is None:
        return
    first = offers[0]
    why = first.why if first.template.version == form.template.version else ""
    names = {version: template.name for version, template in templates.items()}
    if form.template.version not in names:
        names[form.template.version] = f"{form.template.name}, as it was when you began"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = form.key(f"template_{form.template.version}")
        chosen = st.selectbox(
            "Template", list(names), list(names).index(form.template.version), key=key,
            format_func=names.__getitem__, width=320,
        )  # fmt: skip
        if why:
            st.caption(f"Chosen because {escape(why)}.")
    if chosen is not None and chosen != form.template.version:
        _take(form, templates[chosen])
    if newer is not None and newer.version != first.template.version:
        _offer(form, newer, "This template was changed since the note was begun.", "Use the new version")
    elif first.template.version != form.template.version and not form.template_chosen:
        about = "This template was changed since the note was begun." if newer else f"There is “{first.template.name}”."
        _offer(form, first.template, about, f"Use “{first.template.name}”")


def show_leftovers(form: NoteForm) -> None:
    """Show what was written and is no longer asked for."""
    for section in leftover_sections(form.template, form.draft.text):
        with st.expander(f"{escape(section.title)} ({NO_LONGER})", icon=":material/inventory_2:"):
            st.caption("The template no longer asks for this. It stays in the note unless you remove it.")
            st.markdown(page_markdown(section_markdown(section, form.draft.text), {}))
            st.button(
                f"Remove “{escape(section.title)}”",
                key=form.section_key(section.key, "remove"),
                icon=":material/delete:",
                type="tertiary",
                on_click=form.drop_leftover,
                args=[section.key],
            )


def _offer(form: NoteForm, template: HandoverTemplate, about: str, label: str) -> None:
    kept = " What it does not ask for is kept at the end." if says_more_than(template, form.draft.text) else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/info: {escape(about)}{kept}", width="stretch")
        if st.button(escape(label), key=form.key("other_template"), icon=":material/swap_horiz:"):
            _take(form, template)


def _take(form: NoteForm, template: HandoverTemplate) -> None:
    form.template_chosen = True
    form.take_template(template)
    st.rerun()
