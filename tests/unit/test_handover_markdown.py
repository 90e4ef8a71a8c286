"""A note as Markdown: exact, complete, and no text leaves its section."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.chunking import chunk_markdown, outline, plain_text
from kb.handover.markdown import enclosed, in_order, note_markdown, plain, wiki_link
from kb.handover.models import Answer, Confidentiality, NoteItem, NoteText, Priority, Row
from kb.handover.templates import FieldKind, HandoverTemplate, SectionKind, template_of
from tests.unit.handover_samples import ITEM, nothing_but, shift_note

SHIFT = template_of("shift")


def test_markdown_of_a_shift_note() -> None:
    note = shift_note(backup="Priya", lead="Marta", links=("refund-procedure", "Escalation list"))
    minor = NoteItem("Order headsets", next_step="Ask Jo", priority=Priority.LOW, done=True)
    body = note_markdown(SHIFT, replace(note, items=(minor, *note.items)))
    assert body == (
        """\
- **Status:** Watch
- **Client or process:** ACME
- **From:** night
- **To:** day
- **Backup receiver:** Priya
- **Lead:** Marta
- **Takes effect:** 21 Nov 2026, 06:00 Europe/Berlin (05:00 UTC)
- **Acknowledge by:** 21 Nov 2026, 07:00 Europe/Berlin (06:00 UTC)
- **Linked pages:** [[refund-procedure]], [[Escalation list]]
- **Confidentiality:** Internal

## Shift and site

- **Shift:** Night
- **Site:** Pune

## Big picture

Backlog of **412** cases.

## Open items

| Item | Reference | What to do next | Owner | Due | Priority | Done |
| --- | --- | --- | --- | --- | --- | --- |
| Refund batch stuck | INC-4711 | Call the bank | Ana | 22 Nov 2026 | Critical |  |
| Order headsets |  | Ask Jo |  |  | Low | Yes |

### Refund batch stuck

- **Severity:** Sev 1
- **Situation:** The file was rejected

## If this, then that

None

## Resolved this shift

None

## Changes, outages and workarounds

None

## Promises made to the client

None

## Staffing and absences

None

## Coming up next shift

None

## Reachable until

