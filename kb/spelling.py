"""Misspelt words -> the nearest words of the corpus itself. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4  # letters; shorter words have too many neighbours that mean something else
LONGEST = 40  # letters of a word that is kept or corrected: no word that people type is longer
LONG_WORD = 8  # letters from which a word may differ in two places
FIRST_LETTER_MISSING = 6  # letters of a word whose first one may be missing
SUGGESTIONS = 8  # near words that a correction chooses from


@dataclass(frozen=True, slots=True)
class Near:
    """A word of the corpus and how far it is from what was typed.

    ``distance`` counts inserted, deleted, replaced and swapped letters; ``chunks`` is the word's document frequency.
    """

    word: str
    distance: int
    chunks: int


class Vocabulary:
    """The words of a corpus as they are written, lower case.

    :param words: (word, number of chunks that hold it).
    """

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._all: set[str] = set()
        # By length and first letter: the words, the most frequent first, and how frequent they are, negative.
        self._buckets: dict[tuple[int, str], tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
        for word, chunks in sorted(words, key=lambda found: -found[1]):
            if len(word) > LONGEST:
                continue
            self._all.add(word)
            if is_correctable(word):
                held, frequencies = self._buckets[len(word), word[0]]
                held.append(word)
                frequencies.append(-chunks)
        self._initials = sorted({initial for _, initial in self._buckets})

    def __contains__(self, word: object) -> bool:
        return word in self._all

    def __len__(self) -> int:
        return len(self._all)

    def near(self, word: str, enough: int = 1, visible: Callable[[str], int] | None = None) -> list[Near]:
        """The words that ``word`` may have been meant to be, likeliest first, at most SUGGESTIONS.

        One place may differ, from LONG_WORD letters on two. The nearest come first, then those that only lack, repeat
        or swap letters, then the more frequent. Words with another first letter count only when no word begins alike:
        people seldom mistype it, and too many words differ in it alone (payout, layout).

        :param enough: in how many chunks they stand at least.
        :param visible: in how many chunks a word stands that count, where not all do.
        :source: Damerau 1964, "A technique for computer detection and correction of spelling errors": swapped
            neighbours are one error. The distance is its restricted form, optimal string alignment.
        """
        word = word.casefold()
        if not is_correctable(word):
            return []
        furthest = 2 if len(word) >= LONG_WORD else 1
        found = self._within(word, word[0], furthest, enough)
        found += [near for near in self._within(word, word[1], furthest, enough) if near.word[:2] == word[1::-1]]
        found = _counted(found, enough, visible)
        if not found and len(word) >= FIRST_LETTER_MISSING:
            others = [near for initial in self._initials for near in self._within(word, initial, 1, enough)]
            found = [near for near in others if near.word[1:] == word or len(word) >= LONG_WORD]
            found = _counted(found, enough, visible)
        if len(word) == SHORTEST:
            found = [near for near in found if not _replaces(word, near)]
        return sorted(set(found), key=lambda near: (near.distance, _replaces(word, near), -near.chunks, near.word))[
            :SUGGESTIONS
        ]

    def _within(self, word: str, initial: str, furthest: int, enough: int) -> list[Near]:
        found = []
        for length in range(len(word) - furthest, len(word) + furthest + 1):
            words, frequencies = self._buckets.get((length, initial), ((), ()))
            frequent = words[: bisect_right(frequencies, -enough)]
            hits = process.extract(word, frequent, scorer=OSA.distance, score_cutoff=furthest, limit=None)
            found += [Near(near, int(distance), -frequencies[place]) for near, distance, place in hits]
        return [near for near in found if near.distance]


def _counted(found: list[Near], enough: int, visible: Callable[[str], int] | None) -> list[Near]:
    """Those that stand in enough chunks that count: no other word has a say in what is chosen."""
    if visible is None:
        return found
    counted = (replace(near, chunks=visible(near.word)) for near in found)
    return [near for near in counted if near.chunks >= enough]


def _replaces(word: str, near: Near) -> bool:
    """Whether a letter that was typed stands for another one: the error that most often is none, but another word."""
    return len(near.word) == len(word) and sorted(near.word) != sorted(word)


def is_correctable(word: str) -> bool:
    """Whether a word is long enough, and letters only: codes are never corrected."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def in_the_case_of(typed: str, word: str) -> str:
    """``word`` in capitals or with a capital, as ``typed`` is."""
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[:1].isupper() else word
