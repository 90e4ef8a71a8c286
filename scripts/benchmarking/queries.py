"""Queries as people type them, drawn from what a wiki says, so that they fit any corpus. Pure; a seed decides."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.text import STOP_WORDS

SEED = 20261121
RARE = range(2, 21)  # passages that hold a rare word: it is no slip of the pen, and tells
COMMON_WORDS = 40  # the most frequent words that say something
QUESTION_WORDS = range(10, 26)
_WORD = re.compile(r"[A-Za-z][a-z]{3,}")
_CODE = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\d_])[A-Za-z0-9]\w{3,30}\b")
_SENTENCE = re.compile(r"[A-Z][^.!?\n|]{40,200}[.!?]")
_QUESTIONS = ("How do I know that", "What does it mean that", "Is it still true that", "Where is it written that")


@dataclass(frozen=True, slots=True)
class Passage:
    """What a query is drawn from: the last heading above it, and what a reader reads."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its shape."""

    shape: str
    text: str


def draw_queries(passages: Sequence[Passage], each: int, seed: int = SEED) -> list[Query]:
    """``each`` queries of every shape, in mixed order; the same ones for the same passages.

    A shape that the passages cannot give (no code in them, for instance) gives fewer.
    """
    draws = _Draws(passages, random.Random(seed))  # noqa: S311  a benchmark, no secret
    shapes: dict[str, Callable[[], str | None]] = {
        "heading": draws.heading,
        "three rare words": draws.rare_words,
        "long question": draws.question,
        "very common words": draws.common_words,
        "typo": draws.typo,
        "code": draws.code,
    }
    queries = []
    for shape, draw in shapes.items():
        found: dict[str, None] = {}
        for _ in range(each * 50):
            if len(found) == each:
                break
            if text := draw():
                found[text] = None
        queries += [Query(shape, text) for text in found]
    draws.chance.shuffle(queries)
    return queries


class _Draws:
    """One attempt at a query of each shape; None where the passage drawn has none."""

    def __init__(self, passages: Sequence[Passage], chance: random.Random) -> None:
        self.chance = chance
        self._passages = passages
        self._frequency: Counter[str] = Counter()
        for passage in passages:
            self._frequency.update(set(_words(passage.text)))
        self._common = [w for w, _ in self._frequency.most_common(COMMON_WORDS + 200) if w not in STOP_WORDS]
        self._common = self._common[:COMMON_WORDS]

    def heading(self) -> str | None:
        heading = self.chance.choice(self._passages).heading
        return heading if len(_words(heading)) >= 2 and len(heading) <= 80 else None

    def rare_words(self) -> str | None:
        words = sorted(w for w in set(_words(self.chance.choice(self._passages).text)) if self._frequency[w] in RARE)
        return " ".join(self.chance.sample(words, 3)) if len(words) >= 3 else None

    def question(self) -> str | None:
        sentences = _SENTENCE.findall(self.chance.choice(self._passages).text)
        sentences = [s for s in sentences if len(s.split()) in QUESTION_WORDS]
        if not sentences:
            return None
        sentence = self.chance.choice(sentences)
        return f"{self.chance.choice(_QUESTIONS)} {sentence[0].lower()}{sentence[1:-1]}?"

    def common_words(self) -> str | None:
        return " ".join(self.chance.sample(self._common, 3)) if len(self._common) >= 3 else None

    def typo(self) -> str | None:
        heading = self.heading()
        return misspelled(heading, self.chance) if heading else None

    def code(self) -> str | None:
        codes = sorted(set(_CODE.findall(self.chance.choice(self._passages).text)))
        return self.chance.choice(codes) if codes else None


def misspelled(text: str, chance: random.Random) -> str:
    """The text with two neighbouring letters of its longest word exchanged, or one left out where they are equal."""
    word = max(_WORD.findall(text), key=len)
    place = chance.randrange(1, len(word) - 1)
    left, right = word[place], word[place + 1]
    wrong = word[:place] + (right + left if left != right else left) + word[place + 2 :]
    return text.replace(word, wrong, 1)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
