"""Read-back coverage: which items of a note the receiver's summary mentions, and where facts differ. Pure.

Advisory: it shows both people what to talk about, and never blocks. How good it is: docs/read-back.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedder
from kb.handover.differences import Difference, differences
from kb.handover.models import NoteItem
from kb.store.fulltext import WORD, tokenizer
from kb.text import STOP_WORDS, sentences

MAX_CLAUSES = 400  # of a summary that are read; more would be no summary


class ItemState(StrEnum):
    """How far a summary covers an item."""

    COVERED = "covered"
    PARTLY = "partly"  # mentioned, but the action or a fact that matters lacks or differs
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Setting:
    """The few parameters, chosen by cross-validation over notes (docs/read-back.md).

    :ivar mentioned: similarity from which an item counts as mentioned.
    :ivar action: similarity of its next step from which that counts as said.
    :ivar title_margin: what likeness to the title alone counts less: short titles are near to much.
    :ivar word_weight: what the share of the item's words in a passage adds to the cosine.
    """

    mentioned: float = 0.55
    action: float = 0.20
    word_weight: float = 0.4
    title_margin: float = 0.2


DEFAULT = Setting()


@dataclass(frozen=True, slots=True)
class ItemCoverage:
    """An item against a summary.

    :ivar sentence: the passage of the summary nearest to the item; "" where it has none.
    :ivar similarity: of that passage; cosine plus words, about 0 to 1.3.
    :ivar action: the same for the item's next step; equals ``similarity`` where it has none.
    :ivar differences: facts of the item that the summary changes or lacks; empty for an item that is missing.
    """

    item: NoteItem
    state: ItemState
    sentence: str
    similarity: float
    action: float
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything measured between items and a summary, before any threshold.

    :ivar clauses: the summary in pieces; ``begins``: whether a sentence begins there; ``windows`` are runs of them as
        (first, end).
    :ivar cosine, words: for whole items, their titles and their next steps: float (3, items, windows).
    """

    items: tuple[NoteItem, ...]
    clauses: tuple[str, ...]
    begins: tuple[bool, ...]
    windows: tuple[tuple[int, int], ...]
    cosine: NDArray[np.float32]
    words: NDArray[np.float32]


def coverage(
    items: Sequence[NoteItem],
    summary: str,
    embedder: Embedder,
    *,
    on: date | None = None,
    receiver: str = "",
    setting: Setting = DEFAULT,
) -> list[ItemCoverage]:
    """Each item against the summary, in the order of ``items``.

    :param on: the note's date, which makes "tomorrow" and "3 Dec" comparable with a due date.
    :param receiver: who wrote the summary: "I" in it is this person. Empty: whoever owns the item.
    """
    return judged(compared(items, summary, embedder), setting, on=on, receiver=receiver)


def compared(items: Sequence[NoteItem], summary: str, embedder: Embedder) -> Comparison:
    """Cosines and shared words between all items and all passages; everything is embedded in one call."""
    pieces = clauses_of(summary)[:MAX_CLAUSES]
    clauses, begins = tuple(text for text, _ in pieces), tuple(first for _, first in pieces)
    windows = tuple(_windows(clauses))
    if not items or not windows:
        empty = np.zeros((3, len(items), 0), dtype=np.float32)
        return Comparison(tuple(items), clauses, begins, (), empty, empty)
    wanted = [text_of(item) for item in items]
    wanted += [item.title for item in items] + [item.next_step or item.title for item in items]
    passages = [_passage(clauses, window) for window in windows]
    vectors = embedder.encode_documents([*wanted, *passages])
    shape = (3, len(items), len(windows))
    cosine = (vectors[: len(wanted)] @ vectors[len(wanted) :].T).reshape(shape)
    stems = _stems([*wanted, *passages])
    words = np.array([[_share(one, other) for other in stems[len(wanted) :]] for one in stems[: len(wanted)]])
    return Comparison(tuple(items), clauses, begins, windows, cosine, words.astype(np.float32).reshape(shape))


