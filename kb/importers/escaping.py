"""Plain text that must not be read as Markdown by accident."""

from __future__ import annotations

import re

_INLINE = re.compile(
    r"""[\\`*]                      # code, emphasis
      | (?<![^\W_])_ | _(?![^\W_])  # emphasis; inside a word an underscore is only an underscore
      | \[(?=\[) | (?<=\])\(        # wiki links and links: breaking one bracket is enough
      | <(?=[A-Za-z/!?])            # tags
      | &(?=\#?\w{1,31};)           # entities
      | ~(?=~)                      # strikethrough
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(r"^([ \t]*)(?:([#>+|~=-])|(\d{1,9})([.)])(?=\s|$))", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """``text`` with a backslash wherever Markdown would see more than text.

    Marks at the start of a line only mean something there; ``-5`` and ``#5`` stay as they are.
    """
    return _INLINE.sub(r"\\\g<0>", text)


def escape_line_starts(text: str) -> str:
    """Whole lines of plain text, so that none becomes a heading, list, quotation, table, line or code block."""

    def escaped(match: re.Match[str]) -> str:
        if match[3]:
            return f"{match[3]}\\{match[4]}"
        rest = text[match.end() : match.end() + 1]
        mark = match[2]
        harmless = mark in "+-#" and rest not in ("", " ", "\t", "\n", mark)
        return mark if harmless else "\\" + mark

    return _LINE_START.sub(escaped, text)
