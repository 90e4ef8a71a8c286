"""Handover notes: what they say, saving and submitting them, finding them. Every write takes the acting person.

A note's text lives in its page, whose body follows from it, so that it is found, revised and trashed like any page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb import kept_drafts, note_replacing, private_data
from kb.access import Ability, require, require_space
from kb.carrying import identified, take_items
from kb.handover.gate import Missing, missing
from kb.handover.life import DONE
from kb.handover.markdown import note_markdown
from kb.handover.models import (
    Answer,
    Header,
    Note,
    NoteFilter,
    NoteItem,
    NoteState,
    NoteSummary,
    NoteText,
    Part,
    Step,
)
from kb.handover.parties import changed_parties
from kb.handover.templates import HandoverTemplate
from kb.handover.text import NoteError, tidied
from kb.handover.threads import blocked
from kb.handover.times import to_local
from kb.handover.writings import note_pieces
from kb.indexing import Indexer, write_chunks
from kb.kept_drafts import Kept
from kb.models import PageKind, Person, Space
from kb.note_parties import check_receiver, with_present_names
from kb.note_replacing import NOTHING, Replacing
from kb.note_steps import StaleNote, WrongState, begin, finish, saved
from kb.note_templates import may_begin_with, template_in, template_of
from kb.note_turns import Turn, notes_to_write, turns_around, turns_of
from kb.pages import MAX_TITLE, STANDARD_SPACES, PageNotFound, PageText, checked, free_slug, link_targets, tag_of
from kb.store import audit, handovers, pages, questions
from kb.store.db import Connection, Store, now
from kb.tidying import cut

# Who has a part in the next note: the receiver hands over now.
_CARRIED_PARTS = {Part.SENDER: Part.RECEIVER, Part.LEAD: Part.LEAD, Part.BACKUP: Part.BACKUP}
SPACE = STANDARD_SPACES[2]  # where notes live unless the writer chooses another space


class NotReady(NoteError):
    """The note cannot be submitted yet; ``missing`` says why, in reading order."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__("Not submitted yet: " + " ".join(gap.message for gap in missing))
        self.missing = tuple(missing)


# ---- what a note says ---------------------------------------------------------------------------------------------


def page_title(template: HandoverTemplate, header: Header) -> str:
    """The note's title: the writer's own, or the one that follows from the other fields."""
    return header.title or proposed_title(template, header)


def proposed_title(template: HandoverTemplate, header: Header) -> str:
    """A title made of the header: "Shift handover: ACME, 21 Nov, night → day"."""
    when = to_local(header.effective, header.zone) if header.effective else None
    parties = " → ".join(part for part in (header.sender, header.receiver) if part)
    parts = [header.client, f"{when.day} {when:%b}" if when else "", parties]
    about = ", ".join(part for part in parts if part)
    return cut(f"{template.subject}: {about}" if about else template.subject, MAX_TITLE)


def page_text(template: HandoverTemplate, text: NoteText) -> PageText:
    """The page that a note is read and found by."""
    tags = (f"{template.key}-handover", tag_of(text.header.client))
    return checked(PageText(page_title(template, text.header), note_markdown(template, text), tags))


def next_note(old: Note, begun: NoteText, template: HandoverTemplate, unfinished: Sequence[NoteItem]) -> NoteText:
    """A new note of the same client that goes on where ``old`` ended.

    What is already written in ``begun`` stays. Answers that are still true come from ``old``; its receiver hands over
    now.

    :param template: the one that ``begun`` is written with.
    :param unfinished: the items of ``old`` that are carried on, see :func:`kb.carrying.carried_items`.
    """
    header, before = begun.header, old.text.header
    carried = {
        section.key: old.text.answers[section.key]
        for section in template.sections
        if section.carries and section.key in old.text.answers
    }
    return replace(
        begun,
        header=replace(
            header,
            client=header.client or before.client,
            status=before.status,
            confidentiality=before.confidentiality,
            links=header.links or before.links,
        ).with_parties(
            {
                part: header.party(part) if header.party(part).name else before.party(earlier)
                for part, earlier in _CARRIED_PARTS.items()
            }
        ),
        answers={**carried, **{key: answer for key, answer in begun.answers.items() if answer != Answer()}},
        items=begun.items or tuple(unfinished),
    )


# ---- saving and submitting -------------------------------------------------------------------------------------------


