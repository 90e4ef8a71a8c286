"""One opening of the handover form in a session: its draft, its fields, and what came in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import streamlit as st

from kb.access import RuleError
from kb.carrying import carried_items, item_ages
from kb.handover.gate import Missing, missing
from kb.handover.leftovers import leftover_sections, says_more_than, with_leftovers
from kb.handover.models import NAMED, Answer, Header, Note, NoteText, Part, Party
from kb.handover.templates import HandoverTemplate, Section, SectionKind
from kb.handover.times import known_zone, to_local, to_utc
from kb.handover.writings import note_pieces, with_pieces
from kb.handover_drafts import (
    NoteDraft,
    edit_draft,
    find_draft,
    keep_draft,
    kept_replacing,
    new_draft,
)
from kb.handovers import next_note, read_note
from kb.models import Space
from kb.note_templates import offered, template_of
from kb.pages import PageNotFound
from kb.private_data import PrivateData, look, masked
from kb.space_choice import SpaceChoice, choose
from kb.store.db import StoreError, now
from kb.ui import action_words
from kb.ui.context import acting_person, open_baton
from kb.ui.handover_rows import DONE, Row, Rows, field_value, further_fields, item_of, row_of, text_value
from kb.ui.moments import reader
from kb.ui.runs import hold

_HEADER = (
    "title", "client", "sender", "receiver", "backup", "lead", "effective", "acknowledge_by", "zone", "status",
    "confidentiality", "links",
)  # fmt: skip


@dataclass
class NoteForm:
    """Changes with every field that the browser tells of; the fields live in Streamlit's session state."""

    draft: NoteDraft
    template: HandoverTemplate
    query: dict[str, str]  # what the screen was opened with
    number: int
    keys: set[str]  # of the draft, and the one in the address where that draft is gone
    newest: Note | None = None  # the note under edit as it was saved last
    tables: dict[str, Rows] = field(default_factory=dict)
    spaces: tuple[Space, ...] = ()  # that were offered
    gone: bool = False
    conflict: Note | None = None
    problem: str = ""
    tried_to_submit: bool = False
    goes_on: bool = False  # from the last note: offered once
    carried_long: tuple[str, ...] = ()  # the titles of items that were carried too often
    private: tuple[PrivateData, ...] = ()  # for which the text was not saved
    submits: bool = False  # whether that was to submit it
    template_chosen: bool = False  # by the writer, so that the client no longer chooses it
    saved: Note | None = None  # set at once: a second click must find it

    def key(self, name: str) -> str:
        """The session state's key of a field of the header."""
        return f"note_{self.number}_{name}"

    def section_key(self, section: str, part: str = "text") -> str:
        """The session state's key of what answers a section."""
        return f"note_{self.number}_section_{section}_{part}"

    def fill(self) -> None:
        """Give the fields the draft's values where they have none yet."""
        header = self.draft.text.header
        for name in _HEADER:
            value = getattr(header, name)
            if isinstance(value, datetime):
                value = to_local(value, header.zone)
            elif name == "links":
                value = list(value)
            elif name in NAMED:
                party = header.party(Part(name))
                value = (party if party.id else party.name) or None
            hold(self.key(name), value)
        hold(self.key("space"), self.draft.space.name)
        for section in self.template.sections:
            self._fill_section(section)

    def _fill_section(self, section: Section) -> None:
        answer = self.draft.text.answers.get(section.key, Answer())
        hold(self.none_key(section), answer.nothing)
        if section.kind is SectionKind.TEXT:
            hold(self.section_key(section.key), answer.text)
        elif section.kind is SectionKind.FACTS:
            row = answer.rows[0] if answer.rows else {}
            for fact in self.asked(section).fields:
                hold(self.section_key(section.key, f"fact_{fact.key}"), field_value(fact, row))
        elif section.key not in self.tables:
            items = section.kind is SectionKind.ITEMS
            self.tables[section.key] = Rows(self._item_rows() if items else [dict(row) for row in answer.rows])

    def _item_rows(self) -> list[Row]:
        """The items as rows, with the age of those that other notes had before."""
        items, moment = self.draft.text.items, now()
        ages = item_ages(open_baton().store, acting_person(), [item.origin for item in items])
        words = {origin: action_words.age_words(age, moment) for origin, age in ages.items()}
        self.carried_long = tuple(item.title for item in items if (age := ages.get(item.origin)) and age.is_long)
        return [row_of(item, words.get(item.origin, "")) for item in items]

    def none_key(self, section: Section) -> str:
        """The key of a section's "None"."""
        return self.section_key(section.key, "none")

    def keep(self) -> None:
        """Keep what the fields hold now, as the draft."""
        self.fill()  # a field that was not drawn yet holds what was kept, not nothing
        text, space = self._typed()
        if (text, space) == (self.draft.text, self.draft.space):
            return
        other_client = text.header.client != self.draft.text.header.client
        self._keep(replace(self.draft, text=text, space=space))
        if other_client and self.draft.base is None and not self.template_chosen:
            self._take_template_of_client()

    def _keep(self, draft: NoteDraft) -> None:
        """Keep this draft; when that fails the fields go on holding it, and the screen says so."""
        try:
            self.draft, self.problem = keep_draft(open_baton().store, acting_person(), draft), ""
        except (RuleError, StoreError) as error:
            self.draft, self.problem = replace(draft, kept_at=None), str(error)
        self.keys.add(self.draft.key)  # a draft gets a new one when another window goes on with it too

    def _take_template_of_client(self) -> None:
        """Take the template for the client where everything that was written is asked for in it too."""
        first = offered(open_baton().store, acting_person(), self.template.key, self.draft.text.header.client)[0]
        if not says_more_than(first.template, self.draft.text):
            self.take_template(first.template)

    def take_template(self, template: HandoverTemplate) -> None:
        """Go on with another template, or another version; what it does not ask for is kept."""
        if template.version == self.template.version:
            return
        self.template = template
        # The fields that both have stay as they are, and so does the cursor.
        self._keep(replace(self.draft, text=replace(self.draft.text, template_version=template.version)))

    def drop_leftover(self, section: str) -> None:
        """Forget what answers a section that is no longer asked for."""
        self.tables.pop(section, None)
        answers = {key: answer for key, answer in self.draft.text.answers.items() if key != section}
        self._keep(replace(self.draft, text=replace(self.draft.text, answers=answers)))

    def asked(self, section: Section) -> Section:
        """The section as the form shows it: with what its answer says besides, so that nothing is hidden."""
        if section.kind is SectionKind.FACTS:
            return with_leftovers(section, self.draft.text.answers.get(section.key, Answer()).rows)
        if section.key in self.tables:
            return with_leftovers(section, further_fields(section, self.tables[section.key].base))
        return section

    def choose_client(self, client: str) -> None:
        """Take a client that notes were written for before."""
        st.session_state[self.key("client")] = client
        self.keep()

    def keep_none(self, section: Section) -> None:
        """Keep a "None" that was just ticked or taken back; the fold closes or opens with it."""
        st.session_state[self.fold_key(section.key)] = not st.session_state[self.none_key(section)]
        self.keep()

    def fold_key(self, section: str) -> str:
        """The key of a section's fold."""
        return self.section_key(section, "fold")

    def reach(self, place: str) -> None:
        """Let the screen bring a place into view, opened."""
        if self.fold_key(place) in st.session_state:
            st.session_state[self.fold_key(place)] = True
        st.session_state["reach"] = place

    def keep_rows(self, section: Section) -> None:
        """Keep the rows of a section, which just changed."""
        self.keep()

    def reopen(self, draft: NoteDraft) -> None:
        """Show another text in the fields, and keep it."""
        self.template = template_of(open_baton().store, draft.text.template, draft.text.template_version)
        self.conflict = None
        self._keep(draft)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Show the draft in new fields."""
        self.number = _next_number()
        self.tables = {}
        self.fill()  # at once: it is by its fields that the next run knows this form again

    def keep_replacing(self) -> None:
        """Keep whether the note replaces the one that it was started from."""
        self._keep(replace(self.draft, leaves_old=not st.session_state[self.key("replaces")]))

    def keep_again(self) -> None:
        """Keep a draft again that another window ended."""
        self._keep(self.draft)

    def start_from(self, old: Note) -> None:
        """Go on where another note of the same client ended."""
        self.goes_on = True
        unfinished = carried_items(open_baton().store, acting_person(), old)
        # What few may read goes nowhere else by default; the writer can choose another space.
        space = SpaceChoice.of(old.page.space)
        text = next_note(old, self.draft.text, self.template, unfinished)
        self.reopen(replace(self.draft, text=text, space=space, follows=old.page.slug))

    def item_in_hand(self) -> str:
        """The item that was written in last, in its writer's words; "" where there is none."""
        table = self.tables.get(self.template.items_section.key)
        if table is None or table.touched is None or table.touched >= len(table.rows):
            return ""
        row = table.rows[table.touched]
        return "" if row.get(DONE) else " ".join(str(row.get("title") or "").split())

    def missing(self) -> list[Missing]:
        """What the note lacks before it can be submitted."""
        return missing(self.template, self.draft.text, now())

    def private_left(self) -> list[PrivateData]:
        """What is still in the text of that for which it was not saved."""
        asked = {one.fingerprint for one in self.private}
        found = look(open_baton().store, note_pieces(self.template, self.draft.text)) if asked else []
        return list({(one.place, one.fingerprint): one for one in found if one.fingerprint in asked}.values())

    def mask(self, wanted: Sequence[PrivateData]) -> None:
        """Replace these in the text by what they are."""
        text = self.draft.text
        changed = masked(open_baton().store, note_pieces(self.template, text), wanted)
        self.reopen(replace(self.draft, text=with_pieces(self.template, text, changed)))

    def _typed(self) -> tuple[NoteText, SpaceChoice]:
        held = {name: st.session_state.get(self.key(name)) for name in (*_HEADER, "space")}
        zone = known_zone(held["zone"])
        header = Header(
            title=(held["title"] or "").strip(),
            client=(held["client"] or "").strip(),
            effective=to_utc(held["effective"], zone) if held["effective"] else None,
            acknowledge_by=to_utc(held["acknowledge_by"], zone) if held["acknowledge_by"] else None,
            zone=zone,
            status=held["status"] or self.draft.text.header.status,
            confidentiality=held["confidentiality"] or self.draft.text.header.confidentiality,
            links=tuple(held["links"] or ()),
        ).with_parties({part: party_of(held[part]) for part in NAMED})
        answers = {section.key: self._answer(section) for section in self.template.sections}
        for section in leftover_sections(self.template, self.draft.text):
            answers[section.key] = self.draft.text.answers[section.key]
        items = self.tables[self.template.items_section.key].said()
        text = replace(
            self.draft.text,
            header=header,
            answers={key: answer for key, answer in answers.items() if answer != Answer()},
            items=tuple(item_of(row) for row in items),
        )
        return text, choose(held["space"] or self.draft.space.name, self.spaces, self.draft.space)

    def _answer(self, section: Section) -> Answer:
        if section.kind is SectionKind.TEXT:
            text = st.session_state.get(self.section_key(section.key)) or ""
            says_something, answer = bool(text.strip()), Answer(text=text)
        elif section.kind is SectionKind.FACTS:
            values = {
                fact.key: st.session_state.get(self.section_key(section.key, f"fact_{fact.key}"))
                for fact in self.asked(section).fields
            }
            row = {name: text for name, value in values.items() if (text := text_value(value))}
            says_something, answer = bool(row), Answer(rows=(row,) if row else ())
        else:
            rows = self.tables[section.key].said()
            says_something = bool(rows)
            answer = Answer(rows=tuple(rows)) if section.kind is SectionKind.TABLE else Answer()
        nothing = bool(st.session_state.get(self.none_key(section))) and not says_something
        return replace(answer, nothing=nothing)


