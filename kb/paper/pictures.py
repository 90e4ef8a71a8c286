"""An attached picture as it goes onto paper: drawn anew, so that it is small and surely a picture. Pure.

Drawing it anew leaves behind where and with what a photograph was taken, which is nobody's business outside.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

MAX_FILE = 20 * 2**20  # bytes of the attached file
MAX_PIXELS = 40_000_000  # of the attached picture; a small file can claim any size
LONGEST_SIDE = 1600  # pixels on paper: 240 to an inch where it is as wide as a page
MAX_PICTURES = 30  # of one paper
ROOM = 12 * 2**20  # bytes of all of them: what a mail takes
_READ = ("PNG", "JPEG", "GIF", "WEBP")
_QUALITY = 85  # of JPEG, of 95


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on paper; its size is in pixels, 96 of which are an inch."""

    media_type: str
    content: bytes
    width: int
    height: int

    @property
    def ending(self) -> str:
        """The ending of a file's name that says what it is."""
        return "jpg" if self.media_type == "image/jpeg" else "png"


def on_paper(content: bytes) -> Picture | None:
    """The picture in a file, or the first of several; None where the file is too large or is no picture.

    :param content: of a PNG, JPEG, GIF or WebP file.
    """
    if len(content) > MAX_FILE:
        return None
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as found:
            if found.width * found.height > MAX_PIXELS:
                return None
            as_photograph = found.format == "JPEG"
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            shown = ImageOps.exif_transpose(found)
            shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _drawn(shown.convert("RGB" if as_photograph else "RGBA"), as_photograph=as_photograph)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        Image.DecompressionBombError,
    ):  # what Pillow says of broken files
        return None


def _drawn(shown: Image.Image, *, as_photograph: bool) -> Picture:
    file = io.BytesIO()
    if as_photograph:
        shown.save(file, "JPEG", quality=_QUALITY, optimize=True)
    else:
        shown.save(file, "PNG", optimize=True)
    return Picture("image/jpeg" if as_photograph else "image/png", file.getvalue(), *shown.size)
