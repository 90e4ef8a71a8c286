"""What short forms stand for, as texts say it: "SLA (service level agreement)", or the other way round. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_FORM = 7  # words of a full name
SHORT_FORM = re.compile(r"[A-Za-z][A-Za-z0-9]{1,6}")  # what a short form looks like

_SMALL_WORDS = frozenset(["a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"])
_SAID_BY = {"2": "to", "4": "for"}
_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\(([^()\n]{2,120})\)")
_BEFORE = re.compile(r"[^()\n|]{0,200}$")
_AT_LINE_START = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?([A-Za-z0-9]{2,7})[ \t]*(?:[:|–—]|-(?= ))[ \t]*([^\n|.:;(]{3,120})", re.MULTILINE
)


def definitions(text: str) -> list[tuple[str, str]]:
    """The short forms that a text explains, casefolded, each with its full name as written; in order, each pair once.

    The initials of the full name have to spell the short form; small words may be left out.

    :source: the patterns of Schwartz & Hearst 2003, "A simple algorithm for identifying abbreviation definitions in
        biomedical text", with initials in place of any letters: fewer are found, and fewer wrong ones.
    """
    found: dict[tuple[str, str], str] = {}
    for brackets in _BRACKETS.finditer(text):
        inside = brackets[1].strip()
        before = _words(_BEFORE.findall(text, max(0, brackets.start() - 200), brackets.start())[0])
        if before:
            _keep(found, before[-1], _words(inside), from_end=False)
        _keep(found, inside, before, from_end=True)
    for name, rest in _AT_LINE_START.findall(text):
        _keep(found, name, _words(rest), from_end=False)
    return [(short, name) for (short, _), name in found.items()]


def spells_out(short: str, words: Sequence[str]) -> bool:
    """Whether the initials of the words spell the short form."""
    return len(words) > 1 and _matches(short.casefold(), [word.casefold() for word in words])


def _keep(found: dict[tuple[str, str], str], short: str, words: list[str], *, from_end: bool) -> None:
    if SHORT_FORM.fullmatch(short):
        short = short.casefold()
        name = " ".join(_spelling_out(short, words, from_end=from_end))
        if name:
            found.setdefault((short, name.casefold()), name)


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
