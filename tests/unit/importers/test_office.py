"""Word, PowerPoint, Excel and PDF files, made here byte by byte or by the libraries that read them."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

from kb.importers import limits, office, pdf
from kb.importers.parsers import DAMAGED
from tests.unit.importers.helpers import PNG, draft, reason

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def docx(paragraphs: str, extra: dict[str, bytes] | None = None) -> bytes:
    """A Word file with this content of its body."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
            '.wordprocessingml.document.main+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="r1" Type="{DOCUMENT}" Target="word/document.xml"/></Relationships>',
        )
        package.writestr("word/document.xml", f"<w:document {W}><w:body>{paragraphs}</w:body></w:document>")
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return target.getvalue()


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def one_page_pdf(text: str) -> bytes:
    """The smallest PDF file that shows one line."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content = b"%PDF-1.4\n"
    offsets = []
    for number, item in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def test_a_word_file_becomes_a_page() -> None:
    cells = "".join(f"<w:tr>{''.join(f'<w:tc>{paragraph(c)}</w:tc>' for c in row)}</w:tr>" for row in ("ab", "cd"))
    page = draft(
        docx(
            paragraph("The title", "Heading1")
            + paragraph("Ask &lt;your lead&gt; about snake_case *now*.")
            + paragraph("Part", "Heading2")
            + f"<w:tbl>{cells}</w:tbl>"
        ),
        "a.docx",
    )
    assert page.title == "The title"
    assert page.body == (
        "Ask \\<your lead> about snake_case \\*now\\*.\n\n## Part\n\n|  |  |\n| --- | --- |\n| a | b |\n| c | d |"
    )


def test_slides_become_sections() -> None:
    deck = Presentation()
    for title, lines in (("Welcome", "One\nTwo <x>"), ("", "Alone"), ("Last", "")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = lines
    table = deck.slides[2].shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(2)).table
    for number, text in enumerate("abcd"):
        table.cell(number // 2, number % 2).text = text
    deck.slides[2].notes_slide.notes_text_frame.text = "Say *hello*."
    target = io.BytesIO()
    deck.save(target)
    page = draft(target.getvalue(), "deck.pptx")
    assert page.title == "Welcome"
    assert page.body == (
        "- One\n- Two \\<x>\n\n## Slide 2\n\nAlone\n\n## Last\n\n| a | b |\n| --- | --- |\n| c | d |\n\n"
        "**Notes:**\n\nSay \\*hello\\*."
    )


def test_pictures_of_slides_become_attachments() -> None:
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360606060000000050001"
        "a5f645400000000049454e44ae426082"
    )
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_picture(io.BytesIO(pixel), 0, 0)
    target = io.BytesIO()
    deck.save(target)
    page = draft(target.getvalue(), "deck.pptx")
    assert page.body == "## Slide 1\n\n![image.png](image-1.png)"
    assert [attachment.content for attachment in page.attachments] == [pixel]


def test_the_visible_sheets_of_a_workbook_become_sections() -> None:
    book = Workbook()
    first = book.active
    first.title = "Rates"
    for row in (["Town", None, "Rate"], ["Berlin", None, 3.0], [], ["<x> a|b " + "long " * 20, None, 2.5]):
        first.append(row)
    first["E2"] = datetime(2024, 5, 1)
    book.create_sheet("Hidden").append(["secret"])
    book["Hidden"].sheet_state = "hidden"
    book.create_sheet("Empty")
    book.create_sheet("Notes").append(["only this"])
    target = io.BytesIO()
    book.save(target)
    page = draft(target.getvalue(), "daily_rates.xlsx")
    assert page.title == "Daily rates"
    assert page.body == (
        "## Rates\n\n| Town | Rate |  |\n| --- | --- | --- |\n| Berlin | 3 | 2024-05-01 |\n"
        f"| \\<x> a\\|b {('long ' * 20).strip()} | 2.5 |  |\n\n## Notes\n\nonly this"
    )


def test_a_pdf_becomes_its_text() -> None:
    page = draft(one_page_pdf("Leave is *granted* in May."), "leave-rules.pdf")
    assert (page.title, page.body) == ("Leave rules", "Leave is \\*granted\\* in May.")


def test_a_scan_is_skipped() -> None:
    assert reason(one_page_pdf(""), "a.pdf").startswith("it holds pictures of text")


def test_running_titles_and_page_numbers_are_left_out() -> None:
    pages = [["Guide 1", "a", "1"], ["Guide 2", "b", "- 2 -"], ["Guide 3", "c", "Page 3 of 3"]]
    assert pdf._without_running_titles(pages) == [["Guide 1", "a"], ["b"], ["c"]]


def test_a_pdf_of_too_many_pages_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PDF_PAGES", 0)
    assert reason(one_page_pdf("x"), "a.pdf") == "it has more than 0 pages: split it"


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.pdf"])
@pytest.mark.parametrize(
    "content",
    [b"no office file", PNG, b"PK\x03\x04 cut off", b"%PDF-1.4 cut off", one_page_pdf("x")[:200], docx("")[:-30]],
)
def test_a_damaged_file_is_skipped(name: str, content: bytes) -> None:
    if name.endswith(".pdf") and content.startswith(b"%PDF"):
        assert reason(content, name).startswith(("it is damaged", "it holds pictures"))
    else:
        assert reason(content, name) == DAMAGED


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.pdf"])
def test_an_empty_file_is_skipped(name: str) -> None:
    assert reason(b"", name) == "it is empty"


def test_a_file_of_another_office_kind_is_skipped() -> None:
    assert reason(docx(paragraph("x")), "a.xlsx") == DAMAGED
    assert reason(docx(paragraph("x")), "a.pptx") == DAMAGED


def test_an_encrypted_or_old_office_file_is_skipped() -> None:
    assert "protected by a password" in reason(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.docx")


def test_an_office_file_that_is_a_zip_bomb_is_skipped() -> None:
    bomb = docx(paragraph("x"), {"word/media/a.xml": b"\0" * (8 * limits.MEGABYTE)})
    assert len(bomb) < 20_000
    assert reason(bomb, "a.docx") == "it unpacks to far more than an office file holds, as zip bombs do"


def test_an_office_part_over_the_limit_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_OFFICE_PART_BYTES", 10_000)
    content = docx(paragraph("x"), {"word/a.xml": bytes(range(256)) * 100})
    assert "unpacks to far more" in reason(content, "a.docx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_office_file_with_xml_entities_is_skipped(encoding: str) -> None:
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"ha" * 50}">]><x>&a;</x>'.encode(encoding)
    assert "defines XML entities" in reason(docx(paragraph("x"), {"word/x.xml": evil}), "a.docx")


def picture(reference: str) -> str:
    """A paragraph with a picture of a Word file; ``reference`` is r:embed or r:link."""
    return (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessing'
        'Drawing"><wp:docPr id="1" name="p" descr="A door"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/'
        'drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/'
        'picture"><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships" {reference}="r9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )


def relation(target: str) -> bytes:
    return (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r9" {target} Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/image"/></Relationships>'
    ).encode()


def test_a_picture_of_a_word_file_becomes_an_attachment() -> None:
    files = {"word/media/a.png": PNG, "word/_rels/document.xml.rels": relation('Target="media/a.png"')}
    page = draft(docx(paragraph("Text") + picture("r:embed"), files), "a.docx")
    assert page.body == "Text\n\n![A door](image-1.png)"
    assert [attachment.content for attachment in page.attachments] == [PNG]


def test_a_picture_that_a_word_file_only_links_to_is_never_opened() -> None:
    files = {"word/_rels/document.xml.rels": relation('TargetMode="External" Target="file:///etc/passwd"')}
    page = draft(docx(paragraph("Text") + picture("r:link"), files), "a.docx")
    assert page.body == "Text"
    assert page.attachments == ()
