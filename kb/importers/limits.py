"""How much an import may ask of this machine. Every limit answers an attack or a mistake that was seen elsewhere."""

from __future__ import annotations

MEGABYTE = 1024 * 1024

MAX_FILE_BYTES = 20 * MEGABYTE  # one document or one zip entry; larger ones are archives or exports, not pages
MAX_TEXT_CHARACTERS = 1_000_000  # about 150,000 words, two novels: more than anybody reads as one page
MAX_FRONT_MATTER_CHARACTERS = 64_000  # YAML is slow to parse, and nobody writes ten pages of it
MAX_IMAGE_BYTES = 10 * MEGABYTE  # a screenshot has 0.1-3 MB
MAX_PAGE_IMAGES_BYTES = 50 * MEGABYTE  # all images of one page together; a draft lives in memory
MAX_UNPACKED_BYTES = 500 * MEGABYTE  # everything read from one zip
MAX_ENTRIES = 20_000  # files of one import
MAX_EXPANSION = 200  # unpacked : packed; text reaches about 20, a zip bomb 1000
EXPANSION_CHECK_BYTES = 5 * MEGABYTE  # below this size no expansion does harm
MAX_OFFICE_PART_BYTES = 50 * MEGABYTE  # one XML part inside a .docx, .pptx or .xlsx
MAX_OFFICE_UNPACKED_BYTES = 200 * MEGABYTE  # all parts of one office file
MAX_PDF_PAGES = 500  # reading one page takes 0.05-0.5 s
MAX_HTML_DEPTH = 150  # nested elements; real pages have 10-40, and every level costs Python stack


def megabytes(size: int) -> str:
    """``20971520`` -> ``"20 MB"``."""
    return f"{size / MEGABYTE:.0f} MB"
