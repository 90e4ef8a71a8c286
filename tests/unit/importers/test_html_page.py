"""HTML files."""

from __future__ import annotations

import pytest

from tests.unit.importers.helpers import body, draft, reason

SITE = """<!DOCTYPE html>
<html><head><title>Annual leave | Handbook</title><meta name="Keywords" content="vacation, holiday">
<style>p {}</style><script>var x = "<p>no</p>"</script></head>
<body><header>Logo</header><nav><a href="/">Home</a></nav>
<div class="page"><main>
<h1>Annual leave<a class="headerlink" href="#x">¶</a></h1>
<p>You have <b>30</b> days
of leave. See <a href="../trips.html#Plan">trips</a>.</p>
<h2 id="who">Who <em>gets</em> it</h2>
<ul><li>All of us<li>You: <a href="#who">who</a></ul>
<table><tr><th>Year<th>Days<tr><td>1<td>30 | 31</table>
<pre><code>a &lt; b</code></pre>
<aside>Ask HR.</aside>
</main></div><footer>© 2024</footer></body></html>"""


def test_the_main_content_becomes_the_page() -> None:
    page = draft(SITE, "leave.html")
    assert page.title == "Annual leave"
    assert page.keywords == ("vacation", "holiday")
    assert page.body == (
        "You have **30** days of leave. See [trips](../trips.html#Plan).\n\n"
        "## Who *gets* it\n\n"
        "- All of us\n- You: [who](#who-gets-it)\n\n"
        "| Year | Days |\n| --- | --- |\n| 1 | 30 \\| 31 |\n\n"
        "```\na < b\n```\n\n"
        "Ask HR."
    )


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>T</title><body>x", "T"),
        ("<title>Site</title><h1>Other</h1>x", "Site"),
        ("<h1>Only <i>this</i></h1>x", "Only this"),
        ("<p>x", "My page"),
    ],
)
def test_the_title_of_the_file_its_heading_or_its_name_is_the_title(html: str, title: str) -> None:
    assert draft(html, "my-page.htm").title == title


def test_text_that_looks_like_markdown_is_escaped() -> None:
    html = "<p># a *b* _c_ d_e `f` [[g]] &lt;h&gt; {{ i }}</p><p>1. j</p><p>-</p>"
    assert body(html, "a.html") == "\\# a \\*b\\* \\_c\\_ d_e \\`f\\` \\[[g]] \\<h> {{ i }}\n\n1\\. j\n\n\\-"


def test_other_encodings_are_read_as_declared() -> None:
    html = '<meta charset="windows-1251"><title>Отпуск</title><p>Тридцать дней</p>'
    page = draft(html.encode("cp1251"), "a.html")
    assert (page.title, page.body) == ("Отпуск", "Тридцать дней")


def test_dangerous_links_become_their_text() -> None:
    html = '<p><a href="javascript:alert(1)">a</a> <a href="java\nscript:x">b</a> <a onclick="x">c</a></p>'
    assert body(html, "a.html") == "a b c"


@pytest.mark.parametrize("html", ["<html><body></body></html>", "<nav>Home</nav><script>x</script>", "<!-- x -->"])
def test_a_page_without_text_is_skipped(html: str) -> None:
    assert reason(html.encode(), "a.html") == "it is empty"


def test_endless_nesting_is_skipped() -> None:
    why = "its HTML is nested deeper than Baton reads: simplify it"
    assert reason(b"<div>" * 3000 + b"x", "a.html") == why
    assert reason(b"<ul><li>" * 3000 + b"x", "a.html") == why
