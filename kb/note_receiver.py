"""Another receiver for an overdue note, named by the lead whom it came to. The text stays, as a version of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kb import private_data
from kb.carrying import identified, take_items
from kb.handover.gate import missing
from kb.handover.models import Note, NoteState, Part, Party, Step
from kb.handover.parties import changed_parties
from kb.handover.text import NoteError
from kb.handovers import NotReady, page_text, replace_text
from kb.indexing import Indexer, write_chunks
from kb.models import Person
from kb.note_parties import check_receiver, with_present_names
from kb.note_steps import begin, finish, reason_of, saved
from kb.note_templates import template_in
from kb.store.db import Store, now


def name_receiver(
    store: Store,
    indexer: Indexer,
    actor: Person,
    note: Note,
    receiver: Party,
    acknowledge_by: datetime,
    reason: str,
    *,
    private_reason: str = "",
) -> Note:
    """Let somebody else take the note over: its next version, which waits for them and is news to them.

    :param receiver: a person or a team with an account.
    :param acknowledge_by: by when they have to; in UTC.
    :param private_reason: why personal data or a secret in the reason has to stay.
    :raises PrivateDataFound: when it holds such data and no reason was ever given for it at this note.
    :raises NotReady: when the time has passed, or the receiver is the sender.
    :raises NoteError: without a reason, when it is the present receiver, somebody who cannot see the note or has no
        account, when the note does not wait for its receiver any more, or it did not come to the person as its lead.
    :raises StaleNote: when somebody changed the note since it was read.
    """
    reason = reason_of(reason, "Say why somebody else takes over.")
    if receiver.id is None:
        raise NoteError("Choose a person or a team with an account, who can read the note back.")
    if receiver.id == note.text.header.receiver_id:
        raise NoteError(f"{receiver.name} is its receiver already: choose somebody else.")
    examined = private_data.examine(store, private_data.of_words("your reason", reason), private_reason)
    with store.reading() as db:
        template = template_in(db, note.text.template, note.text.template_version)
        header = note.text.header.with_parties({Part.RECEIVER: receiver})
        header = with_present_names(db, replace(header, acknowledge_by=acknowledge_by))
    text = replace(note.text, header=header)
    gaps = missing(template, text, now())
    if gaps:
        raise NotReady(gaps)
    page = page_text(template, text)
    prepared = indexer.prepare(page.title, page.body, page.tags, page.keywords)
    with store.atomic() as db:
        current, _ = begin(db, actor, note, Step.PASS_ON)
        check_receiver(db, header, current.page.space, current.page.owner)
        text = identified(db, actor, text, current.text.items)
        told = f"To {header.receiver} instead of {current.text.header.receiver}: {reason}"
        replace_text(db, actor, current, text, page, current.page.space, told, private=False)
        examined.require_reason(db, actor, current.page.id)
        passed = saved(db, current.page.id)
        passed = finish(
            db,
            actor,
            replace(passed, version=current.version + 1),
            Step.PASS_ON,
            NoteState.SUBMITTED,
            told,
            detail=changed_parties(current.text.header, text.header),
        )
        take_items(db, actor, passed, current.text.items)
        write_chunks(db, current.page.id, passed.page.revision, prepared)
        return saved(db, current.page.id)
