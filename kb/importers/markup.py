"""Marks of other Markdown dialects: admonitions, attribute lists, tables of contents, imports of components."""

from __future__ import annotations

import html
import re
import textwrap

from kb.importers.shelf import DROPPED, settle
from kb.importers.shortcodes import quote_lines

_FENCE = re.compile(r"[ \t>]*(?:[-*+]\s+)?(`{3,}|~{3,})")
_MKDOCS = re.compile(r'(\s*)(?:!!!|\?\?\?\+?)\s+([\w -]+?)\s*(?:"([^"\n]*)")?\s*$')
_MKDOCS_TAB = re.compile(r'(\s*)===[!+]?\s+"([^"\n]+)"\s*$')
_DIRECTIVE = re.compile(r"(\s*)(:{3,})\s*([A-Za-z][\w-]*)?\s*(?:\[([^\]\n]*)\])?\s*(?:\{[^}\n]*\})?\s*([^\n]*?)\s*$")
_ADMONITIONS = frozenset(
    "note tip info warning danger caution important success hint error question failure bug example quote abstract "
    "summary tldr attention seealso secondary details todo".split()
)

_GITHUB_ALERT = re.compile(r"^([ \t>]*>[ \t]*)\[!(\w+)\][-+]?[ \t]*(.*)$", re.MULTILINE)
_ATTRIBUTE_LINE = re.compile(r"^[ \t>]*\{:[^{}\n]{0,500}\}[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"[ \t]?\{:[^{}\n]{0,500}\}")
_HEADING_ID = re.compile(r"^([ \t>]*#{1,6}[ \t][^\n]*?)[ \t]*\{#([\w.:-]+)[^{}\n]{0,200}\}[ \t]*#*[ \t]*$", re.MULTILINE)
_TOC = re.compile(
    r"^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\[toc\]|\$\{toc\}|@\[toc\][^\n]{0,80})[ \t]*$"
    r"|^[ \t]*(?:[-*+]|1\.)[ \t]+[^\n]{0,80}\n[ \t]*\{:[ \t]*toc\b[^{}\n]{0,200}\}[ \t]*$"
    r"|^[ \t]*(?:[-*+]|1\.)[ \t]+[^\n]{0,80}\{:[ \t]*toc\b[^{}\n]{0,200}\}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_JSX_COMMENT = re.compile(r"\{/\*[^*]{0,2000}(?:\*(?!/)[^*]{0,2000}){0,50}\*/\}")
_MDX_STATEMENT = re.compile(r"^(?:import\s[^\n]*\sfrom\s+['\"][^\n]*|import\s+['\"][^\n]*|export\s[^\n]*)$", re.MULTILINE)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def convert_admonitions(text: str) -> str:
    """MkDocs (``!!! note "Title"`` and indented lines) and Docusaurus (``:::tip`` ... ``:::``) to quotations."""
    if not re.search(r"^\s*(?:!!!|\?\?\?|===|:::)", text, re.MULTILINE):
        return text
    return "\n".join(_admonitions(text.split("\n")))


def _admonitions(lines: list[str]) -> list[str]:
    result: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if fence := _FENCE.match(line):
            end = _fence_end(lines, number, fence[1])
            result += lines[number:end]
            number = end
        elif (match := _MKDOCS.match(line)) and (end := _indented_end(lines, number + 1, len(match[1]))) > number + 1:
            title = match[3] if match[3] is not None else match[2].split()[0].capitalize() + ":"
            result += _quotation(match[1], title, lines[number + 1 : end])
            number = end
        elif (match := _MKDOCS_TAB.match(line)) and (
            end := _indented_end(lines, number + 1, len(match[1]))
        ) > number + 1:
            content = textwrap.dedent("\n".join(lines[number + 1 : end])).split("\n")
            result += [f"{match[1]}**{match[2]}**", "", *(match[1] + inner for inner in _admonitions(content)), ""]
            number = end
        elif (match := _DIRECTIVE.match(line)) and match[3]:
            end = _directive_end(lines, number + 1, len(match[2]))
            content = lines[number + 1 : end]
            title = match[4] or match[5]
            if match[3].lower() in _ADMONITIONS:
                result += _quotation(match[1], title or match[3].capitalize() + ":", content)
            else:
                result += [f"{match[1]}**{title}**", ""] if title else []
                result += _admonitions(content)
            number = end + 1
        else:
            result.append(line)
            number += 1
    return result


def _quotation(indent: str, title: str, content: list[str]) -> list[str]:
    inner = "\n".join(_admonitions(textwrap.dedent("\n".join(content)).split("\n"))).strip("\n")
    block = quote_lines((f"**{title}**\n\n" if title else "") + inner)
    return ["", *(indent + line for line in block.split("\n")), ""]


def _fence_end(lines: list[str], start: int, fence: str) -> int:
    for number in range(start + 1, len(lines)):
        if lines[number].strip(" \t>").startswith(fence) and not lines[number].strip(f" \t>{fence[0]}"):
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


def _directive_end(lines: list[str], start: int, colons: int) -> int:
    depth = 0
    for number in range(start, len(lines)):
        match = _DIRECTIVE.match(lines[number])
        if match and match[3] and len(match[2]) == colons:
            depth += 1
        elif match and not match[3] and not match[5] and len(match[2]) == colons:
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

    def without_id(match: re.Match[str]) -> str:
        anchors[match[2]] = match[1].lstrip("#> \t")
        return match[1]

    text = _TOC.sub(DROPPED, text)
    text = _HEADING_ID.sub(without_id, text)
    if "{:" in text:
        text = _ATTRIBUTE_LINE.sub(DROPPED, text)
        text = _ATTRIBUTES.sub("", text)
    text = _GITHUB_ALERT.sub(lambda m: f"{m[1]}**{m[3] or m[2].capitalize() + ':'}**", text)
    return settle(text), anchors


def convert_mdx(text: str) -> str:
    """``text`` of an .mdx file, whose code is out of reach, without imports, exports and ``{/* comments */}``."""
    return settle(_JSX_COMMENT.sub(DROPPED, _MDX_STATEMENT.sub(DROPPED, text)))


def decode_entities(text: str) -> str:
    """``&mdash;`` as the character it names, so that search and editors see it; those with a meaning stay."""


    def decoded(match: re.Match[str]) -> str:
        char = html.unescape(match[0])
        if len(char) != 1 or char in "<>&*_`[]()|\\#~\"'!:{}" or ord(char) < 0xA0:
            return match[0]
        return " " if char == "\xa0" else char

    return _ENTITY.sub(decoded, text) if "&" in text else text


