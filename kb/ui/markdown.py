"""People's Markdown -> Markdown that Streamlit shows as it was meant, and in which nothing can act.

The text is parsed and written anew from its tokens, every character of it escaped. So nothing that people write
reaches Streamlit's own syntax: no formula, no coloured text, no icon, no raw HTML, no image from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from kb.pages import WIKI_LINK, LinkTarget
from kb.snippets import Snippet
from kb.ui.escaping import CONTROL, ELSEWHERE, escaped
from kb.ui.markdown_writer import Writer


def escape(text: str) -> str:
    """A piece of people's text, on one line, exactly as typed; to put into Streamlit's Markdown."""
    return escaped(" ".join(text.split()), ELSEWHERE)


def marked(snippet: Snippet) -> str:
    """A search result's passage with its matched words on a coloured ground."""
    pieces = []
    for text, is_match in snippet.pieces:
        tidy = escaped(re.sub(r"\s+", " ", text), ELSEWHERE)
        pieces.append(f":primary-background[{tidy}]" if is_match else tidy)
    return "".join(pieces).strip()


def page_markdown(body: str, links: Mapping[str, LinkTarget]) -> str:
    """The body of a page.

    :param links: where its wiki links lead, as :func:`kb.pages.resolve_links` tells.
    """
    return Writer(links).blocks(SyntaxTreeNode(_parser().parse(CONTROL.sub("", body))).children)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin)
    parser.inline.ruler.before("link", "wiki_link", _wiki_link)
    # Every link is parsed as one, so that a dangerous one keeps its text and loses its target, in the writer.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


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
