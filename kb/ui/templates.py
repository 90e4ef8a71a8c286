"""The screen "Templates": the shipped templates of handover notes, and what leads made of them."""

from __future__ import annotations

import streamlit as st

from kb.handover import adapting
from kb.handover.definition import as_template
from kb.handover.markdown import note_markdown
from kb.handover.sample import sample_note
from kb.handover.templates import TEMPLATES
from kb.pages import PageNotFound
from kb.store.db import now
from kb.store.templates import Published
from kb.teams import all_teams
from kb.template_adapting import (
    TemplateDraft,
    adapted_templates,
    draft_of,
    drop_template_draft,
    find_template_draft,
    keep_template_draft,
    my_template_drafts,
    new_adaptation,
    on_top_of,
    retire_template,
    template_versions,
)
from kb.ui import handover_style
from kb.ui.acting import act
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.discard import NEVER_SAVED, ask_to_discard
from kb.ui.handover_start import ICONS
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import clock
from kb.ui.person_links import person_link
from kb.ui.problems import show_problem
from kb.ui.template_editor import show_editor
from kb.ui.template_form import TemplateForm
from kb.ui.words import ago


def render() -> None:
    """Show the screen: all templates, the versions of one, or the editor."""
    handover_style.apply()
    st.set_page_config(page_title="Templates · Baton")
    draft, adaptation = st.query_params.get("draft", ""), st.query_params.get("id", "")
    try:
        if draft:
            _show_draft(draft)
        elif adaptation:
            _show_versions(int(adaptation) if adaptation.isascii() and adaptation.isdecimal() else 0)
        else:
            _show_all()
    except PageNotFound:
        st.title("Template not found", anchor=False)
        st.markdown(
            "The address names no template that you may see, or its draft was published or discarded. "
            f"[See all templates](<{address(Screen.TEMPLATES)}>)."
        )


def _show_draft(key: str) -> None:
    store, person = open_baton().store, acting_person()
    draft = find_template_draft(store, person, key)
    if draft is None:
        raise PageNotFound
    versions = template_versions(store, person, draft.adaptation) if draft.adaptation else []
    base = next((one for one in versions if one.version == draft.base), None)
    show_editor(TemplateForm(draft, base, versions[0] if versions else None))


def _begin(draft: TemplateDraft) -> None:
    """Keep a draft and edit it."""
    kept = keep_template_draft(open_baton().store, acting_person(), draft)
    go_to(Screen.TEMPLATES, draft=kept.key)


# ---- all ----------------------------------------------------------------------------------------------------------


def _show_all() -> None:
    st.title("Templates", anchor=False)
    st.markdown(
        "What a handover note asks for. Adapt a shipped template to a client, a team, or to all notes of its kind."
    )
    show_problem()
    store, person = open_baton().store, acting_person()
    for draft in my_template_drafts(store, person):
        _offer_draft(draft)
    for template, column in zip(TEMPLATES, st.columns(len(TEMPLATES)), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{template.name}**  \n:small[Shipped with Baton, {len(template.sections)} sections]")
            if st.button(f"Adapt the {template.name.lower()}", key=f"adapt_{template.key}", icon=ICONS[template.key]):
                _begin(new_adaptation(template.key))
    st.header("Adapted", anchor=False)
    published = adapted_templates(store, person)
    if not published:
        st.info("No template is adapted yet.", icon=":material/dashboard_customize:")
    teams = {team.id: team.name for team in all_teams(store, person)}
    with st.container(key="notes", gap="small"):
        for one in published:
            with st.container(border=True):
                st.markdown(_row(one, teams), anchors=False)


def _row(one: Published, teams: dict[int, str]) -> str:
    kind = next(template.name for template in TEMPLATES if template.key == one.definition.key)
    badges = [f":blue-badge[{escape(for_whom(one, teams))}]", f":gray-badge[Version {one.number}]"]
    if one.retired:
        badges.append(":gray-badge[:material/block: No longer offered]")
    if adapting.newer_shipped(one.definition):
        badges.append(":orange-badge[Newer shipped version]")
    return "\n\n".join(
        [
            f"## [{escape(one.definition.name)}](<{address(Screen.TEMPLATES, id=str(one.adaptation))}>)",
            " ".join(badges),
            f":small[{kind} · {escape(one.audience.space.name)} · published by {person_link(one.author)} "
            f"{ago(one.at, now())}]",
        ]
    )


def for_whom(one: Published, teams: dict[int, str]) -> str:
    """Whose notes begin with a template."""
    if one.audience.clients:
        return f"For {', '.join(one.audience.clients)}"
    if one.audience.team is not None:
        return f"For the team {teams.get(one.audience.team, 'that was removed')}"
    return "For all"


def _offer_draft(draft: TemplateDraft) -> None:
    kept = clock(draft.kept_at, now()) if draft.kept_at else ""
    with st.container(key=f"draft_{draft.key}", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f"**{escape(draft.definition.name)}**  \n:small[Draft, not published, kept {kept}]", width="stretch"
        )
        if st.button("Continue", key=f"continue_{draft.key}", icon=":material/edit:"):
            go_to(Screen.TEMPLATES, draft=draft.key)
        if st.button("Discard", key=f"discard_{draft.key}", icon=":material/delete:", type="tertiary"):
            ask_to_discard(NEVER_SAVED, lambda: drop_template_draft(open_baton().store, acting_person(), draft.key))


# ---- one ----------------------------------------------------------------------------------------------------------


def _show_versions(adaptation: int) -> None:
    store, person = open_baton().store, acting_person()
    versions = template_versions(store, person, adaptation)
    newest = versions[0]
    st.set_page_config(page_title=f"{newest.definition.name} · Templates")
    st.markdown(f":small[[Templates](<{address(Screen.TEMPLATES)}>)]")
    st.title(escape(newest.definition.name), anchor=False)
    show_problem()
    teams = {team.id: team.name for team in all_teams(store, person)}
    st.markdown(
        f"{escape(newest.definition.when)}  \n{escape(for_whom(newest, teams))} · {escape(newest.audience.space.name)}"
    )
    if newest.retired:
        st.info("No longer offered. Notes that were written with it stay as they are.", icon=":material/block:")
    with st.container(horizontal=True, key="actions"):
        if st.button("Change", type="primary", icon=":material/edit:", key="change_template"):
            _begin(draft_of(newest))
        if not newest.retired and st.button("Take out of use", type="tertiary", icon=":material/block:"):
            act(lambda: retire_template(store, person, newest), "No longer offered")
    st.header("Versions", anchor=False)
    for one in versions:
        label = f"Version {one.number}, {escape(one.author.name)}, {clock(one.at, now())}"
        with st.expander(label, key=f"version_{one.version}", on_change="rerun") as version:
            if version.open:
                _show_version(one, newest)


def _show_version(one: Published, newest: Published) -> None:
    if one.changes:
        st.markdown("\n".join(f"- {escape(change)}" for change in one.changes))
    if one is not newest and st.button(
        "Take it up again", key=f"take_up_{one.version}", icon=":material/history:",
        help="Begins a draft with this version. Nothing is published yet.",
    ):  # fmt: skip
        _begin(on_top_of(draft_of(one), newest))
    st.caption("A note that is written with it:")
    template = as_template(one.definition, one.version)
    client = one.audience.clients[0] if one.audience.clients else ""
    with st.container(border=True):
        st.markdown(page_markdown(note_markdown(template, sample_note(template, client, now())), {}), anchors=False)
