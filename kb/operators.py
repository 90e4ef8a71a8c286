"""The operators of a query, such as tag:billing or "exact phrase": what is one, and what stays ordinary text. Pure.

Any text is legal. What is not clearly an operator (a lone quote, 10:30, foo:bar, --flag, follow-up) is ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

MAX_OPERATORS = 30  # of one query; each costs a lookup, and a pasted log may look like hundreds


class Name(StrEnum):
    """What an operator is about, as people type it before the colon."""

    WORDS = ""  # "words in a row", and -word
    TAG = "tag"
    SPACE = "space"
    TYPE = "type"
    OWNER = "owner"
    UPDATED = "updated"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``typed`` is how it stood in the query; two that mean the same are equal."""

    name: Name
    value: str
    negated: bool = False
    typed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as stretches of ordinary text and operators, in order. ``str()`` gives it as one would type it."""

    parts: tuple[str | Operator, ...] = ()

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The different operators."""
        return tuple(dict.fromkeys(part for part in self.parts if isinstance(part, Operator)))

    @property
    def text(self) -> str:
        """What is searched for by words and by meaning; a phrase belongs to it."""
        return " ".join(_texts(self.parts))

    def without(self, operator: Operator) -> ParsedQuery:
        """The query with this operator taken out."""
        return ParsedQuery(tuple(part for part in self.parts if part != operator))

    def __str__(self) -> str:
        return " ".join(part if isinstance(part, str) else part.typed for part in self.parts)


def parse_query(query: str) -> ParsedQuery:
    """Tell the operators of a query from its text. Never fails; text without operators comes back unchanged."""
    found = list(islice(_OPERATOR.finditer(query), MAX_OPERATORS))
    if not found:
        return ParsedQuery((query,) if query else ())
    parts: list[str | Operator] = []
    end = 0
    for match in found:
        parts += [query[end : match.start()].strip(), _operator(match)]
        end = match.end()
    parts.append(query[end:].strip())
    return ParsedQuery(tuple(part for part in parts if part))


def _operator(match: re.Match[str]) -> Operator:
    name = Name((match["name"] or "").lower())
    negated = match.group().startswith("-")
    # Commas and the like behind it belong to the sentence around it.
    quoted, bare = match["quoted"] or match["phrase"], match["bare"] or match["word"]
    if quoted:
        return Operator(name, " ".join(quoted.split()), negated, match.group().rstrip(_AFTER_QUOTES))
    return Operator(name, bare.rstrip(_AFTER_WORDS), negated, match.group().rstrip(_AFTER_WORDS))


def _texts(parts: tuple[str | Operator, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif part.name is Name.WORDS and not part.negated:
            yield part.value


_AFTER_WORDS, _AFTER_QUOTES = ",;", ",;.:?!)"  # what may follow an operator without a space
_QUOTE = '"“”„'  # telephones type curly ones
_WORDS_AHEAD = rf"(?=[^{_QUOTE}]*[^\W_])"  # at least one letter or digit before the quotes close
_OPERATOR = re.compile(
    rf"""
    (?<!\S)(?:
        -?(?:
            # ASCII only: elsewhere the letter case of "i" and "s" has surprises
            (?P<name>(?ai:{"|".join(name for name in Name if name)})):
            (?:
                [{_QUOTE}]{_WORDS_AHEAD}(?P<quoted>[^{_QUOTE}]*)[{_QUOTE}][{_AFTER_QUOTES}]*
                | (?=[^\s{_QUOTE}]*[^\W_])(?P<bare>[^\s{_QUOTE}{_AFTER_WORDS}][^\s{_QUOTE}]*)
            )
            | [{_QUOTE}]{_WORDS_AHEAD}(?P<phrase>[^{_QUOTE}]*)[{_QUOTE}][{_AFTER_QUOTES}]*
        )
        # A negative number is an error code more often than a wish, and a single letter is the flag of a command.
        | -(?!(?ai:{"|".join(name for name in Name if name)}):)
          (?P<word>[^\W\d_][^\s{_QUOTE}{_AFTER_WORDS}][^\s{_QUOTE}]*)
    )(?!\S)
    """,
    re.VERBOSE,
)
