"""What the importer tests share."""

from __future__ import annotations

import io
import zipfile

from kb.importers import read_file
from kb.models import PageDraft, SkippedFile

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def draft(text: str | bytes, name: str = "page.md") -> PageDraft:
    """The page that a file with this text becomes."""
    item = read_file(name, text if isinstance(text, bytes) else text.encode())
    assert isinstance(item, PageDraft), item
    return item


def body(text: str, name: str = "page.md") -> str:
    """The body of the page that a file with this text becomes. Give it no main heading: that is the title."""
    return draft(text, name).body


def reason(content: bytes, name: str = "page.md") -> str:
    """Why a file with this content is skipped."""
    item = read_file(name, content)
    assert isinstance(item, SkippedFile), item
    assert item.source == name
    return item.reason


def zip_bytes(files: dict[str, bytes | str]) -> io.BytesIO:
    """A zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    target.seek(0)
    return target
