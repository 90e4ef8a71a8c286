"""People's Markdown -> Markdown that Streamlit shows as it was meant, and in which nothing can act.

The text is parsed and written anew from its tokens, every character of it escaped. So nothing that people write
reaches Streamlit's own syntax: no formula, no coloured text, no icon, no raw HTML, no image from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from kb.pages import LinkTarget
from kb.snippets import Snippet
from kb.ui.escaping import CONTROL, ELSEWHERE, escape, escaped
from kb.ui.markdown_writer import Writer
from kb.wiki_links import wiki_link_plugin

__all__ = ["escape", "marked", "page_markdown"]


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
    rules = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return rules.use(footnote_plugin).use(wiki_link_plugin)
