"""Bytes to text: UTF-8, UTF-16 with a mark, and the Windows encoding of old files; anything else is no text."""

from __future__ import annotations

import codecs
import re

from kb.importers.limits import MAX_TEXT_CHARACTERS
from kb.importers.shelf import NONCHARACTERS
from kb.importers.sources import SkipFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINE = re.compile("\r\n?|\u2028|\u2029|\x85")


def read_text(content: bytes) -> str:
    """The text of a file, with ``\\n`` between lines and without control characters.

    :raises SkipFileError: it is empty, binary, too long, or in an encoding that cannot be told.
    """
    if not content.strip():
        raise SkipFileError("it is empty")
    text = _decode(content)
    if "\0" in text:
        raise SkipFileError("it is not text, whatever its name says: it holds binary data")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise SkipFileError(
            f"its text has {len(text):,} characters, and a page holds at most {MAX_TEXT_CHARACTERS:,}: split it"
        )
    text = _NEWLINE.sub("\n", text)
    text = NONCHARACTERS.sub("", _CONTROL.sub("", text))
    if not text.strip():
        raise SkipFileError("it is empty")
    return text


def _decode(content: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")
    try:
        return content.decode(marked or "utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in content:
            raise SkipFileError("it is not text, whatever its name says: it holds binary data") from error
    try:
        text = "" if marked else content.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or _CONTROL.search(text):  # old Windows files hold none; any other guess would produce nonsense
        raise SkipFileError("its encoding is not known: save the file as UTF-8 and import it again")
    return text
