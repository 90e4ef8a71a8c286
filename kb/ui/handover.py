"""The screen "Handover note": one note to read, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from index.chunking import outline, plain_text
from kb.carrying import item_lives
from kb.handover.gate import is_answered
from kb.handover.leftovers import NO_LONGER, leftover_sections
from kb.handover.life import DONE, UNACKNOWLEDGED
from kb.handover.markdown import section_markdown, wiki_link
from kb.handover.models import Answer, Header, Note, NoteEvent, NoteState, Step
from kb.handover.templates import HandoverTemplate, Section, SectionKind
from kb.handover.times import from_now
from kb.handover_drafts import unfinished_drafts
from kb.handovers import read_note
from kb.note_parties import Standing
from kb.note_steps import begun_by, note_events, note_standing, possible_steps
from kb.note_templates import template_of
from kb.pages import LinkTarget, PageNotFound, resolve_links
from kb.passages import passage_lines
from kb.query import matched_words
from kb.store.db import now
from kb.ui import browser, handover_style, note_words, wishes
from kb.ui.addresses import Screen, address
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_actions import show_actions
from kb.ui.handover_gaps import show_gaps
from kb.ui.handover_items import show_items
from kb.ui.handover_life import show_life
from kb.ui.handover_offers import offer_draft
from kb.ui.handover_questions import show_questions
from kb.ui.handover_read_back import show_read_backs
from kb.ui.handover_receiver import show_pass_on
from kb.ui.handover_solved import show_pages_from, show_solved
from kb.ui.markdown import escape, page_markdown
from kb.ui.moments import elsewhere, full, today
from kb.ui.page_lists import show_contents
from kb.ui.person_links import person_link


def render() -> None:
    """Show the note that the address names."""
    wishes.go_on()
    slug, query = st.query_params.get("slug", ""), st.query_params.get("q", "")
    store, person = open_baton().store, acting_person()
    try:
        note = read_note(store, person, slug)
    except PageNotFound:
        wishes.done()  # there is nothing left to do it with
        _show_not_found(slug)
        return
    st.set_page_config(page_title=note.page.title)
    handover_style.apply()
    template = template_of(store, note.text.template, note.text.template_version)
    links = resolve_links(store, person, note.page.body)
    headings = outline(note.page.body)
    standing, possible = note_standing(store, person, note), possible_steps(store, person, note)
    _show_head(note, template, query, standing, possible)
    for draft in unfinished_drafts(store, person, note.page.slug):
        offer_draft(draft)
    _show_header(note.text.header, note.state, links, now())
    if Step.READ_BACK not in possible:
        show_read_backs(note, possible)
    show_questions(note, possible)
    text, side = st.columns([7, 3], gap="large")
    with text:
        show_contents(headings, key="contents_above")
        with st.container(key="article"):
            for section in template.sections:
                _show_section(note, section, links)
            for section in leftover_sections(template, note.text):
                _show_section(note, section, links, f" ({NO_LONGER})")
        if Step.READ_BACK in possible:  # below the text: first read, then say what was understood
            show_read_backs(note, possible)
        with st.container(key="note_advice", gap="medium"):
            show_solved(note)
            if note.state not in DONE:
                show_gaps(note.text, note)
    with side, st.container(key="side"):
        show_contents(headings, key="contents_beside")
        show_pages_from(note)
        _show_life(note, template)
    found = passage_lines(store, person, note.page, st.query_params.get("passage", ""))
    browser.set_heading_ids(note.page.slug, [heading.anchor for heading in headings], found)
    browser.mark_words(matched_words(query, plain_text(note.page.body)))


def _show_head(
    note: Note, template: HandoverTemplate, query: str, standing: Standing, possible: frozenset[Step]
) -> None:
    header, moment = note.text.header, now()
    with st.container(key="head", gap="small"):
        if query:
            back = st.session_state.get("last_search") or address(Screen.SEARCH, q=query)
            st.markdown(f"[← Back to results](<{back}>)")
        st.markdown(f":small[[Handover notes]({Screen.HANDOVERS}) › {escape(template.name)}]")
        st.title(escape(note.page.title), anchor=False)
        badges = [
            note_words.state_badge(note.state, header.acknowledge_by, moment),
            note_words.status_badge(header.status, note.state),
        ]
        if note.version:
            badges.append(f":gray-badge[Version {note.version}]")
        badges.append(f":gray-badge[:material/lock: {note_words.CONFIDENTIALITY[header.confidentiality]}]")
        st.markdown(" ".join(badges))
        if note.state is NoteState.DRAFT:
            st.info(
                "Only you can see and find this draft. Submit it to hand it over.", icon=":material/visibility_off:"
            )
        elif note.state is NoteState.CANCELLED:
            st.warning(_ending(note, "Cancelled"), icon=":material/block:")
        elif note.state is NoteState.CLOSED:
            st.success(_ending(note, "Closed"), icon=":material/task_alt:")
        elif note.state is NoteState.RETURNED:
            st.warning(_ending(note, "Returned"), icon=":material/undo:")
        elif note.state is NoteState.SUPERSEDED:
            there = f" [Read the newer one]({address(Screen.HANDOVER, slug=note.superseded_by)})."
            st.warning(_ending(note, "Replaced") + (there if note.superseded_by else ""), icon=":material/history:")
        show_life(note, standing, possible)
        show_actions(note, possible)
        show_pass_on(note, possible)


def _ending(note: Note, word: str) -> str:
    events = note_events(open_baton().store, acting_person(), note)
    last = next(event for event in events if event.step not in (Step.ASK, Step.ANSWER))  # talk goes on afterwards
    reason = f": {escape(last.reason)}" if last.reason else "."
    return f"{word} by {person_link(last.actor)}, {full(last.at)}{reason}"


def _show_header(header: Header, state: NoteState, links: Mapping[str, LinkTarget], moment: datetime) -> None:
    """The common header at a glance."""
    waiting = state in UNACKNOWLEDGED
    late = waiting and header.acknowledge_by is not None and header.acknowledge_by < moment
    facts = [
        ("From", escape(header.sender)),
        ("To", escape(header.receiver)),
        ("Takes effect", _moment(header.effective, header.zone, moment)),
        ("Acknowledge by", _moment(header.acknowledge_by, header.zone, moment, late=late)),
        ("Client or process", escape(header.client)),
        ("Backup receiver", escape(header.backup)),
        ("Lead", escape(header.lead)),
        ("Linked pages", page_markdown(", ".join(wiki_link(name) for name in header.links), links)),
    ]
    with st.container(key="note_facts", border=True):
        for name, fact in facts:
            if fact or name in ("From", "To"):
                st.markdown(f":small[{name}]  \n{fact or ':gray[not said yet]'}")


def _moment(moment: datetime | None, zone: str, present: datetime, *, late: bool = False) -> str:
    if moment is None:
        return ""
    away = from_now(moment, present)
    return f"{escape(elsewhere(moment, zone))}  \n" + (f":red[**overdue, {away}**]" if late else f":small[{away}]")


def _show_section(note: Note, section: Section, links: Mapping[str, LinkTarget], remark: str = "") -> None:
    content = section_markdown(section, note.text)
    if not content:
        return
    st.markdown(f"## {escape(section.title)}{remark}")
    if section.kind is SectionKind.ITEMS and note.text.items:
        show_items(section, note, item_lives(open_baton().store, acting_person(), note), links, today())
    elif note.text.answers.get(section.key, Answer()).nothing:
        st.caption("None")
    else:
        st.markdown(page_markdown(content, links))


def _show_life(note: Note, template: HandoverTemplate) -> None:
    """Who did what, the latest first; and what is not answered yet."""
    open_sections = [section for section in template.sections if not is_answered(section, note.text)]
    if open_sections:
        st.markdown("## Not answered yet", anchors=False)
        st.markdown("\n".join(f"- {escape(section.title)}" for section in open_sections))
    st.markdown("## Steps", anchors=False)
    steps = []
    for event in note_events(open_baton().store, acting_person(), note):
        what = _what(event)
        reason = f": {escape(event.reason)}" if event.reason else ""
        steps.append(f"- **{what}** by {person_link(event.actor)}, {full(event.at)}{reason}")
    page = note.page
    steps.append(
        f"- **Begun** by {person_link(begun_by(open_baton().store, acting_person(), note))}, {full(page.created_at)}"
    )
    st.markdown("\n".join(steps))


def _what(event: NoteEvent) -> str:
    word = note_words.STEP[event.step] if event.step else note_words.STATE[event.state]
    submits = event.step is Step.SUBMIT or (event.step is None and event.state is NoteState.SUBMITTED)
    return f"{word} version {event.version}" if submits else word


def _show_not_found(slug: str) -> None:
    st.set_page_config(page_title="Handover note not found")
    st.title("Handover note not found", anchor=False)
    name = " ".join(slug.replace("-", " ").split())[:200]
    if not name:
        st.markdown(f"The address names no note. [See all handover notes]({Screen.HANDOVERS}).")
        return
    st.markdown(
        f"There is no handover note at “{escape(slug[:200])}”. It may be in the [trash]({Screen.TRASH}), or it is "
        f"somebody else's draft.\n\n- [See all handover notes]({Screen.HANDOVERS})\n"
        f"- [Search for “{escape(name)}”](<{address(Screen.SEARCH, q=name)}>)"
    )
