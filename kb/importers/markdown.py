"""Markdown files to drafts: front matter, title, and the body in the plain Markdown that Baton shows."""

from __future__ import annotations

import re
from itertools import pairwise

from markdown_it.common.utils import unescapeAll

from kb.importers.code_regions import parse_blocks, shelve_code
from kb.importers.decoding import read_text
from kb.importers.embedded_html import convert_embedded_html
from kb.importers.escaping import escape_markdown
from kb.importers.front_matter import FrontMatter, split_front_matter
from kb.importers.images import ImageCollector
from kb.importers.inline_links import find_links
from kb.importers.link_targets import is_external, split_destination
from kb.importers.markup import convert_admonitions, convert_marks, convert_mdx, decode_entities
from kb.importers.plain_text import heading_anchor, plain_text, readable_name
from kb.importers.shelf import Shelf
from kb.importers.shortcodes import convert_shortcodes
from kb.importers.sources import FileTree, SkipFileError
from kb.models import PageDraft

_MAX_TITLE_CHARACTERS = 200  # of a heading; a longer first line is a paragraph that somebody marked wrongly


def markdown_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The page in a Markdown file.

    :raises SkipFileError: there is no text in it, or its front matter is broken.
    """
    front_matter, text = split_front_matter(read_text(content))
    code = Shelf("c")
    text = convert_markup(text, code, is_mdx=source.lower().endswith(".mdx"))
    return _draft(text, code, source, files, plain_text(front_matter.title), front_matter)


def finish_draft(
    markdown: str,
    source: str,
    files: FileTree | None,
    *,
    title: str = "",
    front_matter: FrontMatter | None = None,
    anchors: dict[str, str] | None = None,
) -> PageDraft:
    """The page in plain Markdown that another importer has made: with its images, and with a title.

    :param anchors: the ids of headings and what the headings say, for links within the page.
    :raises SkipFileError: there is no text in it.
    """
    code = Shelf("c")
    text = _rename_anchors(shelve_code(markdown, code), anchors or {}, code)
    if not text.strip():
        raise SkipFileError("it is empty")
    return _draft(text, code, source, files, title, front_matter or FrontMatter())


def _draft(
    text: str, code: Shelf, source: str, files: FileTree | None, title: str, front_matter: FrontMatter
) -> PageDraft:
    images = ImageCollector(source, files)
    heading, text = _split_heading(images.collect(text), title, code)
    body = code.restore(text).strip("\n").rstrip()
    if not body and front_matter.moved_to:
        body = f"This page has moved: {_moved_link(front_matter.moved_to)}"
    if not body and not title and not heading:
        raise SkipFileError("it is empty")
    return PageDraft(
        source=source,
        title=title or heading or readable_name(source),
        body=body,
        tags=front_matter.tags,
        keywords=front_matter.keywords,
        redirects=front_matter.redirects,
        attachments=images.attachments,
    )


def _moved_link(target: str) -> str:
    if is_external(target):
        return f"<{target}>"
    path, anchor = split_destination(target)
    return f"[{escape_markdown(readable_name(anchor or path))}](<{target}>)"


def convert_markup(text: str, code: Shelf, *, is_mdx: bool = False) -> str:
    """``text`` in plain Markdown, with its code on the shelf ``code``. Plain Markdown stays as it is."""
    text = shelve_code(convert_admonitions(text), code)
    if is_mdx:
        text = convert_mdx(text)
    text = convert_shortcodes(text, code)
    text, html_anchors = convert_embedded_html(text, code)
    text, anchors = convert_marks(text)
    text = _rename_anchors(text, html_anchors | anchors, code)
    return decode_entities(text)


def _rename_anchors(text: str, headings: dict[str, str], code: Shelf) -> str:
    """Links within the page go to the anchor that Baton gives a heading, not to the id that it had elsewhere."""
    if "](#" not in text:
        return text
    renamed = {}
    tokens, _ = parse_blocks(text)
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            heading = code.restore(content.content)
            renamed[_other_anchor(plain_text(heading))] = heading_anchor(heading)
    renamed |= {old.lower(): heading_anchor(code.restore(heading)) for old, heading in headings.items()}
    parts: list[str] = []
    position = 0
    for link in find_links(text)[0]:
        old = unescapeAll(link.destination.lstrip("#")).lower()
        start = link.end - len(link.destination) - 1
        is_inline = text[start : link.end] == f"{link.destination})"
        if link.destination.startswith("#") and is_inline and renamed.get(old):
            parts += [text[position:start], f"#{renamed[old]})"]
            position = link.end
    return "".join([*parts, text[position:]])


def _other_anchor(heading: str) -> str:
    """The anchor that Eleventy, Hugo and others give: ``"Tom's R&D"`` -> ``"tom-s-r-and-d"``."""
    return re.sub(r"[\W_]+", "-", heading.lower().replace("&", " and ")).strip("-")


def _split_heading(body: str, title: str, code: Shelf) -> tuple[str, str]:
    """The page's first main heading and the body without it, if it is the title or says the same."""
    if not re.search(r"^ {0,3}(?:#[ \t]|=+[ \t]*$)", body, re.MULTILINE):
        return "", body
    tokens, _ = parse_blocks(body)
    for position, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1" and token.level == 0 and token.map:
            heading = plain_text(code.restore(tokens[position + 1].content))
            is_title = heading == title or not title
            if not heading or len(heading) > _MAX_TITLE_CHARACTERS or not is_title:
                return "", body
            lines = body.split("\n")
            first, end = token.map
            before, after = "\n".join(lines[:first]).rstrip(), "\n".join(lines[end:]).lstrip("\n")
            return heading, f"{before}\n\n{after}" if before else after
    return "", body
