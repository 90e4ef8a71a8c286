"""Unfinished handover notes, offered to go on with."""

from __future__ import annotations

import streamlit as st

from kb.handover_drafts import NoteDraft, draft_title, drop_draft
from kb.note_templates import template_of
from kb.store.db import now
from kb.ui.addresses import Screen, go_to
from kb.ui.context import acting_person, open_baton
from kb.ui.discard import NEVER_SAVED, ask_to_discard
from kb.ui.handover_form import start_anew
from kb.ui.markdown import escape
from kb.ui.moments import clock


def offer_draft(draft: NoteDraft) -> None:
    """Show a draft with what can be done with it."""
    title = draft_title(template_of(open_baton().store, draft.text.template, draft.text.template_version), draft)
    kept = clock(draft.kept_at, now()) if draft.kept_at else ""
    what = "Changes that are not saved" if draft.slug else "Unfinished draft"
    with st.container(key=f"draft_{draft.key}", horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{escape(title)}**  \n:small[{what}, kept {kept}]", width="stretch")
        if st.button("Continue", key=f"continue_{draft.key}", icon=":material/edit:"):
            start_anew()
            go_to(Screen.HANDOVER_EDIT, slug=draft.slug, template=draft.text.template, draft=draft.key)
        if st.button("Discard", key=f"discard_{draft.key}", icon=":material/delete:", type="tertiary"):
            ask_to_discard(consequence(draft), lambda: drop_draft(open_baton().store, acting_person(), draft))


def consequence(draft: NoteDraft) -> str:
    """What is lost with a draft."""
    return "What you typed since is gone for good. The saved note stays as it is." if draft.slug else NEVER_SAVED