def save_note(
    store: Store,
    indexer: Indexer,
    actor: Person,
    text: NoteText,
    space: Space,
    base: Note | None = None,
    *,
    replacing: Replacing = NOTHING,
    private_reason: str = "",
    ends: Kept | None = None,
) -> Note:
    """Save a draft: found by the next search of its writer, and of nobody else.

    :param base: the draft as the edit began with it; None makes a new one.
    :param replacing: the note that it was started from, for when it is submitted.
    :param private_reason: why personal data or a secret in the text has to stay.
    :param ends: the kept draft of this text, which is forgotten with it.
    :raises DraftGone: when another window ended that.
    :raises PrivateDataFound: when it holds such data and no reason was ever given.
    :raises StaleNote: when somebody saved ``base`` since.
    :raises NoteError: when the text breaks a rule, the note is no draft any more, or it is somebody else's.
    """
    if base is not None and base.state is not NoteState.DRAFT:
        raise WrongState("This note was submitted before: submit it again, which makes a new version.")
    return _write(store, indexer, actor, text, space, base, replacing, private_reason, ends, submit=False)


def submit_note(
    store: Store,
    indexer: Indexer,
    actor: Person,
    text: NoteText,
    space: Space,
    base: Note | None = None,
    replaces: Note | None = None,
    *,
    private_reason: str = "",
    ends: Kept | None = None,
) -> Note:
    """Hand a note over: whoever may see its space sees it, and its text is frozen as the next version.

    :param base: the note as the edit began with it; None submits a new one at once.
    :param replaces: an earlier note of the same client and template, which this one supersedes.
    :param private_reason: why personal data or a secret in the text has to stay.
    :param ends: the kept draft of this text, which is forgotten with it.
    :raises DraftGone: when another window ended that.
    :raises PrivateDataFound: when it holds such data and no reason was ever given.
    :raises NotReady: when something is missing.
    :raises StaleNote: when somebody saved ``base`` since.
    :raises NoteError: when the text breaks a rule, the note's life is over, or it is somebody else's.
    """
    template = template_of(store, text.template, text.template_version)
    gaps = missing(template, tidied(template, text), now())
    if gaps:
        raise NotReady(gaps)
    return _write(store, indexer, actor, text, space, base, replaces, private_reason, ends, submit=True)


def _write(
    store: Store,
    indexer: Indexer,
    actor: Person,
    text: NoteText,
    space: Space,
    base: Note | None,
    replaces: Note | Replacing | None,
    private_reason: str,
    ends: Kept | None,
    *,
    submit: bool,
) -> Note:
    with store.reading() as db:
        template = template_in(db, text.template, text.template_version)
        text = tidied(template, text)
        text = replace(text, header=with_present_names(db, text.header))
    if text.header.title == proposed_title(template, text.header):
        text = replace(text, header=replace(text.header, title=""))
    examined = private_data.examine(store, note_pieces(template, text), private_reason)
    page = page_text(template, text)
    prepared = indexer.prepare(page.title, page.body, page.tags, page.keywords)
    with store.atomic() as db:
        require(db, actor, Ability.WRITE)
        require_space(db, actor, space)
        kept = base is not None and base.text.template_version == text.template_version
        if not kept and not may_begin_with(db, actor, text.template, text.template_version):
            raise NoteError("This template is no longer offered to you. Choose another one.")
        kept_drafts.end(db, actor, ends)
        if submit:
            check_receiver(db, text.header, space, base.page.owner if base else actor)
        summary = f"Submitted as version {(base.version if base else 0) + 1}" if submit else "Draft saved"
        before: Sequence[NoteItem] = ()
        renamed = ""
        if base is None:
            text = identified(db, actor, text, before)
            page_id = _add(db, actor, text, page, space, summary, private=not submit)
            _keep_replacing(db, actor, page_id, replaces)
        else:
            current, _ = begin(db, actor, base, Step.SUBMIT)
            _keep_replacing(db, actor, current.page.id, replaces)
            same = (current.text, current.page.space) == (text, space)
            if same and current.state is (NoteState.SUBMITTED if submit else NoteState.DRAFT):
                return current
            page_id, before = current.page.id, current.text.items
            # Of a draft nobody but its writer knew.
            renamed = changed_parties(current.text.header, text.header) if current.version else ""
            text = identified(db, actor, text, before)
            replace_text(db, actor, current, text, page, space, summary, private=not submit)
        examined.require_reason(db, actor, page_id)
        note = saved(db, page_id)
        if submit:
            note = _submitted(db, actor, note, replaces if isinstance(replaces, Note) else None, renamed)
            take_items(db, actor, note, before if note.version > 1 else ())
        else:
            audit.record(db, actor, "note.draft", "page", page_id, f"revision {note.page.revision}")
        write_chunks(db, page_id, note.page.revision, prepared)
        return saved(db, page_id)


def _keep_replacing(db: Connection, actor: Person, page_id: int, replaces: Note | Replacing | None) -> None:
    """Keep what a saved draft replaces once it is submitted; forget it when it is."""
    if isinstance(replaces, Replacing):
        note_replacing.keep(db, actor, page_id, replaces)
    else:
        note_replacing.drop(db, actor, page_id)


