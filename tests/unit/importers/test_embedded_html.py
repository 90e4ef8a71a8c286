"""HTML inside Markdown."""

from __future__ import annotations

import pytest

from tests.unit.importers.helpers import body, reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a <b>b</b> <strong>c</strong> <i>d</i> <em>e</em>", "a **b** **c** *d* *e*"),
        ("<b> padded </b>text", " **padded** text"),
        ("<kbd>Ctrl</kbd>+<code>a | b</code>", "`Ctrl`+`a | b`"),
        ("<code>&lt;b&gt; `x`</code>", "`` <b> `x` ``"),
        ("x<sup>2</sup> H<sub>2</sub>O 4<sup>th</sup> e<sup>x y</sup>", "x² H₂O 4th e^x y"),
        ('<a href="a.md#b" class="x">the <b>page</b></a>', "[the **page**](a.md#b)"),
        ('<a href="mailto:a@b.c?subject=New mail">mail</a>', "[mail](mailto:a@b.c?subject=New%20mail)"),
        ('<a name="x"></a>text', "text"),
        ("<u>under</u> <span style='x'>span</span> <button type=\"button\">press</button>", "under span press"),
        ("<s>old</s> <del>older</del>", "~~old~~ ~~older~~"),
        ("one<br>two<br/>three", "one  \ntwo  \nthree"),
        ("one<br><br>two", "one\n\ntwo"),
        ("one <!-- not\nthis --> two", "one  two"),
        ("- a<br>b", "- a  \n  b"),
        ("> a<br />b", "> a  \n> b"),
        ("## A<br>b", "## A b"),
        ('<img src="https://x.org/a.png" alt="A door">', "[A door](https://x.org/a.png)"),
        ('<img src="a.png" alt="A door">', "*A door*"),
        ("<hr>", "---"),
        ("<h2 align='center'>Big <em>news</em></h2>", "## Big *news*"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<blockquote>said</blockquote>", "> said"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "**Term**\n\nMeaning"),
        ("a & b &lt;c&gt; R&amp;D <b>x &lt; y</b>", "a & b &lt;c&gt; R&D **x &lt; y**"),
    ],
)
def test_an_element_becomes_markdown(source: str, expected: str) -> None:
    assert body(source) == expected


def test_programs_styles_frames_and_forms_go_with_their_content() -> None:
    source = (
        "a\n\n<style>\n\ttd {padding: 8px;}\n</style>\n\n<script>if (a<b) alert('<b>')</script>\n\n"
        "<iframe src='x'>no frames</iframe>\n\n<form><input name=q>Search</form>\n\nb"
    )
    assert body(source) == "a\n\nb"


def test_words_in_angle_brackets_stay_visible() -> None:
    assert body("Use <your name> and <project>-team.") == "Use \\<your name\\> and \\<project\\>-team."
    assert body("org/<organization-name>/x, a < b > c, <3") == "org/\\<organization-name\\>/x, a < b > c, <3"


def test_autolinks_stay() -> None:
    assert (
        body("<https://a.org/?b=1> <me@a-b.org> <mailto:x@y.z>") == "<https://a.org/?b=1> <me@a-b.org> <mailto:x@y.z>"
    )


def test_components_of_other_sites_go_and_their_text_stays() -> None:
    assert body('<MyCard title="Hi">\n\ntext\n\n</MyCard>') == "**Hi**\n\ntext"
    assert body("<my-element>text</my-element> <Icon name='x' />") == "text"


def test_a_folded_part_becomes_a_bold_line_and_its_content() -> None:
    source = '<details markdown="block">\n<summary> More <b>here</b></summary>\n\n- a\n  - b\n\n</details>\n\nafter'
    assert body(source) == "**More here**\n\n- a\n  - b\n\nafter"


def test_a_table_becomes_a_markdown_table() -> None:
    source = (
        '<div class="w">\n  <table>\n    <thead><tr><th>Name</th><th>Value</th></tr></thead>\n    <tbody>\n'
        "      <tr>\n        <td>a | b</td>\n        <td>`c | d` and <code>e | f</code></td>\n      </tr>\n"
        "    </tbody>\n  </table>\n</div>\n\nafter"
    )
    assert body(source) == ("| Name | Value |\n| --- | --- |\n| a \\| b | `c \\| d` and `e \\| f` |\n\nafter")


