"""A note to take along: one control, three forms."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kb.handover.models import Note
from kb.note_export import MEDIA_TYPES, Form, export_note, file_name
from kb.ui.context import acting_person, open_baton

_LABELS = {
    Form.PDF: ("PDF", ":material/picture_as_pdf:", "To print, to file, or to hand over on paper"),
    Form.HTML: ("HTML", ":material/language:", "One file for any browser"),
    Form.MARKDOWN: ("Markdown", ":material/markdown:", "Plain text for other tools"),
}


def show_download(note: Note) -> None:
    """Offer the note as a file; it is made, and noted in the audit log, when its button is clicked."""
    baton, person = open_baton(), acting_person()  # here: the click is answered outside this session's script

    def content(form: Form) -> bytes:
        return export_note(baton.store, person, note, form, baton.settings.public_url).content

    with st.popover("Download", icon=":material/download:", key="download_note"):
        for form, (label, icon, use) in _LABELS.items():
            st.download_button(
                label, partial(content, form), file_name=file_name(note, form), mime=MEDIA_TYPES[form],
                icon=icon, on_click="ignore", key=f"download_{form}", help=use, width="stretch",
            )  # fmt: skip
        st.markdown(":small[With questions, read-backs and the proof of the acknowledgement.]")
