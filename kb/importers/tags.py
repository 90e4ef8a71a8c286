"""Finds the tags of template languages in a text: Liquid, Nunjucks and Jekyll ``{% %}``, Hugo ``{{< >}}``.

Only finds and pairs them; :mod:`kb.importers.shortcodes` says what each one means.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_MAX_TAG_CHARACTERS = 4_000  # a longer one is an unclosed bracket, not a tag
_OPENERS = re.compile(r"\{\{|\{%|\{#\s")
_NAME = re.compile(r"\s*(/?)\s*([A-Za-z_][\w.-]*)")
_ARGUMENT = re.compile(
    r"""(?:(?P<key>[\w-]+)\s*[=:]\s*)?
        (?: "(?P<double>(?:[^"]|"(?=[^\s,])){0,600})"(?=[\s,]|$)   # quotes inside words belong to the text
          | '(?P<single>(?:[^']|'(?=[^\s,])){0,600})'(?=[\s,]|$)
          | (?P<bare>[^\s,]+) )""",
    re.VERBOSE,
)
_VERBATIM = frozenset({"raw", "verbatim", "comment", "highlight", "codeblock"})  # their content is no template


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a tag: ``"text"``, ``key="text"``, or a bare word."""

    value: str
    key: str = ""
    quoted: bool = False


@dataclass(slots=True)
class Tag:
    """One tag. ``content`` is what stands between it and its end tag; None for a tag that stands alone."""

    name: str
    arguments: tuple[Argument, ...] = ()
    closes: bool = False
    expression: str = ""  # of a ``{{ variable }}``, whose name is then ""
    content: list[str | Tag] | None = field(default=None)

    def named(self, *keys: str) -> str:
        """The first argument given under one of ``keys``, or ""."""
        return next((a.value for key in keys for a in self.arguments if a.key == key), "")

    def positional(self) -> list[str]:
        """The arguments without a key, in order."""
        return [a.value for a in self.arguments if not a.key]


def parse_tags(text: str) -> list[str | Tag]:
    """``text`` as pieces of plain text and tags; paired tags hold the pieces between them."""
    return _pair(list(_scan(text)))


def _scan(text: str) -> Iterator[str | Tag]:
    position = searched = 0
    never_ends: set[str] = set()  # brackets that were looked for in vain: looked for once, so the time stays linear
    ends = _VerbatimEnds(text)
    while opener := _OPENERS.search(text, searched):
        start, kind = opener.start(), opener[0][:2]
        closer = {"{{": "}}", "{%": "%}", "{#": "#}"}[kind]
        end = -1 if closer in never_ends else text.find(closer, start + 2)
        if end < 0:
            never_ends.add(closer)
        if end < 0 or end - start > _MAX_TAG_CHARACTERS:
            searched = start + 2
            continue
        end += 2
        yield text[position:start]
        tag = _read_tag(text[start:end])
        position = searched = end
        if tag and tag.name in _VERBATIM and not tag.closes and (content := ends.find(tag.name, end)):
            tag.content = [text[end : content[0]]]
            position = searched = content[1]
        if tag:
            yield tag
    yield text[position:]


class _VerbatimEnds:
    """Finds where verbatim content ends; goes through the text once for each name."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tags: dict[str, list[tuple[int, int, bool]]] = {}

    def find(self, name: str, position: int) -> tuple[int, int] | None:
        """The start and end of the end tag; None if there is none, or another beginning comes before it."""
        if name not in self._tags:
            tag = re.compile(
                rf"\{{%-?\s*(end)?{name}\b[^%{{}}]{{0,200}}%\}}|\{{\{{[<%]\s*(/)?\s*{name}\b[^{{}}]{{0,200}}\}}\}}"
            )
            self._tags[name] = [(m.start(), m.end(), bool(m[1] or m[2])) for m in tag.finditer(self._text)]
        tags = self._tags[name]
        index = bisect_left(tags, (position,))
        if index == len(tags) or not tags[index][2]:
            return None
        return tags[index][0], tags[index][1]


def _read_tag(source: str) -> Tag | None:
    """The tag that ``source`` holds, brackets included; None for a comment."""
    if source.startswith("{#"):
        return None
    inner = source[2:-2]
    if source.startswith("{{") and not (inner[:1] in "<%" and inner[-1:] in ">%" and len(inner) > 1):
        return Tag("", expression=inner.strip("- \t\n"))
    inner = inner[1:-1] if source.startswith("{{") else inner.strip("-")
    match = _NAME.match(inner)
    if not match:
        return Tag("?")
    slash, name = match[1], match[2]
    closes = bool(slash) or (name.startswith("end") and len(name) > 3)
    if closes and not slash:
        name = name[3:]
    arguments = tuple(
        Argument(
            value=(m["double"] or m["single"] or m["bare"] or "").strip(),
            key=m["key"] or "",
            quoted=m["bare"] is None,
        )
        for m in _ARGUMENT.finditer(inner, match.end())
    )
    return Tag(name, arguments, closes)


def _pair(pieces: list[str | Tag]) -> list[str | Tag]:
    """Moves what stands between a tag and its end tag into the tag. End tags without a beginning go."""
    result: list[str | Tag] = []
    open_tags: list[tuple[Tag, int]] = []  # and where in ``result`` the content starts
    open_names: Counter[str] = Counter()
    for piece in pieces:
        if isinstance(piece, str) or not piece.closes:
            result.append(piece)
            if isinstance(piece, Tag) and piece.name and piece.content is None:
                open_tags.append((piece, len(result)))
                open_names[piece.name] += 1
        elif open_names[piece.name]:
            while True:
                tag, start = open_tags.pop()
                open_names[tag.name] -= 1
                if tag.name == piece.name:
                    break
            tag.content = result[start:]
            del result[start:]
    return result
