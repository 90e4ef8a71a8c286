"""Rewrites the links between imported files to wiki links. Pure: it opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from kb.importers.code_regions import shelve_code
from kb.importers.escaping import escape_line_starts
from kb.importers.inline_links import InlineLink, find_links
from kb.importers.link_targets import (
    ANYWHERE,
    LinkResolver,
    candidates,
    is_external,
    is_internal,
    split_destination,
)
from kb.importers.plain_text import heading_anchor, plain_text
from kb.importers.shelf import NONCHARACTERS, Shelf

__all__ = ["ANYWHERE", "LinkResolver", "Resolve", "rewrite_links"]

Resolve = Callable[[str], str | None]

_MAX_ROUNDS = 10  # a link that becomes text may complete another one around it
_SLUG = re.compile(r"[^\W_A-Z]+(?:[-_/][^\W_A-Z]+)*")
_IN_LABEL = str.maketrans({"[": "(", "]": ")", "|": "/"})  # these would end a wiki link's text


def rewrite_links(body: str, source: str, resolve: Resolve) -> str:
    """``body`` with every link to another page as ``[[slug#anchor|text]]``; text in code is never touched.

    :param source: the path of the page that ``body`` belongs to; relative links count from it.
    :param resolve: gives the slug for a canonical path ("travel/leave.md"), a rooted address or redirect
        ("/leave/") or the end of a path ("**/leave"), else None. :class:`LinkResolver` is one.

    A link that leads nowhere becomes its text; so does one to anything but a page, http, https or mailto.
    Links within the page stay. Applying it twice changes nothing more.
    """
    body = NONCHARACTERS.sub("", body.replace("\r\n", "\n").replace("\r", "\n"))
    for _ in range(_MAX_ROUNDS):
        rewritten = _rewrite_once(body, source, resolve)
        if rewritten == body:
            break
        body = rewritten
    return body


def _rewrite_once(body: str, source: str, resolve: Resolve) -> str:
    code = Shelf("c")
    text = shelve_code(body, code)
    links, definitions = find_links(text)
    edits = [
        (link.start, link.end, replacement)
        for link in links
        if (replacement := _replacement(text, link, source, resolve, code)) is not None
    ]
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    gone = [
        (starts[definition.first], min(starts[definition.end], len(text)), "")
        for definition in definitions.values()
        if not _is_kept(definition.destination)
    ]
    text = _apply(text, sorted([*edits, *gone]))
    return code.restore(re.sub(r"\n{3,}", "\n\n", text) if gone else text)


def _apply(text: str, edits: list[tuple[int, int, str]]) -> str:
    """``text`` with the edits made, and a space where a wiki link would otherwise grow into its neighbours."""
    parts: list[str] = []
    position = 0
    for start, end, replacement in edits:
        before = text[position:start]
        parts.append(before)
        if replacement.startswith("[[") and (before or "".join(parts[-2:]))[-1:] == "[":
            parts.append(" ")
        parts.append(replacement)
        if replacement.endswith("]]") and text[end : end + 1] in ("(", "[", "]"):
            parts.append(" ")
        position = end
    return "".join([*parts, text[position:]])


def _is_kept(destination: str) -> bool:
    return is_external(destination) or destination.startswith(("#", "//"))


def _replacement(text: str, link: InlineLink, source: str, resolve: Resolve, code: Shelf) -> str | None:
    """What stands for ``link`` in the new text; None if it stays as it is."""
    label = text[link.label_start : link.label_end]
    if link.is_wiki:
        return None if link.is_image else _resolve_wiki_link(label, link, source, resolve)
    if link.is_image or (_is_kept(link.destination) and not link.destination.startswith("//")):
        return None
    if link.destination.startswith("//"):
        return f"[{label}](https:{link.destination})"
    slug, anchor = None, ""
    if is_internal(link.destination):
        path, anchor = split_destination(link.destination)
        slug = next(filter(None, map(resolve, candidates(path, source))), None)
    if slug is None:
        at_line_start = not text[text.rfind("\n", 0, link.start) + 1 : link.start].strip(" \t>")
        return escape_line_starts(label) if at_line_start else label
    images = [text[image.start : image.end] for image in link.images]
    words = _label(_without_images(text, link), code)
    if not words and link.images:
        first = link.images[0]
        words = _label(text[first.label_start : first.label_end], code)
    return " ".join([*images, _wiki_link(slug, anchor, words, link)])


def _without_images(text: str, link: InlineLink) -> str:
    parts, position = [], link.label_start
    for image in link.images:
        parts.append(text[position : image.start])
        position = image.end
    return "".join([*parts, text[position : link.label_end]])


def _label(markdown: str, code: Shelf) -> str:
    """The text of a wiki link: one line, without marks and without what would end it."""
    unquoted = re.sub(r"\n[ \t>]+", "\n", code.restore(markdown)).replace("\\|", "|")
    return plain_text(unquoted).translate(_IN_LABEL).strip()


def _wiki_link(slug: str, anchor: str, label: str, link: InlineLink) -> str:
    bar = "\\|" if link.in_table else "|"
    return f"[[{slug}{'#' + anchor if anchor else ''}{bar + label if label else ''}]]"


def _resolve_wiki_link(inner: str, link: InlineLink, source: str, resolve: Resolve) -> str | None:
    """Links between notes as Obsidian writes them, ``[[Annual leave#Who|text]]``; None if they stay."""
    target, bar, label = inner.replace("\\|", "|").partition("|")
    path, _, heading = target.partition("#")
    path = path.strip()
    if not path or (bar and _SLUG.fullmatch(path)):
        return None  # within the page, or rewritten before
    slug = next(filter(None, map(resolve, candidates(path, source))), None)
    if slug is None:
        return None
    words = (label or target).translate(_IN_LABEL).strip()
    return _wiki_link(slug, heading_anchor(heading), words, link)
