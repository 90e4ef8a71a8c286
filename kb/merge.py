"""Two people's changes to one text put together, where they do not touch each other. Pure."""

from __future__ import annotations

from kb.diff import same_places
from kb.pages import PageText


def merge_texts(base: PageText, mine: PageText, theirs: PageText) -> PageText | None:
    """Both changes of ``base`` in one text; None when a person has to decide."""
    title = _merge_value(base.title, mine.title, theirs.title)
    body = merge_lines(base.body, mine.body, theirs.body)
    if title is None or body is None:
        return None
    return PageText(
        title,
        body,
        _merge_words(base.tags, mine.tags, theirs.tags),
        _merge_words(base.keywords, mine.keywords, theirs.keywords),
    )


def merge_lines(base: str, mine: str, theirs: str) -> str | None:
    """Both changes of ``base``, line by line; None when they overlap or touch."""
    lines = base.split("\n")
    merged: list[str] = []
    done = -1
    for start, end, replacement in sorted({*_edits(lines, mine.split("\n")), *_edits(lines, theirs.split("\n"))}):
        # Edits of one side never touch, so these are of two. At the very same place even their order is unknown.
        if start <= done:
            return None
        merged += [*lines[max(done, 0) : start], *replacement]
        done = end
    return "\n".join([*merged, *lines[max(done, 0) :]])


def _edits(base: list[str], new: list[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """What leads from ``base`` to ``new``: start and end in ``base``, and the lines that stand there instead."""
    edits = []
    at_base = at_new = 0
    for place_base, place_new in [*same_places(base, new), (len(base), len(new))]:
        if (at_base, at_new) != (place_base, place_new):
            edits.append((at_base, place_base, tuple(new[at_new:place_new])))
        at_base, at_new = place_base + 1, place_new + 1
    return edits


def _merge_value(base: str, mine: str, theirs: str) -> str | None:
    if mine == base:
        return theirs
    return mine if theirs in (base, mine) else None


def _merge_words(base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """What either added, without what either took out."""
    if base in (mine, theirs):
        return theirs if base == mine else mine
    return tuple(
        word for word in dict.fromkeys([*theirs, *mine]) if word not in base or (word in mine and word in theirs)
    )
