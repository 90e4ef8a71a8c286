"""Which item is which, through edits, versions and notes: each has an origin, given once and carried along. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from kb.handover.models import NoteItem


def with_origins(
    items: Sequence[NoteItem], before: Sequence[NoteItem], known: Collection[str], new: Callable[[], str]
) -> tuple[NoteItem, ...]:
    """The items, each with an origin of its own.

    An origin that the writer cannot know of, or that comes twice, is not believed. An item without one that is called
    like an item of the text before is that item: somebody wrote its row anew.

    :param known: origins that the writer may go on with.
    :param new: makes an origin that nothing has.
    """
    taken: set[str] = set()
    kept = []
    for item in items:
        origin = item.origin if item.origin in known and item.origin not in taken else ""
        taken.add(origin)
        kept.append(replace(item, origin=origin))
    free = {_name(item): item.origin for item in reversed(before) if item.origin and item.origin not in taken}
    return tuple(item if item.origin else replace(item, origin=free.pop(_name(item), "") or new()) for item in kept)


def _name(item: NoteItem) -> tuple[str, str]:
    return item.title.casefold(), item.reference.casefold()
