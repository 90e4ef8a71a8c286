"""HTML elements to Markdown, on top of markdownify: tables with spans, lists inside cells, superscripts, details.

Used for HTML files, and for the HTML inside Markdown, whose text is Markdown already and must stay as it is.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bs4.element import NavigableString, Tag
from markdownify import ATX, MarkdownConverter

from kb.importers.escaping import escape_line_starts, escape_markdown
from kb.importers.link_targets import is_external, is_internal
from kb.importers.plain_text import word_set
from kb.importers.shelf import BREAK, TOKEN, Shelf
from kb.importers.shortcodes import fenced, quote_lines
from kb.importers.tables import Cell, markdown_table

# Gone with everything inside: programs, styles, and what only works on the old site.
DROPPED_ELEMENTS = word_set(
    "script style iframe form svg canvas object embed applet noscript template select textarea input head meta "
    "link title frameset frame map"
)
_PARAGRAPHS = frozenset({"p", "div", "li", "dd", "blockquote", "section", "article", "main", "body"})
_LISTS = frozenset({"ul", "ol", "menu"})
_SUPERSCRIPT = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SIMPLE_SCRIPT = re.compile(r"[0-9+\-=()n]+")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|e|tm|®|™|\W+)", re.IGNORECASE)  # 4<sup>th</sup> is read as 4th
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|brush:)-?([\w+#-]+)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_BLOCK_MARKS = re.compile(r"^[#>\s]+|\*\*", re.MULTILINE)


_Converter: Any = MarkdownConverter  # its type stubs leave out the methods that a subclass overrides


class HtmlToMarkdown(_Converter):  # type: ignore[misc]
    """Converts elements one by one; ``anchors`` collects the ids of headings and what the headings say."""

    def __init__(self, code: Shelf | None = None) -> None:
        """``code`` is given for HTML inside Markdown: text stays Markdown, and code found goes on the shelf."""
        # Text of an HTML file: its line ends mean nothing. Text inside Markdown keeps its lines.
        one_line = {"wrap": True, "wrap_width": None} if code is None else {}
        super().__init__(heading_style=ATX, newline_style="spaces", strip_document=None, **one_line)
        self.anchors: dict[str, str] = {}
        self._code = code
        self._cells: dict[int, str] = {}
        self._items: dict[int, int] = {}

    def escape(self, text: str, parent_tags: set[str]) -> str:
        return text if self._code else escape_markdown(text)

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        if self._code and "pre" not in (parent_tags or ()) and _BLANK_LINE.search(el):
            parts = [NavigableString(part) for part in _BLANK_LINE.split(el)]
            return "\n\n".join(super(HtmlToMarkdown, self).process_text(part, parent_tags) for part in parts)
        text = str(super().process_text(el, parent_tags))
        if not self._code and el.previous_sibling is None and el.parent and el.parent.name in _PARAGRAPHS:
            return escape_line_starts(text)
        return text

    def process_tag(self, node: Tag, parent_tags: set[str] | None = None) -> str:
        if node.name in DROPPED_ELEMENTS:
            return ""
        return str(super().process_tag(node, parent_tags))

    # Inline elements

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags:
            return text
        before, after, text = _chomp(" ".join(text.split()) if "\n\n" in text else text)
        href = str(el.get("href") or "").strip()
        if not text or not (is_external(href) or is_internal(href) or href.startswith(("#", "//"))):
            return f"{before}{text}{after}"
        href = re.sub(r"\s", "%20", href)
        if href.count("(") != href.count(")"):
            href = href.replace("(", "%28").replace(")", "%29")
        label = text.lstrip("# ") if text.startswith("#") and "_inline" not in parent_tags else text
        return f"{before}[{label or text}]({href}){after}"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt = " ".join(str(el.get("alt") or el.get("title") or "").split()).replace("[", "(").replace("]", ")")
        source = re.sub(r"\s", "%20", str(el.get("src") or el.get("data-src") or "").strip())
        return f"![{alt}]({source})" if source else alt

    def convert_b(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("**", text, parent_tags)

    def convert_em(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("*", text, parent_tags)

    def convert_del(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self._marked("~~", text, parent_tags)

    convert_strong = convert_b
    convert_i = convert_em
    convert_s = convert_strike = convert_del

    def _marked(self, mark: str, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags or "\n\n" in text or BREAK in text:
            return text  # emphasis cannot reach over paragraphs
        before, after, text = _chomp(text)
        text = text.strip()
        if not text:
            return before or after
        return f"{before}{text if mark in text else mark + text + mark}{after}"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_noformat" in parent_tags:
            return text
        before, after, text = _chomp(self._literal(text))
        if not text.strip():
            return before or after
        runs = {len(run) for run in re.findall("`+", text)}
        mark = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
        pad = " " if "`" in (text[0], text[-1]) else ""
        span = f"{mark}{pad}{' '.join(text.split())}{pad}{mark}"
        return before + (self._code.put(span) if self._code else span) + after

    convert_kbd = convert_samp = convert_tt = convert_code

    def convert_sup(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _SIMPLE_SCRIPT.fullmatch(text):
            return text.translate(_SUPERSCRIPT)
        return text if not text or _ORDINAL.fullmatch(text) or "](" in text else f"^{text}"

    def convert_sub(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text.translate(_SUBSCRIPT) if _SIMPLE_SCRIPT.fullmatch(text) else text

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return BREAK + text
        return str(super().convert_br(el, text, parent_tags))

    # Block elements

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return BREAK + text.strip() + BREAK
        return str(super().convert_p(el, text, parent_tags))

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return BREAK + text.strip() + BREAK
        return str(super().convert_div(el, text, parent_tags))

    convert_article = convert_section = convert_main = convert_details = convert_dl = convert_div
    convert_figure = convert_aside = convert_header = convert_footer = convert_address = convert_center = convert_div

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802  its name there
        text = re.sub(r"\s+", " ", _BLOCK_MARKS.sub("", text)).strip()
        if not text:
            return ""
        if identifier := el.get("id"):
            self.anchors[str(identifier)] = text
        if _in_cell(parent_tags):
            return f"{BREAK}**{text}**{BREAK}"
        return text if "_inline" in parent_tags else f"\n\n{'#' * max(1, min(6, n))} {text}\n\n"

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = " ".join(_BLOCK_MARKS.sub("", text).split())
        return f"\n\n**{text}**\n\n" if text else ""

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return self.convert_summary(el, text, parent_tags)

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = " ".join(text.split())
        return f"\n\n*{text}*\n\n" if text and "*" not in text else f"\n\n{text}\n\n"

    convert_caption = convert_summary

    def convert_blockquote(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = text.strip()
        if _in_cell(parent_tags):
            return BREAK + text + BREAK
        return f"\n\n{quote_lines(text)}\n\n" if text else ""

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = self._literal(text).strip("\n")
        if not text.strip():
            return ""
        if _in_cell(parent_tags):
            return self.convert_code(el, text, parent_tags - {"_noformat"})
        inner = el.find("code")
        classes = " ".join([*el.get_attribute_list("class"), *(inner.get_attribute_list("class") if inner else [])])
        language = _LANGUAGE.search(classes)
        fence = fenced(text, language[1] if language else "")
        return f"\n\n{self._code.put(fence, block=True) if self._code else fence}\n\n"

    def _literal(self, text: str) -> str:
        """Code as it is meant: inside Markdown, entities and earlier tokens are still in it."""
        return html.unescape(self._code.restore(text)) if self._code else text

    # Lists

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = text.strip()
        if not text:
            return "\n"
        parent = el.parent
        marker = "-"
        if parent is not None and parent.name == "ol":
            # Counted here, because counting the siblings before each item takes the square of their number.
            first = str(parent.get("start") or "")
            number = self._items.get(id(parent), int(first) if first.isdecimal() and len(first) < 9 else 1)
            self._items[id(parent)] = number + 1
            marker = f"{number}."
        if _in_cell(parent_tags):
            return f" {'•' if marker == '-' else '(' + marker[:-1] + ')'} {text}"
        indent = " " * (len(marker) + 1)
        lines = [indent + line if line else "" for line in text.split("\n")]
        return marker + " " + "\n".join(lines).lstrip() + "\n"

    def convert_list(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if _in_cell(parent_tags):
            return f" {text.strip()}"
        if "li" in parent_tags:
            after = next(
                (sibling for sibling in el.next_siblings if isinstance(sibling, Tag) or str(sibling).strip()), None
            )
            more_text = after is not None and not (isinstance(after, Tag) and after.name in _LISTS)
            return "\n" + text.rstrip() + ("\n\n" if more_text else "\n")
        return f"\n\n{text.strip()}\n\n"

    convert_ul = convert_ol = convert_menu = convert_list

    # Tables

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        self._cells[id(el)] = self._without_pipes(text)
        return ""

    convert_th = convert_td

    def _without_pipes(self, text: str) -> str:
        """A ``|`` ends a cell even inside code, so code that holds one is shelved again with ``\\|``."""
        if not self._code:
            return text
        code = self._code

        def escaped(match: re.Match[str]) -> str:
            piece = code.peek(match)
            return code.put(" ".join(piece.split()).replace("|", "\\|")) if "|" in piece or "\n" in piece else match[0]

        return TOKEN.sub(escaped, text)

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return ""

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        rows = [
            [self._cell(cell) for cell in row.find_all(["td", "th"], recursive=False)]
            for row in el.find_all("tr")
            if row.find_parent("table") is el
        ]
        caption = text.strip()  # all that is left: the cells went to their own store
        if _in_cell(parent_tags):
            flat = BREAK.join(", ".join(cell.text for cell in row if cell.text) for row in rows)
            return f"{BREAK}{caption} {flat}{BREAK}"
        return "\n\n" + (caption + "\n\n" if caption else "") + markdown_table(rows) + "\n\n"

    def _cell(self, el: Tag) -> Cell:
        return Cell(
            text=self._cells.pop(id(el), ""),
            header=el.name == "th",
            columns=_span(el, "colspan"),
            rows=_span(el, "rowspan"),
        )


def _chomp(text: str) -> tuple[str, str, str]:
    """The blanks before and after ``text``, which belong outside of marks, and the text."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() else ""
    return before, after, text.strip()


def _span(el: Tag, attribute: str) -> int:
    value = str(el.get(attribute) or "")
    return int(value) if value.isdecimal() and len(value) < 5 else 1


def _in_cell(parent_tags: set[str]) -> bool:
    return not {"td", "th"}.isdisjoint(parent_tags)


def convert_element(converter: HtmlToMarkdown, element: Tag, *, in_cell: bool = False) -> str:
    """``element`` as Markdown, with blank lines around it if it is a block."""
    parents: Any = {"td", "_inline"} if in_cell else set()
    return converter.process_tag(element, parents)
