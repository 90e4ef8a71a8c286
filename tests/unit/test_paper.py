"""A note on paper: one definition, three forms that say the same, and nothing in them that acts or reaches out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.handover.markdown import enclosed
from kb.handover.models import Answer, Confidentiality, Note, NoteState, NoteText, Seal
from kb.handover.templates import template_of
from kb.handover.times import clocks
from kb.models import Page, PageKind, Person, Space
from kb.paper.html import paper_html
from kb.paper.markdown import paper_markdown
from kb.paper.note import Paper, Record, note_paper, standing
from kb.paper.pdf import paper_pdf
from kb.paper.tree import MAX_NESTING, Kind, Node, Nodes, parse, words_of
from tests.unit.handover_samples import ITEM, NOW, shift_note

SAM = Person(1, "Łukasz Żółć")
SEAL = Seal(7, 1, 1, "ab" * 32, NOW)
HOSTILE = """
<script>alert(1)</script> <img src=x onerror=alert(1)> <!-- gone? -->

![tracker](https://evil.example/pixel.png) [bad](javascript:alert(1)) [file](file:///etc/passwd)
[data](data:text/html,x)

[good](https://example.com/q?a=1&b=2) [mail](mailto:a@b.example) https://example.com/typed. <https://example.com/auto>

#import "evil.typ" $x^2$ @ref <label> \\u{1} = heading
"""


def record(text: NoteText, state: NoteState = NoteState.SUBMITTED, seal: Seal | None = None) -> Record:
    page = Page(
        id=1, slug="note", kind=PageKind.HANDOVER, space=Space(1, "s", "S"), title="Shift: ACME", body="", tags=(),
        keywords=(), owner=SAM, revision=1, created_at=NOW, updated_at=NOW, updated_by=SAM,
    )  # fmt: skip
    return Record(
        Note(page, state, 0 if state is NoteState.DRAFT else 1, text), template_of("shift", 1), [], [], [],
        [seal] if seal else [], ("Europe/Berlin", "Asia/Kolkata"), lambda name: (name.title(), ""),
    )  # fmt: skip


def paper(big_picture: str = "Quiet.", **changes: object) -> Paper:
    text = shift_note(**changes)
    return note_paper(record(replace(text, answers={**text.answers, "big_picture": Answer(big_picture)})))


def pdf_of(content: bytes) -> tuple[pypdfium2.PdfDocument, list[str]]:
    document = pypdfium2.PdfDocument(content)
    return document, [document[place].get_textpage().get_text_range() for place in range(len(document))]


def squeezed(text: str) -> str:
    """The text without blanks, places to break, and hyphens at the ends of lines."""
    return re.sub(r"[\s\u200b\ufffe]", "", text)


def of_kind(nodes: Nodes, kind: Kind) -> list[Node]:
    return [found for node in nodes for found in ([node] * (node.kind is kind)) + of_kind(node.children, kind)]


def test_a_moment_is_told_on_the_clocks_of_both_people():
    moment = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert clocks(moment, ("Europe/Berlin", "Asia/Kolkata")) == (
        "21 Nov 2026, 21:00 Europe/Berlin, 22 Nov, 01:30 Asia/Kolkata (20:00 UTC)"
    )
    assert clocks(moment, ("Asia/Kolkata", "Asia/Kolkata")) == "22 Nov 2026, 01:30 Asia/Kolkata (21 Nov, 20:00 UTC)"
    assert clocks(moment, ("", "UTC")) == "21 Nov 2026, 20:00 UTC"


@pytest.mark.parametrize(
    ("state", "unsealed", "sealed"),
    [
        (NoteState.DRAFT, "Draft", "Draft"),
        (NoteState.SUBMITTED, "Not acknowledged yet", "Acknowledged"),
        (NoteState.QUESTIONS, "Not acknowledged yet", "Acknowledged"),
        (NoteState.RETURNED, "Not acknowledged yet", "Acknowledged"),
        (NoteState.READ_BACK, "Not acknowledged yet", "Acknowledged"),
        (NoteState.ACKNOWLEDGED, "Not acknowledged yet", "Acknowledged"),
        (NoteState.CLOSED, "Closed, not acknowledged", "Acknowledged"),
        (NoteState.SUPERSEDED, "Replaced, not acknowledged", "Acknowledged, then replaced"),
        (NoteState.CANCELLED, "Cancelled", "Cancelled"),
    ],
)
def test_every_paper_says_whether_it_counts(state: NoteState, unsealed: str, sealed: str):
    assert (standing(state, None), standing(state, SEAL)) == (unsealed, sealed)


def test_the_markdown_of_a_short_note():
    text = shift_note(sender="Sam", receiver="Rita")
    written = paper_markdown(note_paper(record(text)))
    assert written.startswith(
        "# Shift: ACME\n\n"
        "Shift handover, version 1\n\n"
        "> **Not acknowledged yet.** Version 1 was handed to Rita, who has not read it back yet.\n\n"
        "- **Status:** Watch\n- **Client or process:** ACME\n- **From:** Sam\n- **To:** Rita\n"
        "- **Takes effect:** 21 Nov 2026, 06:00 Europe/Berlin, 10:30 Asia/Kolkata (05:00 UTC)\n"
        "- **Acknowledge by:** 21 Nov 2026, 07:00 Europe/Berlin, 11:30 Asia/Kolkata (06:00 UTC)\n"
        "- **Confidentiality:** Internal\n\n"
        "## Shift and site\n\n- **Shift:** Night\n- **Site:** Pune\n\n"
        "## Big picture\n\nBacklog of **412** cases.\n\n"
        "## Open items\n\n"
        "| Item | Reference | What to do next | Owner | Due | Priority |\n| --- | --- | --- | --- | --- | --- |\n"
        "| Refund batch stuck | INC-4711 | Call the bank | Ana | 22 Nov 2026 | Critical |\n"
    )
    assert written.endswith(
        "## Acknowledgement\n\n**Not acknowledged yet.** Version 1 has no seal. This paper proves nothing.\n"
    )


def test_an_acknowledged_paper_bears_its_hash_and_how_to_verify_it():
    written = paper_markdown(note_paper(record(shift_note(), NoteState.ACKNOWLEDGED, SEAL)))
    assert "> **Acknowledged.** Version 1 was acknowledged." in written
    assert f"\n```\n{SEAL.sha256}\n```\n" in written
    assert f"scripts/verify_handovers.py --expect \\\n  {SEAL.sha256}\n" in written


@pytest.mark.parametrize(("earlier", "said"), [(None, False), (replace(SEAL, version=1), True)])
def test_an_edited_note_tells_that_only_its_earlier_version_was_acknowledged(earlier: Seal | None, said: bool):
    edited = record(shift_note(), seal=earlier)
    edited = replace(edited, note=replace(edited.note, version=2))
    assert ("Version 1 was acknowledged; this version was not." in paper_markdown(note_paper(edited))) is said
    assert not note_paper(edited).counts


def test_nothing_in_the_html_can_act_or_reach_out():
    soup = BeautifulSoup(paper_html(paper(HOSTILE, client="<b>ACME</b>", sender='"><script>')), "lxml")
    assert soup.find_all(["script", "img", "iframe", "object", "form", "link", "base", "svg"]) == []
    assert [link["href"] for link in soup.find_all("a")] == [
        "https://example.com/q?a=1&b=2", "mailto:a@b.example", "https://example.com/typed", "https://example.com/auto",
    ]  # fmt: skip
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": True})["content"]
    assert "url(" not in soup.style.text
    assert "<script>alert(1)</script> <img src=x onerror=alert(1)>" in soup.text
    assert "(Picture, not part of this paper: tracker)" in soup.text


def test_the_markdown_fetches_nothing_either():
    written = paper_markdown(paper(HOSTILE))
    assert "](<https://evil" not in written
    assert "](" not in re.sub(r"\[(good|mail)\]\(", "", written)
    assert "\\<script\\>" in written


def test_the_pdf_says_what_the_html_says():
    one = paper(HOSTILE + "\n\n- one\n  - two\n\n> three\n\n1. four\n", sender="Łukasz Żółć", receiver="Nguyễn Thị Ánh")
    _, pages = pdf_of(paper_pdf(one))
    body = squeezed("".join(pages))
    for part in one.parts:
        for text in of_kind(part.blocks, Kind.TEXT) + of_kind(part.blocks, Kind.CODE_BLOCK):
            assert squeezed(text.text) in body
    assert squeezed("Łukasz Żółć Nguyễn Thị Ánh") in body.replace("To", "")


def test_the_pdf_has_a_title_an_outline_a_language_and_tags():
    content = paper_pdf(paper(sender="Łukasz Żółć", client="Ξένια Киев"))
    document, _ = pdf_of(content)
    assert document.get_metadata_dict(skip_empty=True) == {
        "Title": "Shift: ACME",
        "Author": "Łukasz Żółć",
        "Subject": "Shift handover, version 1. Not acknowledged yet. Internal.",
        "Keywords": "Shift handover, Ξένια Киев",
        "Creator": document.get_metadata_value("Creator"),
        "CreationDate": "D:20261121040000Z",
        "ModDate": "D:20261121040000Z",
    }
    titles = [bookmark.get_title() for bookmark in document.get_toc()]
    assert titles[:4] == ["Shift and site", "Big picture", "Open items", "Refund batch stuck"]
    assert titles[-1] == "Acknowledgement"
    assert b"/Lang(en)" in content.replace(b" ", b"")
    assert document.get_version() == 17
    assert document.is_tagged()


def test_the_same_note_gives_the_same_bytes():
    assert paper_pdf(paper(HOSTILE)) == paper_pdf(paper(HOSTILE))


def test_every_page_has_its_number_its_confidentiality_and_whether_it_counts():
    items = tuple(replace(ITEM, title=f"Item {n}", due=date(2026, 12, 1) + timedelta(n)) for n in range(50))
    text = replace(shift_note(confidentiality=Confidentiality.CONFIDENTIAL), items=items)
    _, pages = pdf_of(paper_pdf(note_paper(record(text))))
    assert len(pages) == 6
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "\nConfidential Not acknowledged yet" in page


def test_letters_of_many_scripts_are_there():
    said = "Zażółć Καλημέρα Київ Nguyễn हिन्दी 日本語 한국어 العربية עברית ไทย தமிழ் 🎉"
    content = paper_pdf(paper(said))
    assert b"pdfuaid:part" in content  # only where every letter has a shape
    (page, *_) = pdf_of(content)[1]
    for word in ("Zażółć", "Καλημέρα", "Київ", "Nguyễn", "日本語", "한국어", "🎉"):
        assert word in page


def test_a_letter_that_no_font_has_is_an_empty_box_and_no_failure():
    content = paper_pdf(paper("Rune ᚠ stands here."))
    assert b"pdfuaid:part" not in content
    assert "stands here." in pdf_of(content)[1][0]


def test_long_words_stay_on_the_page():
    content = paper_pdf(
        replace(paper("y" * 300 + "\n\n`" + "z" * 300 + "`\n\n```\n" + "c" * 300 + "\n```"), title="t" * 200)
    )
    document, pages = pdf_of(content)
    width = document[0].get_width()
    textpage = document[0].get_textpage()
    boxes = [textpage.get_charbox(place) for place in range(textpage.count_chars())]
    assert max(right for _, _, right, _ in boxes) < width - 50  # points
    assert squeezed(pages[0]).count("y") >= 300


def test_deep_nesting_becomes_plain_paragraphs():
    (found,) = parse("> " * 19 + "deep", lambda name: (name, ""))
    depth, node = 0, found
    while node.kind is Kind.QUOTE:
        (node,) = node.children
        depth += 1
    assert (depth, words_of([node])) == (MAX_NESTING, "deep")
    assert "deep" in pdf_of(paper_pdf(paper("> " * 19 + "deep")))[1][0]


def test_wiki_links_lead_into_baton_where_it_can_be_reached():
    def linked(name: str) -> tuple[str, str]:
        return f"The {name}", "https://wiki.example/page?slug=x" if name == "guide" else ""

    (found,) = parse("[[guide]] and [[other|words]]", linked)
    (link,) = of_kind([found], Kind.LINK)
    assert (words_of([link]), link.url) == ("The guide", "https://wiki.example/page?slug=x")
    assert words_of([found]) == "The guide and words"


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab1 \n\t*_`~[]()<>#|-+.:!&\\$/=>{}@x"), max_size=60))
def test_markdown_read_again_says_the_same(text: str):
    written = paper_markdown(paper(enclosed(text)))
    again = parse(written, lambda name: (name, ""))
    said = [part for part in paper(enclosed(text)).parts if part.title == "Big picture"]
    inside: list[Node] = []
    taken = False
    for node in again:
        if node.kind is Kind.HEADING and node.number == 2:
            taken = words_of([node]) == "Big picture"
        elif taken:
            inside.append(node)
    wanted = said[0].blocks if said else ()
    assert " ".join(words_of(inside).split()) == " ".join(words_of(wanted).split())


def test_headings_skip_no_level():
    said = "##### five\n\n# one\n\n> #### four\n\n###### six\n\n## two"
    (part,) = (part for part in paper(enclosed(said)).parts if part.title == "Big picture")
    levels = [(words_of([heading]), heading.number) for heading in of_kind(part.blocks, Kind.HEADING)]
    assert levels == [("five", 3), ("one", 3), ("four", 4), ("six", 4), ("two", 4)]
    assert b"pdfuaid:part" in paper_pdf(paper(enclosed(said)))


def test_a_title_that_would_turn_the_words_around_does_not():
    note = record(shift_note(sender="S\u202eam"))
    note = replace(note, note=replace(note.note, page=replace(note.note.page, title="Shift \u202egnp.exe")))
    assert (note_paper(note).title, note_paper(note).author) == ("Shift gnp.exe", "Sam")
