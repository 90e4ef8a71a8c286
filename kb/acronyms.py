"""What short forms stand for, as texts say it: "SLA (service level agreement)", or the other way round. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_FORM = 7  # words of a full name
SHORT_FORM = re.compile(r"[A-Za-z][A-Za-z0-9]{1,6}")  # what a short form looks like

_SMALL_WORDS = frozenset(["a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"])
_SAID_BY = {"2": "to", "4": "for"}
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"([^()\n|]{0,200})\(([^()\n]{2,120})\)")
_AT_LINE_START = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?([A-Za-z0-9]{2,7})[ \t]*(?:[:|–—]|-(?= ))[ \t]*([^\n|.:;(]{3,120})", re.MULTILINE
)


def long_forms(short: str, text: str) -> list[str]:
    """What ``text`` says that ``short`` stands for, as written, in order; whatever its case.

    The initials of the full name have to spell the short form; small words may be left out.

    :source: the patterns of Schwartz & Hearst 2003, "A simple algorithm for identifying abbreviation definitions in
        biomedical text", with initials in place of any letters: fewer are found, and fewer wrong ones.
    """
    wanted = short.casefold()
    found: dict[str, str] = {}
    for before, inside in _IN_BRACKETS.findall(text):
        if (_WORD.findall(before) or [""])[-1].casefold() == wanted:
            _keep(found, _spelling_out(wanted, _words(inside), from_end=False))
        if inside.strip().casefold() == wanted:
            _keep(found, _spelling_out(wanted, _words(before), from_end=True))
    for name, rest in _AT_LINE_START.findall(text):
        if name.casefold() == wanted:
            _keep(found, _spelling_out(wanted, _words(rest), from_end=False))
    return list(found.values())


def spells_out(short: str, words: Sequence[str]) -> bool:
    """Whether the initials of the words spell the short form."""
    return len(words) > 1 and _matches(short.casefold(), [word.casefold() for word in words])


def initials(words: Sequence[str]) -> list[str]:
    """The short forms that the words may have: all initials, and those without small words."""
    all_of = "".join(word[0] for word in words).casefold()
    telling = "".join(word[0] for word in words if word.casefold() not in _SMALL_WORDS).casefold()
    return [short for short in dict.fromkeys([telling, all_of]) if len(short) > 1]


def _keep(found: dict[str, str], words: list[str]) -> None:
    if words:
        found.setdefault(" ".join(words).casefold(), " ".join(words))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _spelling_out(short: str, words: list[str], *, from_end: bool) -> list[str]:
    """The shortest run of words, at the beginning or the end, whose initials spell the short form."""
    for length in range(2, min(len(words), LONGEST_FORM) + 1):
        run = words[-length:] if from_end else words[:length]
        if spells_out(short, run) and run[0].casefold() not in _SMALL_WORDS - {short[0]}:
            return run
    return []


def _matches(short: str, words: list[str]) -> bool:
    if not words or not short:
        return not words and not short
    first, rest = words[0], words[1:]
    if (first[0] == short[0] or _SAID_BY.get(short[0]) == first) and _matches(short[1:], rest):
        return True
    return first in _SMALL_WORDS and _matches(short, rest)
