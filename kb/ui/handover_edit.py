"""The screen "Write a handover note": the form of a template. What is typed is kept as a draft all the time."""

from __future__ import annotations

import streamlit as st

from kb.access import RuleError
from kb.clarity_check import note_remarks
from kb.handover.models import NoteState, Step
from kb.handover_drafts import NoteDraft, as_new_note, drop_draft, replaceable, save_draft, unfinished_drafts
from kb.handovers import NotReady, page_text
from kb.note_steps import StaleNote, may_step
from kb.pages import PageNotFound
from kb.private_data import PrivateData, PrivateDataFound
from kb.space_choice import is_open
from kb.store.db import StoreError, now
from kb.ui import browser, handover_style, wishes
from kb.ui.addresses import Screen, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.discard import ask_to_discard
from kb.ui.handover_clarity import show_remarks
from kb.ui.handover_conflict import show_conflict
from kb.ui.handover_fields import MORE, SAVE, enable_typing, reach_wanted_place, show_header, show_sections
from kb.ui.handover_form import NoteForm, current_form, start_anew
from kb.ui.handover_gaps import show_gaps
from kb.ui.handover_offers import consequence, offer_draft
from kb.ui.handover_recall import show_recall
from kb.ui.handover_start import show_templates
from kb.ui.markdown import escape
from kb.ui.moments import clock
from kb.ui.note_words import submitted_said
from kb.ui.private_box import show_private_box
from kb.ui.runs import hold
from kb.ui.toasts import toast_next
from kb.ui.wishes import wish_button

SHOWN_DRAFTS = 3
SAVED = "Saved as a draft: only you can find it until you submit it"
LEFT_TEXT = 360  # pixels of a text that can no longer be saved where it was begun


def render() -> None:
    """Show the screen."""
    handover_style.apply()
    wishes.go_on()
    try:
        form = current_form()
    except PageNotFound:
        _show_not_found(st.query_params.get("slug", ""))
        return
    if form is None:
        st.title("Write a handover note", anchor=False)
        show_templates()
        return
    if form.newest and not may_step(open_baton().store, acting_person(), form.newest, Step.SUBMIT):
        _show_closed(form)
        return
    if form.conflict:
        show_conflict(form)
        return
    _show_form(form)


def _show_form(form: NoteForm) -> None:
    editing = form.draft.base is not None
    title = f"Edit: {form.template.name.lower()} note" if editing else f"{form.template.name} note"
    st.set_page_config(page_title=f"{title} · Baton")
    st.title(escape(title), anchor=False)
    st.caption(escape(form.template.when))
    # What comes and goes has a place of its own: if the fields moved, the browser would draw them anew, and the
    # cursor and what is being typed would be lost.
    with st.container(key="note_offers"):
        _offer_drafts(form)
        _warn(form)
    form.fill()
    with st.container(key="editor"):  # what is typed in here is kept at every pause
        show_header(form)
        remarks = note_remarks(open_baton().store, acting_person(), form.draft.text)
        below_items = show_sections(form, remarks)
    enable_typing()
    with st.container(key="note_advice", gap="medium"):
        show_remarks(form, remarks)
        saved = form.newest if form.newest and form.draft.text == form.newest.text else None
        # What few may read goes nowhere else by default, as from a note with an address.
        show_gaps(form.draft.text, saved, None if is_open(form.spaces, form.draft.space) else form.draft.space)
    _show_actions(form)
    reach_wanted_place()
    with below_items:  # the last, so that nothing waits for it
        show_recall(form)
    if form.draft.kept_at:
        browser.keep_in_address(draft=form.draft.key)


def _offer_drafts(form: NoteForm) -> None:
    """Offer what the person left unfinished before."""
    drafts = unfinished_drafts(open_baton().store, acting_person(), form.draft.slug)
    others = [d for d in drafts if d.key != form.draft.key and d.text.template == form.template.key]
    if form.draft.kept_at is None:
        for draft in others[:SHOWN_DRAFTS]:
            offer_draft(draft)


def _warn(form: NoteForm) -> None:
    """Say what the writer should know before going on."""
    if form.gone:
        st.warning(
            "This note is in the trash now. What you wrote is kept as a draft: restore the note from the trash, "
            "then save again.",
            icon=":material/delete:",
        )
    elif form.newest and form.newest.page.revision > form.draft.revision:
        st.info(
            f"{escape(form.newest.page.updated_by.name)} saved this note at "
            f"{clock(form.newest.page.updated_at, now())}, after you began. When you save, you see both.",
            icon=":material/info:",
        )
    elif form.newest and form.newest.state is not NoteState.DRAFT:
        st.info(
            f"Others read version {form.newest.version} of this note. They see your changes when you submit "
            f"version {form.newest.version + 1}.",
            icon=":material/info:",
        )


def _show_actions(form: NoteForm) -> None:
    if form.tried_to_submit:
        _show_missing(form)
    if form.problem:
        st.error(escape(form.problem), icon=":material/error:")
    _show_private(form)
    _offer_replacing(form)
    submitted = form.newest is not None and form.newest.version > 0
    with st.container(key="note_actions", horizontal=True, vertical_alignment="center"):
        label = f"Submit version {form.newest.version + 1}" if form.newest and submitted else "Submit"
        wish_button(label, lambda: _save(form, submit=True), type="primary", icon=":material/send:", disabled=form.gone)
        if not submitted:
            wish_button("Save", lambda: _save(form, submit=False), key=SAVE, icon=":material/save:", disabled=form.gone)
        if form.draft.kept_at:
            wish_button("Discard draft", lambda: _ask_to_discard(form), type="tertiary", icon=":material/delete:")
            st.caption(f"Draft kept {clock(form.draft.kept_at, now())}")
        elif not form.problem:
            st.caption("Everything you type is kept as a draft.")
        wishes.fulfil()


