"""Plain text files to drafts: paragraphs, lists and tables of columns stay what they look like."""

from __future__ import annotations

import re

from kb.importers.decoding import read_text
from kb.importers.escaping import escape_line_starts, escape_markdown
from kb.importers.plain_text import readable_name
from kb.importers.shortcodes import fenced
from kb.importers.sources import FileTree
from kb.models import PageDraft

_MAX_TITLE_CHARACTERS = 80  # a longer first line is a sentence
_WRAPPED_CHARACTERS = 60  # prose is wrapped later than this; addresses, signatures and poems before
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_ITEM = re.compile(r"([ \t]*)(?:[-*•·‣–]|([0-9]{1,3})[.)])[ \t]+(?=\S)")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)[ \t]*\S|^\s*[|+].*[|+]\s*$|[─-╿]")
_UNDERLINE = re.compile(r"([=-])\1{2,}")


def text_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The page in a text file; its first line is the title if it is short and more text follows.

    :raises SkipFileError: it is empty or no text.
    """
    text = read_text(content).strip("\n")
    first, _, rest = text.partition("\n")
    underline, _, after = rest.partition("\n")
    if _UNDERLINE.fullmatch(underline.strip()):
        rest = after
    title = first.strip()
    is_title = title and rest.strip() and len(title) <= _MAX_TITLE_CHARACTERS and title[-1] not in ".,;:"
    if is_title and not _ITEM.match(first) and not _COLUMNS.search(first):
        return PageDraft(source=source, title=title, body=text_to_markdown(rest))
    return PageDraft(source=source, title=readable_name(source), body=text_to_markdown(text))


def text_to_markdown(text: str) -> str:
    """Markdown that shows ``text`` as it is written; nothing in it becomes markup by accident."""
    blocks = [block.strip("\n") for block in _PARAGRAPH_END.split(text.expandtabs(4)) if block.strip()]
    return "\n\n".join(map(_block, blocks))


def _block(block: str) -> str:
    lines = [line.rstrip() for line in block.split("\n")]
    if len(lines) > 1 and sum(1 for line in lines if _COLUMNS.search(line)) * 2 >= len(lines):
        return fenced("\n".join(lines))  # columns only stand below each other in a fixed-width font
    if sum(1 for line in lines if _ITEM.match(line)) > 1 or re.match(r"\s*[•·‣]", block):
        return "\n".join(_list_lines(lines))
    if len(lines) == 2 and _UNDERLINE.fullmatch(lines[1].strip()):
        return f"## {escape_markdown(lines[0].strip())}"
    are_short = max(map(len, lines)) < _WRAPPED_CHARACTERS
    escaped = escape_line_starts("\n".join(escape_markdown(line.strip()) for line in lines))
    return escaped.replace("\n", "  \n") if are_short else escaped


def _list_lines(lines: list[str]) -> list[str]:
    """A list with ``-`` or numbers; a line without a mark belongs to the item above it, or to a paragraph."""
    margin = min((len(match[1]) for line in lines if (match := _ITEM.match(line))), default=0)
    result: list[str] = []
    indent = ""
    for line in lines:
        match = _ITEM.match(line)
        if match:
            if result and not indent:
                result.append("")  # Markdown wants a blank line between a paragraph and a list
            mark = f"{match[2]}. " if match[2] else "- "
            nested = "  " * min(3, (len(match[1]) - margin) // 2) if result else ""
            indent = nested + " " * len(mark)
            result.append(nested + mark + escape_line_starts(escape_markdown(line[match.end() :].strip())))
        else:
            result.append(indent + escape_line_starts(escape_markdown(line.strip())))
    return result
