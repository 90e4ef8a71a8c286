"""One opening of the page editor in a session: its draft, its fields and what came in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from kb.access import RuleError
from kb.drafts import Draft, edit_draft, find_draft, keep_draft, new_draft
from kb.models import Page, Space
from kb.pages import SUMMARY, PageNotFound, PageText, page_pieces, read_page, tag_of, with_page_pieces
from kb.private_data import PrivateData, look, masked
from kb.space_choice import choose
from kb.store.db import StoreError
from kb.ui.context import acting_person, open_baton


@dataclass
class Writing:
    """The fields live in Streamlit's session state; ``draft`` is what they held when it was kept last."""

    draft: Draft
    query: dict[str, str]  # what the screen was opened with
    newest: Page | None = None  # the page under edit as it was saved last
    gone: bool = False
    conflict: Page | None = None
    problem: str = ""
    private: tuple[PrivateData, ...] = ()  # for which the text was not saved
    saved: Page | None = None  # set at once: a second click must find it
    shown: bool = False  # whether the fields were drawn
    spaces: tuple[Space, ...] = ()  # that were offered

    def __post_init__(self) -> None:
        self.opened = self.draft  # what the fields begin with
        self.keys = {self.draft.key}  # a draft gets a new one when another window goes on with it too
        # After a restart of the server the browser still holds the fields under the same names, with what was typed
        # meanwhile: so the names come from the draft.
        self._prefix = f"write_{self.draft.key}"

    def key(self, field: str) -> str:
        """The session state's key of a field."""
        return f"{self._prefix}_{field}"

    def keep(self) -> None:
        """Keep what the fields hold now, as the draft: called before a run in which one of them changed."""
        tags = self.key("tags")
        st.session_state[tags] = [tag for tag in map(tag_of, st.session_state.get(tags, self.draft.text.tags)) if tag]
        self.replace_draft(self._typed())

    def keep_unseen(self) -> bool:
        """Keep what the browser held when it came back to a new session, of which no change is told.

        :return: whether there was any.
        """
        typed = self._typed()
        if typed == self.draft:
            return False
        self.replace_draft(typed)
        return True

    def replace_draft(self, draft: Draft) -> None:
        """Keep this draft instead; one that cannot be kept stays in the fields only, and the screen says why."""
        try:
            self.draft, self.problem = keep_draft(open_baton().store, acting_person(), draft), ""
        except (RuleError, StoreError) as error:
            self.draft, self.problem = draft, str(error)
        self.keys.add(self.draft.key)

    def reopen(self, draft: Draft) -> None:
        """Show another text in the fields."""
        self.conflict = None
        self.replace_draft(draft)
        self.opened, self.shown = self.draft, False
        self._prefix += "_"

    def private_left(self) -> list[PrivateData]:
        """What is still in the text of that for which it was not saved."""
        asked = {one.fingerprint for one in self.private}
        found = look(open_baton().store, page_pieces(self.draft.text, self.draft.summary)) if asked else []
        return list({(one.place, one.fingerprint): one for one in found if one.fingerprint in asked}.values())

    def mask(self, wanted: Sequence[PrivateData]) -> None:
        """Replace these in the text by what they are."""
        changed = masked(open_baton().store, page_pieces(self.draft.text, self.draft.summary), wanted)
        text = with_page_pieces(self.draft.text, changed)
        self.reopen(replace(self.draft, text=text, summary=changed.get(SUMMARY, self.draft.summary)))

    def _typed(self) -> Draft:
        kept = self.draft.text
        # A field that was not drawn yet holds what was kept, not nothing.
        begun: dict[str, Any] = {
            "title": kept.title, "space": self.draft.space.name, "tags": kept.tags, "keywords": kept.keywords,
            "body": kept.body, "summary": self.draft.summary,
        }  # fmt: skip
        values = {name: st.session_state.get(self.key(name), value) for name, value in begun.items()}
        text = PageText(
            values["title"] or "",
            values["body"] or "",
            tuple(tag for tag in map(tag_of, values["tags"] or ()) if tag),
            tuple(values["keywords"] or ()),
        )
        space = choose(values["space"] or "", self.spaces, self.draft.space)
        return replace(self.draft, text=text, space=space, summary=values["summary"] or "")


def current_writing() -> Writing:
    """What this session writes at this address; opened anew when the person comes from elsewhere.

    :raises PageNotFound: when the address names a page that is not there, and no draft of it either.
    """
    query = {name: st.query_params.get(name, "") for name in ("slug", "title")}
    wanted = st.query_params.get("draft", "")
    writing: Writing | None = st.session_state.get("writing")
    if writing and _goes_on(writing) and writing.query == query and wanted in ("", *writing.keys):
        return writing
    st.session_state["writing"] = writing = _open(query, wanted)
    return writing


def start_anew() -> None:
    """Forget what this session writes, so that the address decides again. Drafts stay kept."""
    st.session_state.pop("writing", None)


def _goes_on(writing: Writing) -> bool:
    # The fields' values are gone once another screen was shown.
    left = writing.shown and not writing.conflict and writing.key("body") not in st.session_state
    return not left and not writing.saved


def _open(query: dict[str, str], wanted: str) -> Writing:
    store, person = open_baton().store, acting_person()
    found = find_draft(store, person, wanted) if wanted else None
    slug = found.slug if found else query["slug"]
    page = None
    try:
        page = read_page(store, person, slug) if slug else None
    except PageNotFound:
        if found is None:
            raise
    draft = found or (edit_draft(page) if page else new_draft(store, person, query["title"]))
    return Writing(draft, query, newest=page, gone=bool(slug) and page is None)
