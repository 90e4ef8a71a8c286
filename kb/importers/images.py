"""Images of a page: those of the import become attachments, all others become words or links. Nothing is fetched."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from markdown_it.common.utils import unescapeAll

from kb.importers.inline_links import InlineLink, find_links
from kb.importers.limits import MAX_IMAGE_BYTES, MAX_PAGE_IMAGES_BYTES
from kb.importers.link_targets import is_external, is_internal
from kb.importers.plain_text import plain_text
from kb.importers.sources import FileTree, SkipFileError
from kb.models import Attachment

_IMAGE_NAME = re.compile(r"\.(?:png|jpe?g|gif|webp)$", re.IGNORECASE)
_ANY_IMAGE_NAME = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?|avif|heic)$", re.IGNORECASE)
_DATA_URL = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=%\s]+)$", re.IGNORECASE)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_SITE_FOLDERS = ("", "static/", "public/")  # whose files Hugo, Docusaurus and others serve from the root


def media_type(content: bytes) -> str | None:
    """What an image's first bytes say it is; None if it is none of the kinds that Baton shows."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


class ImageCollector:
    """Goes through the images of one page, and keeps the files that it shows in ``attachments``."""

    def __init__(self, source: str, files: FileTree | None) -> None:
        self._source = source
        self._files = files
        self._by_target: dict[str, Attachment | None] = {}
        self._size = 0

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(attachment for attachment in self._by_target.values() if attachment)

    def collect(self, text: str) -> str:
        """``text``, whose code is on a shelf, with each image as an attachment, as a link, or as words."""
        if "![" not in text:
            return text
        parts: list[str] = []
        position = 0
        for link in find_links(text)[0]:
            images = [link] if link.is_image else link.images
            for image in images:
                parts += [text[position : image.start], self._replace(text, image, in_link=image is not link)]
                position = image.end
        return "".join([*parts, text[position:]])

    def _replace(self, text: str, image: InlineLink, *, in_link: bool) -> str:
        label = text[image.label_start : image.label_end]
        if image.is_wiki:  # ![[plan.png|300]] or ![[Another note]]
            path = label.partition("|")[0].partition("#")[0].strip("\\ ")
            if not _ANY_IMAGE_NAME.search(path):
                return text[image.start + 1 : image.end]
            destination, alt = quote(path), posixpath.basename(path).rsplit(".", 1)[0]
        else:
            destination, alt = image.destination, plain_text(label).replace("[", "(").replace("]", ")")
        if image.in_table:
            alt = alt.replace("|", "\\|")
        if is_external(destination) or destination.startswith("//"):
            return self._remote(destination, alt, in_link=in_link)
        target = self._attach(destination)
        if target:
            return f"![{alt}]({target})"
        return alt if in_link or "*" in alt or not alt else f"*{alt}*"

    def _remote(self, destination: str, alt: str, *, in_link: bool) -> str:
        """A link that a reader may follow; showing the image would tell its server who reads the page."""
        alt = alt or _file_name(destination) or "image"
        if in_link or not destination.startswith(("http", "//")):
            return alt
        url = f"https:{destination}" if destination.startswith("//") else destination
        return f"[{alt}]({url})" if url.count("(") == url.count(")") else f"[{alt}](<{url}>)"

    def _attach(self, destination: str) -> str:
        """How the body links to the image from now on; "" if there is no such image."""
        target = re.sub(r"[\s()<>]", lambda match: quote(match[0]), destination)
        found = self._data_image(destination)
        if found:
            target = f"image-{len(self._by_target) + 1}.{found.media_type.removeprefix('image/')}"
            found = Attachment(target, target, found.media_type, found.content)
        elif target in self._by_target:
            return target if self._by_target[target] else ""
        elif is_internal(destination):
            found = self._find(unquote(unescapeAll(destination)).partition("#")[0].partition("?")[0], target)
        if found and self._size + len(found.content) > MAX_PAGE_IMAGES_BYTES:
            found = None
        self._size += len(found.content) if found else 0
        self._by_target[target] = found
        return target if found else ""

    def _data_image(self, destination: str) -> Attachment | None:
        match = _DATA_URL.match(destination)
        if not match or len(match[2]) > MAX_IMAGE_BYTES * 4 // 3:
            return None
        try:
            content = base64.b64decode(unquote(match[2]))
        except (binascii.Error, ValueError):
            return None
        kind = media_type(content)
        return Attachment("", "", kind, content) if kind else None

    def _find(self, path: str, target: str) -> Attachment | None:
        if not self._files or not _IMAGE_NAME.search(path):
            return None
        for candidate in _image_paths(path, self._source):
            if candidate in self._files:
                try:
                    content = self._files.read(candidate, MAX_IMAGE_BYTES)
                except SkipFileError:
                    return None
                kind = media_type(content)
                return Attachment(target, posixpath.basename(candidate), kind, content) if kind else None
        return None


def _image_paths(path: str, source: str) -> Iterator[str]:
    """Where an image may lie: beside the page, or below any folder above the page that may be the site's root."""
    folder = posixpath.dirname(source)
    relative = path.lstrip("/")
    if not path.startswith("/"):
        yield from _inside(posixpath.join(folder, path))
    while True:
        for site_folder in _SITE_FOLDERS:
            yield from _inside(posixpath.join(folder, site_folder, relative))
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _inside(path: str) -> Iterator[str]:
    normal = posixpath.normpath(path)
    if not normal.startswith(("../", "/")) and "\0" not in normal:
        yield normal


def _file_name(url: str) -> str:
    return unquote(posixpath.basename(url.partition("?")[0].partition("#")[0].rstrip("/"))).translate(
        str.maketrans("[]|", "()/")
    )
