"""Marks of other Markdown dialects: admonitions, attribute lists, tables of contents, imports of components."""

from __future__ import annotations

import html
import re
import textwrap

from kb.importers.plain_text import word_set
from kb.importers.shelf import DROPPED, settle
from kb.importers.shortcodes import quote_lines

_FENCE = re.compile(r"[ \t>]*(?:[-*+]\s+)?(`{3,}|~{3,})")
_MKDOCS = re.compile(r'([ \t]*)(?:!!!|\?\?\?\+?)[ \t]+([\w-]+)(?: [\w-]+){0,3}(?:[ \t]+"([^"\n]*)")?[ \t]*$')
_MKDOCS_TAB = re.compile(r'([ \t]*)===[!+]?[ \t]+"([^"\n]+)"[ \t]*$')
_DIRECTIVE = re.compile(r"([ \t]*)(:{3,})(.*)")
_DIRECTIVE_NAME = re.compile(r"([A-Za-z][\w-]*)(?:\[([^\]\n]*)\])?(?:\{[^}\n]*\})?(.*)")
_MAX_NESTING = 10  # admonitions inside admonitions; more is an attack
_ANY_ADMONITION = re.compile(r"^[ \t]*(?:!!!|\?\?\?|===|:::)", re.MULTILINE)
_ADMONITIONS = word_set(
    "note tip info warning danger caution important success hint error question failure bug example quote abstract "
    "summary tldr attention seealso secondary details todo"
)

