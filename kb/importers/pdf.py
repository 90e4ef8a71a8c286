"""PDF files to drafts: their text, without what repeats at the edge of every page."""

from __future__ import annotations

import io
import re
from collections import Counter
from itertools import islice

from kb.importers.limits import MAX_PDF_PAGES
from kb.importers.markdown import finish_draft
from kb.importers.parsers import DAMAGED, PROTECTED, run_parser
from kb.importers.plain_text import readable_name
from kb.importers.sources import FileTree, SkipFileError
from kb.importers.text import text_to_markdown
from kb.models import PageDraft

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_HYPHENATED = re.compile(r"(?<=[a-zà-ÿ])-\n+(?=[a-zà-ÿ])")
_CUT_SENTENCE = re.compile(r"(?<=[a-zà-ÿ,])\n{2,}(?=[a-zà-ÿ])")  # by the end of a page or box
_NUMBER = re.compile(r"[0-9]+")
_PAGE_NUMBER = re.compile(r"(?i:page )?[-–]? ?(?:[0-9]{1,4}|[ivxl]{1,6}) ?[-–]?(?: ?(?:/|of) ?[0-9]{1,4})?")
_REPEATS = 3  # a line at the edge of so many pages is a running title


def pdf_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The text of a PDF file.

    :raises SkipFileError: it is damaged, protected or too long, or a scan without text.
    """
    if b"%PDF" not in content[:1024]:
        raise SkipFileError(DAMAGED if content else "it is empty")
    markdown = run_parser(_markdown, content)
    if not markdown.strip():
        raise SkipFileError("it holds pictures of text, as scanners make them: run text recognition (OCR) on it first")
    return finish_draft(markdown, source, files, title=readable_name(source))


def _markdown(content: bytes) -> str:
    # pdfminer is what markitdown uses for prose; called directly, because markitdown takes many pages of prose
    # for forms, and then joins their words or cuts them into tables.
    from pdfminer.high_level import extract_text

    _check(content)
    text = extract_text(io.BytesIO(content))
    pages = [[block.strip() for block in _PARAGRAPHS.split(page) if block.strip()] for page in text.split("\f")]
    joined = "\n\n".join("\n\n".join(page) for page in _without_running_titles(pages) if page)
    return text_to_markdown(_CUT_SENTENCE.sub("\n", _HYPHENATED.sub("", joined)))


def _check(content: bytes) -> None:
    """:raises SkipFileError: it needs a password, or has more pages than one page of a wiki should hold."""
    from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    try:
        document = PDFDocument(PDFParser(io.BytesIO(content)))
    except PDFPasswordIncorrect as error:
        raise SkipFileError(PROTECTED) from error
    if sum(1 for _ in islice(PDFPage.create_pages(document), MAX_PDF_PAGES + 1)) > MAX_PDF_PAGES:
        raise SkipFileError(f"it has more than {MAX_PDF_PAGES:,} pages: split it")


def _without_running_titles(pages: list[list[str]]) -> list[list[str]]:
    """``pages`` without page numbers, and with each running title only where it stands first."""
    edges = Counter(_NUMBER.sub("#", block) for page in pages for block in {*page[:1], *page[-1:]})
    seen: set[str] = set()
    result = []
    for page in pages:
        kept = []
        for position, block in enumerate(page):
            if position in (0, len(page) - 1):
                pattern = _NUMBER.sub("#", block)
                repeats = edges[pattern] >= _REPEATS
                if _PAGE_NUMBER.fullmatch(block) or (repeats and pattern in seen):
                    continue
                seen.add(pattern)
            kept.append(block)
        result.append(kept)
    return result