def _submitted(db: Connection, actor: Person, note: Note, replaces: Note | None, renamed: str) -> Note:
    """Take the step of submitting. A blocking question that nobody has answered yet goes on blocking.

    :param renamed: whose accounts it names otherwise than the version before.
    """
    note = replace(note, version=note.version + 1)
    if blocked(questions.of_note(db, note.page.id)):
        why = "A blocking question to an earlier version is open"
        note = finish(db, actor, note, Step.SUBMIT, NoteState.QUESTIONS, why, detail=renamed)
    else:
        note = finish(db, actor, note, Step.SUBMIT, NoteState.SUBMITTED, detail=renamed)
    if replaces is not None:
        try:
            old, _ = begin(db, actor, replaces, Step.SUPERSEDE)
        except StaleNote as stale:  # which would be taken for an edit of this note
            raise NoteError(f"“{replaces.page.title}” is not replaced: {stale}") from stale
        if old.page.id == note.page.id or not is_next_of(old, note.text):
            raise NoteError("A note replaces an earlier one of the same client and kind only.")
        finish(db, actor, old, Step.SUPERSEDE, NoteState.SUPERSEDED)
        handovers.set_superseded(db, old.page.id, note.page.id)
    return note


def is_next_of(old: Note, text: NoteText) -> bool:
    """Whether a note that says ``text`` may replace ``old``: it is of the same client and kind."""
    clients = {" ".join(each.header.client.split()).casefold() for each in (old.text, text)}
    return old.text.template == text.template and len(clients) == 1


def _add(
    db: Connection, actor: Person, text: NoteText, page: PageText, space: Space, summary: str, *, private: bool
) -> int:
    new = pages.NewPage(
        free_slug(db, page.title), PageKind.HANDOVER, space, page.title, page.body, page.tags, page.keywords,
        private=private,
    )  # fmt: skip
    page_id = pages.add(db, new, actor, summary, link_targets(page.body))
    handovers.add(db, page_id, text)
    return page_id


def replace_text(
    db: Connection,
    actor: Person,
    current: Note,
    text: NoteText,
    page: PageText,
    space: Space,
    summary: str,
    *,
    private: bool,
) -> None:
    """Give a note another text, whose page is ``page``, within the transaction of a step."""
    handovers.set_text(db, current.page.id, text)
    if space != current.page.space:
        pages.set_space(db, current.page.id, space)
    pages.update(
        db,
        current.page,
        actor,
        title=page.title,
        body=page.body,
        tags=page.tags,
        keywords=page.keywords,
        summary=summary,
        links=link_targets(page.body),
        private=private,
    )


# ---- reading ------------------------------------------------------------------------------------------------------


def read_note(store: Store, viewer: Person, slug: str) -> Note:
    """The note at an address.

    :raises PageNotFound: when there is none that ``viewer`` may see.
    """
    with store.reading() as db:
        note = handovers.by_slug(db, slug, viewer)
    if note is None:
        raise PageNotFound(f"There is no handover note at {slug!r}.")
    return note


def find_notes(store: Store, viewer: Person, wanted: NoteFilter, limit: int = 50) -> tuple[list[NoteSummary], int]:
    """The notes that pass the filter, and how many there are in all: overdue first, open ones by time, done ones last.

    :param limit: how many of them at most.
    """
    moment = now()
    with store.reading() as db:
        turns = (
            [
                *(turn.note.page_id for turn in turns_around(db, viewer, moment) if turn.is_mine),
                *(note.page_id for note in notes_to_write(db, viewer, moment)),
            ]
            if wanted.my_turn
            else []
        )
        found = handovers.find(db, viewer, wanted, moment, DONE, limit, turns)
        total = len(found) if len(found) < limit else handovers.count(db, viewer, wanted, moment, turns)
        known = turns_of(db, viewer, [note.slug for note in found if note.state not in DONE], moment)
    return [_with_turn(note, known.get(note.slug)) for note in found], total


def _with_turn(note: NoteSummary, turn: Turn | None) -> NoteSummary:
    return replace(note, waits_for=turn.situation.holder, my_turn=turn.is_mine) if turn else note


def note_clients(store: Store, viewer: Person) -> list[str]:
    """The clients that handover notes were written for, the last used first."""
    with store.reading() as db:
        return handovers.clients(db, viewer)


def last_note(store: Store, viewer: Person, template: str, client: str) -> Note | None:
    """The note of this template and client that was submitted last."""
    with store.reading() as db:
        return handovers.latest_submitted(db, viewer, template, " ".join(client.split()))


def linkable_pages(store: Store, viewer: Person, limit: int = 500) -> dict[str, str]:
    """Address -> title of the pages that changed last, for choosing linked pages."""
    with store.reading() as db:
        return dict(handovers.titles(db, viewer, limit))
