"""What a note could say more clearly, to the eyes of somebody who knows what the wiki explains. Advisory."""

from __future__ import annotations

from kb.access import Ability, require
from kb.handover.clarity import Remark, Unclear, unclear
from kb.handover.models import NoteText
from kb.models import Person
from kb.note_templates import template_of
from kb.store import words
from kb.store.db import Store


def note_remarks(store: Store, viewer: Person, text: NoteText) -> list[Remark]:
    """What the writer could say more clearly, in the order of the note.

    Short forms that a page explains are no remark; it counts what ``viewer`` may see, as in their search.

    :raises NotAllowed: when the person is disabled.
    """
    template = template_of(store, text.template, text.template_version)
    found = unclear(template, text)
    shorts = {remark.words.casefold() for remark in found if remark.kind is Unclear.SHORT_FORM}
    with store.reading() as db:
        require(db, viewer, Ability.READ)
        known = words.explained(db, shorts | {short.removesuffix("s") for short in shorts}, viewer) if shorts else ()
    return unclear(template, text, known) if known else found
