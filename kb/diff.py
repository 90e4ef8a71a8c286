"""What changed between two texts, as rows to draw: whole lines first, then the words within a changed line. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, pairwise

CONTEXT = 3  # unchanged lines shown around a change; in Markdown about one and a half paragraphs
MIN_FOLD = 4  # hiding fewer lines saves no space
EXHAUSTIVE = 250_000  # old x new items that difflib may compare; beyond, only what lies between unique items
PAIRED = 10_000  # removed x added lines of one change among which partners are looked for
SIMILAR = 0.4  # share of common words from which on two lines are one line that changed

# One character in scripts without spaces, one punctuation mark, one run of spaces, else one word.
_UNSPACED = r"\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARK = r"!-/:-@\[-`{-~\u2010-\u2027\u3000-\u303f\uff01-\uff0f"
_TOKEN = re.compile(rf"\s+|[{_UNSPACED}{_MARK}]|[^\s{_UNSPACED}{_MARK}]+")


class RowKind(StrEnum):
    """What happened to a line. A line that changed is a removed row followed by an added one."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; ``changed`` when the line's partner on the other side lacks it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line. The numbers count from 1 and are None on the side that lacks the line."""

    kind: RowKind
    old_number: int | None
    new_number: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Unchanged lines that need not be shown."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ChangeSize:
    """How many words came in and how many went, wherever they stand."""

    added: int
    removed: int


def diff_rows(old: str, new: str) -> list[Row]:
    """Every line of both texts, in reading order.

    The texts of the same and added rows, joined by line ends, are ``new``; of the same and removed rows, ``old``.
    """
    before, after = _lines(old), _lines(new)
    rows: list[Row] = []
    at_old = at_new = 0
    for place_old, place_new in [*same_places(before, after), (len(before), len(after))]:
        rows += _changed_rows(before[at_old:place_old], after[at_new:place_new], at_old, at_new)
        if place_old < len(before):
            rows.append(_row(RowKind.SAME, before[place_old], place_old, place_new))
        at_old, at_new = place_old + 1, place_new + 1
    return rows


def fold(rows: Sequence[Row], context: int = CONTEXT) -> list[Row | Fold]:
    """The rows with long unchanged stretches folded, except ``context`` lines beside a change."""
    changed = [place for place, row in enumerate(rows) if row.kind is not RowKind.SAME]
    folded: list[Row | Fold] = []
    for before, after in pairwise([-1, *changed, len(rows)]):
        start = before + 1 + (context if before >= 0 else 0)
        end = after - (context if after < len(rows) else 0)
        if end - start >= MIN_FOLD:
            folded += [*rows[before + 1 : start], Fold(tuple(rows[start:end])), *rows[end:after]]
        else:
            folded += rows[before + 1 : after]
        folded += rows[after : after + 1]
    return folded


def size_of_change(old: str, new: str) -> ChangeSize:
    """How much two texts differ. Words that only moved do not count."""
    before, after = Counter(old.split()), Counter(new.split())
    return ChangeSize((after - before).total(), (before - after).total())


def same_places(old: Sequence[str], new: Sequence[str], depth: int = 4) -> list[tuple[int, int]]:
    """The places (in ``old``, in ``new``) of items that both have, in order, each item at most once.

    Items that are unique on both sides come first (patience diff, B. Cohen), which reads well and bounds the time;
    difflib compares the short stretches between them.
    """
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    middle = _places_between(old[head : len(old) - tail], new[head : len(new) - tail], depth)
    return [
        *((place, place) for place in range(head)),
        *((head + a, head + b) for a, b in middle),
        *((len(old) - n, len(new) - n) for n in range(tail, 0, -1)),
    ]


def _places_between(old: Sequence[str], new: Sequence[str], depth: int) -> list[tuple[int, int]]:
    if len(old) * len(new) <= EXHAUSTIVE:
        runs = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return [(run.a + n, run.b + n) for run in runs for n in range(run.size)]
    anchors = _unique_places(old, new) if depth else []
    if not anchors:
        return []
    places: list[tuple[int, int]] = []
    at_old = at_new = 0
    for a, b in [*anchors, (len(old), len(new))]:
        between = same_places(old[at_old:a], new[at_new:b], depth - 1)
        places += [(at_old + x, at_new + y) for x, y in between]
        if a < len(old):
            places.append((a, b))
        at_old, at_new = a + 1, b + 1
    return places


