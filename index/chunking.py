"""Markdown -> chunks: passages of one section each, as a reader reads them. Pure: opens and loads nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token
from semantic_text_splitter import TextSplitter

CHUNKER = "heading-aware-3"  # recorded with the index; a change of what a chunk holds needs a new name
MAX_TOKENS = 200  # the default model reads 256; the title and heading path go in front of each chunk

CountTokens = Callable[[str], int]

_WIKI_LINK = re.compile(r"\[\[([^\[\]|\\]+)(?:\\?\|([^\[\]]*))?\]\]")
_TASK = re.compile(r"\A\[[ xX]\] ")
_TEMPLATE_LINK = re.compile(r"\[([^\[\]]*)\]\(\{%[^%]*%\}[^)\s]*\)")
_TEMPLATE_TAG = re.compile(r"\{%[^%\"]*(?:\"([^\"/.]*)\")?[^%]*%\}|\{\{[^{}]*\}\}")
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_BREAKS = re.compile(r"</?(?:p|div|li|ul|ol|tr|td|th|table|br|h[1-6]|summary|details)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one section.

    ``headings`` is the path of headings that leads to it, ``anchor`` the id of the last of them ("" above the first),
    ``text`` what a reader reads, without markup; blocks are separated by line ends.
    """

    position: int
    headings: tuple[str, ...]
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page with the id that links to it."""

    level: int
    text: str
    anchor: str


@dataclass(slots=True)
class _Section:
    headings: tuple[str, ...]
    anchor: str
    blocks: list[str]


def chunk_markdown(body: str, count_tokens: CountTokens, max_tokens: int = MAX_TOKENS) -> list[Chunk]:
    """Split a page at its headings, then between blocks, then between sentences.

    A chunk never spans two sections. A heading with nothing below it is a passage by itself. A block (paragraph, list
    item, table row, code block) is split only when it alone is longer than ``max_tokens``.

    :param count_tokens: the number of tokens that a text has for the embedding model.
    """
    chunks: list[Chunk] = []
    sections = _sections(_parser().parse(body))
    for section, following in zip_longest(sections, sections[1:]):
        for text in _pack(section.blocks or _heading_alone(section, following), count_tokens, max_tokens):
            chunks.append(Chunk(len(chunks), section.headings, section.anchor, text))
    return chunks


def outline(body: str) -> list[Heading]:
    """The headings of a page in order, with unique anchors: the table of contents."""
    return [heading for heading, _ in _headings(_parser().parse(body))]


def anchor_of(heading: str) -> str:
    """The id of a heading: lower case, one hyphen for spaces, letters and digits of any script kept.

    Idempotent, so a link written for another generator (``a--b``) finds its heading through this function too.
    """
    text = unicodedata.normalize("NFKC", heading).lower()
    text = "".join(c for c in text if c.isalnum() or c in " -_" or unicodedata.category(c).startswith("M"))
    return re.sub(r"[\s-]+", "-", text).strip("-") or "section"


def plain_text(markdown: str) -> str:
    """What a reader reads of a piece of Markdown, one block a line."""
    return "\n".join(
        block for section in _sections(_parser().parse(markdown), all_levels=True) for block in section.blocks
    )


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _headings(tokens: list[Token]) -> Iterator[tuple[Heading, int]]:
    """Each heading with the place of its opening token."""
    seen: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            text = " ".join(_inline_text(tokens[place + 1]).split())
            anchor = anchor_of(text)
            seen[anchor] = seen.get(anchor, -1) + 1
            if seen[anchor]:
                anchor = f"{anchor}-{seen[anchor]}"
            yield Heading(int(token.tag[1]), text, anchor), place


def _sections(tokens: list[Token], *, all_levels: bool = False) -> list[_Section]:
    headings = {place: heading for heading, place in _headings(tokens)}
    path: list[Heading] = []
    current = _Section((), "", [])
    sections = [current]
    place = 0
    while place < len(tokens):
        if place in headings:
            heading = headings[place]
            path = [above for above in path if above.level < heading.level] + [heading]
            current = _Section(tuple(h.text for h in path if h.text), heading.anchor, [])
            sections.append(current)
            if all_levels:
                current.blocks.append(heading.text)
            place += 3  # heading_open, inline, heading_close
            continue
        block, place = _block(tokens, place)
        if block:
            current.blocks.append(block)
    return sections


def _heading_alone(section: _Section, following: _Section | None) -> list[str]:
    """The heading of an empty section, unless sections below it carry its words in their path."""
    depth = len(section.headings)
    above_others = following and len(following.headings) > depth and following.headings[:depth] == section.headings
    return [] if above_others else list(section.headings[-1:])


def _block(tokens: list[Token], place: int) -> tuple[str, int]:
    """The text of the block that begins at ``place``, if one does, and the place after it."""
    token = tokens[place]
    if token.type == "inline":
        return _inline_text(token).strip(), place + 1
    if token.type in ("fence", "code_block"):
        return token.content.rstrip(), place + 1
    if token.type == "html_block":
        return _without_html(token.content), place + 1
    if token.type == "tr_open":
        cells = []
        while tokens[place].type != "tr_close":
            if tokens[place].type == "inline":
                cells.append(_inline_text(tokens[place]).strip())
            place += 1
        return " | ".join(cell for cell in cells if cell), place + 1
    return "", place + 1


def _inline_text(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_inline_text(child))
        elif child.type == "html_inline" and _BREAKS.fullmatch(child.content):
            parts.append(" ")
    text = _TASK.sub("", "".join(parts))
    text = _WIKI_LINK.sub(lambda link: link.group(2) or link.group(1).partition("#")[0], text)
    # Pages pasted from static-site wikis carry template tags; of those a reader sees a word in quotes at most.
    text = _TEMPLATE_LINK.sub(r"\1", text)
    return _TEMPLATE_TAG.sub(lambda tag: tag.group(1) or " ", text)


def _without_html(html: str) -> str:
    text = _HTML_TAG.sub("", _BREAKS.sub("\n", html))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _pack(blocks: list[str], count_tokens: CountTokens, max_tokens: int) -> Iterator[str]:
    """Fill chunks with whole blocks in order; a block that is too long is split by itself."""
    held: list[str] = []
    held_tokens = 0
    for block in blocks:
        for piece in _pieces(block, count_tokens, max_tokens):
            tokens = count_tokens(piece)
            if held and held_tokens + tokens > max_tokens:
                yield "\n".join(held)
                held, held_tokens = [], 0
            held.append(piece)
            held_tokens += tokens
    if held:
        yield "\n".join(held)


def _pieces(block: str, count_tokens: CountTokens, max_tokens: int) -> list[str]:
    # A text has no more tokens than characters, so most blocks need no counting.
    if len(block) <= max_tokens or count_tokens(block) <= max_tokens:
        return [block]
    return [piece for piece in TextSplitter.from_callback(count_tokens, max_tokens).chunks(block) if piece.strip()]
