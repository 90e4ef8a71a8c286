"""Finds the links and images of a Markdown text, with their places in the source.

markdown-it finds blocks and reference definitions, and reads destinations and titles; it does not tell where
in the source an inline link stands, so the brackets are matched here. Takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference

from kb.importers.code_regions import parse_blocks
from kb.importers.shelf import TOKEN

_HELPERS = MarkdownIt("commonmark").helpers
_MAX_TITLE_CHARACTERS = 1_000  # how far to look for the end of a link's title
_SYMBOL = re.compile(
    r"""\\.                                         # an escaped character
      | <[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*>     # an autolink
      | (?P<wiki>!?\[\[[^\[\]\n]+\]\](?!\())        # a wiki link, or an embedded file as Obsidian writes it
      | (?P<open>!?\[)
      | (?P<close>\])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class InlineLink:
    """A link or image ``text[start:end]``; its label is ``text[label_start:label_end]``.

    ``destination`` is as written. ``images`` are those inside the label of a link.
    """

    start: int
    end: int
    label_start: int
    label_end: int
    destination: str
    is_image: bool
    is_wiki: bool
    in_table: bool
    images: tuple[InlineLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A reference definition ``[label]: destination``, from line ``first`` up to line ``end`` (from 0, exclusive)."""

    destination: str
    first: int
    end: int


@dataclass(slots=True)
class _Opener:
    start: int
    label_start: int
    is_image: bool


def find_links(text: str) -> tuple[list[InlineLink], dict[str, Definition]]:
    """The outermost links and images of ``text`` in order, and its reference definitions by normalised label.

    Code in ``text`` must be on a shelf already (:func:`kb.importers.code_regions.shelve_code`).
    """
    tokens, env = parse_blocks(text)
    definitions = {
        label: Definition(reference["href"], *reference["map"])
        for label, reference in env.get("references", {}).items()
        if not label.startswith("^")  # a footnote
    }
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    links: list[InlineLink] = []
    done_until = 0
    in_table = False
    for token in tokens:
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        if token.type == "inline" and token.map and token.map[0] >= done_until:
            first, done_until = token.map
            links += _links_of_block(text, starts[first], starts[done_until] - 1, definitions, in_table)
    return links, definitions


def _links_of_block(
    text: str, start: int, end: int, definitions: dict[str, Definition], in_table: bool
) -> Iterator[InlineLink]:
    found: list[InlineLink] = []
    openers: list[_Opener] = []
    dead_below = 0  # link openers below this index stand before a link, and links cannot contain links
    position = start
    while match := _SYMBOL.search(text, position, end):
        position = match.end()
        if match["wiki"]:
            inner = match.start() + match["wiki"].index("[[") + 2
            is_embed = match["wiki"].startswith("!")
            found.append(InlineLink(match.start(), match.end(), inner, match.end() - 2, "", is_embed, True, in_table))
        elif match["open"]:
            openers.append(_Opener(match.start(), match.end(), match["open"] == "!["))
        elif match["close"] and openers:
            opener = openers.pop()
            is_dead = not opener.is_image and len(openers) < dead_below
            dead_below = min(dead_below, len(openers))
            if is_dead:
                continue
            target = _target(text, opener.label_start, match.start(), end, definitions)
            if not target:
                continue
            destination, position = target
            inside: list[InlineLink] = []
            while found and found[-1].start > opener.start:
                inside.append(found.pop())
            if not opener.is_image:
                dead_below = len(openers)
            found.append(
                InlineLink(
                    opener.start,
                    position,
                    opener.label_start,
                    match.start(),
                    destination,
                    opener.is_image,
                    False,
                    in_table,
                    tuple(link for link in reversed(inside) if link.is_image),
                )
            )
    yield from found


def _target(
    text: str, label_start: int, label_end: int, end: int, definitions: dict[str, Definition]
) -> tuple[str, int] | None:
    """Where the brackets that end at ``label_end`` link to, and the position after the link."""
    after = label_end + 1
    if text.startswith("(", after) and (target := _inline_target(text, after + 1, end)):
        return target
    if text.startswith("[", after):
        close = text.find("]", after, min(end, after + _MAX_TITLE_CHARACTERS))
        if close > 0 and (label := text[after + 1 : close] or text[label_start:label_end]):
            definition = definitions.get(normalizeReference(label))
            if definition:
                return definition.destination, close + 1
    if label_end - label_start <= _MAX_TITLE_CHARACTERS:
        definition = definitions.get(normalizeReference(text[label_start:label_end]))
        if definition:
            return definition.destination, after
    return None


def _inline_target(text: str, position: int, end: int) -> tuple[str, int] | None:
    position = _skip_blanks(text, position, end)
    result = _HELPERS.parseLinkDestination(text, position, end)
    destination = ""
    if result.ok:
        destination, raw = result.str, text[position : result.pos]
        destination = raw[1:-1] if raw.startswith("<") else raw
        position = result.pos
    after_blanks = _skip_blanks(text, position, end)
    if after_blanks > position:
        title = _HELPERS.parseLinkTitle(text, after_blanks, min(end, after_blanks + _MAX_TITLE_CHARACTERS))
        if title.ok:
            after_blanks = _skip_blanks(text, title.pos, end)
    if not text.startswith(")", after_blanks) or TOKEN.search(destination):
        return None
    return destination, after_blanks + 1


def _skip_blanks(text: str, position: int, end: int) -> int:
    """Over blanks and line ends, and over the quotation marks that a line end brings along."""
    limit = min(end, position + _MAX_TITLE_CHARACTERS)
    after_newline = False
    while position < limit and (text[position] in " \t\n" or (after_newline and text[position] == ">")):
        after_newline = after_newline or text[position] == "\n"
        position += 1
    return position
