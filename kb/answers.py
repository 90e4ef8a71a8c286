"""The answer that a search shows above its results: the best sentence, or list, of the best passage. Pure.

An answer is always a run of one passage's own sentences, in their order; nothing is put together or invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kb.lists import Item, items_of
from kb.snippets import Snippet, marked_words, pieces_of, plain, shortened
from kb.store.fulltext import tokenizer
from kb.text import sentences

# The score of the best result from which its passage is shown as the answer. On the judged handbook 98 % of the cards
# are then of a relevant page, 55 of 100 answerable queries get one, and 1 of 15 unanswerable ones does. Without the
# model a score is made of words alone. The curves are in docs/search-quality.md.
CONFIDENT = 1.05
CONFIDENT_BY_WORDS = 0.35
MAX_CHARACTERS = 600  # of an answer
MAX_ITEMS = 8  # of a list
LONG_ITEM = 300  # characters: so long an item is prose, of which a sentence is chosen
MAX_INTRO = 200  # characters of the sentence that leads to a list
SHORT = 40  # characters: so short a sentence is shown with its neighbour
NEAREST = 16  # sentences of a passage that are compared with the query by meaning
SENTENCE_SIZE = 200  # characters of each
WORDS_WEIGHT = 0.65  # of a sentence's share of the query's words, beside its cosine: as in ranking
# A card that is on the screen changes only for a sentence that is better by this: nothing moves for a trifle.
LEAD = 0.15

# What ends like a sentence and is none: "e.g.", "U.S.", the number in front of a heading.
_GOES_ON = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|no|approx|incl|mr|mrs|ms|dr|inc|ltd|[a-z])|^\W*\d+)\.\W*$", re.IGNORECASE
)
# A sentence that begins so speaks about the one before it.
_LEANS = re.compile(
    r"(?:this|that|these|those|it|its|they|their|them|he|she|his|her|such|both|either|neither|otherwise|however|"
    r"therefore|then|also|but|and|or|so|instead|if (?:so|not))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What an answer is made of: a sentence, or a list item. ``line`` is the place of its line in the passage."""

    text: str  # matched words between the full text's marks
    line: int
    item: Item | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage in units, and what each stem of the query is worth."""

    units: tuple[Unit, ...]
    weight: Mapping[str, float]

    @property
    def texts(self) -> list[str]:
        """What the model reads to say which unit is nearest: the first ones, cut, without marks."""
        return [plain(unit.text)[:SENTENCE_SIZE] for unit in self.units[:NEAREST]]


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A sentence or item of an answer."""

    text: Snippet
    item: Item | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: sentences, or a list with the sentence that leads to it.

    ``cut_before`` and ``cut_after`` say that the list goes on there. ``best`` is the place of the unit that was chosen.
    """

    lines: tuple[AnswerLine, ...]
    cut_before: bool
    cut_after: bool
    best: int
    passage: Passage = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The answer's words, one line each."""
        return "\n".join(line.text.text for line in self.lines)


def is_confident(score: float, *, by_meaning: bool) -> bool:
    """Whether the best result is so good that its passage may be called the answer."""
    return score >= (CONFIDENT if by_meaning else CONFIDENT_BY_WORDS)


def passage_of(marked: str, body: str, weight: Mapping[str, float]) -> Passage:
    """A passage in units.

    :param marked: the passage with its matched words between the full text's marks.
    :param body: the Markdown of its page, which says what is a list.
    :param weight: what each stem of the query is worth.
    """
    lines = [line.strip() for line in marked.split("\n") if line.strip()]
    units: list[Unit] = []
    for place, (line, item) in enumerate(zip(lines, items_of([plain(line) for line in lines], body), strict=True)):
        item = item if len(line) <= LONG_ITEM else None
        units += [Unit(text, place, item) for text in ([line] if item else _whole_sentences(line))]
    return Passage(tuple(units), weight)


def answer_of(passage: Passage, nearness: Sequence[float] = ()) -> Answer | None:
    """The answer of a passage; None where none of its sentences has a word of the query.

    :param nearness: the cosine of the query with the first units, in [-1, 1]; without it words alone choose.
    """
    scores = _scores(passage, nearness)
    if not any(_shares(passage)):
        return None  # it was found for its title alone
    return _around(passage, max(range(len(scores)), key=lambda place: (scores[place], -place)))


