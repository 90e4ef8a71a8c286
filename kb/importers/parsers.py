"""Runs the libraries that open documents: whatever they raise on a broken file becomes one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

from kb.importers.limits import MAX_TEXT_CHARACTERS
from kb.importers.shelf import NONCHARACTERS
from kb.importers.sources import SkipFileError

DAMAGED = "it is damaged, or not the kind of file that its name says: open it in its program and save it again"
PROTECTED = "it is protected by a password: save a copy without one and import that"
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def run_parser(convert: Callable[[bytes], str], content: bytes) -> str:
    """What ``convert`` makes of ``content``, without control characters.

    :raises SkipFileError: it is damaged, or its text is too long for a page.
    """
    try:
        markdown = convert(content)
    except (SkipFileError, RecursionError):
        raise
    except Exception as error:
        raise SkipFileError(DAMAGED) from error
    if len(markdown) > MAX_TEXT_CHARACTERS and "](data:" not in markdown:
        raise text_too_long()
    return NONCHARACTERS.sub("", _CONTROL.sub("", markdown))


def text_too_long() -> SkipFileError:
    """The reason for a document that is longer than a page can be."""
    return SkipFileError(f"its text has more than {MAX_TEXT_CHARACTERS:,} characters, too many for one page: split it")
