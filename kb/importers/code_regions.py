"""Puts the code of a Markdown text out of reach, so that rules about markup never touch an example.

markdown-it finds the blocks, exactly as the renderer will; each piece of code becomes one token of
characters that no text contains, and comes back at the end with the indentation of its new place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.importers.shelf import Shelf, continuation

_STRUCTURE = re.compile(
    r"\s*</?(?:table|thead|tbody|tfoot|tr|td|th|ul|ol|li|dl|dt|dd|div|p|section|details|summary|h[1-6])\b",
    re.IGNORECASE,
)
# Inside a table or list there can be no code but <pre>; inside the others Markdown may go on.
_CLOSED = frozenset({"table", "ul", "ol", "dl"})
_CONTAINER_TAG = re.compile(r"<(/?)(table|ul|ol|dl|div|section|details)\b", re.IGNORECASE)
_COMMENT_OR_BACKTICKS = re.compile(r"<!--|\\[\\`]|`+")


def _block_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    parser.options["maxNesting"] = 60  # deeper than any list that people write; each level costs stack
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


_PARSER = _block_parser()


class LineKind(Enum):
    """What a line of the source belongs to, where that changes what HTML on it may become."""

    TABLE = "a Markdown table"
    HTML = "an HTML block"
    INDENTED_HTML = "the inside of an HTML element that Markdown takes for code, because it is indented"


def parse_blocks(text: str) -> tuple[list[Token], dict[str, Any]]:
    """The block tokens of ``text`` and its link references (under ``"references"``)."""
    env: dict[str, Any] = {}
    return _PARSER.parse(text, env), env


def shelve_code(text: str, shelf: Shelf) -> str:
    """``text`` with fenced blocks, indented blocks and code spans replaced by tokens of ``shelf``."""
    lines = text.split("\n")
    shelved: list[tuple[int, int, str]] = []  # first line, line after, replacement
    done_until = 0
    tokens, _ = parse_blocks(text)
    html_starts = _inside_html(lines, tokens)
    for token in tokens:
        if not token.map or token.map[0] < done_until:
            continue
        first, end = token.map
        if token.type == "fence" or (token.type == "code_block" and first not in html_starts):
            while end > first + 1 and not lines[end - 1].strip(" \t>"):
                end -= 1  # blank lines after the code are not part of it
            shelved.append((first, end, _shelve_block(lines[first:end], token, shelf)))
            done_until = end
        elif token.type in ("inline", "html_block", "code_block"):
            part = "\n".join(lines[first:end])
            if "`" in part:
                shelved.append((first, end, _shelve_spans(part, shelf, html=token.type != "inline")))
            done_until = end
    for first, end, replacement in reversed(shelved):
        lines[first:end] = [replacement]
    return "\n".join(lines)


def html_lines(text: str) -> dict[int, LineKind]:
    """The numbers of the lines (from 0) that are HTML or part of a Markdown table."""
    found: dict[int, LineKind] = {}
    tokens, _ = parse_blocks(text)
    html_starts = _inside_html(text.split("\n"), tokens)
    for token in tokens:
        if token.map and token.type == "table_open":
            found.update(dict.fromkeys(range(*token.map), LineKind.TABLE))
        elif token.map and token.type == "html_block":
            found.update(dict.fromkeys(range(*token.map), LineKind.HTML))
        elif token.map and token.type == "code_block" and token.map[0] in html_starts:
            found.update(dict.fromkeys(range(*token.map), LineKind.INDENTED_HTML))
    return found


def _inside_html(lines: list[str], tokens: list[Token]) -> set[int]:
    """The first lines of indented blocks that Markdown takes for code, though they are the inside of HTML."""
    fenced = {number for token in tokens if token.type == "fence" and token.map for number in range(*token.map)}
    indented = {token.map[0]: token for token in tokens if token.type == "code_block" and token.map}
    found: set[int] = set()
    if not indented:
        return found
    closed = others = 0  # how many elements of each kind are open
    for number, line in enumerate(lines):
        if number in indented and (closed or (others and _STRUCTURE.match(indented[number].content))):
            found.add(number)
        # A tag in the middle of a sentence is talked about; so is one in code.
        if "<" in line and number not in fenced and (closed or others or line.lstrip(" \t>-*+").startswith("<")):
            for match in _CONTAINER_TAG.finditer(line):
                step = -1 if match[1] else 1
                if match[2].lower() in _CLOSED:
                    closed = max(0, closed + step)
                else:
                    others = max(0, others + step)
    return found


def _shelve_block(lines: list[str], token: Token, shelf: Shelf) -> str:
    """A token on a line of its own, after whatever indentation or quotation mark its block stands behind."""
    if token.type == "fence":
        start = lines[0].find(token.markup)
    else:
        first_line = token.content.split("\n", 1)[0]
        start = len(lines[0]) - len(first_line) - 4
    head, prefix = lines[0][:start], continuation(lines[0][:start])
    rest = lines[1:]
    if start < 0 or not all(line.startswith(prefix) or not line.strip(" \t>") for line in rest):
        return shelf.put("\n".join(lines))  # tabs or a lazy quotation: keep it exactly as it stands
    return head + shelf.put("\n".join([lines[0][start:], *(line[len(prefix) :] for line in rest)]), block=True)


def _shelve_spans(text: str, shelf: Shelf, *, html: bool) -> str:
    pieces: list[str] = []
    end_of_last = 0
    for start, end in _code_spans(text, html=html):
        pieces += [text[end_of_last:start], shelf.put(text[start:end])]
        end_of_last = end
    return "".join([*pieces, text[end_of_last:]])


def _code_spans(text: str, *, html: bool) -> Iterator[tuple[int, int]]:
    """Where the code spans of one paragraph start and end: a run of backticks up to the next run as long."""
    runs: dict[int, list[int]] = {}
    for run in re.finditer("`+", text):
        runs.setdefault(len(run[0]), []).append(run.start())
    for positions in runs.values():
        positions.reverse()  # the next one is popped from the end
    position = 0
    while match := _COMMENT_OR_BACKTICKS.search(text, position):
        position = match.end()
        if match[0] == "<!--":
            if html and (end := text.find("-->", position)) >= 0:
                position = end
        elif match[0][0] != "\\":
            later = runs.get(len(match[0]), [])
            while later and later[-1] < position:
                later.pop()
            if later:
                position = later.pop() + len(match[0])
                yield match.start(), position
