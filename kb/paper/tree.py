"""Markdown -> a tree of a few kinds of nodes, which every form of a paper is written from. Pure.

Nothing in it can act or reach out: HTML is text, an attached picture is part of the paper and any other is named, and a
link leads to the web or to a mailbox, or is its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial
from types import MappingProxyType
from unicodedata import bidirectional
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from kb.paper.pictures import Picture
from kb.wiki_links import wiki_link_plugin

MAX_NESTING = 6  # quotes and lists inside each other; what is deeper stands there as plain paragraphs
_SAFE = frozenset({"http", "https", "mailto"})
_DIRECTED = frozenset({"L", "R", "AL"})
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"`\\]+[^\s<>\"`\\.,;:!?)\]}'*]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


class Kind(StrEnum):
    """What a node is. A table has rows, a row cells, a list items; these and the blocks hold the rest."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    LIST = "list"
    ITEM = "item"
    CODE_BLOCK = "code block"
    RULE = "rule"
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    TEXT = "text"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    STRIKE = "strike"
    CODE = "code"
    LINK = "link"
    BREAK = "break"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a paper.

    ``text`` is what TEXT, CODE and CODE_BLOCK say; ``url`` where a LINK leads; ``number`` a HEADING's level, or the
    first number of a LIST (-1 where it has bullets). The first row of a TABLE is its head. A PICTURE says in ``text``
    what it shows.
    """

    kind: Kind
    children: tuple[Node, ...] = ()
    text: str = ""
    url: str = ""
    number: int = 0
    picture: Picture | None = None


Nodes = tuple[Node, ...]
Linked = Callable[[str], tuple[str, str]]  # what a wiki link names -> its words, and the address or ""
Pictures = Mapping[str, Picture]  # the attached pictures that are part of the paper, by their address in the text


def parse(markdown: str, linked: Linked, pictures: Pictures = MappingProxyType({})) -> Nodes:
    """The blocks of a text.

    :param linked: says what a wiki link's name reads as, and where it leads from outside.
    """
    root = SyntaxTreeNode(_parser().parse(tidy(markdown)))
    return tuple(_Builder(linked, pictures).blocks(root.children, 0))


def tidy(text: str) -> str:
    """A text without characters that nobody sees or that would turn others round."""
    return _UNSEEN.sub("", text)


def without_gaps(nodes: Nodes, above: int) -> Nodes:
    """The blocks with headings that skip no level, as readers that go from heading to heading need them.

    :param above: the level of the heading that they stand below.
    """
    levels = [above]

    def levelled(node: Node) -> Node:
        if node.kind is Kind.HEADING:
            while levels[-1] >= node.number > above and len(levels) > 1:
                levels.pop()
            levels.append(max(node.number, levels[-1] + 1))
            return replace(node, number=above + len(levels) - 1)
        return replace(node, children=tuple(map(levelled, node.children))) if node.children else node

    return tuple(map(levelled, nodes))


def words_of(nodes: Sequence[Node]) -> str:
    """What the nodes say, without their form."""
    return "".join(" " if node.kind is Kind.BREAK else node.text or words_of(node.children) for node in nodes)


def runs_left(nodes: Sequence[Node]) -> bool:
    """Whether the nodes read from right to left: whether their first letter with a direction does.

    :source: Unicode Bidirectional Algorithm, P2 and P3; it is what ``dir="auto"`` does in HTML.
    """
    return next((found in ("R", "AL") for found in map(bidirectional, words_of(nodes)) if found in _DIRECTED), False)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(wiki_link_plugin)


class _Builder:
    def __init__(self, linked: Linked, pictures: Pictures) -> None:
        self._linked = linked
        self._pictures = pictures
        self._in_link = False

    def blocks(self, nodes: Sequence[SyntaxTreeNode], depth: int) -> Iterator[Node]:
        for node in nodes:
            match node.type:
                case "paragraph" | "inline":
                    yield Node(Kind.PARAGRAPH, self._inline(node.children))
                case "heading":
                    yield Node(Kind.HEADING, self._inline(node.children), number=int(node.tag[1]))
                case "blockquote" | "bullet_list" | "ordered_list" | "list_item" if depth >= MAX_NESTING:
                    yield from self.blocks(node.children, depth)
                case "blockquote":
                    yield Node(Kind.QUOTE, tuple(self.blocks(node.children, depth + 1)))
                case "bullet_list" | "ordered_list":
                    first = -1 if node.type == "bullet_list" else int(node.attrs.get("start", 1))
                    items = [Node(Kind.ITEM, tuple(self.blocks(item.children, depth + 1))) for item in node.children]
                    yield Node(Kind.LIST, tuple(items), number=first)
                case "fence" | "code_block":
                    yield Node(Kind.CODE_BLOCK, text=node.content.rstrip("\n").expandtabs(4))
                case "hr":
                    yield Node(Kind.RULE)
                case "table":
                    rows = [row for part in node.children for row in part.children]
                    yield Node(Kind.TABLE, tuple(self._row(row) for row in rows))

    def _row(self, row: SyntaxTreeNode) -> Node:
        return Node(Kind.ROW, tuple(Node(Kind.CELL, self._inline(cell.children)) for cell in row.children))

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> Nodes:
        return tuple(piece for node in nodes for piece in self._pieces(node))

    def _pieces(self, node: SyntaxTreeNode) -> Iterator[Node]:
        match node.type:
            case "inline":
                yield from self._inline(node.children)
            case "text":
                yield from self._text(node.content)
            case "softbreak":
                yield Node(Kind.TEXT, text=" ")
            case "hardbreak":
                yield Node(Kind.BREAK)
            case "code_inline":
                yield Node(Kind.CODE, text=node.content)
            case "strong" | "em" | "s":
                kind = {"strong": Kind.STRONG, "em": Kind.EMPHASIS, "s": Kind.STRIKE}[node.type]
                yield Node(kind, self._inline(node.children))
            case "link":
                yield from self._link(_safe(str(node.attrs["href"])), lambda: self._inline(node.children))
            case "wiki_link":
                name, anchor, text = node.meta["name"], node.meta["anchor"], node.meta["text"]
                title, url = self._linked(name) if name else (anchor, "")
                yield from self._link(_safe(url), partial(_said, text or title))
            case "image":
                source, said = str(node.attrs["src"]), " ".join(words_of(self._inline(node.children)).split())
                if picture := self._pictures.get(source):
                    yield Node(Kind.PICTURE, text=said or "Picture", picture=picture)
                else:
                    yield Node(Kind.EMPHASIS, _said(f"(Picture, not part of this paper: {said or source[-60:]})"))

    def _text(self, text: str) -> Iterator[Node]:
        """The text, with the web addresses in it as links."""
        end = 0
        for found in () if self._in_link else _WEB_ADDRESS.finditer(text):
            if found.start() > end:
                yield Node(Kind.TEXT, text=text[end : found.start()])
            yield from self._link(_safe(found.group()), partial(_said, found.group()))
            end = found.end()
        if end < len(text):
            yield Node(Kind.TEXT, text=text[end:])

    def _link(self, url: str, said: Callable[[], Nodes]) -> Iterator[Node]:
        if self._in_link or not url:
            yield from said()
            return
        self._in_link = True
        children = said() or (Node(Kind.TEXT, text=url),)
        self._in_link = False
        yield Node(Kind.LINK, children, url=url)


def _said(text: str) -> Nodes:
    return (Node(Kind.TEXT, text=text),)


def _safe(url: str) -> str:
    """The address, if it leads to the web or to a mailbox; else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    leads = bool(parts.netloc) if parts.scheme in ("http", "https") else bool(parts.path)
    return url if parts.scheme in _SAFE and leads and url.isprintable() and " " not in url else ""
