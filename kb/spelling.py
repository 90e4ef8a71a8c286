"""Misspelt words -> the nearest words of the corpus itself. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

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
    :param enough: in how many chunks a word must stand to be near another one.
    """

    def __init__(self, words: Iterable[tuple[str, int]], enough: int = 1) -> None:
        self._all: set[str] = set()
        self._buckets: dict[tuple[int, str], tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
        for word, chunks in words:
            if len(word) > LONGEST:
                continue
            self._all.add(word)
            if chunks >= enough and is_correctable(word):
                held, frequencies = self._buckets[len(word), word[0]]
                held.append(word)
                frequencies.append(chunks)
        self._initials = sorted({initial for _, initial in self._buckets})

    def __contains__(self, word: object) -> bool:
        return word in self._all

    def __len__(self) -> int:
        return len(self._all)

    def near(self, word: str) -> list[Near]:
        """The words that ``word`` may have been meant to be, likeliest first, at most SUGGESTIONS.

        One place may differ, from LONG_WORD letters on two. The nearest come first, then those that only lack, repeat
        or swap letters, then the more frequent. Words with another first letter count only when no word begins alike:
        people seldom mistype it, and too many words differ in it alone (payout, layout).

        :source: Damerau 1964, "A technique for computer detection and correction of spelling errors": swapped
            neighbours are one error. The distance is its restricted form, optimal string alignment.
        """
        word = word.casefold()
        if not is_correctable(word):
            return []
        furthest = 2 if len(word) >= LONG_WORD else 1
        found = self._within(word, word[0], furthest)
        found += [near for near in self._within(word, word[1], furthest) if near.word[:2] == word[1::-1]]
        if not found and len(word) >= FIRST_LETTER_MISSING:
            others = [near for initial in self._initials for near in self._within(word, initial, 1)]
            found = [near for near in others if near.word[1:] == word or len(word) >= LONG_WORD]
        if len(word) == SHORTEST:
            found = [near for near in found if not _replaces(word, near)]
        return sorted(set(found), key=lambda near: (near.distance, _replaces(word, near), -near.chunks, near.word))[
            :SUGGESTIONS
        ]

    def _within(self, word: str, initial: str, furthest: int) -> list[Near]:
        found = []
        for length in range(len(word) - furthest, len(word) + furthest + 1):
            words, frequencies = self._buckets.get((length, initial), ((), ()))
            hits = process.extract(word, words, scorer=OSA.distance, score_cutoff=furthest, limit=None)
            found += [Near(near, int(distance), frequencies[place]) for near, distance, place in hits]
        return [near for near in found if near.distance]


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