def test_cells_with_lines_and_lists_stay_on_one_line() -> None:
    source = (
        "<table><tr><th>Where</th><th>What</th></tr>\n<tr><td>1 Street<br>Town.<br />State</td>"
        "<td><ul><li>x</li><li>y</li></ul><p>p</p><ol><li>one<li>two</ol></td></tr></table>"
    )
    assert body(source) == ("| Where | What |\n| --- | --- |\n| 1 Street; Town. State | • x • y; p (1) one (2) two |")


def test_spans_are_filled_as_well_as_markdown_can() -> None:
    source = (
        "<table><tr><th colspan=3>Title</th></tr><tr><th>A</th><th colspan=2>B</th></tr>"
        "<tr><td rowspan=2>a</td><td>b</td><td>c</td></tr><tr><td>d</td><td>e</td></tr></table>"
    )
    assert body(source) == ("**Title**\n\n| A | B |  |\n| --- | --- | --- |\n| a | b | c |\n| a | d | e |")


def test_a_table_without_header_gets_an_empty_one() -> None:
    assert body("<table><tr><td><b>k</b></td><td>v</td></tr></table>") == "|  |  |\n| --- | --- |\n| **k** | v |"


def test_a_table_of_one_column_becomes_paragraphs() -> None:
    assert body("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>") == "a\n\nb"


def test_html_in_a_markdown_table_stays_in_its_row() -> None:
    source = (
        "| a | b |\n|---|---|\n| **All hands**<br>Weekly<br>now | <ul><li>x</li><li>`y`</li></ul> |\n"
        "| `<br>` | <b>z</b> |"
    )
    assert body(source) == ("| a | b |\n|---|---|\n| **All hands**: Weekly; now |  • x • `y` |\n| `<br>` | **z** |")


def test_lists_become_markdown_lists() -> None:
    source = (
        "<ul>\n  <li>\n    One:\n    <ol>\n      <li>Go to `a → b`. </li>\n      <li>two</li>\n    </ol>\n"
        "    after\n  </li>\n  <li>Two</li>\n </ul>"
    )
    assert body(source) == "- One:\n  1. Go to `a → b`.\n  2. two\n\n  after\n- Two"


def test_lists_with_forgotten_end_tags_are_understood() -> None:
    assert body("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>") == "- a\n- b\n  - c\n- d"


def test_html_stays_in_its_list_item() -> None:
    source = "1. x\n   <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>\n2. y"
    assert body(source) == "1. x\n\n   | a | b |\n   | --- | --- |\n   | 1 | 2 |\n\n2. y"


def test_preformatted_text_becomes_a_fenced_block() -> None:
    source = '<pre><code class="language-py">a &lt; b\n\n  <x> *c*\n</code></pre>\n\nafter'
    assert body(source) == "```py\na < b\n\n  <x> *c*\n```\n\nafter"


def test_nested_blocks_lose_their_indentation_not_their_text() -> None:
    source = '<div\n  class="box"\n>\n  <div>\n    <div>\n      Some text.\n    </div>\n  </div>\n</div>\n\nafter'
    assert body(source) == "Some text.\n\nafter"


def test_blank_lines_inside_html_do_not_turn_its_indentation_into_code() -> None:
    source = "<table>\n  <tr>\n\n    <td>a</td>\n\n    <td>b</td>\n\n  </tr>\n</table>"
    assert body(source) == "|  |  |\n| --- | --- |\n| a | b |"


def test_tags_without_partner_go_and_their_text_stays() -> None:
    assert body("a <b>bold and </div> <table> more</i>") == "a bold and\n\nmore"
    assert body("x <!-- never closed") == "x \\<!-- never closed"


def test_html_in_code_stays() -> None:
    source = "```html\n<div><br></div>\n```\n\n`<br>` and\n\n    <b>indented</b>"
    assert body(source) == source


def test_html_that_is_nested_without_end_is_skipped() -> None:
    why = "its HTML is nested deeper than Baton reads: simplify it"
    assert reason(b"<div>" * 500 + b"x" + b"</div>" * 500) == why
    assert reason(b"<b><i>" * 500 + b"x" + b"</i></b>" * 500) == why
