"""HTML files to drafts: the main content, without the frame of the site around it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import Comment, Tag

from kb.importers.decoding import read_text
from kb.importers.front_matter import split_front_matter, unique_strings
from kb.importers.html_markdown import DROPPED_ELEMENTS, HtmlToMarkdown
from kb.importers.limits import MAX_HTML_DEPTH
from kb.importers.markdown import finish_draft
from kb.importers.plain_text import plain_text, readable_name
from kb.importers.shelf import Shelf
from kb.importers.shortcodes import convert_shortcodes
from kb.importers.sources import FileTree, SkipFileError
from kb.models import PageDraft

_FRAME = ("nav", "footer", *sorted(DROPPED_ELEMENTS - {"head", "title"}))
_FRAME_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary"})
_PERMALINK = re.compile(r"\b(?:headerlink|header-anchor|hash-link|anchorjs-link|anchor-link)\b")
_MAX_TITLE_CHARACTERS = 200  # more is not a title
_BLANK_LINES = re.compile(r"\n{3,}")


def html_draft(content: bytes, source: str, files: FileTree | None) -> PageDraft:
    """The page in an HTML file.

    :raises SkipFileError: there is no text in it, or it is nested deeper than any real page.
    """
    text = _decode(content)
    front_matter, html = split_front_matter(text)
    if len(html) < len(text):  # a page of Jekyll or Hugo, whose tags are replaced before the HTML is read
        html = convert_shortcodes(html, Shelf("c"))
    # lxml, because it knows which end tags HTML lets people leave out; a line end tells it that this is no file name.
    soup = BeautifulSoup(html + "\n", "lxml")
    _check_depth(soup)
    title = plain_text(front_matter.title) or _title(_text(soup.find("title")), _text(soup.find("h1")))
    meta = soup.select_one("meta[name=keywords i]")
    if meta and not front_matter.keywords:
        front_matter = replace(front_matter, keywords=unique_strings(str(meta.get("content") or "").split(",")))
    markdown, anchors = html_to_markdown(_main_content(soup))
    title = title or readable_name(source)
    return finish_draft(markdown, source, files, title=title, front_matter=front_matter, anchors=anchors)


def html_to_markdown(element: Tag) -> tuple[str, dict[str, str]]:
    """An element's content as Markdown, and the ids of its headings."""
    converter = HtmlToMarkdown()
    return _BLANK_LINES.sub("\n\n", converter.convert_soup(element)).strip(), converter.anchors


def _decode(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        declared = EncodingDetector.find_declared_encoding(content, is_html=True)
        try:
            if declared:
                content = content.decode(declared).encode()
        except (UnicodeError, LookupError):
            pass  # a wrong declaration; read_text makes its own guess
    return read_text(content)


def _check_depth(soup: BeautifulSoup) -> None:
    for innermost in soup.find_all(lambda tag: not any(isinstance(child, Tag) for child in tag.children)):
        if sum(1 for _ in islice(innermost.parents, MAX_HTML_DEPTH + 1)) > MAX_HTML_DEPTH:
            raise SkipFileError("its HTML is nested deeper than Baton reads: simplify it")


def _main_content(soup: BeautifulSoup) -> Tag:
    for element in soup.find_all(_is_frame):
        element.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    articles = soup.find_all("article")
    main = soup.select_one("main, [role=main]") or (articles[0] if len(articles) == 1 else None)
    if main and main.get_text(strip=True):
        return main
    for header in soup.find_all("header"):  # of the site; the header of an article is inside it
        if not header.find("h1"):
            header.decompose()
    return soup.body or soup


def _is_frame(tag: Tag) -> bool:
    classes = " ".join(map(str, tag.get_attribute_list("class")))
    return (
        tag.name in _FRAME
        or tag.get("role") in _FRAME_ROLES
        or tag.has_attr("hidden")
        or (tag.name == "a" and bool(_PERMALINK.search(classes)))
    )


def _text(element: object) -> str:
    return " ".join(element.get_text(" ").split()) if isinstance(element, Tag) else ""


def _title(title: str, heading: str) -> str:
    """The title of the file, without the name of the site that often follows it."""
    heading = heading.rstrip("¶# ")
    if heading and (not title or title.startswith(heading)):
        title = heading
    return title if len(title) <= _MAX_TITLE_CHARACTERS else ""
