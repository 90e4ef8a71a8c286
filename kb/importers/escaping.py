"""Plain text that must not be read as Markdown by accident."""

from __future__ import annotations

import re

_INLINE = re.compile(
    r"""[\\`*]                      # code, emphasis
      | (?<![^\W_])_ | _(?![^\W_])  # emphasis; inside a word an underscore is only an underscore
      | \[(?=\[) | (?<=\])[(:]     # wiki links, links, definitions: breaking one bracket is enough
      | <(?=[A-Za-z/!?])            # tags
      | &(?=\#?\w{1,31};)           # entities
      | ~(?=~)                      # strikethrough
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(
    r"""^[ \t]*(?:
        ( \#{1,6}(?=\s|$) | [+-](?=\s|$) | [>|]     # a heading, item, quotation or table
        | [=-]+[ \t]*$ | -(?:[ \t]*-){2,}[ \t]*$ )  # an underline or a line across
      | (\d{1,9})([.)])(?=\s|$)                    # a numbered item
    )""",
    re.MULTILINE | re.VERBOSE,
)


def escape_markdown(text: str) -> str:
    """``text`` with a backslash wherever Markdown would see more than text.

    Marks at the start of a line only mean something there; ``-5`` and ``#5`` stay as they are.
    """
    return _INLINE.sub(r"\\\g<0>", text)


def escape_line_starts(text: str) -> str:
    """Whole lines of plain text, so that none becomes a heading, list, quotation, table, line or code block."""

    def escaped(match: re.Match[str]) -> str:
        return f"{match[2]}\\{match[3]}" if match[2] else f"\\{match[1]}"

    return _LINE_START.sub(escaped, text)
