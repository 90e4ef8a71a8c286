"""A paper as PDF: A4, tagged, with bookmarks and page numbers, set by Typst in fonts that come with its packages.

What people wrote reaches Typst as data, never as source; it can read the paper's own files and nothing else.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from unicodedata import category, east_asian_width

import typst

from kb.paper.note import Paper
from kb.paper.pictures import Picture
from kb.paper.tree import Kind, Node, runs_left, words_of
from kb.tidying import cut

_FONTS = ("manimgx_fonts", "manimgx_fonts_cjk")  # Noto Sans for some thirty scripts, under the Open Font License
_STANDARD: Final = "ua-1"  # what a reader for the blind relies on: ISO 14289-1
_LONG = 24  # characters without a place to break a line; in a table's cell half of that
# Letters of scripts that part words by blanks, each with its accents: others break lines where they should.
_LETTER = r"[\x21-\u02ff\u0370-\u052f\u1e00-\u1fff][\u0300-\u036f]*"
_PLACE_TO_BREAK = "\u200b"
_SHORT = 18  # letters of a cell that stay on one line: a date, a name
_ROOM = 55  # letters of a line that short columns may take of about 90
_WIDEST = 60  # letters of a cell after which its column gets no wider
_EM = 0.57  # of a letter
_POINTS = 0.75  # of a pixel
_TALLEST = 400.0  # points of a picture: more than half of a page
# What begins on the left or on the right; the pieces within follow the order of their letters.
_DIRECTED = frozenset({Kind.PARAGRAPH, Kind.HEADING, Kind.QUOTE, Kind.LIST, Kind.TABLE, Kind.CELL})
_FOOTER = 85  # letters of the title at the foot of a page


def paper_pdf(paper: Paper) -> bytes:
    """The paper as PDF, the same bytes for the same paper.

    It claims PDF/UA-1 unless something in it is against that, such as a character that is in none of the fonts, which
    is shown as an empty box.
    """
    with tempfile.TemporaryDirectory(prefix="baton-paper-") as folder:
        root = Path(folder)
        pictures: dict[str, Picture] = {}
        (root / "paper.json").write_text(json.dumps(_content(paper, pictures)), "utf-8")
        for name, picture in pictures.items():
            (root / name).write_bytes(picture.content)
        (root / "paper.typ").write_text(_layout(), "utf-8")
        compiler = typst.Compiler(root / "paper.typ", root=root, font_paths=_fonts())
        moment = int(paper.changed.timestamp())
        try:
            pdf = compiler.compile(format="pdf", timestamp=moment, pdf_standards=[_STANDARD])
        except typst.TypstError as error:
            if "PDF/UA" not in str(error):
                raise
            pdf = compiler.compile(format="pdf", timestamp=moment)
    assert isinstance(pdf, bytes)  # noqa: S101  a PDF is one file, whatever its pages
    return pdf


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    # Not those of the machine: the same note looks the same everywhere.
    return typst.Fonts(include_system_fonts=False, font_paths=[str(files(name)) for name in _FONTS])


@lru_cache(maxsize=1)
def _layout() -> str:
    return Path(__file__).with_name("paper.typ").read_text("utf-8")


def _content(paper: Paper, pictures: dict[str, Picture]) -> dict[str, Any]:
    """What the layout reads.

    :param pictures: gets the pictures of the paper, by the name of their file.
    """

    def nodes(of: Iterable[Node]) -> list[dict[str, Any]]:
        return _nodes(of, pictures)

    return {
        "title": paper.title,
        "heading": _titled(paper.title),
        "foot": cut(f"{paper.name} · {paper.title}", _FOOTER),
        "name": paper.name,
        "author": paper.author,
        "keywords": paper.keywords,
        "confidentiality": paper.confidentiality,
        "standing": paper.standing,
        "counts": paper.counts,
        "opening": nodes(paper.opening),
        "facts": [{"name": name, "blocks": nodes(blocks), "rtl": runs_left(blocks)} for name, blocks in paper.facts],
        "parts": [{"title": _titled(part.title), "blocks": nodes(part.blocks)} for part in paper.parts],
    }


def _titled(title: str) -> dict[str, Any]:
    return {"text": _breakable(title, _LONG), "rtl": runs_left([Node(Kind.TEXT, text=title)])}


def _nodes(nodes: Iterable[Node], pictures: dict[str, Picture], longest: int = _LONG) -> list[dict[str, Any]]:
    return [_node(node, pictures, longest) for node in nodes]


def _node(node: Node, pictures: dict[str, Picture], longest: int) -> dict[str, Any]:
    longest = longest // 2 if node.kind is Kind.TABLE else longest
    written: dict[str, Any] = {"kind": node.kind, "children": _nodes(node.children, pictures, longest)}
    if node.kind in _DIRECTED:
        written["rtl"] = runs_left([node])
    match node.kind:
        case Kind.TEXT | Kind.CODE:
            written["text"] = _breakable(node.text, longest)
        case Kind.CODE_BLOCK:
            written["text"] = _breakable(node.text, 70)  # as many as a line has
        case Kind.LINK:
            written["url"] = node.url
        case Kind.HEADING | Kind.LIST:
            written["number"] = node.number
        case Kind.TABLE:
            written["widths"] = _widths(node.children)
        case Kind.PICTURE:
            written |= _picture(node, pictures)
    return written


def _picture(node: Node, pictures: dict[str, Picture]) -> dict[str, Any]:
    assert node.picture is not None  # noqa: S101  its kind says so
    shown = node.picture
    name = f"{sha256(shown.content).hexdigest()}.{shown.ending}"
    pictures[name] = shown
    width = min(shown.width * _POINTS, _TALLEST * shown.width / shown.height)
    return {"file": name, "text": node.text, "width": round(width, 2)}


def _breakable(text: str, longest: int) -> str:
    """The text with places to break a line in words that are longer than a line may be."""
    return re.sub(
        rf"(?:{_LETTER}){{{longest + 1},}}",
        lambda word: re.sub(rf"((?:{_LETTER}){{8}})(?=\S)", rf"\1{_PLACE_TO_BREAK}", word.group()),
        text,
    )


def _widths(rows: Sequence[Node]) -> list[dict[str, float]]:
    """The width of each column: what is short stays on one line ("em"), the others share the rest ("fr")."""
    texts = [
        [words_of(cell.children) for cell in cells] for cells in zip(*(row.children for row in rows), strict=False)
    ]
    widest = [max(map(_width, column)) for column in texts]
    short = [width <= _SHORT for width in widest]
    if sum(width for width, is_short in zip(widest, short, strict=True) if is_short) > _ROOM or all(short):
        short = [False] * len(texts)
    return [
        {"em": round(width * _EM + 1, 2)} if is_short
        else {"fr": round(max(12.0, sum(min(_width(text), _WIDEST) for text in column) / len(column)), 1)}
        for column, width, is_short in zip(texts, widest, short, strict=True)
    ]  # fmt: skip


def _width(text: str) -> int:
    """About how wide a text is, in Latin letters."""
    return sum(
        0 if category(letter).startswith("M") else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )
