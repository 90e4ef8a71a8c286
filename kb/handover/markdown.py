"""A note as the Markdown of its page: facts, then one section each. Pure, and no text leaves its section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache, partial

from markdown_it import MarkdownIt

from kb.handover.leftovers import NO_LONGER, leftover_sections, with_leftovers
from kb.handover.models import Answer, Confidentiality, Header, NoteItem, NoteText, Row, Status
from kb.handover.templates import Field, FieldKind, HandoverTemplate, Section, SectionKind, common_fields
from kb.handover.times import clocks

NOTHING = "None"  # what a section with nothing to report says

STATUS_NAMES = {Status.STABLE: "Stable", Status.WATCH: "Watch", Status.CRITICAL: "Critical"}
CONFIDENTIALITY_NAMES = {
    Confidentiality.INTERNAL: "Internal",
    Confidentiality.CONFIDENTIAL: "Confidential (a marking: its space says who sees it)",
    Confidentiality.SHAREABLE: "May be shown to the client",
}


def note_markdown(template: HandoverTemplate, text: NoteText) -> str:
    """The body of a note's page. Sections that are not answered yet are left out; "None" is an answer."""
    parts = [_list_of(header_facts(text.header))]
    for section in template.sections:
        content = section_markdown(section, text)
        if content:
            parts.append(f"## {plain(section.title)}\n\n{content}")
    parts += [
        f"## {plain(section.title)} ({NO_LONGER})\n\n{section_markdown(section, text)}"
        for section in leftover_sections(template, text)
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def header_facts(header: Header, zones: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The common header as (name, Markdown); what is not answered yet is left out.

    :param zones: time zones whose clocks are told beside that of the note.
    """
    clock = partial(clocks, zones=(header.zone, *zones))
    facts = [
        ("Status", STATUS_NAMES[header.status]),
        ("Client or process", plain(header.client)),
        ("From", plain(header.sender)),
        ("To", plain(header.receiver)),
        ("Backup receiver", plain(header.backup)),
        ("Lead", plain(header.lead)),
        ("Takes effect", clock(header.effective) if header.effective else ""),
        ("Acknowledge by", clock(header.acknowledge_by) if header.acknowledge_by else ""),
        ("Linked pages", ", ".join(wiki_link(name) for name in header.links)),
        ("Confidentiality", CONFIDENTIALITY_NAMES[header.confidentiality]),
    ]
    return [(name, fact) for name, fact in facts if fact]


def section_markdown(section: Section, text: NoteText) -> str:
    """The Markdown below a section's heading; "" when it is not answered yet."""
    answer = text.answers.get(section.key, Answer())
    if section.kind is SectionKind.ITEMS and text.items:
        return _items(section, text.items)
    if answer.nothing:
        return NOTHING
    if section.kind is SectionKind.TEXT:
        return enclosed(answer.text)
    section = with_leftovers(section, answer.rows)
    if section.kind is SectionKind.FACTS:
        row = answer.rows[0] if answer.rows else {}
        return _list_of([(field.title, cell(field, row.get(field.key, ""))) for field in section.fields])
    return _table(section.fields, answer.rows)


def in_order(items: Iterable[NoteItem]) -> list[NoteItem]:
    """Open items before done ones, then by priority, then by due date; those without a date last."""
    return sorted(items, key=lambda item: (item.done, item.priority.rank, item.due or date.max))


def plain(text: str) -> str:
    """A short text as Markdown that shows exactly it, on one line; wiki links and web addresses stay links."""
    return "".join(_escaped(part) for part in _KEPT.split(" ".join(text.split())))


def wiki_link(name: str) -> str:
    """A wiki link to the page with this address or title."""
    name = " ".join(re.sub(r"[\[\]|#\\<>]", " ", name).split())
    return f"[[{name}]]" if name else ""


def cell(field: Field, value: str) -> str:
    """The value of a field as Markdown: on one line, or for a long one the lines of a list item."""
    if field.kind is FieldKind.PAGE and value.strip() and "[[" not in value:
        return ", ".join(wiki_link(name) for name in value.split(",") if name.strip())
    if field.kind is FieldKind.DATE:
        return _date(value)
    if field.kind is FieldKind.LONG:
        return "\\\n  ".join(plain(line) for line in value.splitlines() if line.strip())
    return plain(value)


def enclosed(text: str) -> str:
    """Markdown that people wrote, changed only where it would leave its section.

    Headings become smaller than the section's own, an open code fence is closed, and HTML is shown as it was
    typed. What still would not stay inside, whatever it is, is shown as plain text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
    changed = _closed_fence(_smaller_headings(_literal_html_and_labels(text)))
    return changed if _stays_inside(changed) else _as_plain_lines(text)


# ---- what the sections are made of --------------------------------------------------------------------------------


def _items(section: Section, items: Iterable[NoteItem]) -> str:
    """A table of what all open items have, then the further fields of each that has some."""
    ordered = in_order(items)
    cells = {
        "title": [plain(item.title) for item in ordered],
        "reference": [plain(item.reference) for item in ordered],
        "next_step": [plain(item.next_step) for item in ordered],
        "owner": [plain(item.owner) for item in ordered],
        "due": [_date(item.due.isoformat()) if item.due else "" for item in ordered],
        "priority": [item.priority.capitalize() for item in ordered],
    }
    # A column that is hidden now and filled in some items stays, at the end.
    asked = {field.key: field.title for field in common_fields(section)}
    hidden = {field.key: f"{field.title} ({NO_LONGER})" for field in section.common if field.hidden}
    columns = [(title, cells[key]) for key, title in {**asked, **hidden}.items()]
    columns.append(("Done", ["Yes" if item.done else "" for item in ordered]))
    details = item_details(section, ordered)
    return "\n\n".join([_table_of(columns), details] if details else [_table_of(columns)])


def item_details(section: Section, items: Iterable[NoteItem]) -> str:
    """The template's further fields of each item that has some, under a heading with its name."""
    parts = []
    ordered = in_order(items)
    section = with_leftovers(section, [item.details for item in ordered])
    for item in ordered:
        details = [(field.title, cell(field, item.details.get(field.key, ""))) for field in section.fields]
        if any(value for _, value in details):
            parts.append(f"### {plain(item.title or item.reference) or 'Open item'}\n\n{_list_of(details)}")
    return "\n\n".join(parts)


def _table(fields: Sequence[Field], rows: Sequence[Row]) -> str:
    return _table_of([(field.title, [cell(field, row.get(field.key, "")) for row in rows]) for field in fields])


def _table_of(columns: Iterable[tuple[str, list[str]]]) -> str:
    """A table of (name, cells) without the columns that nobody filled; "" without rows."""
    filled = [(title, cells) for title, cells in columns if any(cells)]
    if not filled:
        return ""
    names = [plain(title) for title, _ in filled]
    lines = [names, ["---"] * len(names), *zip(*(cells for _, cells in filled), strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list_of(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{plain(name)}:** {value}" for name, value in facts if value)


def _date(text: str) -> str:
    try:
        moment = date.fromisoformat(text.strip())
    except ValueError:
        return plain(text)
    return f"{moment.day} {moment:%b %Y}"


# ---- keeping texts inside -----------------------------------------------------------------------------------------

# Split by it, a text alternates: words, kept as it is, words, ...
_KEPT = re.compile(r"(\[\[[^\[\]\n\\<>]*\]\]|https?://[^\s<>|\\`]+)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!&])|^([-+=])|^(\d+)(?=[.)])")
_CONTAINER = r"[ \t>*+\-\d.)]*?"  # what may stand before a block inside quotes and lists
_LITERAL = re.compile(
    r"\\[!-/:-@\[-`{-~]"  # escaped already
    r"|(?<!`)(?P<code>`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S])*?(?<!`)(?P=code)(?!`)"  # inline code
    r"|<(?:https?://|mailto:)[^\s<>]*>"  # an address that people click
    r"|(?P<html><(?=[A-Za-z/!?]))"
    r"|(?P<entity>&(?=#?\w{1,32};))"
    rf"|(?P<label>(?m:^){_CONTAINER}\[(?=[^\[\]]*\]:))"  # a link definition: it would vanish, and act elsewhere
)
_PROBE = "probe of the next section"


@lru_cache(maxsize=2)
def _parser(*, html: bool = True) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])


def _escaped(part: str) -> str:
    if _KEPT.fullmatch(part):
        return part.replace("|", "\\|")
    return _SPECIAL.sub(lambda found: f"{found.group(3) or ''}\\{found.group(1) or found.group(2) or ''}", part)


def _literal_html_and_labels(text: str) -> str:
    """HTML, character entities and link definitions outside code, escaped so that readers see what was typed."""
    code: set[int] = set()
    for token in _parser(html=False).parse(text):
        if token.type in ("fence", "code_block") and token.map:
            code.update(range(*token.map))
    parts: list[list[str]] = [[]]
    was_code = False
    for number, line in enumerate(text.split("\n")):
        if (number in code) != was_code:
            parts.append([])
            was_code = not was_code
        parts[-1].append(line)
    # Parts alternate: outside code, inside, outside, ...
    return "\n".join(
        "\n".join(lines) if place % 2 else _LITERAL.sub(_literal, "\n".join(lines))
        for place, lines in enumerate(parts)
        if lines
    )


def _literal(found: re.Match[str]) -> str:
    text = found.group()
    if found.group("html") or found.group("entity"):
        return f"\\{text}"
    return f"{text[:-1]}\\[" if found.group("label") else text


def _smaller_headings(text: str) -> str:
    """Headings two levels down, underlined ones with the rest, since the section's own heading is of level 2."""
    lines = text.split("\n")
    for token in _parser().parse(text):
        if token.type != "heading_open" or token.map is None:
            continue
        first, end = token.map
        marks = "#" * min(6, int(token.tag[1]) + 2)
        if token.markup.startswith("#"):
            lines[first] = re.sub(rf"^({_CONTAINER})#{{1,6}}(?=\s|$)", rf"\1{marks}", lines[first])
        elif token.level == 0 and end - first == 2:
            lines[first], lines[end - 1] = f"{marks} {lines[first].strip()}", ""
        else:
            lines[end - 1] = re.sub(r"([=-]+\s*)$", r"\\\1", lines[end - 1])
    return "\n".join(lines)


def _closed_fence(text: str) -> str:
    if _stays_inside(text):
        return text
    fences = [token for token in _parser().parse(text) if token.type == "fence"]
    return f"{text}\n{fences[-1].markup}" if fences else text


def _stays_inside(text: str) -> bool:
    """Whether a heading after the text is one, and none in it is as large, and no link definition is left."""
    environment: dict[str, object] = {}
    tokens = _parser().parse(f"{text}\n\n## {_PROBE}\n", environment)
    headings = [(place, token) for place, token in enumerate(tokens) if token.type == "heading_open"]
    if not headings or environment.get("references"):
        return False
    place, last = headings[-1]
    return (
        last.level == 0
        and tokens[place + 1].content == _PROBE
        and all(int(token.tag[1]) > 2 for _, token in headings[:-1])
    )


def _as_plain_lines(text: str) -> str:
    paragraphs = re.split(r"\n[ \t]*\n", text)
    return "\n\n".join(
        "\\\n".join(plain(line) for line in paragraph.split("\n") if line.strip())
        for paragraph in paragraphs
        if paragraph.strip()
    )