def judged(
    found: Comparison, setting: Setting = DEFAULT, *, on: date | None = None, receiver: str = ""
) -> list[ItemCoverage]:
    """What the similarities mean, and which facts differ."""
    if not found.windows:
        return [ItemCoverage(item, ItemState.MISSING, "", 0.0, 0.0) for item in found.items]
    scores = found.cosine + setting.word_weight * found.words
    nearest = np.maximum(scores[0], scores[1] - setting.title_margin)
    owner_of_clause = _assigned(found, nearest, setting.mentioned)
    known = {word for item in found.items for word in item.owner.casefold().split() if word[:1].isalpha()}
    note_words = {word.casefold() for item in found.items for word in _WORD.findall(text_of(item))}
    compare_facts = partial(
        differences, on=on, receiver=receiver, known=known, note_words=note_words, stem=tokenizer().stem
    )
    result = []
    for place, item in enumerate(found.items):
        best = int(nearest[place].argmax())
        similarity = float(nearest[place, best])
        first, end = found.windows[best]
        sentence = _passage(found.clauses, (first, end))
        action = float(scores[2, place].max()) if item.next_step else similarity
        one = ItemCoverage(item, ItemState.MISSING, sentence, similarity, action)
        if similarity >= setting.mentioned:
            own = [c for n, c in enumerate(found.clauses) if owner_of_clause[n] == place or first <= n < end]
            one = replace(one, differences=tuple(compare_facts(item, "\n".join(own))))
        result.append(replace(one, state=state_of(one, setting)))
    return result


def state_of(one: ItemCoverage, setting: Setting) -> ItemState:
    """What similarity and differences amount to."""
    if one.similarity < setting.mentioned:
        return ItemState.MISSING
    complete = one.action >= setting.action and not any(difference.matters for difference in one.differences)
    return ItemState.COVERED if complete else ItemState.PARTLY


def text_of(item: NoteItem) -> str:
    """The item as the model reads it; who and when are compared by rule instead."""
    parts = [item.title, item.reference, item.next_step, *item.details.values()]
    return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())


# ---- the summary in pieces ------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+")
_BULLET = re.compile(r"^\s*(?:[-*•–·]|\(?\d{1,2}[.)])\s+", re.MULTILINE)
# "Call the bank by 2, send the file and check the queue" are three things in one sentence.
_SPLIT = re.compile(
    r"\s*;\s+|\s+[–—]\s+|,\s+(?=(?:and|but|then|also|while|plus)\b)|\s+(?=(?:and then|but|also|while)\s)|,\s+|\s+(?=and\s)"  # noqa: E501
)
MIN_CLAUSE = 3  # words of a clause that stands for itself


def clauses_of(summary: str) -> list[tuple[str, bool]]:
    """(text, whether a sentence begins with it): sentences, long ones parted at commas and "and".

    A short rest stays with what is before it.
    """
    found = []
    for sentence in sentences(_BULLET.sub("", summary)):
        parts: list[str] = []
        for part in _SPLIT.split(sentence):
            if parts and (len(part.split()) < MIN_CLAUSE or len(parts[-1].split()) < MIN_CLAUSE):
                parts[-1] = f"{parts[-1]}, {part}"
            elif part.strip():
                parts.append(part.strip())
        found += [(part, place == 0) for place, part in enumerate(parts)]
    return found


def _windows(clauses: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of one to three clauses: several together may cover an item."""
    count = len(clauses)
    return [(first, end) for first in range(count) for end in range(first + 1, min(first + 3, count) + 1)]


def _passage(clauses: Sequence[str], window: tuple[int, int]) -> str:
    return " ".join(clauses[window[0] : window[1]])


def _assigned(found: Comparison, nearest: NDArray[np.float32], mentioned: float) -> list[int]:
    """For each clause the item that it speaks of, -1 for none or that was spoken of before it."""
    single = {first: n for n, (first, end) in enumerate(found.windows) if end == first + 1}
    owners: list[int] = []
    for clause in range(len(found.clauses)):
        column = nearest[:, single[clause]]
        best = int(column.argmax())
        # What goes on in the same sentence turns to another item only where it clearly mentions it.
        needed = mentioned * (0.6 if found.begins[clause] else 1.0)
        owners.append(best if column[best] >= needed or not owners else owners[-1])
    return owners


def _stems(texts: Sequence[str]) -> list[frozenset[str]]:
    """The stems of each text's words that have a meaning of their own."""
    words_of = [[word for word in WORD.findall(text) if word.casefold() not in STOP_WORDS] for text in texts]
    # Passages overlap, so the same words come again and again: each is stemmed once, all in one call.
    different = dict.fromkeys(word for words in words_of for word in words)
    stems = {term.word: term.stem for term in tokenizer().terms(" ".join(different))}
    return [frozenset(stems.get(word, word) for word in words) for words in words_of]


def _share(item: frozenset[str], passage: frozenset[str]) -> float:
    return len(item & passage) / len(item) if item else 0.0
