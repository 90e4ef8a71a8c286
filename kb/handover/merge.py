"""Two people's changes to one note put together, where they changed different parts of it. Pure."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from kb.handover.models import Answer, Header, NoteText


class _Overlap(Exception):
    """Both changed the same part."""


def merge_notes(base: NoteText, mine: NoteText, theirs: NoteText) -> NoteText | None:
    """Both changes of ``base`` in one text: field by field, section by section, the open items as a whole.

    :return: None when both changed the same part, so that a person has to decide.
    """
    keys = dict.fromkeys([*base.answers, *mine.answers, *theirs.answers])
    try:
        answers = {key: _merged(*(text.answers.get(key, Answer()) for text in (base, mine, theirs))) for key in keys}
        header = {
            field.name: _merged(*(getattr(text.header, field.name) for text in (base, mine, theirs)))
            for field in fields(Header)
        }
        items = _merged(base.items, mine.items, theirs.items)
        version = _merged(base.template_version, mine.template_version, theirs.template_version)
    except _Overlap:
        return None
    said = {key: answer for key, answer in answers.items() if answer != Answer()}
    return replace(mine, template_version=version, header=Header(**header), answers=said, items=items)


def _merged(base: Any, mine: Any, theirs: Any) -> Any:
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    raise _Overlap
