"""People's Markdown: shown as it was meant, and nothing in it acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from kb.pages import LinkTarget
from kb.search import Snippet
from kb.ui.markdown import escape, marked, page_markdown

LINKS = {"vpn": LinkTarget("vpn", "Set up the VPN"), "Nobody": LinkTarget(None, "Nobody")}


def test_formula_and_streamlit_words_stay_as_typed() -> None:
    assert page_markdown("$x$ costs $5 :red[x] :smile: :material/home: a -> b", {}) == (
        r"\$x\$ costs \$5 \:red\[x\] :color[\:]{}smile\: :color[\:]{}material/home\: a :color[\-]{}\> b"
    )


def test_html_is_shown_not_used() -> None:
    assert page_markdown("a <img src=x onerror=alert(1)> b", {}) == r"a \<img src=x onerror=alert(1)\> b"
    assert page_markdown("<script>\nalert(1)\n</script>", {}) == "\\<script\\>\\\nalert(1)\\\n\\</script\\>"


def test_html_comment_is_not_shown_and_line_break_breaks() -> None:
    assert page_markdown("a<br>b <!-- later -->\n\n<!-- note -->\n\nc", {}) == "a\\\nb\n\nc"
    assert page_markdown("a<br> - b", {}) == "a\\\n\\- b"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc", "//evil.org/x"],
)
def test_dangerous_link_loses_its_target(url: str) -> None:
    assert page_markdown(f"[click](<{url}>) ![pic](<{url}>)", {}) == "click pic"


def test_unknown_address_inside_loses_its_target() -> None:
    assert page_markdown("[a](/page?slug=x) [b](/secret) [c](other.md)", {}) == "[a](</page?slug=x>) b c"


def test_remote_image_becomes_a_link_and_attached_image_shows() -> None:
    sha = "a" * 64
    assert page_markdown(f"![chart](https://x.org/a.png) ![own](/attachment/{sha})", {}) == (
        f"[chart](<https://x.org/a.png>) ![own](</attachment/{sha}>)"
    )


def test_wiki_links_lead_to_pages_or_to_writing_them() -> None:
    assert page_markdown("[[vpn]], [[vpn#Lost token|the token]], [[Nobody]], [[#Hours]]", LINKS) == (
        "[Set up the VPN](</page?slug=vpn>), [the token](</page?slug=vpn#lost-token>), "
        '[Nobody](</write?title=Nobody> "Not written yet: write it"), [Hours](<#hours>)'
    )


def test_wiki_link_in_a_table() -> None:
    table = "| a |\n|---|\n| [[vpn\\|it]] |"
    assert page_markdown(table, LINKS) == "| a |\n| --- |\n| [it](</page?slug=vpn>) |"


def test_remote_image_in_a_link_gives_its_words_to_the_link() -> None:
    assert page_markdown("[![chart](https://x.org/a.png)](https://x.org)", {}) == "[chart](<https://x.org>)"


def test_code_is_untouched() -> None:
    code = "```py\nprice = '$5'  # :red[x] [[vpn]] <b>\n```\n\nUse `[[vpn]] $x$ :smile:` here"
    assert page_markdown(code, LINKS) == code


def test_diagram_source_is_shown_as_code() -> None:
    assert page_markdown("```mermaid\ngraph TD\n```", {}) == "```text\ngraph TD\n```"


def test_tasks_nested_lists_and_footnotes() -> None:
    body = "- [ ] call **Ana**\n- [x] done\n  1. first\n  2. second\n\nSee[^a].\n\n[^a]: The *contract*."
    assert page_markdown(body, {}) == (
        "- [ ] call **Ana**\n- [x] done\n  1. first\n  2. second\n\nSee[^1].\n\n[^1]: The *contract*."
    )


def test_neighbouring_lists_stay_two_lists() -> None:
    assert page_markdown("- a\n\n[x]: /y\n\n- b", {}) == "- a\n\n* b"


def test_escape_keeps_one_line_and_makes_no_links() -> None:
    assert escape("a\n# b  https://x.org me@x.org") == (r"a \# b https:color[\:]{}//x.org me:color[\@]{}x.org")


def test_marked_words_are_coloured_and_the_rest_escaped() -> None:
    snippet = Snippet((("Pay $5 for ", False), ("VPN[1]", True), (" <b>\nnow", False)))
    assert marked(snippet) == r"Pay \$5 for :primary-background[VPN\[1\]] \<b\> now"


BLOCKS = st.sampled_from(
    [
        "- ",
        "+ ",
        "1. ",
        "7) ",
        "> ",
        "# ",
        "## ",
        "    ",
        "  ",
        "```\n",
        "|",
        "|-|\n",
        "---\n",
        "===\n",
        "\n",
        "\n\n",
        "[x] ",
    ]
)
TEXT = st.sampled_from(
    [
        "a",
        "b ",
        " ",
        " *a* ",
        " **a *b* c** ",
        "_d_",
        "~~",
        "`",
        "``",
        "[",
        "]",
        ")",
        "\\",
        "&amp;",
        "&nbsp;",
        "=",
        "é",
        "日本",
    ]
)
ODD = st.sampled_from(["[t](https://x.org/a_b)", "\t", ".", "~", "{", "}"])
PIECES = st.one_of(BLOCKS, TEXT, ODD)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=25).map("".join).filter(lambda body: "[[" not in body))
@example("- a\n\n  b\n- - c\n\n      code\n> - d\n>\n> e")
@example("***a** b*c")
@example("**&nbsp;x**")
@example("- a\n  ---\n- \n  b")
def test_written_anew_it_reads_the_same(body: str) -> None:
    assert _as_read(page_markdown(body, {})) == _as_read(body)


def _as_read(markdown: str) -> str:
    """The HTML that a reader sees, without differences that show nothing."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(footnote_plugin)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    html = parser.render(markdown)
    html = re.sub(r":color\[(.)\]\{\}", r"\1", html)  # the span that parts what Streamlit would replace
    html = re.sub(r'<code class="[^"]*">', "<code>", html)
    html = re.sub(r"</?p>|<br ?/>|&nbsp;", " ", html)  # a list may be looser; a heading stays on one line
    return "".join(html.replace("\xa0", " ").split())
