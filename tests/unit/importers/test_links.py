"""Links between imported files become wiki links."""

from __future__ import annotations

import pytest

from kb.importers import LinkResolver, rewrite_links
from kb.models import PageDraft


def page(source: str, *redirects: str) -> PageDraft:
    return PageDraft(source=source, title="", body="", redirects=redirects)


PAGES = [
    page("index.md"),
    page("travel/index.md", "/trips/"),
    page("travel/leave.md", "/leave/", "/annual-leave"),
    page("travel/my notes.md"),
    page("hr/README.md"),
    page("hr/glossary.md"),
    page("hr/form.pdf"),
    page("it/Glossary.md"),
    page("it/vpn.html"),
    page("it/café.md"),
]
SLUGS = {draft.source: draft.source.rsplit(".", 1)[0].replace("/", "-").replace(" ", "-").lower() for draft in PAGES}
RESOLVE = LinkResolver(PAGES, SLUGS)


def rewritten(body: str, source: str = "travel/leave.md") -> str:
    return rewrite_links(body, source, RESOLVE)


@pytest.mark.parametrize(
    ("target", "slug"),
    [
        ("../hr/glossary.md", "hr-glossary"),
        ("../hr/glossary", "hr-glossary"),
        ("../hr/glossary/", "hr-glossary"),
        ("../hr/glossary.html", "hr-glossary"),
        ("./my%20notes.md", "travel-my-notes"),
        ("<my notes.md>", "travel-my-notes"),
        ("leave.md", "travel-leave"),
        ("../it/vpn.html?x=1", "it-vpn"),
        ("../it/vpn", "it-vpn"),
        ("../IT/Caf%C3%A9.md", "it-café"),
        ("..\\\\hr\\\\glossary.md", "hr-glossary"),
        ("/hr/glossary/", "hr-glossary"),
        ("/hr/glossary.md", "hr-glossary"),
        ("/leave/", "travel-leave"),
        ("/leave", "travel-leave"),
        ("/annual-leave/index.html", "travel-leave"),
        ("/trips/", "travel-index"),
        ("/travel/", "travel-index"),
        ("./", "travel-index"),
        ("../hr/", "hr-readme"),
        ("../hr/README.md", "hr-readme"),
        ("/", "index"),
        ("../../hr/glossary/", "hr-glossary"),  # from the page's address /travel/leave/
        ("hr/glossary.md", "hr-glossary"),  # from the root, though it is not said
        ("vpn.md", "it-vpn"),  # the only file of that name, moved
        ("../hr/form.pdf", "hr-form"),
    ],
)
def test_a_link_finds_its_page(target: str, slug: str) -> None:
    assert rewritten(f"a [b]({target}) c") == f"a [[{slug}|b]] c"


@pytest.mark.parametrize(
    "target", ["glossary.md", "../hr/missing.md", "/hr", "../../../etc/passwd", "form.docx", "leave.pdf"]
)
def test_a_link_to_no_page_or_to_several_becomes_its_text(target: str) -> None:
    expected = "a [[hr-readme|b]] c" if target == "/hr" else "a b c"
    assert rewritten(f"a [b]({target}) c", "travel/x.md") == expected


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "java\\script:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "tel:112",
        "C:/x.md",
        "",
        "<>",
    ],
)
def test_a_dangerous_or_unknown_link_becomes_its_text(target: str) -> None:
    assert rewritten(f"a [b]({target}) c") == "a b c"


@pytest.mark.parametrize(
    "link",
    [
        "[b](https://example.org/leave.md)",
        "[b](HTTP://example.org 'title')",
        "[b](mailto:a@b.org)",
        "[b](#Annual-Leave)",
        "<https://example.org>",
        "![alt](img/a.png)",
        "[![alt](img/a.png)](https://example.org)",
        "`[b](leave.md)`",
        "```\n[b](leave.md)\n```",
        "    [b](leave.md)",
        "\\[b](leave.md)",
        "[^1] [not a link] [x][y]\n\n[^1]: note",
        "[[slug|text]] [[Unknown]]",
    ],
)
def test_other_links_images_and_code_stay(link: str) -> None:
    assert rewritten(f"a\n\n{link}") == f"a\n\n{link}"


def test_a_link_without_scheme_to_a_server_gets_https() -> None:
    assert rewritten("[b](//example.org/x)") == "[b](https://example.org/x)"


def test_anchors_are_kept_in_lower_case() -> None:
    assert rewritten("[b](../hr/glossary.md#Annual-Leave)") == "[[hr-glossary#annual-leave|b]]"
    assert rewritten("[b](/leave/#A%20b)") == "[[travel-leave#a-b|b]]"
    assert rewritten("[b](/leave/#:~:text=x)") == "[[travel-leave|b]]"


