"""Adapting a template: for whom, its sections, a preview beside them, and publishing. A part of "Templates"."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.handover import adapting
from kb.handover.template_rules import MAX_HELP, MAX_NAME
from kb.handover.template_words import changes
from kb.handover.template_writings import template_pieces
from kb.handovers import note_clients
from kb.pages import PageNotFound, all_spaces
from kb.private_data import PrivateDataFound, look
from kb.store.db import StoreError, now
from kb.store.templates import Published
from kb.teams import all_teams
from kb.template_adapting import (
    StaleTemplate,
    TemplateNotReady,
    drop_template_draft,
    find_template_draft,
    on_top_of,
    problems_of,
    publish_template,
)
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.discard import ask_to_discard
from kb.ui.handover_fields import enable_typing
from kb.ui.markdown import escape
from kb.ui.moments import clock
from kb.ui.private_box import show_private_box
from kb.ui.private_words import NO_REASON
from kb.ui.problems import show_problem
from kb.ui.runs import hold
from kb.ui.template_form import TemplateForm
from kb.ui.template_preview import show_preview
from kb.ui.template_sections import show_sections
from kb.ui.toasts import toast_next

CLIENTS, TEAM, ALL = "Clients", "A team", "All notes of this kind"


def show_editor(form: TemplateForm) -> None:
    """Show the editor of a draft."""
    definition = form.draft.definition
    st.set_page_config(page_title=f"{definition.name} · Templates")
    st.markdown(f":small[[Templates](<{address(Screen.TEMPLATES)}>) › Adapt]")
    st.title(f"Adapt “{escape(form.shipped.name)}”", anchor=False)
    show_problem()
    with st.container(key="template_news"):
        _tell_of_other_window(form)
        _warn(form)
        _offer_shipped(form)
    left, right = st.columns([6, 5], gap="large")
    with left, st.container(key="editor"):
        _show_head(form)
        _show_audience(form)
        show_sections(form)
    with right, st.container(key="template_preview"):
        show_preview(form)
    enable_typing()
    _show_actions(form)


def _tell_of_other_window(form: TemplateForm) -> None:
    """Say that the same draft is open in another window, which changed it."""
    if form.notice_other_window():
        st.info(
            "You changed this draft in another window. What you see now is its newest text.",
            icon=":material/tab_duplicate:",
        )
    if not form.other_window:
        return
    st.warning(
        "You changed this draft in another window too. Both texts are kept: this is a draft of its own now, with what "
        "this window showed and your last change.",
        icon=":material/call_split:",
    )
    with st.container(horizontal=True):
        there = find_template_draft(open_baton().store, acting_person(), form.other_window)
        if there and st.button("Open the other one", icon=":material/open_in_new:", key="other_draft"):
            go_to(Screen.TEMPLATES, draft=there.key)
        st.button("Go on with this one", key="this_draft", type="tertiary", on_click=form.forget_other_window)
    if not there:
        st.caption("The other one was published or discarded.")


def _warn(form: TemplateForm) -> None:
    if not form.stale or form.newest is None:
        return
    theirs = form.newest
    st.warning(
        f"{escape(theirs.author.name)} published version {theirs.number} of this template "
        f"{clock(theirs.at, now())}, after you began. Nothing is lost: your changes are kept as a draft. "
        "How do you go on?",
        icon=":material/call_split:",
    )
    st.markdown("\n".join(f"- {escape(change)}" for change in theirs.changes))
    with st.container(horizontal=True):
        st.button(
            "Put mine on top of theirs", icon=":material/vertical_align_top:", key="mine_on_top",
            on_click=lambda: form.put(on_top_of(form.draft, theirs)),
        )  # fmt: skip
        if st.button("Take theirs", icon=":material/download_done:", key="take_theirs"):
            go_to(Screen.TEMPLATES, id=str(theirs.adaptation))
    st.caption("On top: what theirs added stays, hidden, and can be shown again.")


def _offer_shipped(form: TemplateForm) -> None:
    """Say what a newer shipped template has, and let it be taken over."""
    newer = adapting.newer_shipped(form.draft.definition)
    if newer is None:
        return
    with st.container(border=True, key="shipped_news"):
        st.markdown(
            f"**“{escape(newer.name)}” has a newer shipped version ({newer.shipped}).** It changed:  \n"
            + "\n".join(f"- {escape(change)}" for change in changes(form.shipped, newer))
        )
        with st.container(horizontal=True):
            st.button(
                "Add what is new", icon=":material/add:", key="take_shipped",
                on_click=lambda: form.put_definition(adapting.with_news(form.draft.definition, newer)),
            )  # fmt: skip
            st.button(
                "Leave mine as it is", type="tertiary", key="leave_shipped",
                on_click=lambda: form.put_definition(adapting.compared_with(form.draft.definition, newer)),
            )  # fmt: skip


def _show_head(form: TemplateForm) -> None:
    definition = form.draft.definition
    key = form.begun(definition.name, "name")
    st.text_input(
        "Name of the template", key=key, max_chars=MAX_NAME, on_change=form.on_template("name", key),
        help="Everybody who reads a note that was written with it sees this name.",
    )  # fmt: skip
    key = form.begun(definition.when, "when")
    st.text_input("When it is used", key=key, max_chars=MAX_HELP, on_change=form.on_template("when", key))


def _show_audience(form: TemplateForm) -> None:
    store, person, draft = open_baton().store, acting_person(), form.draft
    whom = TEAM if draft.team is not None else CLIENTS if draft.clients or not form.newest else ALL
    key = form.begun(whom, "whom")
    st.segmented_control(
        "Notes begin with it for",
        [CLIENTS, TEAM, ALL],
        key=key,
        required=True,
        on_change=_change_whom,
        args=[form, key],
    )
    chosen = st.session_state[key]
    if chosen == CLIENTS:
        clients = form.key("clients")
        hold(clients, list(draft.clients))
        st.multiselect(
            "Clients or processes", list(dict.fromkeys([*note_clients(store, person), *draft.clients])), key=clients,
            accept_new_options=True, placeholder="Choose or type a client",
            on_change=lambda: form.keep(clients=tuple(st.session_state[clients])),
        )  # fmt: skip
        if not draft.clients:
            st.caption(":material/info: Choose at least one client.")
    elif chosen == TEAM:
        teams = {team.id: team.name for team in all_teams(store, person)}
        team = form.key("team")
        hold(team, draft.team if draft.team in teams else None)
        st.selectbox(
            "Team", list(teams), key=team, index=None, format_func=teams.__getitem__, placeholder="Choose a team",
            on_change=lambda: form.keep(team=st.session_state[team]),
        )  # fmt: skip
    names = [space.name for space in all_spaces(store, person)]
    space = form.begun(draft.space, "space")
    st.selectbox(
        "Space", list(dict.fromkeys([*names, draft.space])), key=space,
        on_change=lambda: form.keep(space=st.session_state[space]),
    )  # fmt: skip
    st.caption(
        "Whoever sees this space is offered the template and sees for whom it is. Where a client's name is "
        "confidential, choose a space that only its team sees."
    )


def _change_whom(form: TemplateForm, key: str) -> None:
    chosen = st.session_state[key]
    if chosen != CLIENTS:
        st.session_state.pop(form.key("clients"), None)
    if chosen != TEAM:
        st.session_state.pop(form.key("team"), None)
    form.keep(clients=form.draft.clients if chosen == CLIENTS else (), team=form.draft.team if chosen == TEAM else None)


def _show_actions(form: TemplateForm) -> None:
    problem, number = st.session_state.get(form.key("problem"), ""), form.newest.number + 1 if form.newest else 1
    if problem:
        _show_problems(form, problem)
    _show_private(form)
    with st.container(key="note_actions", horizontal=True, vertical_alignment="center"):
        if st.button(f"Publish version {number}", type="primary", icon=":material/publish:", disabled=form.stale):
            _publish(form)
        if form.draft.kept_at:
            if st.button("Discard draft", type="tertiary", icon=":material/delete:"):
                ask_to_discard("Your changes are gone for good. Published versions stay.", lambda: _discard(form))
            st.caption(f"Draft kept {clock(form.draft.kept_at, now())}. Notes keep the version they were written with.")
        else:
            st.caption("Everything you change is kept as a draft.")


def _show_private(form: TemplateForm) -> None:
    """Show what is still in the draft of that for which it was not published."""
    asked = {one.fingerprint for one in st.session_state.get(form.key("private"), ())}
    if not asked:
        return
    pieces = template_pieces(form.draft.definition, form.draft.clients)
    left = [one for one in look(open_baton().store, pieces) if one.fingerprint in asked]
    if not left:
        st.success("Nothing private is left: publish it.", icon=":material/check:")
        return
    reason = show_private_box(left, form.mask, name="template", said=("published", "Publish"))
    if reason is not None and not reason.strip():
        st.error(NO_REASON, icon=":material/error:")
    elif reason is not None:
        _publish(form, reason)


def _show_problems(form: TemplateForm, problem: str) -> None:
    found = problems_of(open_baton().store, acting_person(), form.draft)
    with st.container(key="place_missing", border=True, gap="small"):
        if not found:
            st.markdown(
                ":material/check: Nothing is in the way any more: publish it."
                if problem == "rules"
                else escape(problem)
            )
            return
        st.markdown("**Not published yet.** Choose one to change it.")
        for place, one in enumerate(found):
            st.button(
                escape(one.message), key=f"gap_{place}", type="tertiary", icon=":material/arrow_upward:",
                on_click=_go_to_problem, args=[form, one.section],
            )  # fmt: skip


def _go_to_problem(form: TemplateForm, section: str) -> None:
    st.session_state[form.key("opened")] = section


def _publish(form: TemplateForm, private_reason: str = "") -> None:
    key = form.key("problem")
    chosen = st.session_state[form.key("whom")]
    if (chosen == CLIENTS and not form.draft.clients) or (chosen == TEAM and form.draft.team is None):
        st.session_state[key] = f"Choose for whom the template is, or “{ALL}”."
        st.rerun()
    try:
        published: Published = publish_template(
            open_baton().store, acting_person(), form.draft, private_reason=private_reason
        )
    except PrivateDataFound as error:
        st.session_state[form.key("private")] = error.found
        st.session_state.pop(key, None)
        st.rerun()
    except TemplateNotReady:
        st.session_state[key] = "rules"
        st.rerun()
    except StaleTemplate:
        st.rerun()  # the next run reads theirs, and asks
    except (RuleError, PageNotFound, StoreError) as error:
        st.session_state[key] = str(error)
        st.rerun()
    toast_next(f"Published as version {published.number}: new notes begin with it")
    go_to(Screen.TEMPLATES, id=str(published.adaptation))


def _discard(form: TemplateForm) -> None:
    drop_template_draft(open_baton().store, acting_person(), form.draft.key)
    toast_next("Draft discarded")
    go_to(Screen.TEMPLATES)