def _unique_places(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising sequence of places of items that occur exactly once on both sides."""
    in_old, in_new = Counter(old), Counter(new)
    place_in_new = {item: place for place, item in enumerate(new)}
    candidates = [(a, place_in_new[item]) for a, item in enumerate(old) if in_old[item] == in_new[item] == 1]
    ends: list[int] = []  # the lowest last place in ``new`` of a sequence of each length
    at_end: list[int] = []  # which candidate that is
    previous: list[int] = []
    for number, (_, b) in enumerate(candidates):
        length = bisect_left(ends, b)
        ends[length : length + 1] = [b]
        at_end[length : length + 1] = [number]
        previous.append(at_end[length - 1] if length else -1)
    chain = at_end[-1] if at_end else -1
    found = []
    while chain >= 0:
        found.append(candidates[chain])
        chain = previous[chain]
    return found[::-1]


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _changed_rows(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int) -> Iterator[Row]:
    """The rows of one change: lines with a partner beside it, the others before them."""
    done_old = done_new = 0
    for a, b in [*_partners(old, new), (len(old), len(new))]:
        for n in range(done_old, a):
            yield _row(RowKind.REMOVED, old[n], at_old + n, None)
        for n in range(done_new, b):
            yield _row(RowKind.ADDED, new[n], None, at_new + n)
        if a < len(old):
            words_old, words_new = _TOKEN.findall(old[a]), _TOKEN.findall(new[b])
            places = same_places(words_old, words_new)
            yield Row(RowKind.REMOVED, at_old + a + 1, None, _pieces(words_old, {x for x, _ in places}))
            yield Row(RowKind.ADDED, None, at_new + b + 1, _pieces(words_new, {y for _, y in places}))
        done_old, done_new = a + 1, b + 1


def _partners(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of similar lines, in order, whose similarities add up to the most."""
    bags_old, bags_new = [_bag(line) for line in old], [_bag(line) for line in new]
    if len(old) * len(new) > PAIRED:
        return [
            (n, n) for n, (a, b) in enumerate(zip(bags_old, bags_new, strict=False)) if _similarity(a, b) >= SIMILAR
        ]
    similarity = [[_similarity(a, b) for b in bags_new] for a in bags_old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in reversed(range(len(old))):
        for b in reversed(range(len(new))):
            alone = max(best[a + 1][b], best[a][b + 1])
            together = best[a + 1][b + 1] + similarity[a][b] if similarity[a][b] >= SIMILAR else 0.0
            best[a][b] = max(alone, together)
    pairs, a, b = [], 0, 0
    while a < len(old) and b < len(new):
        if best[a][b] == best[a + 1][b]:
            a += 1
        elif best[a][b] == best[a][b + 1]:
            b += 1
        else:
            pairs.append((a, b))
            a, b = a + 1, b + 1
    return pairs


def _bag(line: str) -> Counter[str]:
    return Counter(token for token in _TOKEN.findall(line) if not token.isspace())


def _similarity(old: Counter[str], new: Counter[str]) -> float:
    """Dice's coefficient of two bags of words: 0 nothing in common, 1 the same words."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def _row(kind: RowKind, line: str, place_old: int | None, place_new: int | None) -> Row:
    return Row(
        kind,
        None if place_old is None else place_old + 1,
        None if place_new is None else place_new + 1,
        (Piece(line),) if line else (),
    )


def _pieces(words: Sequence[str], same: set[int]) -> tuple[Piece, ...]:
    changed = [place not in same for place in range(len(words))]
    for place in range(1, len(words) - 1):
        # A space between two changed words changed with them: marked words then read as one phrase.
        if words[place].isspace() and changed[place - 1] and changed[place + 1]:
            changed[place] = True
    runs = groupby(zip(words, changed, strict=True), key=lambda item: item[1])
    return tuple(Piece("".join(word for word, _ in run), marked) for marked, run in runs)