None
"""
    )


def test_a_table_has_only_the_columns_that_somebody_filled() -> None:
    rows = (
        {"promise": "Call back", "by": "2026-11-22"},
        {"promise": "Send the report | by mail", "by": "soon"},
    )
    note = NoteText("shift", 1, answers={"promises": Answer(rows=rows)})
    assert note_markdown(SHIFT, note).partition("## ")[2] == (
        "Promises made to the client\n\n"
        "| Promise | By |\n| --- | --- |\n| Call back | 22 Nov 2026 |\n| Send the report \\| by mail | soon |\n"
    )


def test_a_page_field_is_a_wiki_link() -> None:
    rows = ({"page": "Month-end close", "new_owner": "Aylin"}, {"page": "[[tax|Tax]] and more"})
    note = NoteText("role", 1, answers={"pages": Answer(rows=rows)})
    body = note_markdown(template_of("role"), note)
    assert "| [[Month-end close]] | Aylin |\n| [[tax\\|Tax]] and more |  |" in body


def test_a_long_fact_keeps_its_lines() -> None:
    note = NoteText("client", 1, answers={"scope": Answer(rows=({"in_scope": "Mail\n\nChat", "ends": "2028-03-31"},))})
    body = note_markdown(template_of("client"), note)
    assert body.endswith("- **In scope:** Mail\\\n  Chat\n- **Contract ends:** 31 Mar 2028\n")


def test_sections_that_are_not_answered_are_left_out_and_none_is_said() -> None:
    note = NoteText("shift", 1, answers={"staffing": Answer(nothing=True), "big_picture": Answer("  ")})
    assert note_markdown(SHIFT, note) == (
        "- **Status:** Stable\n- **Confidentiality:** Internal\n\n## Staffing and absences\n\nNone\n"
    )


def test_items_are_ordered_by_priority_then_due_and_done_ones_last() -> None:
    def item(title: str, priority: Priority, due: date | None = None, *, done: bool = False) -> NoteItem:
        return NoteItem(title, priority=priority, due=due, done=done)

    items = [
        item("a", Priority.LOW, date(2026, 1, 1)),
        item("b", Priority.CRITICAL, done=True),
        item("c", Priority.HIGH),
        item("d", Priority.HIGH, date(2026, 1, 2)),
        item("e", Priority.CRITICAL, date(2026, 12, 31)),
        item("f", Priority.NORMAL),
    ]
    assert "".join(item.title for item in in_order(items)) == "edcfab"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("# Big\n\ntext", "### Big\n\ntext"),
        ("## Deeper ##", "#### Deeper ##"),
        ("###### Deepest", "###### Deepest"),
        ("Title\n=====\n\ntext", "### Title\n\n\ntext"),
        ("> # quoted\n\n- ## listed", "> ### quoted\n\n- #### listed"),
        ("two\nlines\n---", "two\nlines\n\\---"),
        ("```\n# no heading", "```\n# no heading\n```"),
        ("~~~\nopen", "~~~\nopen\n~~~"),
        ("<!-- open", "\\<!-- open"),
        ("ask <team lead> & <b>Bo</b> &amp; co", "ask \\<team lead> & \\<b>Bo\\</b> \\&amp; co"),
        ("`<b>` stays, <https://example.com> too", "`<b>` stays, <https://example.com> too"),
        ("[INC-1]: waiting\n\nsee [INC-1]", "\\[INC-1]: waiting\n\nsee [INC-1]"),
        ("[^1]: a footnote", "\\[^1]: a footnote"),
        ("a | b\n--- | ---\nc | d", "a | b\n--- | ---\nc | d"),
        ("[[Page|text]]: see", "[[Page|text]]: see"),
        ("", ""),
        ("\n\n  spaced  \n\n", "  spaced"),
    ],
)
def test_what_people_write_stays_in_its_section(typed: str, kept: str) -> None:
    assert enclosed(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("5*3*2 = 30", "5\\*3\\*2 = 30"),
        ("two\nlines", "two lines"),
        ("1. first", "1\\. first"),
        ("- dash", "\\- dash"),
        ("a|b and [[Page|text]]", "a\\|b and [[Page\\|text]]"),
        ("https://example.com/a_b?c|d", "https://example.com/a_b?c\\|d"),
        ("<b> & # ~~x~~ `y` $z$ !", "\\<b\\> \\& \\# \\~\\~x\\~\\~ \\`y\\` \\$z\\$ \\!"),
    ],
)
def test_a_short_text_shows_exactly_what_was_typed(typed: str, kept: str) -> None:
    assert plain(typed) == kept


def test_a_wiki_link_cannot_be_broken_by_its_name() -> None:
    assert wiki_link("A [b] | c # d") == "[[A b c d]]"
    assert wiki_link(" | ") == ""


# ---- any text at all ----------------------------------------------------------------------------------------------

# Everything that means something in Markdown, words, and line ends that begin blocks.
_PIECES = st.sampled_from(
    [
        "# ", "## ", "###### ", "#", "=", "===", "---", "- ", "* ", "+ ", "1. ", "10) ", "> ", ">", "    ", "\t", "```",
        "~~~", "````", "`", "``", "*", "**", "_", "~~", "|", "| --- |", "[", "]", "(", ")", "[[", "]]", "[x]: ", "[^1]",
        "![", "<", ">", "<!--", "-->", "<?", "<![CDATA[", "<script>", "<pre>", "</div>", "<a href='", "&", "&amp;",
        "&#35;", "\\", "\\\\", "$", "$$", ":red[", "{{", "{%", "!", "None", "\n", "\n\n", "\r\n", " ", "  \n", "é",
        "日本", "🙂", "\u00a0", "\u2028", "https://a.b/c|d_e", "word", "## Open items", "probe of the next section",
    ]
)  # fmt: skip
_TEXTS = st.lists(_PIECES | st.text(max_size=6), max_size=25).map("".join)
_LINES = _TEXTS.map(lambda text: " ".join(text.split()))
# Every one of these is a word of its own, so that each can be looked for.
_WORDS = st.integers(0, 9999).map(lambda number: f"zx{number:04}q")
_QUIET = st.sampled_from(
    ["# ", "## ", "\n", "\n\n", " ", "* ", "- ", "1. ", "> ", "**", "_", "***", "=", "---", "\n===\n", "\n---\n", "<",
     "</", "<!--", "-->", "&", "<b>", "!", "$", "\\"]
)  # fmt: skip


@st.composite
def _notes(draw: st.DrawFn, template: HandoverTemplate, texts: st.SearchStrategy[str]) -> NoteText:
    answers: dict[str, Answer] = {}
    for section in template.sections:
        if section.kind is SectionKind.TEXT:
            answers[section.key] = Answer(draw(texts))
        elif section.kind is not SectionKind.ITEMS:
            row: Row = {field.key: draw(texts.map(lambda text: " ".join(text.split()))) for field in section.fields}
            answers[section.key] = Answer(rows=(row,))
    lines = texts.map(lambda text: " ".join(text.split()))
    items = [
        NoteItem(draw(lines), draw(lines), draw(lines), draw(lines), details={f.key: draw(texts)})
        for f in template.items_section.fields
        if f.kind in (FieldKind.TEXT, FieldKind.LONG)
    ]
    header = shift_note(client=draw(lines), sender=draw(lines), receiver=draw(lines), links=(draw(lines),)).header
    return NoteText(template.key, template.version, header, answers, tuple(items))


def _sections_of(body: str) -> dict[str, str]:
    """What a reader reads in each section of level 2, and above the first."""
    above, *parts = re.split(r"^## (.*)\n", body, flags=re.MULTILINE)
    return {"": plain_text(above)} | {
        name: plain_text(content) for name, content in zip(parts[::2], parts[1::2], strict=True)
    }


@given(text=_TEXTS)
@example(text="```\n~~~")
@example(text="1. ```\n   x\n\n# y")
@example(text="<div>\n\n```\n\n</div>")
@example(text="> ```\n> x\n# y")
@example(text="[a\nb]: /url\n\n[a b]")
@example(text="\\# x\n===\n")
def test_no_text_leaves_its_section(text: str) -> None:
    body = f"## Before\n\n{enclosed(text)}\n\n## After\n\nthe end\n"
    headings = outline(body)
    assert [heading.text for heading in headings if heading.level <= 2] == ["Before", "After"]
    assert headings[-1].text == "After"
    assert chunk_markdown(body, lambda text: len(text.split()))[-1].text == "the end"


@settings(max_examples=40)  # a whole note each
@given(data=st.data(), template=st.sampled_from(["shift", "role", "client"]))
def test_no_note_breaks_its_outline(data: st.DataObject, template: str) -> None:
    chosen = template_of(template)
    note = data.draw(_notes(chosen, _TEXTS))
    answered = [s.title for s in chosen.sections if f"\n## {s.title}\n" in note_markdown(chosen, note)]
    headings = [heading.text for heading in outline(note_markdown(chosen, note)) if heading.level <= 2]
    assert headings == answered


@settings(max_examples=40)
@given(data=st.data())
def test_every_word_is_found_in_its_own_section(data: st.DataObject) -> None:
    texts = st.lists(_WORDS | _QUIET, max_size=12).map(" ".join)
    note = data.draw(_notes(SHIFT, texts))
    sections = _sections_of(note_markdown(SHIFT, note))

    def words(text: str) -> set[str]:
        return set(re.findall(r"zx\d{4}q", text))

    for section in SHIFT.sections:
        shown = words(sections.get(section.title, ""))
        if section.kind is SectionKind.TEXT:
            assert shown == words(note.answers[section.key].text)
        elif section.kind is SectionKind.ITEMS:
            said = [[i.title, i.reference, i.next_step, i.owner, *i.details.values()] for i in note.items]
            assert shown == words(" ".join(part for parts in said for part in parts))
        else:
            assert shown == words(" ".join(note.answers[section.key].rows[0].values()))
    header = note.header
    assert words(sections[""]) == words(f"{header.client} {header.sender} {header.receiver} {header.links}")


@given(text=_LINES)
def test_a_cell_is_one_cell_and_says_what_was_typed(text: str) -> None:
    rows = ({"if": text, "then": "the other cell"},)
    body = note_markdown(SHIFT, NoteText("shift", 1, answers={"contingencies": Answer(rows=rows)}))
    line = plain_text(body).splitlines()[-1]
    assert line.endswith("the other cell")
    if not re.search(r"\[\[|\{[{%]|https?:|[\ue000-\uf8ff\x00-\x1f]", text):
        shown = " ".join(line.removesuffix("the other cell").rstrip(" |").split())
        assert shown == " ".join(text.rstrip(" |").split())


def test_confidentiality_is_said_in_words() -> None:
    note = NoteText("shift", 1, shift_note(confidentiality=Confidentiality.SHAREABLE).header)
    assert "- **Confidentiality:** May be shown to the client" in note_markdown(SHIFT, note)


def test_nothing_is_lost_of_an_item_without_a_name() -> None:
    item = replace(ITEM, title="", reference="")
    body = note_markdown(SHIFT, NoteText("shift", 1, answers=nothing_but("shift"), items=(item,)))
    assert "### Open item\n\n- **Severity:** Sev 1" in body
