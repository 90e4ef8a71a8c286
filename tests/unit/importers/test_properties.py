"""What holds for every input, whatever it is."""

from __future__ import annotations

import io
import os
import re
import string

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.importers import ImportSourceError, LinkResolver, read_file, read_zip, rewrite_links
from kb.importers.code_regions import shelve_code
from kb.importers.shelf import Shelf
from kb.importers.text import text_to_markdown
from kb.models import PageDraft, SkippedFile

# The same examples in every run: what a run finds must not depend on the day. Raise max_examples to look for more.
QUICK = settings(deadline=None, derandomize=True, max_examples=int(os.environ.get("BATON_EXAMPLES", "200")))

# Text in which every second character means something to one of the parsers.
FRAGMENTS = [
    *"[]()<>`*_|#-+!:{}%\"'\\/&;~=^.\n\n\n\t  1aZé☃", "[[", "]]", "](", "![", "](a.md)", "](https://a.org)",
    "[a]: b.md\n", "[a]", "(b)", "{% a %}", "{% enda %}", "{% raw %}", "{% endraw %}", "{% alert %}",
    "{% endalert %}", "{% comment %}", "{% highlight x %}", "{% endhighlight %}", "{{ a }}", "{{< a >}}",
    "{{< /a >}}", "{# a #}", "<b>", "</b>", "<div>", "</div>", "<ul><li>", "</li></ul>", "<table><tr><td>",
    "</td></tr></table>", "<br>", "<!--", "-->", "<pre>", "</pre>", "<code>", "</code>", "<summary>",
    "<a href='x'>", "</a>", "<x y>", "<X>", "</X>", "<script>", "</script>", "```", "~~~\n", "\n    ", "\n- ",
    "\n> ", "\n1. ", "\n| a | b |\n|---|---|\n| ", " | ", "\n!!! note\n    ", "\n:::tip\n", "\n:::\n", "\n# ",
    "\n===\n", "\n---\n", "---\n", "+++\n", "title: ", "\n{: .a}", "{#a}", "> [!NOTE]", "[TOC]", "[^1]",
    "&amp;", "&lt;", "data:image/png;base64,AAAA", "javascript:", "//a.org", "\ufdd0c0\ufdd1", "\ufdd2", "\0",
]  # fmt: skip
MARKUP = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
ANY_TEXT = MARKUP | st.text(max_size=200)
SUFFIXES = st.sampled_from([".md", ".mdx", ".txt", ".html"])


@given(ANY_TEXT, SUFFIXES)
@settings(QUICK)
def test_every_text_becomes_a_page_or_a_reason(text: str, suffix: str) -> None:
    item = read_file("a/page" + suffix, text.encode())
    assert isinstance(item, PageDraft | SkippedFile)
    if isinstance(item, PageDraft):
        assert item.title.strip()
        assert "\n" not in item.title
        assert not re.search("[\ufdd0-\ufdef\0]", item.title + item.body)


@given(st.binary(max_size=300), st.sampled_from([".md", ".html", ".docx", ".pptx", ".xlsx", ".pdf", ".bin"]))
@settings(QUICK)
@example(b"PK\x05\x06" + b"\0" * 18, ".docx")
@example(b"%PDF-1.4\ntrailer<</Root 1 0 R>>", ".pdf")
def test_every_file_becomes_a_page_or_a_reason(content: bytes, suffix: str) -> None:
    assert isinstance(read_file("page" + suffix, content), PageDraft | SkippedFile)


@given(st.binary(max_size=300))
@settings(QUICK)
def test_every_file_is_a_zip_or_is_said_to_be_none(content: bytes) -> None:
    try:
        items = list(read_zip(io.BytesIO(content)))
    except ImportSourceError:
        items = []
    assert all(isinstance(item, PageDraft | SkippedFile) for item in items)


PAGES = [PageDraft(source=source, title="", body="") for source in ("a.md", "b.md", "c/b.html", "c/index.md")]
RESOLVE = LinkResolver(PAGES, {page.source: f"slug-{number}" for number, page in enumerate(PAGES)})


@given(ANY_TEXT, st.sampled_from(["a.md", "c/index.md", "elsewhere/x/y.md"]))
@settings(QUICK)
def test_rewriting_links_twice_changes_nothing_more(text: str, source: str) -> None:
    once = rewrite_links(text, source, RESOLVE)
    assert rewrite_links(once, source, RESOLVE) == once


@given(ANY_TEXT)
@settings(QUICK)
def test_no_link_leads_anywhere_but_to_pages_and_servers(text: str) -> None:
    rendered = MarkdownIt("commonmark").enable("table").parse(rewrite_links(text, "a.md", RESOLVE))
    for href in _links(rendered):
        assert href.lower().startswith(("#", "http:", "https:", "mailto:"))


