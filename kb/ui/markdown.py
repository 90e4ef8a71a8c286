"""People's Markdown -> Markdown that Streamlit shows as it was meant, and in which nothing can act.

The text is parsed and written anew from its tokens, every character of it escaped. So nothing that people write
reaches Streamlit's own syntax: no formula, no coloured text, no icon, no raw HTML, no image from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode as Node
from mdit_py_plugins.footnote import footnote_plugin

from index.chunking import anchor_of
from kb.pages import WIKI_LINK, LinkTarget
from kb.snippets import Snippet
from kb.ui.addresses import Screen, address

ATTACHMENT = re.compile(r"/attachment/[0-9a-f]{64}")
_OUTSIDE = frozenset({"http", "https", "mailto", "tel"})  # where a link may lead beside Baton's own screens
# Whatever opens something anywhere, and whatever opens a block at the start of a line.
_SPECIAL = re.compile(r"([\\`*_\[\]{}<>#|~$:&])|^(\d+(?=[.)])|(?=[-+=]))([-+=.)])")
_ODD_SPACE = re.compile(r"[^\S \n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# What Streamlit replaces in plain text even where it is escaped: names of emoji, and arrows and dashes between spaces.
# A span of its own around each character but the last, which means nothing, parts them.
_REPLACED = r":(?=[\w+-]+:|material/)|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)"
_IN_PAGES = re.compile(_REPLACED)
# In a page a bare address becomes a link, as people expect; on the other screens it stays text.
_ELSEWHERE = re.compile(_REPLACED + r"|@|(?i:(?<=http)|(?<=https)):(?=//)|(?i:(?<=www))\.")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_CLOSES_PARAGRAPH = frozenset({"bullet_list", "blockquote", "fence", "code_block", "heading", "hr"})


def escape(text: str) -> str:
    """A piece of people's text, on one line, exactly as typed; to put into Streamlit's Markdown."""
    return _escaped(" ".join(text.split()), _ELSEWHERE)


def marked(snippet: Snippet) -> str:
    """A search result's passage with its matched words on a coloured ground."""
    pieces = []
    for text, is_match in snippet.pieces:
        tidy = _escaped(re.sub(r"\s+", " ", text), _ELSEWHERE)
        pieces.append(f":primary-background[{tidy}]" if is_match else tidy)
    return "".join(pieces).strip()


def page_markdown(body: str, links: Mapping[str, LinkTarget]) -> str:
    """The body of a page.

    :param links: where its wiki links lead, as :func:`kb.pages.resolve_links` tells.
    """
    return _Writer(links).blocks(Node(_parser().parse(_CONTROL.sub("", body))).children)


def _escaped(text: str, parted: re.Pattern[str] = _IN_PAGES) -> str:
    parts = []
    end = 0
    for found in parted.finditer(text):
        characters = found.group()[:-1] or found.group()
        parts.append(_plain(text[end : found.start()]))
        parts.extend(f":color[\\{character}]{{}}" for character in characters)
        end = found.start() + len(characters)
    parts.append(_plain(text[end:]))
    return "".join(parts)


def _plain(text: str) -> str:
    text = _SPECIAL.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", _CONTROL.sub("", text))
    # As a reference, a no-break space at the edge of a bold word keeps the word bold.
    return _ODD_SPACE.sub(lambda space: f"&#{ord(space.group())};", text)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin)
    parser.inline.ruler.before("link", "wiki_link", _wiki_link)
    # Every link is parsed as one, so that a dangerous one keeps its text and loses its target, in _link_target.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def _wiki_link(state: StateInline, silent: bool) -> bool:
    found = WIKI_LINK.match(state.src, state.pos)
    parts = [(part or "").strip() for part in found.groups()] if found else []
    if found is None or not (parts[0] or parts[1]):
        return False
    if not silent:
        token = state.push("wiki_link", "", 0)
        token.meta = dict(zip(("name", "anchor", "text"), parts, strict=True))
    state.pos = found.end()
    return True