def _ask_to_discard(form: NoteForm) -> None:
    wishes.done()
    ask_to_discard(consequence(form.draft), lambda: _discard(form))


def _offer_replacing(form: NoteForm) -> None:
    """Let the note that this one was started from be replaced when this one is submitted."""
    old = replaceable(open_baton().store, acting_person(), form.draft)
    if old is not None:
        hold(form.key("replaces"), not form.draft.leaves_old)
        st.checkbox(
            f"Replaces “{escape(old.page.title)}”",
            key=form.key("replaces"),
            on_change=form.keep_replacing,
            help="When you submit this note, the other one says that this one came after it, and leads here.",
        )


def _show_private(form: NoteForm) -> None:
    left = form.private_left()

    def keep(reason: str) -> None:
        wishes.want(lambda: _save(form, submit=form.submits, private_reason=reason))

    with st.container(key="place_private"):
        if left:
            show_private_box(left, form.mask, lambda one: form.reach(_place_of(form, one)), keep=keep)
    if form.private and not left:
        st.success("Nothing private is left: go on.", icon=":material/check:")


def _place_of(form: NoteForm, one: PrivateData) -> str:
    """Where the form shows a field: sections and people have a place of their own, the rest is in the header."""
    known = {section.key for section in form.template.sections} | {"client", "sender", "receiver"}
    return one.place[0] if one.place[0] in known else MORE


def _show_missing(form: NoteForm) -> None:
    gaps = form.missing()
    if not gaps:
        st.success("Nothing is missing any more: submit it.", icon=":material/check:")
        return
    with st.container(key="place_missing", border=True, gap="small"):
        number = "One thing is" if len(gaps) == 1 else f"{len(gaps)} things are"
        st.markdown(f"**Not submitted yet: {number} missing.** Choose one to go there.")
        for place, gap in enumerate(gaps):
            st.button(
                escape(gap.message),
                key=f"gap_{place}",
                type="tertiary",
                icon=":material/arrow_upward:",
                on_click=form.reach,
                args=[gap.place],
            )


def _save(form: NoteForm, *, submit: bool, private_reason: str = "") -> None:
    baton, person = open_baton(), acting_person()
    if form.saved is None:  # else this is the second of two clicks
        try:
            with st.spinner("Saving…"):
                form.saved = save_draft(
                    baton.store, baton.indexer, person, form.draft, submit=submit, private_reason=private_reason
                )
                said = submitted_said(form.saved) if submit else SAVED
                toast_next(said)
                wishes.leave_for(Screen.HANDOVER, slug=form.saved.page.slug)
        except PrivateDataFound as error:
            form.private, form.submits, form.problem = error.found, submit, ""
            form.reach("private")
        except NotReady:
            form.tried_to_submit = True
            form.reach("missing")
        except StaleNote as stale:
            form.conflict = stale.current
        except PageNotFound:
            form.gone = True
        except (RuleError, StoreError) as error:
            form.keep_again()
            form.problem = str(error)
    wishes.done()
    wishes.go_on()
    st.rerun()


def _discard(form: NoteForm) -> None:
    drop_draft(open_baton().store, acting_person(), form.draft)
    start_anew()
    toast_next("Draft discarded")
    if form.draft.slug:
        go_to(Screen.HANDOVER, slug=form.draft.slug)
    go_to(Screen.HANDOVERS)


def _show_closed(form: NoteForm) -> None:
    assert form.newest is not None  # noqa: S101  only saved notes close
    wishes.done()
    st.title("This note cannot be edited", anchor=False)
    st.markdown(f"It is {form.newest.state}, or you may not edit it.")
    if form.problem:
        st.error(escape(form.problem), icon=":material/error:")
    if st.button("Read the note"):
        go_to(Screen.HANDOVER, slug=form.newest.page.slug)
    drafts = {draft.key: draft for draft in unfinished_drafts(open_baton().store, acting_person(), form.draft.slug)}
    if not form.draft.is_blank:
        drafts.setdefault(form.draft.key, form.draft)
    for draft in drafts.values():
        _show_left_text(form, draft)


def _show_left_text(form: NoteForm, draft: NoteDraft) -> None:
    """Show what was written of a note that has ended, with the way on."""
    with st.container(border=True, key=f"left_{draft.key}"):
        st.markdown("**What you wrote is not lost:**")
        st.code(page_text(form.template, draft.text).body, language=None, wrap_lines=True, height=LEFT_TEXT)
        if st.button("Save as a new note", key=f"as_new_{draft.key}", type="primary", icon=":material/note_add:"):
            try:
                new = as_new_note(open_baton().store, acting_person(), draft)
            except (RuleError, StoreError) as error:
                st.error(escape(str(error)), icon=":material/error:")
                return
            start_anew()
            go_to(Screen.HANDOVER_EDIT, template=new.text.template, draft=new.key)


def _show_not_found(slug: str) -> None:
    wishes.done()  # there is nothing left to do it with
    st.title("Handover note not found", anchor=False)
    st.markdown(
        f"There is no handover note at “{escape(slug[:200])}”. It may be in the [trash]({Screen.TRASH}), or it is "
        f"somebody else's draft. [See all handover notes]({Screen.HANDOVERS})."
    )
    for draft in unfinished_drafts(open_baton().store, acting_person(), slug):
        offer_draft(draft)
