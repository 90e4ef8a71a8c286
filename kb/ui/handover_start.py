"""Where a handover note begins: the templates, and when to use which."""

from __future__ import annotations

import streamlit as st

from kb.handover.templates import TEMPLATES
from kb.ui.addresses import Screen, go_to
from kb.ui.handover_form import start_anew

ICONS = {"shift": ":material/schedule:", "role": ":material/badge:", "client": ":material/business_center:"}


def show_templates() -> None:
    """Offer each template with one line on when to use it."""
    for template, column in zip(TEMPLATES, st.columns(len(TEMPLATES)), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{template.name}**  \n{template.when}")
            if st.button(f"Start a {template.name.lower()}", key=f"start_{template.key}", icon=ICONS[template.key]):
                start_anew()
                go_to(Screen.HANDOVER_EDIT, template=template.key)
