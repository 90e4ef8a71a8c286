"""The wiki link, ``[[Page#Section|words]]``: what it names, and the rule by which Markdown is parsed with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

WIKI_LINK = re.compile(r"\[\[([^\[\]|#\\]*)(?:#([^\[\]|\\]*))?(?:\\?\|([^\[\]]*))?\]\]")


def linked_names(text: str) -> Iterator[str]:
    """What the wiki links of a text name, in order: addresses or titles."""
    return (name for link in WIKI_LINK.finditer(text) if (name := link.group(1).strip()))


def wiki_link_plugin(parser: MarkdownIt) -> None:
    """Let a parser of Markdown make a token ``wiki_link`` of each, with ``name``, ``anchor`` and ``text`` in its meta.

    Every other link is parsed as one too, so that a dangerous one keeps its words and loses its target in the writer.
    """
    parser.inline.ruler.before("link", "wiki_link", _wiki_link)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]


def _wiki_link(state: StateInline, silent: bool) -> bool:
    found = WIKI_LINK.match(state.src, state.pos)
    parts = [(part or "").strip() for part in found.groups()] if found else []
    if found is None or not (parts[0] or parts[1]):
        return False
    if not silent:
        token = state.push("wiki_link", "", 0)
        token.meta = dict(zip(("name", "anchor", "text"), parts, strict=True))
    state.pos = found.end()
    return True
