"""What a result shows of its passage: the sentences that say most about the query, matched words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.store.fulltext import MARK_END, MARK_START, tokenizer
from kb.text import best_window, sentences

SNIPPET_CHARACTERS = 280

_MARKED = re.compile(f"{MARK_START}(.*?){MARK_END}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage in pieces; ``marked`` ones match the query's words."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The passage without its marks."""
        return "".join(piece for piece, _ in self.pieces)


def snippet_of(marked: str, weight: Mapping[str, float]) -> Snippet:
    """The part of a passage that says most about a query.

    :param marked: the passage with its matched words between the full text's marks.
    :param weight: what each stem of the query is worth.
    """
    parts = sentences(marked)
    found = [{tokenizer().stem(word) for word in marked_words(part)} for part in parts]
    return _shown(parts, best_window(parts, found, weight, SNIPPET_CHARACTERS))


def snippet_from(parts: Sequence[str], place: int) -> Snippet:
    """The part of a passage that begins with one of its sentences; nothing is marked.

    :param parts: the sentences of the passage.
    """
    chosen = [{"chosen"} if at == place else set() for at in range(len(parts))]
    return _shown(parts, best_window(parts, chosen, {"chosen": 1.0}, SNIPPET_CHARACTERS))


def _shown(parts: Sequence[str], window: range) -> Snippet:
    text = " ".join(parts[place] for place in window)
    cut = shortened(text, SNIPPET_CHARACTERS * 2)
    before = "… " if window.start > 0 else ""
    after = " …" if cut != text or window.stop < len(parts) else ""
    return Snippet(pieces_of(before + cut + after))


def pieces_of(marked: str) -> tuple[tuple[str, bool], ...]:
    """A text between whose marks are matched words, in pieces; True for those words."""
    # re.split with one group alternates: outside, inside, outside, ...
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(_MARKED.split(marked)) if piece)


def marked_words(marked: str) -> list[str]:
    """The matched words of a text, in order, as the text spells them."""
    return _MARKED.findall(marked)


def matched_spellings(marked: Iterable[str]) -> tuple[str, ...]:
    """The different matched words of several texts, in order, each as it is first spelt."""
    spelt: dict[str, str] = {}
    for text in marked:
        for word in marked_words(text):
            spelt.setdefault(tokenizer().stem(word), word)
    return tuple(spelt.values())


def plain(marked: str) -> str:
    """A text without its marks."""
    return marked.replace(MARK_START, "").replace(MARK_END, "")


def shortened(marked: str, size: int) -> str:
    """A text of at most about ``size`` characters around its first mark, cut between words."""
    if len(marked) <= size:
        return marked
    start = max(0, marked.find(MARK_START) - size // 3)
    start = marked.find(" ", start) + 1 if start else 0
    cut = marked[start : start + size].rsplit(" ", 1)[0]
    if cut.count(MARK_START) > cut.count(MARK_END):
        cut = cut[: cut.rfind(MARK_START)]
    return ("… " if start else "") + cut.strip()