def _links(tokens: list[Token]) -> list[str]:
    found = []
    for token in tokens:
        if token.type == "link_open":
            found.append(str(token.attrs["href"]))
        found += _links(token.children or [])
    return found


@given(ANY_TEXT)
@settings(QUICK)
def test_code_comes_back_from_the_shelf_as_it_was(text: str) -> None:
    text = re.sub("[\ufdd0-\ufdef\r]", "", text)
    shelf = Shelf("c")
    assert shelf.restore(shelve_code(text, shelf)) == text


# Markup around a word; whatever it becomes, the word must survive.
WRAPPINGS = [
    "{}", "**{}**", "*{}*", "`{}`", "~~{}~~", "<b>{}</b>", "<em>{}</em>", "<code>{}</code>", "<kbd>{}</kbd>",
    "<sup>{}</sup>", "<span id='x'>{}</span>", "<div class='x'>{}</div>", "<p>{}</p>", "<h3 id='y'>{}</h3>",
    "<a href='z.md'>{}</a>", "<ul><li>{}</li></ul>", "<ol>\n<li>{}\n<li>{}\n</ol>",
    "<table><tr><td>{}</td><td>{}<br>{}</td></tr></table>", "<details><summary>{}</summary>{}</details>",
    "<details>\n<summary>{}</summary>\n\n{}\n\n</details>", "<pre>{}</pre>", "<blockquote>{}</blockquote>",
    "<your {}>", "<Tabs>{}</Tabs>", "[{}](x.md)", "[{}](https://a.org)", "[{}][r]", "![{}](missing.png)",
    "[![{}](a.png)](b.md)", "<https://{}.org>", "\n\n    {}\n\n", "\n```\n{}\n```\n", "\n# {}\n",
    "\n## {} {{#id}}\n", "\n{}\n===\n", "\n- {}\n  - {}\n", "\n1. {}\n", "\n> {}\n", "\n> [!NOTE]\n> {}\n",
    "\n| {} | {} |\n|---|---|\n| {}<br>{} | <b>{}</b> |\n", "\n!!! note \"{}\"\n    {}\n",
    "\n:::tip {}\n{}\n:::\n", "{{% alert %}}{}{{% endalert %}}",
    "{{% alert \"Big {}\" %}}\n  {}\n{{% endalert %}}", "{{% if x %}}{}{{% endif %}}",
    "{{% raw %}}{}{{% endraw %}}", "{{% highlight x %}}\n{}\n{{% endhighlight %}}",
    "{{{{< tabs >}}}}{}{{{{< /tabs >}}}}", "{{% slack_channel \"{}\" %}}", "{{% image \"a.png\" \"{}\" %}}",
    "{{{{ \"{}\" }}}}", "[^1]\n\n[^1]: {}\n\n", "\n{}\n{{: .x}}\n",
]  # fmt: skip
PARTS = st.lists(
    st.tuples(st.sampled_from(WRAPPINGS), st.sampled_from(["", " ", "\n", "\n\n"])), min_size=1, max_size=8
)


@given(PARTS)
@settings(QUICK)
def test_no_word_is_lost(parts: list[tuple[str, str]]) -> None:
    words = (f"w{number}ord" for number in range(1000))
    text = "".join(_filled(wrapping, words) + space for wrapping, space in parts)
    expected = set(re.findall(r"w[0-9]+ord", text))
    item = read_file("page.md", text.encode())
    assert isinstance(item, PageDraft), text
    for body in (item.body, rewrite_links(item.body, "page.md", lambda path: "slug" if "z" in path else None)):
        assert expected <= set(re.findall(r"w[0-9]+ord", item.title + " " + body))


def _filled(wrapping: str, words: object) -> str:
    return string.Formatter().vformat(wrapping, _Words(words), {})


class _Words(list[str]):
    """The next word for every ``{}``."""

    def __init__(self, words: object) -> None:
        super().__init__()
        self._words = words

    def __getitem__(self, index: object) -> str:
        return next(self._words)  # type: ignore[call-overload,no-any-return]


LINES = st.text(alphabet="ab1 .-*_`[]()<>#&|~=+!\\:;'\"{}", max_size=30)


@given(st.lists(LINES, max_size=12).map("\n".join))
@settings(QUICK)
def test_plain_text_shows_the_same_words_as_before(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text_to_markdown(text))
    kinds = {token.type for token in _flat(tokens)}
    assert not kinds & {
        "em_open",
        "strong_open",
        "s_open",
        "link_open",
        "image",
        "html_inline",
        "html_block",
        "blockquote_open",
    }
    shown = " ".join(token.content for token in _flat(tokens) if token.type in ("text", "code_block", "fence"))
    numbers_of_lists = r"^\s*[0-9]{1,3}[.)]\s"  # the renderer counts them itself
    assert sorted(re.findall(r"[ab]+", shown)) == sorted(re.findall(r"[ab]+", re.sub(numbers_of_lists, "", text)))


def _flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *(_flat(token.children or [])))]