def party_of(chosen: Party | str | None) -> Party:
    """What a field that names somebody holds: one of the choices, a name that was typed, or nothing."""
    return chosen if isinstance(chosen, Party) else Party((chosen or "").strip())


def current_form() -> NoteForm | None:
    """What this session writes at this address, opened anew when the person comes from elsewhere.

    :return: None when the address names no template and no note.
    :raises PageNotFound: when it names a note that is not there, and no draft of it either.
    """
    query = {name: st.query_params.get(name, "") for name in ("template", "slug")}
    wanted = st.query_params.get("draft", "")
    form: NoteForm | None = st.session_state.get("note_form")
    if form is not None and not form.saved and form.query == query and wanted in ("", *form.keys):
        if form.key("sender") in st.session_state:
            return form
        # The fields' values are gone: another screen was shown. What could not be kept is nowhere but here.
        if form.conflict or form.problem:
            form.begin_anew()
            return form
    opened = _open(query, wanted)
    st.session_state["note_form"] = opened
    return opened


def start_anew() -> None:
    """Forget what this session writes, so that the address decides again. Drafts stay kept."""
    st.session_state.pop("note_form", None)


def _open(query: dict[str, str], wanted: str) -> NoteForm | None:
    store, person = open_baton().store, acting_person()
    draft = find_draft(store, person, wanted) if wanted else None
    slug = draft.slug if draft else query["slug"]
    note = None
    try:
        note = read_note(store, person, slug) if slug else None
    except PageNotFound:
        if draft is None:
            raise
    if draft is None:
        draft = edit_draft(note, kept_replacing(store, person, note)) if note else _begin(query["template"])
    if draft is None:
        return None
    template = template_of(store, draft.text.template, draft.text.template_version)
    keys = {draft.key, wanted}
    form = NoteForm(draft, template, query, _next_number(), keys, newest=note, gone=bool(slug) and note is None)
    form.tried_to_submit = st.session_state.pop("try_to_submit", False)
    form.private = st.session_state.pop("private_found", ())
    form.submits = bool(form.private)
    return form


def _begin(template: str) -> NoteDraft | None:
    person = acting_person()
    offers = offered(open_baton().store, person, template)
    return new_draft(offers[0].template, reader().zone.key, now(), person) if offers else None


def _next_number() -> int:
    number = int(st.session_state.get("note_forms", 0)) + 1
    st.session_state["note_forms"] = number
    return number
