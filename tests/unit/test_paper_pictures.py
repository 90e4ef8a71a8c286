"""Pictures on paper, and text that runs from right to left."""

from __future__ import annotations

import io
import struct
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from kb.handover.models import Answer
from kb.handovers import save_note
from kb.indexing import Indexer
from kb.models import Attachment, Person, Role, Space, SpaceKind
from kb.note_export import Form, export_note
from kb.pages import PageText, create_page, ensure_space
from kb.paper.html import paper_html
from kb.paper.note import Paper, note_paper
from kb.paper.pdf import paper_pdf
from kb.paper.pictures import LONGEST_SIDE, MAX_PICTURES, Picture, on_paper
from kb.paper.tree import parse, runs_left
from kb.sharing import make_space
from kb.store import attachments, people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.unit.handover_samples import shift_note
from tests.unit.test_paper import record

SHOWN, UNKNOWN = (f"/attachment/{letter * 64}" for letter in "ab")
ARABIC, HEBREW = "تسليم المناوبة من الليل", "העברת משמרת"


def drawn(width: int, height: int, form: str = "PNG", **saved: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, form, **saved)
    return file.getvalue()


def written(text: str, picture: Picture | None = None) -> Paper:
    note = shift_note()
    kept = record(replace(note, answers={**note.answers, "big_picture": Answer(text)}))
    return note_paper(replace(kept, pictures={SHOWN: picture} if picture else {}))


# ---- a picture ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/png"), ("JPEG", "image/jpeg")],
)
def test_a_picture_is_drawn_anew_no_larger_than_paper_shows(form: str, media_type: str) -> None:
    picture = on_paper(drawn(LONGEST_SIDE * 2, 300, form))
    assert picture is not None
    assert (picture.media_type, picture.width, picture.height) == (media_type, LONGEST_SIDE, 150)
    assert Image.open(io.BytesIO(picture.content)).size == (LONGEST_SIDE, 150)


def test_a_photograph_stands_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "At the customer's"
    picture = on_paper(drawn(40, 20, "JPEG", exif=exif))
    assert picture is not None
    assert (picture.width, picture.height) == (20, 40)
    assert dict(Image.open(io.BytesIO(picture.content)).getexif()) == {}


def claims(width: int, height: int) -> bytes:
    """A small file that says it is as large as that."""
    return drawn(1, 1).replace(struct.pack(">II", 1, 1), struct.pack(">II", width, height))


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", drawn(9, 9)[:50], drawn(9, 9, "BMP"),
     claims(60_000, 60_000)],
)  # fmt: skip
def test_what_is_broken_too_large_or_no_picture_is_none(content: bytes) -> None:
    assert on_paper(content) is None


def test_the_html_holds_its_pictures_and_names_the_others() -> None:
    picture = on_paper(drawn(40, 20))
    assert picture is not None
    paper = written(f'![The "queue"]({SHOWN}) ![gone]({UNKNOWN}) ![far](https://evil.example/x.png)', picture=picture)
    soup = BeautifulSoup(paper_html(paper), "lxml")
    (shown,) = soup.find_all("img")
    assert (shown["alt"], shown["width"], shown["height"]) == ('The "queue"', "40", "20")
    assert b64decode(shown["src"].removeprefix("data:image/png;base64,")) == picture.content
    assert "(Picture, not part of this paper: gone) (Picture, not part of this paper: far)" in soup.text


def test_the_pdf_holds_its_pictures_no_wider_than_their_place() -> None:
    picture = on_paper(drawn(1600, 400))
    assert picture is not None
    content = paper_pdf(
        written(f"![Queue]({SHOWN})\n\n| A | B |\n|---|---|\n| x | ![Queue]({SHOWN}) |\n", picture=picture)
    )
    page = pypdfium2.PdfDocument(content)[0]
    boxes = [found.get_bounds() for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    widths = sorted(round(right - left) for left, _, right, _ in boxes)
    assert len(widths) == 2
    assert widths[1] == 482  # points: A4 without its margins
    assert widths[0] < widths[1] / 2
    assert b"pdfuaid" in content  # a reader for the blind says what it shows


# ---- right to left ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [(ARABIC, True), (f"12. {HEBREW} by Ana", True), (f"Ana: {ARABIC}", False), ("12:30, 4 %", False), ("", False)],
)
def test_the_first_letter_with_a_direction_decides(text: str, expected: bool) -> None:
    assert runs_left(parse(text, lambda name: (name, ""))) is expected


