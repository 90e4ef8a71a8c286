"""Markdown tokens -> Markdown: what :mod:`kb.ui.markdown` reads is written anew here, every character escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlsplit

from markdown_it.tree import SyntaxTreeNode as Node

from index.chunking import anchor_of
from kb.pages import LinkTarget
from kb.ui.addresses import Screen, address
from kb.ui.escaping import escape, escaped

ATTACHMENT = re.compile(r"/attachment/[0-9a-f]{64}")
_OUTSIDE = frozenset({"http", "https", "mailto", "tel"})  # where a link may lead beside Baton's own screens
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_CLOSES_PARAGRAPH = frozenset({"bullet_list", "blockquote", "fence", "code_block", "heading", "hr"})


class Writer:
    """Writes the tokens of one text.

    :param links: where its wiki links lead.
    """

    def __init__(self, links: Mapping[str, LinkTarget]) -> None:
        self._links = links
        self._in_link = False
        self._on_one_line = False
        self._in_table = False

    # ---- blocks ----

    def blocks(self, nodes: Sequence[Node], *, tight: bool = False) -> str:
        """The blocks with blank lines between them, or with none where ``tight`` allows it."""
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
            return box + text[len(escaped(task.group().rstrip())) :].lstrip()
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
                return escaped(node.content.replace("\n", " "))
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