def _link_target(href: str) -> str | None:
    """Where a link may lead: outside, to a screen, to a file, or within the page; None for anything else."""
    if href.startswith("#"):
        return f"#{quote(anchor_of(href[1:]))}"
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    inside = not parts.scheme and not parts.netloc and (parts.path in set(Screen) or ATTACHMENT.fullmatch(parts.path))
    if not inside and parts.scheme.lower() not in _OUTSIDE:
        return None
    return href.replace("$", "%24").replace(":material/", "%3Amaterial/").replace("&", "&amp;")


class _Writer:
    """Writes tokens as Markdown."""

    def __init__(self, links: Mapping[str, LinkTarget]) -> None:
        self._links = links
        self._in_link = False
        self._on_one_line = False
        self._in_table = False

    # ---- blocks ----

    def blocks(self, nodes: Sequence[Node], *, tight: bool = False) -> str:
        text = ""
        before: Node | None = None
        for node in nodes:
            block = self._block(node, before)
            if not block:
                continue
            counts_from_one = node.type == "ordered_list" and "start" not in node.attrs
            close = tight and (node.type in _CLOSES_PARAGRAPH or counts_from_one)
            text += ("\n" if close else "\n\n") + block if text else block
            before = node
        return text

    def _block(self, node: Node, before: Node | None) -> str:
        match node.type:
            case "paragraph" | "inline":
                return self._lines(node)
            case "heading":
                return f"{'#' * int(node.tag[1])} {self._one_line(node)}"
            case "blockquote":
                return _prefixed(self.blocks(node.children) or "&nbsp;", "> ")
            case "bullet_list" | "ordered_list":
                return self._list(node, before)
            case "fence" | "code_block":
                return _fence(node)
            case "hr":
                return "___"  # three hyphens would make a list item of one hyphen a line as well
            case "table":
                return self._table(node)
            case "html_block":
                lines = _COMMENT.sub("", node.content).splitlines()
                return "\\\n".join(escape(line) for line in lines if line.strip())
            case "footnote_block":
                return "\n\n".join(
                    _indented(f"[^{note.meta['id'] + 1}]: ", self.blocks(note.children), 4) for note in node.children
                )
            case _:
                return ""

    def _list(self, node: Node, before: Node | None) -> str:
        marker = node.markup or "-"
        if before is not None and before.type == node.type and before.markup == node.markup:
            marker = {"-": "*", "*": "-", "+": "-", ".": ")", ")": "."}[marker]  # else the two lists would be one
        loose = any(child.type == "paragraph" and not child.hidden for item in node.children for child in item.children)
        first = int(node.attrs.get("start", 1))
        items = []
        for place, item in enumerate(node.children):
            bullet = f"{marker} " if node.type == "bullet_list" else f"{first + place}{marker} "
            items.append(_indented(bullet, self._item(item, tight=not loose), len(bullet)))
        return ("\n\n" if loose else "\n").join(items)

    def _item(self, item: Node, *, tight: bool) -> str:
        text = self.blocks(item.children, tight=tight)
        task = _TASK.match(_first_text(item))
        if task:
            # The same words, with the box as a box: escape() made `\[x\] ` of it.
            box = f"[{task[1]}] "
            return box + text[len(_escaped(task.group().rstrip())) :].lstrip()
        return text or "&nbsp;"  # an empty item would make a heading of the line above it

    def _table(self, node: Node) -> str:
        rows = [row for part in node.children for row in part.children]
        if not rows:
            return ""
        lines = ["| " + " | ".join(self._one_line(cell) for cell in row.children) + " |" for row in rows]
        rules = [_RULES.get(str(cell.attrs.get("style", "")), "---") for cell in rows[0].children]
        return "\n".join([lines[0], "| " + " | ".join(rules) + " |", *lines[1:]])

    # ---- text ----

    def _lines(self, node: Node) -> str:
        text = self._inline(node.children)
        return "\n".join(line.strip(" ") for line in text.split("\n")).strip()

    def _one_line(self, node: Node) -> str:
        self._on_one_line, self._in_table = True, node.type in ("td", "th")
        text = self._inline(node.children)
        self._on_one_line = self._in_table = False
        return text.strip()

    def _inline(self, nodes: Sequence[Node]) -> str:
        return "".join(self._piece(node) for node in nodes)

    def _piece(self, node: Node) -> str:
        match node.type:
            case "text":
                return _escaped(node.content.replace("\n", " "))
            case "inline":
                return self._inline(node.children)
            case "softbreak":
                return " " if self._on_one_line else "\n"
            case "hardbreak":
                return " " if self._on_one_line else "\\\n"
            case "code_inline":
                return _code_span(node.content, in_table=self._in_table)
            case "em" | "strong" | "s":
                return f"{node.markup}{self._inline(node.children)}{node.markup}"
            case "link":
                href = str(node.attrs["href"])
                return self._link(_link_target(href), lambda: self._inline(node.children) or escape(href))
            case "wiki_link":
                return self._wiki_link(node)
            case "image":
                return self._image(node)
            case "html_inline":
                if _LINE_BREAK.fullmatch(node.content):
                    return " " if self._on_one_line else "\\\n"
                return "" if _COMMENT.fullmatch(node.content) else escape(node.content)
            case "footnote_ref":
                return f"[^{node.meta['id'] + 1}]"
            case _:
                return ""

    def _link(self, target: str | None, text: Callable[[], str], title: str = "") -> str:
        if self._in_link or target is None:
            return text()
        self._in_link = True
        inner = text()
        self._in_link = False
        return f"[{inner}](<{target}>{title})"

    def _wiki_link(self, node: Node) -> str:
        name, anchor, text = node.meta["name"], node.meta["anchor"], node.meta["text"]
        anchor = anchor_of(anchor) if anchor else ""
        if not name:
            return self._link(f"#{quote(anchor)}", lambda: escape(text or node.meta["anchor"]))
        target = self._links.get(name, LinkTarget(None, name))
        shown = escape(text or target.title)
        if target.slug is None:
            return self._link(address(Screen.WRITE, title=name), lambda: shown, ' "Not written yet: write it"')
        return self._link(address(Screen.PAGE, anchor, slug=target.slug), lambda: shown)

    def _image(self, node: Node) -> str:
        source = str(node.attrs["src"])
        words = escape(_words(node)) or "Image"
        if ATTACHMENT.fullmatch(source):
            return f"![{words}](<{source}>)"
        return self._link(_link_target(source), lambda: words)


