"""Markdown files: front matter, titles, and what must not change."""

from __future__ import annotations

import pytest

from tests.unit.importers.helpers import body, draft, reason

PLAIN = """\
A paragraph with *emphasis*, `code` and a [link](https://example.org "title").
It goes on here.\x20\x20
After a hard break.

- one
  - two

    with a second paragraph
- three

      indented code <b>&amp;</b>

1. first
2. second
   ```py
   if a < b:

       print("{{ x }} {% y %} <b>")
   ```

> quoted
> > twice
>
> ```
> code <i>
> ```

| a | b |
|---|:-:|
| `x \\| y` | 2 |

Setext
------

***

[ref]: https://example.org
A reference [ref][], a footnote[^1], 3 < 4, a~~b~~, AT&T, <https://example.org> and <me@example.org>.

[^1]: The note.

    indented code

~~~
never <closed>
"""


def test_plain_markdown_stays_as_it_is() -> None:
    assert body(PLAIN) == PLAIN.rstrip("\n")


def test_front_matter_gives_title_tags_keywords_and_redirects() -> None:
    page = draft(
        "---\ntitle: Annual leave\ntags: [hr, ' leave ', hr]\nkeywords: vacation, holiday,\n"
        "redirect_from:\n  - /leave/\naliases: /old\npermalink: /annual/\nowner: x\n---\n\nText\n"
    )
    assert (page.title, page.body) == ("Annual leave", "Text")
    assert page.tags == ("hr", "leave")
    assert page.keywords == ("vacation", "holiday")
    assert page.redirects == ("/leave/", "/old", "/annual/")


def test_a_list_of_keywords_and_a_string_of_tags_are_read_too() -> None:
    page = draft("---\ntags: a, b\nkeywords: [c, 7, true, null, [x]]\n---\nText")
    assert (page.tags, page.keywords) == (("a", "b"), ("c", "7", "True"))


def test_toml_front_matter_is_read() -> None:
    page = draft('+++\ntitle = "Hugo page"\ntags = ["a"]\n+++\nText')
    assert (page.title, page.tags, page.body) == ("Hugo page", ("a",), "Text")


def test_a_page_that_begins_with_a_horizontal_line_has_no_front_matter() -> None:
    assert body("---\nJust text\n---\nmore") == "---\nJust text\n---\nmore"


@pytest.mark.parametrize(
    ("front", "line"),
    [("title: a: b", 2), ("title: x\ntags: [a", 3), ("a: 1\n\tb: 2", 3)],
)
def test_broken_front_matter_is_skipped_with_its_line(front: str, line: int) -> None:
    why = reason(f"---\n{front}\n---\nText".encode())
    assert f"not valid YAML: line {line} of the file" in why


def test_broken_toml_is_skipped() -> None:
    assert "not valid TOML" in reason(b"+++\ntitle = \n+++\nText")


def test_the_title_is_plain_text() -> None:
    assert (
        draft("---\ntitle: Get set up <em>before</em> **onboarding**\n---\nx").title == "Get set up before onboarding"
    )


def test_without_front_matter_the_first_heading_is_the_title_and_leaves_the_body() -> None:
    page = draft("Intro\n\n# The `main` *title*\n\nText\n\n# Another\n")
    assert page.title == "The main title"
    assert page.body == "Intro\n\nText\n\n# Another"


def test_an_underlined_heading_is_a_title_too() -> None:
    page = draft("Title\n=====\nText")
    assert (page.title, page.body) == ("Title", "Text")


def test_a_heading_that_repeats_the_title_leaves_the_body() -> None:
    assert draft("---\ntitle: Leave\n---\n# Leave\n\nText").body == "Text"
    assert draft("---\ntitle: Leave\n---\n# Other\n\nText").body == "# Other\n\nText"


def test_a_heading_in_code_is_no_title() -> None:
    page = draft("```\n# comment\n```\n", "set-up_your-laptop.md")
    assert (page.title, page.body) == ("Set up your laptop", "```\n# comment\n```")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("travel/annual_leave-2024.md", "Annual leave 2024"),
        ("travel/index.md", "Travel"),
        ("a/b-c/README.md", "B c"),
        ("README.md", "README"),
    ],
)
def test_without_any_heading_the_file_name_is_the_title(path: str, title: str) -> None:
    assert draft("Text", path).title == title


def test_a_page_with_a_title_only_is_a_page() -> None:
    page = draft("---\ntitle: Later\n---\n")
    assert (page.title, page.body) == ("Later", "")


def test_an_empty_page_that_moved_says_where() -> None:
    page = draft("---\ntitle: Old\nredirect_to: /benefits/#the-new-part\n---\n")
    assert page.body == "This page has moved: [The new part](</benefits/#the-new-part>)"
    page = draft("---\ntitle: Old\nredirect_to: https://a.org/x\n---\n")
    assert page.body == "This page has moved: <https://a.org/x>"


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b"---\ntags: [a]\n---\n", b"<!-- nothing -->\n"])
def test_a_file_without_title_and_text_is_skipped(content: bytes) -> None:
    assert reason(content) == "it is empty"


def test_entities_become_the_characters_that_they_name() -> None:
    assert body("a &bull; b&nbsp;c &mdash; R&amp;D &quot;x&quot; &lt;b&gt; &amp;lt; `&bull;`") == (
        'a • b c — R&D "x" &lt;b&gt; &amp;lt; `&bull;`'
    )