def test_reference_links_are_rewritten_and_their_definitions_go() -> None:
    source = (
        "[one][g], [Two][], [two] and [web][w]\n\n[G]: ../hr/glossary.md 'x'\n[two]: /leave/#a\n[w]: https://a.org\n"
    )
    assert rewritten(source) == (
        "[[hr-glossary|one]], [[travel-leave#a|Two]], [[travel-leave#a|two]] and [web][w]\n\n[w]: https://a.org\n"
    )


def test_a_link_may_go_over_two_lines() -> None:
    assert rewritten("see [the\nglossary](../hr/glossary.md) now") == "see [[hr-glossary|the glossary]] now"
    assert rewritten("> see [the\n> glossary](\n> ../hr/glossary.md) now") == "> see [[hr-glossary|the glossary]] now"
    assert rewritten("[b](missing.md\n'title') c") == "b c"


def test_an_image_in_a_link_stays_before_the_wiki_link() -> None:
    assert rewritten("[![Logo](a.png)](/leave/)") == "![Logo](a.png) [[travel-leave|Logo]]"
    assert rewritten("[![](a.png) Leave](/leave/)") == "![](a.png) [[travel-leave|Leave]]"
    assert rewritten("[![Logo](a.png)](/none/)") == "![Logo](a.png)"


def test_the_bar_of_a_wiki_link_is_escaped_inside_tables_only() -> None:
    source = "| a |\n|---|\n| [b](/leave/) [c](#d) |\n\n[b](/leave/)"
    assert rewritten(source) == "| a |\n|---|\n| [[travel-leave\\|b]] [c](#d) |\n\n[[travel-leave|b]]"


def test_the_text_of_a_wiki_link_is_plain() -> None:
    assert rewritten("[**bold** `co|de` \\[x\\] &amp;](/leave/)") == "[[travel-leave|bold co/de (x) &]]"
    assert rewritten("**[b](/leave/)**") == "**[[travel-leave|b]]**"
    assert rewritten("[](/leave/)") == "[[travel-leave]]"


def test_a_wiki_link_does_not_grow_into_its_neighbours() -> None:
    assert rewritten("[b](/leave/)(c) [d](/leave/)[e]") == "[[travel-leave|b]] (c) [[travel-leave|d]] [e]"
    assert rewritten("[[1](/leave/)]") == "[ [[travel-leave|1]] ]"


def test_text_that_was_a_link_does_not_become_a_list_or_heading() -> None:
    assert rewritten("[1. First](x.md)\n\n[# two](y.md)") == "1\\. First\n\n\\# two"


def test_links_between_notes_of_obsidian_are_rewritten() -> None:
    assert rewritten("[[Vpn]] [[my notes#Big Part|here]]") == "[[it-vpn|Vpn]] [[travel-my-notes#big-part|here]]"
    assert rewritten("[[glossary]] [[travel-leave|x]]") == "[[glossary]] [[travel-leave|x]]"


def test_pages_below_one_folder_are_found_from_the_root_of_the_site() -> None:
    pages = [page("site-main/docs/a/b.md"), page("site-main/docs/c.md", "/see/")]
    resolve = LinkResolver(pages, {"site-main/docs/a/b.md": "b", "site-main/docs/c.md": "c"})
    assert (
        rewrite_links("[x](/a/b/) [y](/docs/c) [z](/see)", "site-main/docs/c.md", resolve) == "[[b|x]] [[c|y]] [[c|z]]"
    )


def test_a_page_of_text_is_preferred_to_a_file_of_the_same_name() -> None:
    resolve = LinkResolver([page("a/leave.docx"), page("a/leave.md")], {"a/leave.docx": "doc", "a/leave.md": "md"})
    assert [resolve("a/leave"), resolve("a/leave.docx"), resolve("a/leave.md")] == ["md", "doc", "md"]


def test_a_draft_without_a_slug_cannot_be_linked_to() -> None:
    resolve = LinkResolver([page("a.md"), page("b.md", "/a/")], {"b.md": "b"})
    assert resolve("a.md") == "b"  # by its redirect
    assert LinkResolver([], {})("a.md") is None


def test_any_function_may_resolve() -> None:
    assert rewrite_links("[x](../b.md) [y](/r/)", "d/a.md", {"b.md": "b", "/r/": "r"}.get) == "[[b|x]] [[r|y]]"


def test_links_deep_in_lists_and_quotations_are_rewritten() -> None:
    source = "- a\n  - b\n    > [x](/leave/)\n    >\n    > - [y](none.md)"
    assert rewritten(source) == "- a\n  - b\n    > [[travel-leave|x]]\n    >\n    > - y"
