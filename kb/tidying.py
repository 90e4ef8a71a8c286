"""What is done to any text before it is kept or shown: characters that cannot be stored, line ends, length. Pure."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without what a database cannot hold."""
    # Lone surrogates (a cut emoji, pasted) have no UTF-8; NUL ends a text in SQLite's eyes.
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def storable_lines(text: str) -> str:
    """The text as it can be stored, every line end the same."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """The text as it can be stored, on one line, with single blanks."""
    return " ".join(storable(text).split())


def cut(text: str, longest: int) -> str:
    """The text, cut with an ellipsis where it is longer than ``longest`` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
