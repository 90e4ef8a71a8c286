"""Marks of other Markdown dialects."""

from __future__ import annotations

from tests.unit.importers.helpers import body


def test_a_mkdocs_admonition_becomes_a_quotation() -> None:
    source = '!!! note "Mind the gap"\n    One\n\n    ```py\n    x\n    ```\nafter'
    assert body(source) == "> **Mind the gap**\n>\n> One\n>\n> ```py\n> x\n> ```\n\nafter"
    assert body("a\n\n!!! warning inline end\n    hot\n\nb") == "a\n\n> **Warning:**\n>\n> hot\n\nb"
    assert body('??? tip ""\n    folded') == "> folded"


def test_admonitions_may_be_nested_and_in_lists() -> None:
    assert body("!!! note\n    a\n\n    !!! tip\n        b") == "> **Note:**\n>\n> a\n>\n> > **Tip:**\n> >\n> > b"
    assert body("- x\n\n    !!! note\n        y") == "- x\n\n    > **Note:**\n    >\n    > y"


def test_exclamation_marks_without_content_stay() -> None:
    assert body("!!! really\n\nText") == "!!! really\n\nText"


def test_mkdocs_tabs_become_titles() -> None:
    assert body('=== "Linux"\n\n    apt\n\n=== "Mac"\n\n    brew') == "**Linux**\n\napt\n\n**Mac**\n\nbrew"


def test_a_docusaurus_directive_becomes_a_quotation() -> None:
    assert body(":::tip Do it\ntext\n:::\nafter") == "> **Do it**\n>\n> text\n\nafter"
    assert body(":::note[Title]\n- a\n:::") == "> **Title**\n>\n> - a"
    assert body("::::info\na\n:::danger\nb\n:::\n::::") == "> **Info:**\n>\n> a\n>\n> > **Danger:**\n> >\n> > b"
    assert body(":::row\ntext\n:::") == "text"


def test_a_github_alert_gets_a_name_that_people_read() -> None:
    assert body("> [!NOTE]\n> Text") == "> **Note:**\n> Text"
    assert body("> [!warning]- Hot stuff\n> Text") == "> **Hot stuff**\n> Text"


def test_attribute_lists_and_heading_ids_go() -> None:
    assert body("Text\n{: .lead #x}\n\n[a](b){: target=_blank} c") == "Text\n\n[a](b) c"
    assert (
        body("[a](b){ .button .big } ![](https://c.d/e.png){ width='3' } {.x}\n{ .y }")
        == "[a](b) [e.png](https://c.d/e.png)"
    )
    assert body("## Side {#nav}\n\n## Other {#o .x} ##\n\nfn {#kept}") == "## Side\n\n## Other\n\nfn {#kept}"


def test_links_to_a_heading_that_lost_its_id_go_to_the_heading() -> None:
    source = '[a](#nav) [b](#Part) [c](#else)\n\n## Side `x`? {#nav}\n\n<h3 id="part">The part</h3>'
    assert body(source) == "[a](#side-x) [b](#the-part) [c](#else)\n\n## Side `x`?\n\n### The part"


def test_tables_of_contents_go() -> None:
    assert body("[TOC]\n\n[[_TOC_]]\n\n* TOC\n{:toc}\n\n1. x\n{:toc .y}\n\nText") == "Text"


def test_dialect_marks_in_code_stay() -> None:
    source = "```\n!!! note\n    a\n:::tip\n{: .x}\n[TOC]\n```\n\n`{: .x}` `[TOC]`"
    assert body(source) == source


def test_mdx_statements_and_components_go() -> None:
    source = (
        'import X from "./x";\nexport const a = 1;\n\n{/* no */}\n<Tabs>\n<Tab label="Mac">\n\n**b**\n\n</Tab>\n</Tabs>'
    )
    assert body(source, "page.mdx") == "**Mac**\n\n**b**"
    assert body('import X from "./x";', "page.md") == 'import X from "./x";'


def test_links_to_the_anchors_of_other_generators_go_to_the_heading() -> None:
    assert body("[a](#tom-s-r-and-d)\n\n## Tom's R&D") == "[a](#toms-rd)\n\n## Tom's R&D"
    assert body("[a](##b-\\(c\\)) x\n\n## B {#b-(c)}") == "[a](#b) x\n\n## B"
