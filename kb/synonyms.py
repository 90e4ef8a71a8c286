"""The page of synonyms that editors keep -> groups of words that mean the same. Pure."""

from __future__ import annotations

import re

SLUG = "synonyms"  # the address of the page
MAX_GROUPS = 2_000
MAX_TERMS = 12  # of one group
MAX_LENGTH = 80  # characters of a term

_LINE = re.compile(r"[ ]{0,3}[-*+][ \t]+(.+)")
_MARKUP = re.compile(r"[*_`\[\]]+")


def parse_synonyms(markdown: str) -> list[tuple[str, ...]]:
    """The groups of a page, one for each line such as ``- client, customer, account``.

    Other lines, empty terms, and lines with fewer than two different terms are ignored. Never raises.
    """
    groups = []
    for line in markdown.splitlines():
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            continue
        terms = [" ".join(_MARKUP.sub("", term).split()) for term in found[1].split(",")]
        different = {term.casefold(): term for term in terms if 0 < len(term) <= MAX_LENGTH}
        if len(different) > 1:
            groups.append(tuple(different.values())[:MAX_TERMS])
    return groups[:MAX_GROUPS]
