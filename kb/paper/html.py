"""A paper as one HTML file: nothing in it is fetched or run, and it prints with page numbers. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from kb.paper.note import Paper
from kb.paper.tree import Kind, Node, runs_left

# A browser that opens the file fetches nothing and runs nothing, whatever stood in it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_TAGS = {Kind.STRONG: "strong", Kind.EMPHASIS: "em", Kind.STRIKE: "s", Kind.CODE: "code"}


def paper_html(paper: Paper) -> str:
    """The paper as one self-contained HTML document."""
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{_inside(blocks)}</dd></div>" for name, blocks in paper.facts)
    parts = "".join(
        f'<section aria-labelledby="part-{number}"><h2 id="part-{number}" dir="auto">{escape(part.title)}</h2>'
        f"{_blocks(part.blocks, part.title)}</section>"
        for number, part in enumerate(paper.parts, start=1)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="author" content="{escape(paper.author)}">
<meta name="referrer" content="no-referrer">
<title>{escape(paper.title)}</title>
<style>{_style()}
@media print {{ @page {{
  @top-left {{ content: "{paper.confidentiality}"; }}
  @top-right {{ content: "{paper.standing}"; }}
}} }}</style>
</head>
<body class="{"counts" if paper.counts else "does-not-count"}">
<header>
<p class="labels"><span>{escape(paper.confidentiality)}</span><span>{escape(paper.standing)}</span></p>
<h1 dir="auto">{escape(paper.title)}</h1>
<p class="name">{escape(paper.name)}</p>
<div class="opening">{_blocks(paper.opening)}</div>
<dl>{facts}</dl>
</header>
<main>{parts}</main>
</body>
</html>
"""


@lru_cache(maxsize=1)
def _style() -> str:
    return Path(__file__).with_name("paper.css").read_text("utf-8")


def _blocks(nodes: Sequence[Node], within: str = "") -> str:
    return "".join(_block(node, within) for node in nodes)


def _block(node: Node, within: str) -> str:
    match node.kind:
        case Kind.PARAGRAPH:
            return f'<p dir="auto">{_inline(node.children)}</p>'
        case Kind.HEADING:
            level = min(node.number, 6)
            return f'<h{level} dir="auto">{_inline(node.children)}</h{level}>'
        case Kind.QUOTE:
            return f"<blockquote{_direction(node)}>{_blocks(node.children, within)}</blockquote>"
        case Kind.LIST:
            items = "".join(f"<li>{_inside(item.children, within)}</li>" for item in node.children)
            tag, start = ("ul", "") if node.number < 0 else ("ol", f' start="{node.number}"')
            return f"<{tag}{start}{_direction(node)}>{items}</{tag}>"
        case Kind.CODE_BLOCK:
            return f'<pre dir="ltr"><code>{escape(node.text)}</code></pre>'
        case Kind.RULE:
            return "<hr>"
        case Kind.TABLE:
            return _table(node, within)
        case _:
            return ""


def _table(node: Node, within: str) -> str:
    head, *rows = node.children
    titles = "".join(f'<th scope="col" dir="auto">{_inline(cell.children)}</th>' for cell in head.children)
    body = "".join(f"<tr>{''.join(map(_cell, row.children))}</tr>" for row in rows)
    # Wide ones scroll on a small screen; a region that scrolls has to be reached by keyboard and to have a name.
    return (
        f'<div class="wide" role="region" aria-label="{escape(within or "Table")}" tabindex="0">'
        f"<table{_direction(node)}><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _direction(node: Node) -> str:
    """Where a list, a quotation or a table begins: ``dir="auto"`` does not look into what has a direction itself."""
    return ' dir="rtl"' if runs_left([node]) else ""


def _cell(cell: Node) -> str:
    return f'<td dir="auto">{_inline(cell.children)}</td>'


def _inside(nodes: Sequence[Node], within: str = "") -> str:
    """Blocks; a single paragraph as its words alone."""
    if len(nodes) == 1 and nodes[0].kind is Kind.PARAGRAPH:
        return f'<span dir="auto">{_inline(nodes[0].children)}</span>'
    return _blocks(nodes, within)


def _inline(nodes: Sequence[Node]) -> str:
    return "".join(_piece(node) for node in nodes)


def _piece(node: Node) -> str:
    match node.kind:
        case Kind.TEXT:
            return escape(node.text)
        case Kind.BREAK:
            return "<br>"
        case Kind.LINK:
            return f'<a href="{escape(node.url)}" rel="noopener noreferrer">{_inline(node.children)}</a>'
        case Kind.CODE:
            return f"<code>{escape(node.text)}</code>"
        case Kind.PICTURE:
            return _picture(node)
        case _:
            tag = _TAGS[node.kind]
            return f"<{tag}>{_inline(node.children)}</{tag}>"


def _picture(node: Node) -> str:
    assert node.picture is not None  # noqa: S101  its kind says so
    shown = node.picture
    data = f"data:{shown.media_type};base64,{b64encode(shown.content).decode()}"
    return f'<img src="{data}" alt="{escape(node.text)}" width="{shown.width}" height="{shown.height}">'
