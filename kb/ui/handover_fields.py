"""The fields of the handover form: the common header in compact rows, then a fold for each section."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kb.handover.clarity import Remark
from kb.handover.gate import is_answered
from kb.handover.models import Answer, Confidentiality, Part, Party, Status
from kb.handover.templates import Section, SectionKind
from kb.handover.times import clock_change, time_zones
from kb.handovers import SPACE, last_note, linkable_pages, note_clients, proposed_title
from kb.note_parties import choices
from kb.pages import all_spaces
from kb.people import colleagues
from kb.space_choice import is_open, labels
from kb.teams import all_teams
from kb.ui import note_words
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_clarity import show_remarks_of
from kb.ui.handover_deadline import show_deadline
from kb.ui.handover_form import NoteForm
from kb.ui.handover_rows import show_field, show_rows
from kb.ui.handover_template import show_leftovers, show_template
from kb.ui.markdown import escape
from kb.ui.moments import day_here, elsewhere, input_format, reader
from kb.ui.runs import hold
from kb.ui.space_words import tell_space
from kb.ui.words import shortened

SAVE = "save_note"  # the key of the button that Ctrl-S presses
MORE = "more"  # the place of what the header folds away
OFFERED_CLIENTS = 4
SHOWN_CARRIED = 3  # titles of items that were carried too often
SECRETS = "Passwords and keys do not belong here. Say where a secret is kept, never the secret itself."

_HERE = Path(__file__)
_TYPING = st.components.v2.component("baton_note_typing", js=_HERE.with_name("editor.js").read_text("utf-8"))
_REACH = st.components.v2.component("baton_note_reach", js=_HERE.with_name("handover_fields.js").read_text("utf-8"))


def enable_typing() -> None:
    """Let the browser tell what is typed at every pause, and Ctrl-S save."""
    _TYPING(key="browser_typing", data={"button": SAVE})


def reach_wanted_place() -> None:
    """Bring the place into view that somebody asked for, and put the cursor into its first field."""
    wanted = st.session_state.pop("reach", "")
    if wanted:
        _REACH(key="browser_reach", data={"place": wanted})


def show_header(form: NoteForm) -> None:
    """Show what every note has."""
    store, person = open_baton().store, acting_person()
    header = form.draft.text.header
    with st.container(border=True, key="note_header"):
        with st.container(key="note_row"):  # one row where the screen is wide: the style lays it out
            with _place("client"):
                st.text_input(
                    "Client or process", key=form.key("client"), on_change=form.keep, placeholder="Whose work it is"
                )
            with _place("sender"):
                _show_party(form, Part.SENDER, "From", "Who hands over")
            with _place("receiver"):
                _show_party(form, Part.RECEIVER, "To", "Receiver")
            with _place("effective"):
                _show_moment(form, "effective", "Takes effect")
            with _place("acknowledge_by"):
                _show_moment(form, "acknowledge_by", "Acknowledge by")
            with _place("status"):
                st.selectbox(
                    "Overall status",
                    list(Status),
                    key=form.key("status"),
                    on_change=form.keep,
                    format_func=note_words.STATUS.__getitem__,
                )
        with st.container(key="note_clients"):
            if not header.client:
                _offer_clients(form, note_clients(store, person))
        with st.container(key="note_last"):
            _offer_last_note(form)
        with st.container(key="note_template"):
            show_template(form)
        with st.container(key="note_times"):
            _tell_times(form)
        with st.container(key="note_deadline", gap="small"):
            show_deadline(form)
        more = "Title, time zone, backup, lead, linked pages, confidentiality, space"
        with _place(MORE), st.expander(more, type="compact"):
            _show_more(form)
    st.caption(f":material/lock: {SECRETS}")


def _show_moment(form: NoteForm, name: str, label: str) -> None:
    key = form.key(name)
    # It begins with the present minute unless it is told otherwise here too: then also where its format changes.
    st.datetime_input(label, st.session_state[key], key=key, on_change=form.keep, format=input_format())


def _show_party(form: NoteForm, part: Part, label: str, placeholder: str) -> None:
    """Let somebody be chosen who has an account, or a name be typed of somebody who has none."""
    store, person = open_baton().store, acting_person()
    known: list[Party | str] = [*choices(colleagues(store, person), all_teams(store, person))]
    value = st.session_state.get(form.key(part))
    st.selectbox(
        label,
        known if value in (None, *known) else [*known, value],
        key=form.key(part),
        format_func=party_name,
        on_change=form.keep,
        index=None,
        accept_new_options=True,
        placeholder=placeholder,
    )


def party_name(party: Party | str) -> str:
    """How a list of people and teams names one."""
    if isinstance(party, str):
        return party
    return f"{party.name} (team)" if party.id and party.id.team is not None else party.name


def _offer_clients(form: NoteForm, clients: list[str]) -> None:
    """Offer the clients that notes were last written for: one click, and always spelled alike."""
    if clients:
        key = form.key("known_client")
        st.pills(
            "Clients of the last notes",
            clients[:OFFERED_CLIENTS],
            key=key,
            format_func=escape,
            on_change=lambda: form.choose_client(st.session_state[key] or ""),
            label_visibility="collapsed",
        )


def _show_more(form: NoteForm) -> None:
    store, person = open_baton().store, acting_person()
    header = form.draft.text.header
    form.spaces = tuple(all_spaces(store, person))
    title, zone = st.columns([2, 1])
    with title:
        st.text_input(
            "Title",
            key=form.key("title"),
            on_change=form.keep,
            placeholder=proposed_title(form.template, header),
            help="Leave it empty to use the proposed one.",
        )
    with zone:
        st.selectbox("Time zone", _with(list(time_zones()), header.zone), key=form.key("zone"), on_change=form.keep)
    backup, lead, confidentiality = st.columns(3)
    with backup:
        _show_party(form, Part.BACKUP, "Backup receiver", "If the receiver is away")
    with lead:
        _show_party(form, Part.LEAD, "Lead", "Who is told when it is overdue")
    with confidentiality:
        st.selectbox(
            "Confidentiality",
            list(Confidentiality),
            key=form.key("confidentiality"),
            on_change=form.keep,
            format_func=note_words.CONFIDENTIALITY.__getitem__,
        )
        if header.confidentiality is Confidentiality.CONFIDENTIAL and is_open(form.spaces, form.draft.space):
            st.caption("This marks the note only. Its space is open to everybody: choose another one below.")
    links, space = st.columns([2, 1])
    with links:
        titles = linkable_pages(store, person)
        st.multiselect(
            "Linked pages",
            list(dict.fromkeys([*titles, *header.links])),
            key=form.key("links"),
            on_change=form.keep,
            format_func=lambda slug: titles.get(slug, slug),
            accept_new_options=True,
            placeholder="Choose pages, or type a title",
        )
    with space:
        st.selectbox(
            "Space",
            list(dict.fromkeys([SPACE, *labels(form.spaces, form.draft.space)])),
            key=form.key("space"),
            on_change=form.keep,
            accept_new_options=True,
        )
        tell_space(form.spaces, form.draft.space)


def _tell_times(form: NoteForm) -> None:
    """Say what the times are in UTC, and where the clocks change."""
    header = form.draft.text.header
    told = []
    for name in ("effective", "acknowledge_by"):
        local = st.session_state.get(form.key(name))
        if local and (change := clock_change(local, header.zone)):
            told.append(f":material/warning: {change}")
    if header.effective and header.zone != reader().zone.key:
        told.insert(0, f"Takes effect {elsewhere(header.effective, header.zone)}")
    if told:
        st.caption("  \n".join(told))


def _offer_last_note(form: NoteForm) -> None:
    """Offer to go on from the last note of the same client."""
    client = form.draft.text.header.client
    if form.goes_on or form.draft.base is not None or not client or form.draft.text.items:
        return
    old = last_note(open_baton().store, acting_person(), form.template.key, client)
    if old is None:
        return
    when = f" of {day_here(old.submitted_at)}" if old.submitted_at else ""
    st.button(
        f"Start from the last note of {escape(client)}{when}",
        icon=":material/content_copy:",
        key=form.key(f"start_from_{old.page.id}"),
        help="Takes over its open items and what is still true. You can change everything.",
        on_click=form.start_from,  # before the run: a click elsewhere while the screen is drawn does not undo it
        args=[old],
    )


def show_sections(form: NoteForm, remarks: Sequence[Remark]) -> DeltaGenerator:
    """Show the progress, then each section as a fold with its "None" beside it.

    :param remarks: what could be said more clearly, shown in the section that says it.
    :return: the place below the open items, for what takes a moment to find.
    """
    sections = form.template.sections
    answered = sum(is_answered(section, form.draft.text) for section in sections)
    st.progress(answered / len(sections), f"{answered} of {len(sections)} sections answered")
    missing = {gap.place for gap in form.missing()} if form.tried_to_submit else set()
    below = {}
    for place, section in enumerate(sections):
        opened = place == 0 and not answered
        below[section.key] = _show_section(form, section, remarks, opened=opened, missing=section.key in missing)
    show_leftovers(form)
    return below[form.template.items_section.key]


def _show_section(
    form: NoteForm, section: Section, remarks: Sequence[Remark], *, opened: bool, missing: bool
) -> DeltaGenerator:
    """Show one section.

    :return: the place below its fields.
    """
    text = form.draft.text
    nothing = text.answers.get(section.key, Answer()).nothing
    answered = is_answered(section, text)
    hold(form.fold_key(section.key), opened)
    with st.container(key=f"place_{section.key}", horizontal=True, vertical_alignment="top", gap="small", wrap=False):
        st.markdown(_mark(answered=answered, nothing=nothing, missing=missing), width=24)
        # Its label never changes: another label would make it another fold, and take the cursor out of it.
        with st.expander(escape(section.title), key=form.fold_key(section.key), on_change="rerun"):
            st.caption(escape(section.help))
            _show_answer(form, form.asked(section), nothing=nothing)
            below = st.container(key=f"below_{section.key}", gap="small")
            show_remarks_of(section, remarks)
        if section.may_be_none:
            st.checkbox(
                # The style shows "None" alone; a screen reader says for which section.
                f"None for {escape(section.title)}",
                key=form.none_key(section),
                on_change=form.keep_none,
                args=[section],
                disabled=answered and not nothing,
            )
    return below


def _mark(*, answered: bool, nothing: bool, missing: bool) -> str:
    if missing:
        return ":red[:material/error:]"
    if nothing:
        return ":gray[:material/do_not_disturb_on:]"
    return ":green[:material/check_circle:]" if answered else ":gray[:material/radio_button_unchecked:]"


def _show_answer(form: NoteForm, section: Section, *, nothing: bool) -> None:
    if section.kind is SectionKind.TEXT:
        st.text_area(
            escape(section.title),
            key=form.section_key(section.key),
            on_change=form.keep,
            height=130,
            label_visibility="collapsed",
            disabled=nothing,
            placeholder="Plain words; - for a list, [[Page title]] for a link",
        )
    elif section.kind is SectionKind.FACTS:
        columns = st.columns(min(4, len(section.fields)))
        for place, fact in enumerate(section.fields):
            with columns[place % len(columns)]:
                show_field(fact, {}, form.section_key(section.key, f"fact_{fact.key}"), form.keep, disabled=nothing)
    else:
        if section.kind is SectionKind.ITEMS and form.carried_long:
            st.warning(_carried_long(form.carried_long), icon=":material/history:")
        show_rows(section, form.tables[section.key], form.section_key(section.key), form.keep_rows, disabled=nothing)


def _carried_long(titles: Sequence[str]) -> str:
    named = ", ".join(f"“{escape(shortened(title, 40))}”" for title in titles[:SHOWN_CARRIED])
    more = f" and {len(titles) - SHOWN_CARRIED} more" if len(titles) > SHOWN_CARRIED else ""
    return (
        f"Carried more than twice: {named}{more}. Finish, give to somebody else, or say in the next step what it "
        "waits for."
    )


def _place(name: str) -> st.delta_generator.DeltaGenerator:
    """A container that the list of what is missing leads to."""
    return st.container(key=f"place_{name}")


def _with(options: list[str], value: str) -> list[str]:
    return options if value in options or not value else [value, *options]
