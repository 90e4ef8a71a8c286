"""Which lines of a passage are items of lists. Pure.

A passage is kept as people read it, without markup, so it does not say so itself; the page's Markdown does. The page is
not parsed for it (3 ms a kilobyte, and every search would pay): its lines are looked at one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_BODY = 200_000  # characters of a page that are looked at: 10 ms

_ITEM = re.compile(r"^(?P<indent>[ \t]*)(?:[-*+]|(?P<number>\d{1,9})[.)])[ \t]+(?P<text>\S.*)$")
_TASK = re.compile(r"^\[[ xX]\] ")
# What a reader does not see of a line: where links lead, the name of a wiki link that has a text, tags, references.
_UNSEEN = re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[\[[^\[\]|]*\||\[\[|</?[A-Za-z][^<>]*>|&#?\w{1,8};")
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: its place among all items of the page, how deep it is nested, its number in a numbered list."""

    place: int
    level: int
    number: int | None


def items_of(lines: Sequence[str], body: str) -> list[Item | None]:
    """For each line of a passage the list item that it is, or None.

    :param lines: of a passage, without markup.
    :param body: the page's Markdown.
    """
    known: dict[str, list[Item]] = defaultdict(list)
    for one, text in _items(body[:MAX_BODY]):
        known[_key(text)].append(one)
    found: list[Item | None] = []
    following = -1
    for line in lines:
        # Code keeps the sign that a list in it begins with; of an item it is gone.
        candidates = [] if _ITEM.match(line) else known.get(_key(line), [])
        item = next((c for c in candidates if c.place == following), next(iter(candidates), None))
        following = item.place + 1 if item else following
        found.append(item)
    return found


def _items(body: str) -> Iterator[tuple[Item, str]]:
    """Each list item of a page with its text, the lines that continue it included."""
    place = 0
    open_lists: list[tuple[int, int]] = []  # indent and last number of each list that is open, the outer ones first
    item: Item | None = None
    held: list[str] = []
    for line in [*body.splitlines(), ""]:
        begins = _ITEM.match(line)
        if item and (begins or not line.strip()):
            yield item, " ".join(held)
            item = None
        if begins:
            indent = len(begins["indent"].expandtabs(4))
            number = int(begins["number"]) if begins["number"] else None
            while open_lists and open_lists[-1][0] > indent:
                open_lists.pop()
            if open_lists and indent - open_lists[-1][0] < 2:
                before = open_lists.pop()[1]
                number = number if number is None or before < 0 else before + 1  # people write 1. 1. 1.
            open_lists.append((indent, -1 if number is None else number))
            item, held = Item(place, len(open_lists) - 1, number), [_TASK.sub("", begins["text"])]
            place += 1
        elif item:
            held.append(line.strip())
        elif line.strip() and not line[0].isspace():
            open_lists = []


def _key(text: str) -> str:
    """A text by its letters and digits alone: what markup adds to it makes no difference."""
    return _NO_LETTER.sub("", _UNSEEN.sub(" ", text)).casefold()
