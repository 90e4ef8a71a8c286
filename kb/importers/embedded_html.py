"""HTML inside Markdown becomes Markdown; words in angle brackets that are no HTML stay visible."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from kb.importers.code_regions import LineKind, html_lines
from kb.importers.html_markdown import DROPPED_ELEMENTS, HtmlToMarkdown, convert_element
from kb.importers.limits import MAX_HTML_DEPTH
from kb.importers.plain_text import word_set
from kb.importers.shelf import BREAK, DROPPED, LINE, Shelf, continuation, settle
from kb.importers.sources import SkipFileError
from kb.importers.tables import join_lines

_TAG = re.compile(
    r"""(?<!\\)<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9.-]*)
        (?P<attributes>(?:[\s/](?:[^<>"']|"[^"]*"|'[^']*'){0,4000})?)>""",
    re.VERBOSE,
)
_OTHER = re.compile(r"(?<!\\)<(?:!doctype\b|\?)[^<>]{0,500}>", re.IGNORECASE)
_PRE = re.compile(r"<(/?)pre\b", re.IGNORECASE)
_MARKDOWN_INSIDE = re.compile(r"\smarkdown\s*=")

_VOID = word_set("br hr img wbr input meta link col source area base embed param track")
# Their own conversion needs the whole element; everything else only leaves its content behind.
_CONVERTED = word_set(
    "table ul ol dl menu h1 h2 h3 h4 h5 h6 a strong b em i code kbd samp tt pre sup sub s del strike "
    "summary figcaption blockquote img hr"
)
_CONVERTED_INLINE = word_set("a strong b em i code kbd samp tt sup sub s del strike img")
_INLINE = word_set(
    "span font u ins small big mark abbr acronym cite q time label button data bdi bdo dfn var nobr wbr output "
    "ruby rt rp rb meter progress slot"
)
_BLOCKS = word_set(
    "p div section article main header footer aside nav center figure picture address fieldset legend details "
    "dialog hgroup search html body table thead tbody tfoot tr td th caption colgroup col li dt dd video audio "
    "source track area base param menuitem option optgroup noframes marquee"
)
_KNOWN = _VOID | _CONVERTED | _INLINE | _BLOCKS | DROPPED_ELEMENTS
# An opening tag of the first group ends an open one of the second, up to the element in the third.
_IMPLIED_ENDS = {
    name: (frozenset(ended.split()), frozenset(scope.split()))
    for names, ended, scope in (
        ("li", "li", "ul ol menu"),
        ("dt dd", "dt dd", "dl"),
        ("td th", "td th", "tr table"),
        ("tr", "tr", "table thead tbody tfoot"),
        ("thead tbody tfoot", "thead tbody tfoot", "table"),
    )
    for name in names.split()
}


@dataclass(slots=True)
class _Piece:
    """Text, or one tag. ``kept`` tags go on to the HTML parser, so it sees only tags that match."""

    text: str
    name: str = ""
    closes: bool = False
    kept: bool = False
    attributes: str = field(default="", repr=False)


def convert_embedded_html(text: str, code: Shelf) -> tuple[str, dict[str, str]]:
    """``text``, whose code is on the shelf ``code``, without HTML; and the ids of its HTML headings.

    :raises SkipFileError: elements are nested deeper than any real page has them.
    """
    if "<" not in text:
        return text, {}
    converter = HtmlToMarkdown(code)
    blocks = Shelf("h")
    text = _without_comments(text)
    text = _prepare_lines(text, converter, code)
    text = blocks.restore(settle(_convert(text, converter, code, blocks)))
    return text, converter.anchors


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        pieces += [text[position:start], DROPPED if end >= 0 else "\\<!--"]
        position = end + 3 if end >= 0 else start + 4
        if end < 0:
            pieces.append(text[position:].replace("<!--", "\\<!--"))
            return "".join(pieces)
    return "".join([*pieces, text[position:]])


def _prepare_lines(text: str, converter: HtmlToMarkdown, code: Shelf) -> str:
    """Rows of Markdown tables converted, because a row must stay one line; HTML blocks without indentation,
    because Markdown would take what is left of them for code."""
    kinds = html_lines(text)
    lines = text.split("\n")
    prefix, margin, markdown_inside, in_pre = "", 0, False, False
    for number, line in enumerate(lines):
        kind = kinds.get(number)
        stays = in_pre
        for tag in _PRE.finditer(line):
            in_pre = not tag[1]
        if kind is None or stays:
            continue
        if kind is LineKind.TABLE:
            lines[number] = _convert(line, converter, code, None) if "<" in line else line
        elif kind is LineKind.HTML and kinds.get(number - 1) is not LineKind.HTML:
            prefix, margin, markdown_inside = continuation(line), 0, bool(_MARKDOWN_INSIDE.search(line))
        else:
            rest = line[len(prefix) :] if line.startswith(prefix) else line.lstrip(" \t>")
            blanks = len(rest) - len(rest.lstrip())
            if markdown_inside:  # there, the indentation of lists means something
                margin = margin or blanks
                blanks = min(blanks, margin)
            lines[number] = prefix + rest[blanks:]
    return "\n".join(lines)


def _convert(text: str, converter: HtmlToMarkdown, code: Shelf, blocks: Shelf | None) -> str:
    """``blocks`` is None within a table row, where everything must stay on the line."""
    pieces = _match(_split(text))
    if not any(piece.name for piece in pieces):
        return "".join(piece.text for piece in pieces)
    source = "".join(_source(piece, in_row=blocks is None) for piece in pieces)
    converted = _walk(BeautifulSoup(source, "html.parser"), converter, code, blocks)
    return join_lines(converted).replace(DROPPED, "") if blocks is None else converted


def _split(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    position = 0
    closing = {match["name"].lower() for match in _TAG.finditer(text) if match["close"]}
    in_code = 0
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        pieces.append(_Piece(_OTHER.sub("", text[position : match.start()])))
        position = match.end()
        if name in ("pre", "code"):
            in_code = max(0, in_code + (-1 if match["close"] else 1))
        if in_code and name not in _KNOWN:
            pieces.append(_Piece(match[0]))  # an example: code shows its brackets without backslashes
        elif name in _KNOWN or _is_component(match, closing):
            pieces.append(_Piece(match[0], name, bool(match["close"]), attributes=match["attributes"]))
        else:
            pieces.append(_Piece(f"\\{match[0][:-1]}\\>"))
    pieces.append(_Piece(_OTHER.sub("", text[position:])))
    return pieces


def _is_component(match: re.Match[str], closing: set[str]) -> bool:
    """Whether an unknown tag is markup: ``<Tabs>..</Tabs>``, ``<my-card title="x">``; not ``<project>``."""
    written, attributes = match["name"], match["attributes"]
    if "=" in attributes or attributes.endswith("/"):
        return True
    looks_like_one = "-" in written or "." in written or (written[0].isupper() and not written.isupper())
    return looks_like_one and written.lower() in closing


def _match(pieces: list[_Piece]) -> list[_Piece]:
    """Marks the tags that have a partner as kept, and adds the end tags that HTML lets people leave out."""
    result: list[_Piece] = []
    stack: list[_Piece] = []
    names: dict[str, int] = {}

    def pop() -> _Piece:
        piece = stack.pop()
        names[piece.name] -= 1
        return piece

    for piece in pieces:
        if not piece.name:
            result.append(piece)
        elif piece.closes:
            if names.get(piece.name):
                while (opener := pop()).name != piece.name:
                    if opener.name in _IMPLIED_ENDS:
                        opener.kept = True
                        result.append(_Piece("", opener.name, closes=True, kept=True))
                opener.kept = piece.kept = True
            result.append(piece)
        elif piece.name in _VOID or piece.attributes.endswith("/"):
            piece.kept = piece.name in _VOID
            result.append(piece)
        else:
            if piece.name in _IMPLIED_ENDS:
                ended, scope = _IMPLIED_ENDS[piece.name]
                depth = next((n for n, open_ in enumerate(reversed(stack), 1) if open_.name in ended | scope), 0)
                if depth and stack[-depth].name in ended:
                    for _ in range(depth):
                        opener = pop()
                        if opener.name in _IMPLIED_ENDS:
                            opener.kept = True
                            result.append(_Piece("", opener.name, closes=True, kept=True))
            result.append(piece)
            stack.append(piece)
            names[piece.name] = names.get(piece.name, 0) + 1
            if len(stack) > MAX_HTML_DEPTH:
                raise SkipFileError("its HTML is nested deeper than Baton reads: simplify it")
    return result


def _source(piece: _Piece, *, in_row: bool) -> str:
    """A piece as HTML whose text comes out of the parser exactly as it went in, entities and all."""
    if not piece.name:
        return html.escape(piece.text, quote=False)
    if not piece.kept:
        return BREAK if piece.name in _BLOCKS and not in_row else ""
    if piece.closes:
        return f"</{piece.name}>"
    return f"<{piece.name}{html.escape(piece.attributes, quote=False)}>"


def _walk(element: Tag, converter: HtmlToMarkdown, code: Shelf, blocks: Shelf | None) -> str:
    in_row = blocks is None
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, NavigableString):
            parts.append(str(child))
        elif not isinstance(child, Tag):
            continue
        elif child.name == "br":
            parts.append(BREAK if in_row else LINE)
        elif child.name in DROPPED_ELEMENTS:
            parts.append(DROPPED)
        elif child.name in _CONVERTED_INLINE:
            inline = convert_element(converter, child, in_cell=in_row)
            parts.append(blocks.put(inline, block=True) if blocks and "\n" in inline else inline)
        elif child.name in _CONVERTED:
            block = convert_element(converter, child, in_cell=in_row).strip("\n")
            parts.append(block if blocks is None else BREAK + blocks.put(block, block=True) + BREAK)
        else:
            label = str(child.get("label") or child.get("title") or "") if child.name not in _KNOWN else ""
            content = _walk(child, converter, code, blocks)
            edge = "" if child.name in _INLINE or in_row else BREAK
            parts += [edge, f"**{label}**{edge or ' '}" if label else "", content, edge]
    return "".join(parts)
