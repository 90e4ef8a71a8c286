"""Word, PowerPoint and Excel files to drafts. Checked before they are opened; nothing goes over the network."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from bs4 import BeautifulSoup

from kb.importers.escaping import escape_line_starts, escape_markdown
from kb.importers.html_page import html_to_markdown
from kb.importers.limits import (
    MAX_EXPANSION,
    MAX_OFFICE_PART_BYTES,
    MAX_OFFICE_UNPACKED_BYTES,
    MAX_TEXT_CHARACTERS,
    MEGABYTE,
)
from kb.importers.markdown import finish_draft
from kb.importers.parsers import DAMAGED, PROTECTED, run_parser, text_too_long
from kb.importers.sources import FileTree, SkipFileError
from kb.importers.tables import Cell, markdown_table
from kb.importers.text import text_to_markdown
from kb.models import PageDraft

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # how .doc files begin, and also encrypted .docx files
_ENTITIES = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_SLIDE = re.compile(r"<!-- Slide number: (\d+) -->")


def docx_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The page in a Word file; its pictures become attachments."""
    return _draft(_docx_markdown, content, source, files)


def pptx_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The slides of a presentation as sections of one page."""
    return _draft(_pptx_markdown, content, source, files)


def xlsx_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The visible sheets of a workbook as sections with one table each."""
    return _draft(_xlsx_markdown, content, source, files)


def _draft(convert: Callable[[bytes], str], content: bytes, source: str, files: FileTree | None) -> PageDraft:
    _check_package(content)
    markdown = run_parser(convert, content)
    if not markdown.strip():
        raise SkipFileError("it is empty")
    return finish_draft(markdown, source, files)


def _check_package(content: bytes) -> None:
    """Refuses an office file that would fill the memory when it is opened; counts the bytes that come out.

    :raises SkipFileError: it is encrypted, damaged, a zip bomb, or defines XML entities.
    """
    if content.startswith(_OLD_OFFICE):
        raise SkipFileError("it is protected by a password or in the format of before 2007: save it as a new file")
    if not content:
        raise SkipFileError("it is empty")
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for entry in package.infolist():
                if entry.flag_bits & 0x1:
                    raise SkipFileError(PROTECTED)
                with package.open(entry) as part:
                    head = part.read(4096)
                    size = len(head)
                    while piece := part.read(MEGABYTE):
                        size += len(piece)
                        if size > MAX_OFFICE_PART_BYTES or total + size > MAX_OFFICE_UNPACKED_BYTES:
                            raise SkipFileError("it unpacks to far more than an office file holds, as zip bombs do")
                if size > MEGABYTE and size > MAX_EXPANSION * max(1, entry.compress_size):
                    raise SkipFileError("it unpacks to far more than an office file holds, as zip bombs do")
                if entry.filename.endswith((".xml", ".rels")) and _ENTITIES.search(head):
                    raise SkipFileError("it defines XML entities, which no office program writes: save it again")
                total += size
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise SkipFileError(DAMAGED) from error


def _docx_markdown(content: bytes) -> str:
    # mammoth is what markitdown uses; the step after it is ours, because markitdown's loses merged cells,
    # lists inside tables, and text in angle brackets.
    import mammoth  # type: ignore[import-untyped]
    from markitdown.converter_utils.docx.pre_process import pre_process_docx

    result: Any = mammoth.convert_to_html(pre_process_docx(io.BytesIO(content)), include_embedded_style_map=False)
    return html_to_markdown(BeautifulSoup(result.value, "lxml"))[0]


def _pptx_markdown(content: bytes) -> str:
    from markitdown import StreamInfo
    from markitdown.converters import PptxConverter

    result = PptxConverter().convert(io.BytesIO(content), StreamInfo(extension=".pptx"), keep_data_uris=True)
    _, *parts = _SLIDE.split(result.markdown)
    slides = [_slide(number, text) for number, text in zip(parts[::2], parts[1::2], strict=True)]
    return "\n\n".join(filter(None, slides))


def _slide(number: str, text: str) -> str:
    """One slide: its title as a heading (of the first, as the page's), its lines as a list, its notes after it."""
    text, _, notes = text.partition("\n### Notes:\n")
    title = ""
    groups: list[list[str]] = [[]]
    for line in text.replace("\x0b", " ").strip().split("\n"):
        if line.startswith("# ") and not title:
            title = " ".join(line[2:].split())
        elif line.startswith(("|", "![", "### Chart")) or not line.strip():
            groups += [[line], []]
        else:
            groups[-1].append("- " + escape_line_starts(escape_markdown(line.strip())))
    body = "\n\n".join(_slide_group(group) for group in _joined_tables(groups))
    body = re.sub(r"\n{3,}", "\n\n", body).strip()
    if notes.strip():
        body += f"\n\n**Notes:**\n\n{text_to_markdown(notes)}"
    if not title and not body:
        return ""
    heading = "#" if number == "1" and title else "##"
    return f"{heading} {escape_markdown(title) or f'Slide {number}'}\n\n{body}".rstrip()


def _slide_group(group: list[str]) -> str:
    """Lines of one text; one line alone is a paragraph, not a list."""
    return group[0].removeprefix("- ") if len(group) == 1 else "\n".join(group)


def _joined_tables(groups: list[list[str]]) -> list[list[str]]:
    """The groups that are not empty, with the rows of each table in one."""
    result: list[list[str]] = []
    for group in groups:
        if group and group[0].startswith("|") and result and result[-1][0].startswith("|"):
            result[-1] += group
        elif group:
            result.append(group)
    return result


def _xlsx_markdown(content: bytes) -> str:
    # openpyxl is what markitdown uses; read directly, because markitdown cuts cells off after 50 characters
    # and writes NaN into empty ones.
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        return "\n\n".join(
            f"## {escape_markdown(sheet.title)}\n\n{table}"
            for sheet in workbook.worksheets
            if sheet.sheet_state == "visible" and (table := _sheet_table(sheet.iter_rows(values_only=True)))
        )
    finally:
        workbook.close()


def _sheet_table(values: Iterable[Iterable[object]]) -> str:
    rows: list[list[Cell]] = []
    size = 0
    for row in values:
        texts = [_cell_text(value) for value in islice(row, 200)]
        if any(texts):
            size += sum(map(len, texts))
            if size > MAX_TEXT_CHARACTERS:
                raise text_too_long()
            rows.append([Cell(escape_markdown(text), header=not rows) for text in texts])
    return markdown_table(rows)


def _cell_text(value: object) -> str:
    """What Excel would show, roughly: whole numbers without a point, dates without a time of midnight."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).removesuffix(" 00:00:00").split())
