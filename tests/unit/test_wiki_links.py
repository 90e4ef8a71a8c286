"""What a wiki link is, and what becomes of texts that are kept."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from kb.tidying import cut, one_line, storable
from kb.wiki_links import linked_names, wiki_link_plugin


def test_the_names_of_links_come_in_order_and_without_sections() -> None:
    text = "[[Refunds]] and [[ visa-rules #Fees|fees]], [[#here]], [[a\\|b]], [[a]b]], [[ ]]"
    assert list(linked_names(text)) == ["Refunds", "visa-rules", "a"]


@pytest.mark.parametrize(
    ("text", "meta"),
    [
        ("[[Refunds]]", {"name": "Refunds", "anchor": "", "text": ""}),
        ("[[Refunds#Fees|the fees]]", {"name": "Refunds", "anchor": "Fees", "text": "the fees"}),
        ("[[#Fees]]", {"name": "", "anchor": "Fees", "text": ""}),
    ],
)
def test_a_parser_makes_a_token_of_each(text: str, meta: dict[str, str]) -> None:
    (inline,) = (token for token in MarkdownIt("commonmark").use(wiki_link_plugin).parse(text) if token.children)
    assert [(token.type, token.meta) for token in inline.children or []] == [("wiki_link", meta)]


@pytest.mark.parametrize("text", ["[[]]", "[[ | words]]", "`[[Refunds]]`"])
def test_what_names_nothing_and_what_is_code_is_no_link(text: str) -> None:
    parsed = MarkdownIt("commonmark").use(wiki_link_plugin).parse(text)
    assert [token.type for block in parsed for token in block.children or [] if token.type == "wiki_link"] == []


def test_texts_are_kept_without_what_cannot_be_stored() -> None:
    assert storable("a\ud83d\x00b\nc") == "a?b\nc"
    assert one_line(" a\x00 \n\t b ") == "a b"
    assert (cut("abcdef", 6), cut("abc def", 5)) == ("abcdef", "abc…")
