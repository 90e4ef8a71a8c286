"""Which page a link means: the addresses of an import, and the many ways to write one."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from markdown_it.common.utils import unescapeAll

from kb.models import PageDraft

ANYWHERE = "**/"  # before a path: any page whose path ends so, if there is exactly one
_PAGE_SUFFIX = re.compile(r"\.(?:md|mdx|markdown|html?)$")
_ANY_SUFFIX = re.compile(r"\.(?:md|mdx|markdown|html?|txt|docx|pdf|pptx|xlsx)$")
_INDEX = re.compile(r"(?:^|/)_?(?:index|readme|home)$")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_INVISIBLE = re.compile(r"[\s\x00-\x20\x7f\u200b-\u200f\ufeff]")


def is_external(destination: str) -> bool:
    """Whether a link leaves the import to a place that is safe to open: http, https or mailto."""
    return _scheme(destination) in ("http:", "https:", "mailto:")


def is_internal(destination: str) -> bool:
    """Whether a link may lead to a page of the import: a path, without ``javascript:`` and the like."""
    cleaned = _INVISIBLE.sub("", unescapeAll(destination))
    return bool(cleaned) and not _scheme(destination) and not cleaned.startswith(("//", "#"))


def _scheme(destination: str) -> str:
    """The scheme as a browser reads it, which ignores entities, tabs and line ends."""
    match = _SCHEME.match(_INVISIBLE.sub("", unescapeAll(destination)))
    return match[0].lower() if match else ""


def split_destination(destination: str) -> tuple[str, str]:
    """The path and the anchor of an internal link, decoded; the anchor is lower-case, queries are dropped."""
    path, _, anchor = unescapeAll(destination).partition("#")
    anchor = "" if anchor.startswith(":~:") else unquote(anchor).lower()
    anchor = re.sub(r"[\[\]|\s]+", "-", anchor.strip())
    return unquote(path.partition("?")[0]).strip().replace("\\", "/"), anchor


def candidates(path: str, source: str) -> Iterator[str]:
    """The canonical paths that a link to ``path`` on the page ``source`` may mean, the likeliest first.

    A site may serve ``a/b.md`` at ``/a/b/``, so relative links count from the file's folder or from the page's.
    """
    if path.startswith("/"):
        yield path
        bases = [""]
    else:
        bases = [posixpath.dirname(source), _ANY_SUFFIX.sub("", source), ""]
    for base in bases:
        joined = posixpath.normpath(posixpath.join(base, path.lstrip("/") or "."))
        if not joined.startswith(".."):
            yield joined
    tail = re.sub(r"^(?:\.{0,2}/)+", "", path).strip("/")
    if tail and tail not in (".", ".."):
        yield ANYWHERE + tail


class LinkResolver:
    """Finds the slug of the page that an address means; the ``resolve`` of :func:`rewrite_links`.

    An address is a path of the import, with or without its ending, of a file or of a folder with an index;
    or a redirect; or a path below the folder that all files have in common; or, after ``**/``, the end of a path.
    Upper and lower case are the same. None if no page or several could be meant.
    """

    def __init__(self, drafts: Iterable[PageDraft], slugs: Mapping[str, str]) -> None:
        """``slugs`` maps each draft's ``source`` to its slug; drafts without a slug cannot be linked to."""
        self._files: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        redirects: list[tuple[str, str]] = []
        known = [(draft.source, draft.redirects, slugs[draft.source]) for draft in drafts if draft.source in slugs]
        # Markdown and HTML first: leave.md, not leave.pdf, is meant by a link to leave/.
        for source, others, slug in sorted(known, key=lambda page: (not _PAGE_SUFFIX.search(page[0]), page[0])):
            path = _normal(source)
            key = _key(path, _ANY_SUFFIX)
            self._files[path] = slug
            self._pages.setdefault(key, slug)
            self._by_name.setdefault(key.rsplit("/", 1)[-1], []).append((key, slug))
            redirects += [(other, slug) for other in others]
        for other, slug in redirects:
            self._pages.setdefault(_key(_normal(other), _PAGE_SUFFIX), slug)
        self._roots = _common_folders([_normal(source) for source, _, _ in known])

    def __call__(self, address: str) -> str | None:
        if address.startswith(ANYWHERE):
            return self._anywhere(_normal(address.removeprefix(ANYWHERE)))
        path = _normal(address)
        for root in self._roots:
            rooted = f"{root}/{path}" if root else path
            if slug := self._files.get(rooted) or self._pages.get(_key(rooted, _PAGE_SUFFIX)):
                return slug
        return None

    def _anywhere(self, path: str) -> str | None:
        key = _key(path, _PAGE_SUFFIX)
        same_name = self._by_name.get(key.rsplit("/", 1)[-1], [])
        found = {slug for known, slug in same_name if f"/{known}".endswith(f"/{key}")}
        if not found and _PAGE_SUFFIX.search(path) and not _INDEX.search(_PAGE_SUFFIX.sub("", path)):
            found = {slug for _, slug in same_name}  # a file that has moved to another folder
        return found.pop() if len(found) == 1 else None


def _normal(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold().strip("/")


def _key(path: str, suffix: re.Pattern[str]) -> str:
    """A page's path without ending and index: ``a/b.md``, ``a/b/``, ``a/b/index.html`` are all ``a/b``."""
    return _INDEX.sub("", suffix.sub("", path))


def _common_folders(paths: list[str]) -> list[str]:
    """The root and the folders below it in which all files lie: the top of a zip, then perhaps its ``docs``."""
    if not paths:
        return [""]
    folders = posixpath.commonpath([posixpath.dirname(path) for path in paths]).split("/")
    return list(dict.fromkeys(["", *("/".join(folders[: n + 1]) for n in range(len(folders)))]))
