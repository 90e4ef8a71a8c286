"""Escaping people's text for Streamlit's Markdown, which replaces more than Markdown does."""

from __future__ import annotations

import re

# Whatever opens something anywhere, and whatever opens a block at the start of a line.
_SPECIAL = re.compile(r"([\\`*_\[\]{}<>#|~$:&])|^( *(?:\d+(?=[.)])|(?=[-+=])))([-+=.)])")
_ODD_SPACE = re.compile(r"[^\S \n]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# What Streamlit replaces in plain text even where it is escaped: names of emoji, and arrows and dashes between spaces.
# A span of its own around each character but the last, which means nothing, parts them.
_REPLACED = r":(?=[\w+-]+:|material/)|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)"
IN_PAGES = re.compile(_REPLACED)
# In a page a bare address becomes a link, as people expect; on the other screens it stays text.
ELSEWHERE = re.compile(_REPLACED + r"|@|(?i:(?<=http)|(?<=https)):(?=//)|(?i:(?<=www))\.")


def escaped(text: str, parted: re.Pattern[str] = IN_PAGES) -> str:
    """The text exactly as typed; line ends are kept.

    :param parted: what Streamlit would replace: IN_PAGES or ELSEWHERE.
    """
    parts = []
    end = 0
    for found in parted.finditer(text):
        characters = found.group()[:-1] or found.group()
        parts.append(_plain(text[end : found.start()]))
        parts.extend(f":color[\\{character}]{{}}" for character in characters)
        end = found.start() + len(characters)
    parts.append(_plain(text[end:]))
    return "".join(parts)


def escape(text: str) -> str:
    """A piece of people's text, on one line, exactly as typed; to put into Streamlit's Markdown."""
    return escaped(" ".join(text.split()), ELSEWHERE)


def _plain(text: str) -> str:
    text = _SPECIAL.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", CONTROL.sub("", text))
    # As a reference, a no-break space at the edge of a bold word keeps the word bold.
    return _ODD_SPACE.sub(lambda space: f"&#{ord(space.group())};", text)
