"""How-to pages of a note: for each responsibility and open item the page that describes it, or a click to draft one."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from kb.access import Ability, RuleError
from kb.drafts import Draft
from kb.gaps import Described, Description, described_tasks, seen_again
from kb.handover.how_to import Task, tasks_of
from kb.handover.models import Note, NoteText
from kb.note_pages import draft_how_to, draft_unsaved_how_to
from kb.note_templates import template_of
from kb.pages import PageNotFound
from kb.space_choice import SpaceChoice
from kb.store.db import StoreError
from kb.ui import words
from kb.ui.addresses import Screen, address, go_to
from kb.ui.context import acting_person, can, open_baton
from kb.ui.markdown import escape

HELD_S = 60.0  # that what was found is shown again without being looked for
LOOK_AGAIN = "3s"  # how often the model is asked for while it loads
SHOWN = 12  # tasks without a page; the others are folded

_LOOK = {
    Description.UNDOCUMENTED: ":red-badge[:material/contract_delete: Undocumented]",
    Description.PERHAPS: ":orange-badge[:material/question_mark: Perhaps]",
    Description.UNKNOWN: ":gray-badge[:material/hourglass_empty: Not known yet]",
    Description.FOUND: ":green-badge[:material/check: Described]",
    Description.NAMED: ":green-badge[:material/check: Described]",
}


def show_gaps(text: NoteText, note: Note | None = None, space: SpaceChoice | None = None) -> None:
    """Show what is described, once somebody asks.

    :param note: the note, once it is saved; a page that is drafted then links back to it.
    :param space: where a page that is drafted from a note without an address begins; None for the usual one.
    """
    tasks = tasks_of(template_of(open_baton().store, text.template, text.template_version), text)
    if tasks:
        with st.container(key="how_to_pages", gap="small"):
            st.fragment(_show)(text, note, tasks, space)


def _show(text: NoteText, note: Note | None, tasks: Sequence[Task], space: SpaceChoice | None) -> None:
    asked = (note.page.id if note else 0, tuple(tasks))  # of other tasks somebody has to ask again
    if st.session_state.get("gaps_asked") != asked:
        st.markdown(
            f"**How-to pages**  \n:small[Is there a page for each responsibility and open item ({len(tasks)})? Search "
            "looks among the pages that you may see.]"
        )
        st.button("Find the pages", icon=":material/manage_search:", key="find_gaps", on_click=_ask, args=[asked])
        return
    st.markdown("**How-to pages**")
    found = _found(text, note, tasks)
    counted = [
        f"{sum(one.description in kinds for one in found)} {name}"
        for name, kinds in (
            ("described", (Description.NAMED, Description.FOUND)),
            ("perhaps", (Description.PERHAPS,)),
            ("undocumented", (Description.UNDOCUMENTED,)),
        )
    ]
    if any(one.description is Description.UNKNOWN for one in found):
        _wait()
    else:
        st.caption(f"{' · '.join(counted)}. A hint: look before you rely on it.")
    open_ones = [one for one in found if one.description not in (Description.NAMED, Description.FOUND)]
    for place, one in enumerate(open_ones[:SHOWN]):
        _show_open(one, note, place, space)
    if len(open_ones) > SHOWN:
        with st.expander(f"{len(open_ones) - SHOWN} more without a page", type="compact"):
            for place, one in enumerate(open_ones[SHOWN:], SHOWN):
                _show_open(one, note, place, space)
    described = [one for one in found if one not in open_ones]
    if described:
        with st.expander(f"{words.counted(len(described), 'task')} described", type="compact"):
            st.markdown("\n".join(f"- {escape(one.task.words)}: {_page_link(one)}" for one in described))


def _ask(asked: object) -> None:
    st.session_state["gaps_asked"] = asked


def _found(text: NoteText, note: Note | None, tasks: Sequence[Task]) -> list[Described]:
    """What describes the tasks: looked for at most once a minute, and never shown to who may not see it any more."""
    baton, person = open_baton(), acting_person()
    key = (note.page.id if note else 0, person.id, tuple(tasks))
    held: tuple[object, float, list[Described]] | None = st.session_state.get("gaps_found")
    if held and held[0] == key and time.monotonic() - held[1] < HELD_S:
        return seen_again(baton.store, person, held[2])
    with st.spinner("Looking for the pages…"):
        found = described_tasks(baton.store, baton.retriever, person, text, note)
    if not any(one.description is Description.UNKNOWN for one in found):
        st.session_state["gaps_found"] = (key, time.monotonic(), found)
    return found


def _wait() -> None:
    encoder = open_baton().encoder
    if encoder.failure:
        st.caption(
            ":material/cloud_off: The meaning model cannot be used, so this shows the nearest page by words only."
        )
        return
    st.caption(
        ":material/hourglass_empty: The meaning model is loading. What is undocumented shows here by itself then; "
        "until then the nearest page by words."
    )
    st.fragment(_look_again, run_every=LOOK_AGAIN)()


def _look_again() -> None:
    if open_baton().encoder.ready:
        st.rerun()


def _show_open(one: Described, note: Note | None, place: int, space: SpaceChoice | None) -> None:
    with st.container(key=f"gap_task_{place}", horizontal=True, vertical_alignment="center", gap="small"):
        nearest = f"  \n:small[nearest: {_page_link(one)}]" if one.page else ""
        st.markdown(f"{_LOOK[one.description]} {escape(one.task.words)}{nearest}", width="stretch")
        if can(Ability.WRITE):
            drafted = st.button("Draft the page", key=f"draft_gap_{place}", icon=":material/edit_note:")
            if drafted:
                _draft(one.task, note, space)


def _draft(task: Task, note: Note | None, space: SpaceChoice | None) -> None:
    store, person = open_baton().store, acting_person()
    try:
        draft = draft_how_to(store, person, note, task) if note else draft_unsaved_how_to(store, person, task, space)
    except (RuleError, PageNotFound, StoreError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    open_draft(draft)


def open_draft(draft: Draft) -> None:
    """Go on with a page draft in the editor."""
    st.session_state.pop("gaps_found", None)  # a page more will be there
    st.session_state.pop("writing", None)
    go_to(Screen.WRITE, draft=draft.key)


def _page_link(one: Described) -> str:
    if one.page is None or one.page.slug is None:
        return ""
    return f"[{escape(one.page.title)}](<{address(Screen.PAGE, one.anchor, slug=one.page.slug)}>)"
