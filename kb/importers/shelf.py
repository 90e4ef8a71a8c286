"""Takes pieces of a text out of reach while rules change the rest, and puts them back where they belong.

A piece is represented by a token of characters that no file contains. A block that comes back
gets the indentation and quotation marks of the line where its token has ended up.
"""

from __future__ import annotations

import re

# Unicode "noncharacters", reserved for internal use: read_text removes them from every file.
TOKEN_OPEN, TOKEN_CLOSE, DROPPED, BREAK, LINE = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
NONCHARACTERS = re.compile("[\ufdd0-\ufdef]")
TOKEN = re.compile(f"{TOKEN_OPEN}([a-z])([0-9]+){TOKEN_CLOSE}")

_LINE_START = re.compile(r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]+|$))*")
_MARK = re.compile(f"[{DROPPED}{BREAK}{LINE}]")
_TWO_LINE_MARKS = re.compile(f"{LINE}[ \t>]*(?:\n[ \t>]*)?{LINE}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class Shelf:
    """Pieces of text that are represented by tokens until :meth:`restore` puts them back."""

    def __init__(self, letter: str) -> None:
        self._letter = letter
        self._pieces: list[tuple[str, bool]] = []

    def put(self, piece: str, *, block: bool = False) -> str:
        """The token for ``piece``. A block gets the indentation of the line where its token ends up."""
        self._pieces.append((piece, block))
        return f"{TOKEN_OPEN}{self._letter}{len(self._pieces) - 1}{TOKEN_CLOSE}"

    def restore(self, text: str) -> str:
        """``text`` with every token of this shelf replaced by its piece, also tokens inside pieces."""
        for _ in range(len(self._pieces)):  # each round brings back at least one level
            if f"{TOKEN_OPEN}{self._letter}" not in text:
                break
            text = TOKEN.sub(lambda match: self._piece(match), text)
        return text

    def peek(self, match: re.Match[str]) -> str:
        """The piece of one token, without indentation."""
        return self._pieces[int(match[2])][0] if match[1] == self._letter else match[0]

    def _piece(self, match: re.Match[str]) -> str:
        if match[1] != self._letter:
            return match[0]
        piece, is_block = self._pieces[int(match[2])]
        if not is_block or "\n" not in piece:
            return piece
        line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
        return indent_rest(piece, continuation(line))


def continuation(line: str) -> str:
    """What the lines after ``line`` must start with to stay in the same list item or quotation."""
    start = _LINE_START.match(line)
    return re.sub(r"[^\s>]", " ", start[0]) if start else ""


def indent_rest(block: str, prefix: str) -> str:
    """``block`` with ``prefix`` before every line but the first; empty lines get no trailing blanks."""
    if not prefix:
        return block
    return "\n".join(
        line if number == 0 else (prefix + line if line else prefix.rstrip())
        for number, line in enumerate(block.split("\n"))
    )


def settle(text: str) -> str:
    """Turns the marks that rules leave behind into lines.

    A line of which nothing but DROPPED marks is left goes. A new paragraph starts at a BREAK mark, a new line
    at a LINE mark: in the same list item or quotation. More than one blank line becomes one.
    """
    if not _MARK.search(text):
        return text
    lines: list[str] = []
    for line in _TWO_LINE_MARKS.sub(BREAK, text).split("\n"):
        if DROPPED in line:
            before, _, after = line.partition(DROPPED)
            if before == _start(before):  # what follows must not become code by the blanks that are left
                line = before + after.lstrip(" \t" + DROPPED)
            ends_with_mark = line.rstrip(" \t").endswith(DROPPED)
            line = line.replace(DROPPED, "").rstrip(" \t" if ends_with_mark else "")
            if not line.strip(" \t" + BREAK) or not line[len(_start(line)) :].strip(" \t" + BREAK):
                lines += [_start(line).rstrip()] if BREAK in line and ">" not in line else []
                continue
        lines += _broken(line) if BREAK in line or LINE in line else [line]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines))


def _start(line: str) -> str:
    """The quotation marks, list markers and indentation of a line."""
    match = _LINE_START.match(line)
    return match[0] if match else ""


def _broken(line: str) -> list[str]:
    """The lines that a line with BREAK or LINE marks becomes."""
    if line.lstrip(" \t>").startswith("#"):
        return [re.sub(f"[ {BREAK}{LINE}]+", " ", line).rstrip()]  # a heading cannot be broken
    start = _start(line)
    prefix = continuation(start)
    pieces = [piece.strip(" \t") for piece in line[len(start) :].split(BREAK)]
    lines = [] if start.strip(" \t>") or pieces[0] else [prefix.rstrip()]
    for piece in pieces:
        if piece.strip(LINE):
            piece = f"  \n{prefix}".join(part.strip(" \t") for part in piece.lstrip(LINE).split(LINE))
            lines += [start + piece if not lines else prefix + piece, prefix.rstrip()]
    if pieces[-1] and lines:
        lines.pop()
    return lines or [start.rstrip()]
