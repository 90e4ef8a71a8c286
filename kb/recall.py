"""Prior-shift recall: what past notes tell of an item like the one that is being typed, and what fixed it then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from index.encoder import EncoderUnavailable
from kb.handover.models import Note, NoteState
from kb.handover.solved import Solved, solved_in
from kb.models import Filters, PageKind, Person
from kb.note_templates import template_of
from kb.query import telling_terms
from kb.search import Retriever
from kb.store import handovers
from kb.store.db import Store

NOTES = 12  # nearest to the item, whose items are compared with it
COMPARED = 24  # items that the model reads, those with the most words in common first
SHOWN = 3
MIN_LETTERS = 8  # of an item's words; less is like everything
WORD_WEIGHT = 0.4  # what the share of common words adds to the cosine, as in the read-back
# Cosine plus words from which a past item is like this one: of 24 that were tried against 12 notes' items, the twelve
# that have one are at 0.79 and above, the others at 0.41 and below.
NEAR = 0.6
NEAR_BY_WORDS = 0.6  # share of common words, without the model


@dataclass(frozen=True, slots=True)
class PastItem:
    """An item of a past note. ``fixed`` tells whether it was solved there; ``solved`` holds its words either way."""

    solved: Solved
    fixed: bool
    slug: str
    note_title: str
    at: datetime
    nearness: float


@dataclass(frozen=True, slots=True)
class Recalled:
    """The past items most like one, the nearest first, and whether meaning had a say in it."""

    items: tuple[PastItem, ...] = ()
    by_meaning: bool = True


def past_items(store: Store, retriever: Retriever, viewer: Person, words: str, except_slug: str = "") -> Recalled:
    """Items like these words in submitted notes that ``viewer`` may see, solved ones before open ones.

    Call it outside any transaction.

    :param except_slug: the note that is being written.
    """
    words = " ".join(words.split())
    if sum(letter.isalnum() for letter in words) < MIN_LETTERS:
        return Recalled()
    (response,) = retriever.best_pages([words], viewer, Filters(kinds=(PageKind.HANDOVER,)), NOTES)
    with store.reading() as db:
        found = [handovers.by_slug(db, result.page.slug, viewer) for result in response.results]
    notes = [note for note in found if note and note.state is not NoteState.DRAFT and note.page.slug != except_slug]
    candidates = _newest_of_each([item for note in notes for item in _items_of(store, note)])
    shares = _shares(words, [_text(item.solved) for item in candidates])
    order = sorted(range(len(candidates)), key=lambda place: -shares[place])[:COMPARED]
    cosines = _cosines(retriever, words, [_text(candidates[place].solved) for place in order])
    near = NEAR_BY_WORDS if cosines is None else NEAR
    scored = [
        (shares[place] if cosines is None else float(cosines[n]) + WORD_WEIGHT * shares[place], candidates[place])
        for n, place in enumerate(order)
    ]
    like = [replace(item, nearness=score) for score, item in scored if score >= near]
    like.sort(key=lambda item: (not item.fixed, -item.nearness))
    return Recalled(tuple(like[:SHOWN]), by_meaning=cosines is not None)


def _items_of(store: Store, note: Note) -> list[PastItem]:
    """What a note tells of its items: solved ones with what fixed them, open ones with what was to be done."""
    template = template_of(store, note.text.template, note.text.template_version)
    at = note.submitted_at or note.page.updated_at
    told = [(solved, True) for solved in solved_in(template, note.text)]
    told += [
        (Solved(item.title, item.reference, (), "", item.next_step), False) for item in note.text.items if not item.done
    ]
    return [PastItem(solved, fixed, note.page.slug, note.page.title, at, 0.0) for solved, fixed in told]


def _newest_of_each(items: Sequence[PastItem]) -> list[PastItem]:
    """Of an item that was carried from note to note the one where it was solved, or else the newest."""
    best: dict[str, PastItem] = {}
    for item in items:
        key = " ".join(item.solved.words.casefold().split())
        held = best.get(key)
        if held is None or (item.fixed, item.at) > (held.fixed, held.at):
            best[key] = item
    return list(best.values())


def _text(solved: Solved) -> str:
    return ". ".join(part for part in (solved.words, *(value for _, value in solved.problem[:1])) if part)


def _shares(words: str, texts: Sequence[str]) -> list[float]:
    """The share of the item's telling words that each text has, by their stems."""
    wanted = _stems(words)
    return [len(wanted & _stems(text)) / len(wanted) if wanted else 0.0 for text in texts]


def _stems(text: str) -> frozenset[str]:
    return frozenset(term.stem for term in telling_terms(text))


def _cosines(retriever: Retriever, words: str, texts: Sequence[str]) -> np.ndarray | None:
    """float32 (n,); None while the model is not there."""
    if retriever.embedder is None:
        return None
    try:
        vectors = retriever.embedder.encode_documents([words, *texts])
    except EncoderUnavailable:
        return None
    cosines: np.ndarray = vectors[1:] @ vectors[0]
    return cosines
