"""A paper as Markdown that any reader of it shows as it was meant, and in which nothing is fetched or run. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.paper.note import Paper
from kb.paper.tree import Kind, Node

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!&])|^([-+=])|^(\d+)(?=[.)])")
_MARKS = {Kind.STRONG: "**", Kind.EMPHASIS: "*", Kind.STRIKE: "~~"}


def paper_markdown(paper: Paper) -> str:
    """The paper as one Markdown text: CommonMark with tables."""
    facts = "\n".join(f"- **{_escaped(name)}:** {_one_line(blocks)}" for name, blocks in paper.facts)
    parts = [f"# {_escaped(paper.title)}", f"{_escaped(paper.name)}", _quote(paper.opening), facts]
    for part in paper.parts:
        parts.append(f"## {_escaped(part.title)}")
        parts.append(_blocks(part.blocks))
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(nodes: Sequence[Node]) -> str:
    written, before = [], None
    for node in nodes:
        # Two lists in a row would be one, and another marker parts them.
        again = before is not None and node.kind is before.kind is Kind.LIST
        written.append(_block(node, again=again))
        before = node if not again else None
    return "\n\n".join(block for block in written if block)


def _block(node: Node, *, again: bool) -> str:
    match node.kind:
        case Kind.PARAGRAPH:
            return _inline(node.children)
        case Kind.HEADING:
            return f"{'#' * min(node.number, 6)} {_inline(node.children, in_line=True)}"
        case Kind.QUOTE:
            return _quote(node.children)
        case Kind.LIST:
            return _list(node, again=again)
        case Kind.CODE_BLOCK:
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", node.text)), default=0))
            return f"{fence}\n{node.text}\n{fence}"
        case Kind.RULE:
            return "---"
        case Kind.TABLE:
            return _table(node)
        case _:
            return ""


def _quote(nodes: Sequence[Node]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _blocks(nodes).split("\n"))


def _list(node: Node, *, again: bool) -> str:
    items = []
    for place, item in enumerate(node.children):
        marker = ("* " if again else "- ") if node.number < 0 else f"{node.number + place}{')' if again else '.'} "
        lines = _item(item.children).split("\n")
        rest = [" " * len(marker) + line if line else "" for line in lines[1:]]
        items.append("\n".join([(marker + lines[0]).rstrip(), *rest]))
    loose = any("\n\n" in item for item in items)
    return ("\n\n" if loose else "\n").join(items)


def _item(nodes: Sequence[Node]) -> str:
    """What an item says; the list below its words stands close to them."""
    if [node.kind for node in nodes] == [Kind.PARAGRAPH, Kind.LIST]:
        return f"{_block(nodes[0], again=False)}\n{_block(nodes[1], again=False)}"
    return _blocks(nodes)


def _table(node: Node) -> str:
    rows = [[_inline(cell.children, in_line=True) for cell in row.children] for row in node.children]
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _one_line(nodes: Sequence[Node]) -> str:
    return " ".join(_inline(node.children, in_line=True) for node in nodes)


def _inline(nodes: Sequence[Node], *, in_line: bool = False) -> str:
    return "".join(_piece(node, in_line) for node in nodes).strip()


def _piece(node: Node, in_line: bool) -> str:
    match node.kind:
        case Kind.TEXT:
            return _escaped(node.text)
        case Kind.BREAK:
            return " " if in_line else "\\\n"
        case Kind.CODE:
            return _code(node.text, in_line=in_line)
        case Kind.LINK:
            said = _pieces(node.children, in_line)
            return f"<{node.url}>" if said == _escaped(node.url) else f"[{said}](<{node.url}>)"
        case Kind.STRONG | Kind.EMPHASIS | Kind.STRIKE:
            return f"{_MARKS[node.kind]}{_pieces(node.children, in_line)}{_MARKS[node.kind]}"
        case Kind.PICTURE:
            return f"*(Picture: {_escaped(node.text)})*"
        case _:
            return ""


def _pieces(nodes: Sequence[Node], in_line: bool) -> str:
    return "".join(_piece(node, in_line) for node in nodes)


def _code(text: str, *, in_line: bool) -> str:
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    padded = f" {text} " if text.strip(" ") and (text[0] in "` " or text[-1] in "` ") else text
    return f"{ticks}{padded.replace('|', chr(92) + '|') if in_line else padded}{ticks}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"{found.group(3) or ''}\\{found.group(1) or found.group(2) or ''}", text)
