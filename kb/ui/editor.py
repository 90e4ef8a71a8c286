"""The fields of the page editor, side by side with what they give; on a phone one or the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import streamlit as st

from kb.drafts import MAX_SUMMARY
from kb.pages import all_spaces, resolve_links, tags_in_use
from kb.space_choice import labels
from kb.ui.context import acting_person, open_baton
from kb.ui.markdown import page_markdown
from kb.ui.moments import number
from kb.ui.space_words import tell_space
from kb.ui.writing import Writing

SAVE = "save_page"  # the key of the button that Ctrl-S presses
HEIGHT = 420  # pixels of the text with its label
LABEL = 28  # pixels of that label
PREVIEWED = 30_000  # characters; a browser needs seconds to lay out more, at every pause in typing

_TYPING = st.components.v2.component("baton_editor", js=Path(__file__).with_name("editor.js").read_text("utf-8"))

# Both panes stand side by side where there is room; a phone shows the chosen one.
_WIDE = (
    "<style>.st-key-preview_pane { padding-top: 3px; }"  # level with the text beside it
    "@media (min-width: 641px) { .st-key-pane { display: none; } }</style>"
)
_NARROW = "<style>@media (max-width: 640px) { .st-key-%s { display: none; } }</style>"
_TEXT, _PREVIEW = "Text", "Preview"
_HIDDEN_PANE = {_TEXT: "preview_pane", _PREVIEW: "text_pane"}

HELP = """
| Type this | to get this |
|---|---|
| `## Heading` | a section, with an address of its own |
| `**bold**`, `*italic*` | **bold**, *italic* |
| `- item` or `1. item` | a list |
| `[[Page title]]` | a link to that page; if there is none yet, a link to write it |
| `[[Page title#Section\\|shown words]]` | a link to a section, in other words |
| `[words](https://example.com)` | a link to another site |
| `> quoted` | a quotation |
| `` `code` `` | exact text, as for commands and codes |
| `\\| A \\| B \\|` | a table; under its first line comes `\\|---\\|---\\|` |

An empty line begins a new paragraph.
"""


def show_editor(writing: Writing) -> None:
    """Show the fields, filled with the draft; every change keeps it."""
    store, person, opened = open_baton().store, acting_person(), writing.opened
    _TYPING(key="typing", data={"button": SAVE})
    with st.container(key="editor"):
        st.text_input(
            "Title",
            opened.text.title,
            key=writing.key("title"),
            on_change=writing.keep,
            placeholder="What a colleague would look for",
        )
        space, tags, keywords = st.columns([1, 1, 1])
        with space:
            writing.spaces = tuple(all_spaces(store, person))
            spaces = labels(writing.spaces, opened.space)
            st.selectbox(
                "Space",
                spaces,
                spaces.index(opened.space.name) if opened.space.name else None,
                key=writing.key("space"),
                on_change=writing.keep,
                accept_new_options=True,
                disabled=writing.draft.base is not None,
                help="Choose one, or type the name of a new one. A page stays in its space.",
            )
            tell_space(writing.spaces, writing.draft.space)
        with tags:
            st.multiselect(
                "Tags",
                _with(opened.text.tags, tags_in_use(store, person)),
                opened.text.tags,
                key=writing.key("tags"),
                on_change=writing.keep,
                accept_new_options=True,
                placeholder="Choose or type",
            )
        with keywords:
            st.multiselect(
                "Also found by",
                opened.text.keywords,
                opened.text.keywords,
                key=writing.key("keywords"),
                on_change=writing.keep,
                accept_new_options=True,
                placeholder="Words that people may type",
                help="Other names and search words that the text lacks. Type one, then press Enter.",
            )
        _show_panes(writing)
        if writing.draft.base is not None:
            st.text_input(
                "What did you change? (optional)",
                opened.summary,
                key=writing.key("summary"),
                on_change=writing.keep,
                max_chars=MAX_SUMMARY,
                placeholder="Shown in the history",
            )
    writing.shown = True
    if writing.keep_unseen():
        st.rerun()


def _show_panes(writing: Writing) -> None:
    pane = st.segmented_control(
        "Show", [_TEXT, _PREVIEW], default=_TEXT, required=True, key="pane", label_visibility="collapsed"
    )
    st.html(_WIDE + _NARROW % _HIDDEN_PANE[pane or _TEXT])
    left, right = st.columns(2)
    with left, st.container(key="text_pane"):
        st.text_area(
            "Text",
            writing.opened.text.body,
            key=writing.key("body"),
            on_change=writing.keep,
            height=HEIGHT,
            placeholder="Write in Markdown. [[Page title]] links to a page.",
        )
    with right, st.container(key="preview_pane", gap="xxsmall"):
        _show_preview(writing.draft.text.body)


def _show_preview(body: str) -> None:
    baton, shown = open_baton(), body[:PREVIEWED]
    st.caption("Preview" if shown == body else f"Preview of the first {number(PREVIEWED)} characters")
    with st.container(border=True, height=HEIGHT - LABEL, key="preview"):
        if shown.strip():
            st.markdown(page_markdown(shown, resolve_links(baton.store, acting_person(), shown)), anchors=False)
        else:
            st.caption("Here you see how the text will look.")


def _with(values: Iterable[str], options: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*options, *values]))
