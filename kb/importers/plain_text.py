"""What a piece of inline Markdown says, without its marks: for titles, labels and anchors."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MAX_PARSED_CHARACTERS = 2_000  # longer than any label; beyond, the marks stay
_INLINE = MarkdownIt("commonmark").enable("strikethrough")
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def plain_text(markdown: str) -> str:
    """One line of text: ``"**See** [`a`](b)"`` -> ``"See a"``; of images, their descriptions."""
    line = " ".join(markdown.split())
    if not line or len(line) > _MAX_PARSED_CHARACTERS:
        return line
    tokens = _INLINE.parseInline(line)
    return " ".join(_text(tokens[0].children or []).split())


def _text(tokens: list[Token]) -> str:
    return "".join(
        " "
        if token.type in ("softbreak", "hardbreak")
        else _text(token.children or [])
        if token.type == "image"
        else ""
        if token.type == "html_inline" and _HTML_TAG.fullmatch(token.content)
        else token.content
        for token in tokens
    )


def heading_anchor(heading: str) -> str:
    """The anchor that wikis and GitHub give a heading: ``"1. Annual *leave*?"`` -> ``"1-annual-leave"``."""
    return _NOT_IN_ANCHOR.sub("", plain_text(heading).lower()).replace(" ", "-")


def readable_name(path: str) -> str:
    """A title from a file name: ``"travel/annual_leave-2024.md"`` -> ``"Annual leave 2024"``.

    ``index`` and ``README`` say nothing, so they give their folder's name.
    """
    *folders, name = path.rstrip("/").split("/")
    stem = name.rsplit(".", 1)[0] if "." in name.strip(".") else name
    if stem.lower() in ("index", "_index", "readme") and folders:
        stem = folders[-1]
    words = " ".join(re.sub(r"[-_+]+|%20", " ", stem).split())
    return words[:1].upper() + words[1:] if words else name


def word_set(words: str) -> frozenset[str]:
    """The words of a string: for tables of names that should read as one line."""
    return frozenset(words.split())