_GITHUB_ALERT = re.compile(r"^([ \t>]*>[ \t]*)\[!(\w+)\][-+]?[ \t]*(.*)$", re.MULTILINE)
_ATTRIBUTE_LINE = re.compile(r"^[ \t>]*\{(?::|[ \t]?\.[\w-])[^{}\n]{0,500}\}[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(
    r"""[ \t]?\{:[^{}\n]{0,500}\}                              # kramdown: {: .class #id }
      | [ \t]?\{[ \t]?\.[\w-]+(?:[ \t][^{}\n]{0,300})?\}        # MkDocs, Hugo: { .class }
      | (?<=[)\]])\{[ \t]?[\w-]{1,40}=[^{}\n]{1,300}\}          # of a link or image: { width="300" }
    """,
    re.VERBOSE,
)
_ICON = re.compile(r":(?:material|octicons|fontawesome|simple)-[a-z0-9-]{1,80}:(?:[ \t]|&nbsp;){0,9}")
_HEADING_ID = re.compile(r"\{#+([^\s{}]+)[^{}\n]{0,200}\}")
_TOC = re.compile(
    r"^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\[toc\]|\$\{toc\}|@\[toc\][^\n]{0,80})[ \t]*$"
    r"|^[ \t]*(?:[-*+]|1\.)[ \t]+[^\n]{0,80}\n[ \t]*\{:[ \t]*toc\b[^{}\n]{0,200}\}[ \t]*$"
    r"|^[ \t]*(?:[-*+]|1\.)[ \t]+[^\n]{0,80}\{:[ \t]*toc\b[^{}\n]{0,200}\}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_JSX_COMMENT = re.compile(r"\{/\*[^*]{0,2000}(?:\*(?!/)[^*]{0,2000}){0,50}\*/\}")
_MDX_STATEMENT = re.compile(
    r"^(?:import[ \t][^\n]*[ \t]from[ \t]+['\"][^\n]*|import[ \t]+['\"][^\n]*|export[ \t][^\n]*)$", re.MULTILINE
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_LEADING_BLANK = re.compile(r"(?:(?<=[ \t\n>])|\A)(?:&nbsp;[ \t]{0,20}){1,20}")
_REST_OF_ENTITY = re.compile(r"#?\w{1,31};")
_HARMLESS_ASCII = "'\"&%@,;?/^"


def convert_admonitions(text: str) -> str:
    """MkDocs (``!!! note "Title"`` and indented lines) and Docusaurus (``:::tip`` ... ``:::``) to quotations."""
    if not _ANY_ADMONITION.search(text):
        return text
    return "\n".join(_admonitions(text.split("\n"), 0))


def _admonitions(lines: list[str], depth: int) -> list[str]:
    result: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        start = number
        if fence := _FENCE.match(line):
            number = _fence_end(lines, number, fence[1])
        elif depth < _MAX_NESTING and ((match := _MKDOCS.match(line)) or (match := _MKDOCS_TAB.match(line))):
            number = _indented_end(lines, number + 1, len(match[1]))
            if number > start + 1:
                _append(result, _indented(match, lines[start + 1 : number], depth))
                continue
        elif depth < _MAX_NESTING and (match := _DIRECTIVE.match(line)) and (name := _directive_name(match)):
            end = _directive_end(lines, number + 1, len(match[2]))
            _append(result, _directive(match[1], name, lines[number + 1 : end], depth))
            number = end + 1
            continue
        number = max(number, start + 1)
        if lines[start].strip() or not (result and result[-1] == _END):
            result += lines[start:number]
    return ["" if line == _END else line for line in result]


_END = "\n"  # the blank line after a block; no line of a text holds a line end


def _append(result: list[str], block: list[str]) -> None:
    """Adds a block with one blank line before and after it."""
    if result and result[-1].strip():
        result.append("")
    result += [*_without_blank_edges(block), _END]


def _without_blank_edges(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    while lines and not lines[0].strip():
        lines = lines[1:]
    return lines


def _indented(match: re.Match[str], content: list[str], depth: int) -> list[str]:
    """A MkDocs admonition or tab; a tab is only a bold title above its content."""
    indent, name = match[1], match[2]
    if match.re is _MKDOCS:
        return _quotation(indent, f"{name.capitalize()}:" if match[3] is None else match[3], content, depth)
    inner = _admonitions(textwrap.dedent("\n".join(content)).split("\n"), depth + 1)
    return [f"{indent}**{name}**", "", *(indent + line if line else "" for line in _without_blank_edges(inner))]


def _directive(indent: str, name: re.Match[str], content: list[str], depth: int) -> list[str]:
    title = (name[2] or name[3]).strip()
    if name[1].lower() in _ADMONITIONS:
        return _quotation(indent, title or f"{name[1].capitalize()}:", content, depth)
    return [*([f"{indent}**{title}**", ""] if title else []), *_admonitions(content, depth + 1)]


def _quotation(indent: str, title: str, content: list[str], depth: int) -> list[str]:
    inner = "\n".join(_admonitions(textwrap.dedent("\n".join(content)).split("\n"), depth + 1)).strip("\n")
    block = quote_lines((f"**{title}**\n\n" if title else "") + inner)
    return [indent + line for line in block.split("\n")]


def _fence_end(lines: list[str], start: int, fence: str) -> int:
    for number in range(start + 1, len(lines)):
        line = lines[number].strip(" \t>")
        if line.startswith(fence) and not line.strip(fence[0]):
            return number + 1
    return len(lines)


def _indented_end(lines: list[str], start: int, indent: int) -> int:
    """The number after the last line that is indented by four more than ``indent``."""
    end = start
    for number in range(start, len(lines)):
        line = lines[number].expandtabs(4)
        if line.strip() and len(line) - len(line.lstrip()) < indent + 4:
            break
        end = number + 1 if line.strip() else end
    return end


def _directive_name(match: re.Match[str]) -> re.Match[str] | None:
    return _DIRECTIVE_NAME.match(match[3].strip())


def _directive_end(lines: list[str], start: int, colons: int) -> int:
    depth = 0
    for number in range(start, len(lines)):
        match = _DIRECTIVE.match(lines[number])
        if match and len(match[2]) == colons:
            if _directive_name(match):
                depth += 1
            elif not match[3].strip():
                if depth == 0:
                    return number
                depth -= 1
    return len(lines)


def convert_marks(text: str) -> tuple[str, dict[str, str]]:
    """``text``, whose code is out of reach, without the marks of other dialects; and the ids of its headings.

    ``> [!NOTE]`` becomes ``> **Note:**``. Tables of contents go, because Baton shows its own; so do attribute
    lists such as ``{: .class #id}`` and, after headings, ``{#id}``.
    """
    anchors: dict[str, str] = {}

    text = _TOC.sub(DROPPED, text)
    if "{#" in text:
        text = "\n".join(_without_id(line, anchors) for line in text.split("\n"))
    if "{" in text:
        text = _ATTRIBUTE_LINE.sub(DROPPED, text)
        text = _ATTRIBUTES.sub("", text)
    text = _ICON.sub("", text)
    text = _GITHUB_ALERT.sub(lambda m: f"{m[1]}**{m[3] or m[2].capitalize() + ':'}**", text)
    return settle(text), anchors


def _without_id(line: str, anchors: dict[str, str]) -> str:
    """A heading without its ``{#id}``, which is noted in ``anchors``; any other line as it is."""
    start = line.rfind("{#")
    if start < 0 or not line.lstrip(" \t>").startswith("#"):
        return line
    match = _HEADING_ID.fullmatch(line[start:].rstrip(" \t#"))
    if not match:
        return line
    heading = line[:start].rstrip()
    anchors[match[1]] = heading.lstrip("#> \t")
    return heading


def convert_mdx(text: str) -> str:
    """``text`` of an .mdx file, whose code is out of reach, without imports, exports and ``{/* comments */}``."""
    return settle(_JSX_COMMENT.sub(DROPPED, _MDX_STATEMENT.sub(DROPPED, text)))


def decode_entities(text: str) -> str:
    """``&mdash;`` as the character it names, so that search and editors see it; those with a meaning stay."""

    def decoded(match: re.Match[str]) -> str:
        char = html.unescape(match[0])
        makes_entity = char == "&" and _REST_OF_ENTITY.match(text, match.end())
        if len(char) != 1 or makes_entity or (char not in _HARMLESS_ASCII and ord(char) < 0xA0):
            return match[0]
        return " " if char == "\xa0" else char

    if "&" not in text:
        return text
    text = _LEADING_BLANK.sub("", text)  # where it would become an indentation, and that means code
    return _ENTITY.sub(decoded, text)