def test_the_html_begins_lists_quotes_and_tables_on_their_side() -> None:
    table = f"| {HEBREW} | Date |\n|---|---|\n| 1 | 2 |"
    soup = BeautifulSoup(paper_html(written(f"- {ARABIC}\n\n> {HEBREW}\n\n{table}\n\n1. One")), "lxml")
    part = soup.find(id="part-2").parent
    sides = {found.name: found.get("dir") for found in part.find_all(["ul", "ol", "blockquote", "table"])}
    assert sides == {"ul": "rtl", "blockquote": "rtl", "table": "rtl", "ol": None}


def test_the_pdf_begins_such_text_on_the_right() -> None:
    page = pypdfium2.PdfDocument(paper_pdf(written(f"Quiet.\n\n{ARABIC}\n\n{HEBREW}")))[0]
    text = page.get_textpage()
    left, right = 20 * 72 / 25.4, page.get_width() - 20 * 72 / 25.4  # the margins, in points
    edges = {}
    for place in range(text.count_chars()):
        letter = text.get_text_range(place, 1)
        box = text.get_charbox(place)
        for name, first in (("Quiet", "Q"), ("Arabic", "ت"), ("Hebrew", "ה")):
            if letter == first:
                edges.setdefault(name, box)
    assert edges["Quiet"][0] == pytest.approx(left, abs=2)
    assert edges["Hebrew"][2] == pytest.approx(right, abs=3)
    assert edges["Arabic"][2] == pytest.approx(right, abs=3)


# ---- an export ----------------------------------------------------------------------------------------------------


def test_an_export_shows_the_pictures_that_its_person_may_see(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "baton.db")
    indexer = Indexer(store, None)
    with store.atomic() as db:
        sam, rita = (people.add(db, name, f"{name}@example.com", Role.AUTHOR) for name in ("sam", "rita"))
    secret = make_space(store, LOCAL, "Payroll", SpaceKind.CONFIDENTIAL, [LOCAL, sam], []).space
    page = create_page(store, indexer, LOCAL, secret, PageText("Salaries", "Text."))
    with store.atomic() as db:
        files = [Attachment("", f"{n}.png", "image/png", drawn(20 + n, 20)) for n in range(MAX_PICTURES + 1)]
        names = [attachments.add(db, file, page.id) for file in files]
        script = attachments.add(db, Attachment("", "x.png", "text/html", drawn(9, 9)), page.id)
    several = " ".join(f"![Chart](/attachment/{name})" for name in [script, *names])

    public = ensure_space(store, LOCAL, "Handover notes")

    def shown(sender: Person, form: Form, space: Space = page.space) -> bytes:
        text = replace(shift_note(), answers={"big_picture": Answer(several)})
        return export_note(store, sender, save_note(store, indexer, sender, text, space), form).content

    soup = BeautifulSoup(shown(sam, Form.HTML), "lxml")
    assert (len(soup.find_all("img")), soup.text.count("(Picture, not part of this paper: Chart)")) == (MAX_PICTURES, 2)
    assert b"data:image" not in shown(sam, Form.MARKDOWN)
    pdf = pypdfium2.PdfDocument(shown(sam, Form.PDF))
    found = [one for sheet in pdf for one in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    assert len(found) == MAX_PICTURES
    # Who knows the address of a picture does not see it.
    assert BeautifulSoup(shown(rita, Form.HTML, public), "lxml").find_all("img") == []
    store.close()