_RULES = {"text-align:left": ":--", "text-align:center": ":-:", "text-align:right": "--:"}


def _fence(node: Node) -> str:
    language = re.match(r"[\w+#.-]*", node.info)
    name = language.group() if language else ""
    # A diagram would run a library on what people wrote; its source is shown instead.
    name = "text" if name.lower() == "mermaid" else name
    longest = max((len(run) for run in re.findall(r"`+", node.content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{name}\n{node.content.rstrip(chr(10))}\n{fence}"


def _code_span(content: str, *, in_table: bool) -> str:
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    ticks = "`" * (longest + 1)
    padded = content.strip(" ") and (content[0] in "` " or content[-1] in "` ")
    text = f" {content} " if padded else content
    return f"{ticks}{text.replace('|', chr(92) + '|') if in_table else text}{ticks}"


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))


def _indented(first: str, text: str, width: int) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(" " * width + line if line else "" for line in lines[1:])])


def _first_text(item: Node) -> str:
    """The text that a list item begins with."""
    node = item
    while node.children:
        if node.type not in ("list_item", "paragraph", "inline"):
            return ""
        node = node.children[0]
    return node.content if node.type == "text" else ""


def _words(node: Node) -> str:
    return "".join(child.content if child.type == "text" else _words(child) for child in node.children) or node.content
