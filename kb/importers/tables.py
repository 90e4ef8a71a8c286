"""Markdown tables from rows of cells, as well as Markdown can: it knows no spans and one line per cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.importers.shelf import BREAK

_MAX_SPAN = 50  # a wider or higher cell is a mistake, or an attempt to fill the memory
_MAX_COLUMNS = 100
_BOLD_END = re.compile(r"\w\*\*(?:\]\([^()\s]{0,300}\))?\Z")  # a name, and then what it means
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an HTML table; BREAK marks in ``text`` stand where a new line began."""

    text: str
    header: bool = False
    columns: int = 1
    rows: int = 1


def markdown_table(rows: Sequence[Sequence[Cell]]) -> str:
    """The table, or plain paragraphs for a table of one column, or "" for one without text.

    A first row that is one wide cell becomes a bold line above the table. A cell over several rows is repeated,
    so that each row can be understood (and found) alone; of a cell over several columns only the first has text.
    """
    rows = [row for row in rows if any(cell.text.strip(f" \n{BREAK}") for cell in row)]
    titles: list[str] = []
    while len(rows) > 1 and len(rows[0]) == 1 and rows[0][0].columns > 1:
        titles.append(f"**{cell_line(rows[0][0].text).replace('**', '')}**")
        rows = rows[1:]
    grid = _grid(rows)
    if not grid:
        return "\n\n".join(titles)
    if len(grid[0]) == 1:
        return "\n\n".join([*titles, *(row[0] for row in grid)])
    has_header = all(cell.header for cell in rows[0])
    lines = grid if has_header else [[""] * len(grid[0]), *grid]
    lines = [lines[0], ["---"] * len(grid[0]), *lines[1:]]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return "\n\n".join([*titles, table])


def cell_line(text: str) -> str:
    """A cell's text on one line: what stood on lines of its own is separated by a colon or semicolon."""
    return _UNESCAPED_PIPE.sub(r"\\|", join_lines(" ".join(text.split())))


def join_lines(text: str) -> str:
    """``text`` with punctuation in place of its BREAK marks, where it has none already."""
    line, *pieces = text.split(BREAK)
    for piece in filter(None, map(str.strip, pieces)):
        line = line.rstrip()
        if line and line[-1] not in ".,;:!?…•|" and piece[0] not in "•(|":
            line += ":" if _BOLD_END.search(line) else ";"
        line += (" " if line else "") + piece
    return line


def _grid(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The text of every cell, as many in each row; columns without any text are left out."""
    grid: list[dict[int, str]] = [{} for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while column in grid[number]:
                column += 1
            if column >= _MAX_COLUMNS:
                break
            text = cell_line(cell.text)
            for below in range(number, min(len(rows), number + min(_MAX_SPAN, max(1, cell.rows)))):
                for right in range(column, min(_MAX_COLUMNS, column + min(_MAX_SPAN, max(1, cell.columns)))):
                    grid[below][right] = text if right == column else ""
    used = sorted({column for row in grid for column, text in row.items() if text})
    return [[row.get(column, "") for column in used] for row in grid] if used else []