def nearer_answer(answer: Answer, nearness: Sequence[float]) -> Answer:
    """The same answer, or one that is clearly better now that the nearness of the units is known."""
    passage = answer.passage
    scores = _scores(passage, nearness)
    better = answer_of(passage, nearness)
    if better is None or answer.best >= len(scores) or scores[better.best] < scores[answer.best] + LEAD:
        return answer
    return better


def _whole_sentences(line: str) -> list[str]:
    """The sentences of a line, put together again where an abbreviation parted them."""
    whole: list[str] = []
    for part in sentences(line):
        if whole and (_GOES_ON.search(plain(whole[-1])) or plain(part)[0].islower()):
            whole[-1] = f"{whole[-1]} {part}"
        else:
            whole.append(part)
    return whole


def _scores(passage: Passage, nearness: Sequence[float]) -> list[float]:
    """What speaks for each unit that may be chosen."""
    shares = _shares(passage)
    if not len(nearness):
        return shares
    # The model has read the first units only, however many there are.
    return [float(near) + WORDS_WEIGHT * share for near, share in zip(nearness, shares, strict=False)]


def _shares(passage: Passage) -> list[float]:
    """Each unit's share of what the words of the query are worth, in [0, 1]."""
    total = sum(passage.weight.values()) or 1.0
    found = [{tokenizer().stem(word) for word in marked_words(unit.text)} for unit in passage.units]
    return [sum(passage.weight.get(stem, 0.0) for stem in stems) / total for stems in found]


def _around(passage: Passage, best: int) -> Answer:
    units = passage.units
    following = units[best + 1] if best + 1 < len(units) else None
    if units[best].item is None and following and following.item and plain(units[best].text).endswith(":"):
        return replace(_list(passage, best + 1), best=best)
    return _list(passage, best) if units[best].item else _sentences(passage, best)


def _sentences(passage: Passage, best: int) -> Answer:
    """The best sentence, with its neighbour where alone it says too little."""
    units = passage.units
    start, end = best, best + 1
    text = plain(units[best].text)
    after = end < len(units) and units[end].item is None
    before = start > 0 and units[start - 1].line == units[best].line
    if text.endswith(("?", ":")) and after:
        end += 1  # what answers it, or what it leads to
    elif _LEANS.match(text) and before:
        start -= 1
    elif len(text) < SHORT and after:
        end += 1
    elif len(text) < SHORT and before:
        start -= 1
    if _length(units[start:end]) > MAX_CHARACTERS:
        start, end = best, best + 1
    return _answer(passage, units[start:end], best=best)


def _list(passage: Passage, best: int) -> Answer:
    """The list around an item, from its beginning where that fits, and the sentence that leads to it."""
    units = passage.units
    first, last = best, best + 1
    while first > 0 and units[first - 1].item:
        first -= 1
    while last < len(units) and units[last].item:
        last += 1
    intro = units[first - 1 : first] if first and _leads(units[first - 1]) else ()
    room = MAX_CHARACTERS - _length(intro)
    start = first
    if best - start >= MAX_ITEMS or _length(units[start : best + 1]) > room:
        start = best
    end = best + 1
    while end < last and end - start < MAX_ITEMS and _length(units[start : end + 1]) <= room:
        # A part of a list ends with the branch that it began in.
        if start > first and _level(units[end]) < _level(units[start]):
            break
        end += 1
    return _answer(passage, [*intro, *units[start:end]], best=best, before=start > first, after=end < last)


def _level(unit: Unit) -> int:
    return unit.item.level if unit.item else 0


def _leads(unit: Unit) -> bool:
    text = plain(unit.text)
    return len(text) <= MAX_INTRO and (text.endswith(":") or bool(marked_words(unit.text)))


def _answer(passage: Passage, units: Sequence[Unit], *, best: int, before: bool = False, after: bool = False) -> Answer:
    if len(units) == 1:  # only one that is alone can be too long
        text = shortened(units[0].text, MAX_CHARACTERS)
        after = after or len(plain(text)) < len(plain(units[0].text))
        units = [replace(units[0], text=text)]
    lines = [AnswerLine(Snippet(pieces_of(unit.text)), unit.item) for unit in units]
    return Answer(tuple(lines), before, after, best, passage)


def _length(units: Sequence[Unit]) -> int:
    return sum(len(plain(unit.text)) for unit in units)
