"""Small rules about English text that search needs. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

# Words that say nothing about a subject. They have no say in full text unless a query has nothing else.
_STOP_WORDS = """
    a about after again all also am an and any anybody anyone are aren as at be because been before being
    between both but by can cannot could couldn d did didn do does doesn doing don done down each either else
    ever every few for from further get gets getting go goes going got had hadn has hasn have haven having he
    her here hers herself him himself his how i if in into is isn it its itself just ll let m may me might more
    most much must my myself need needs no nor not now of off on once one only or other our ours ourselves out
    over own please re s same say she should shouldn so some somebody someone something such t than that the
    their theirs them themselves then there these they thing things this those through to too under until up us
    ve very want wants was wasn way we were weren what when where which while who whom whose why will with won
    would wouldn you your yours yourself yourselves
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# What is not seen but would part a word: a soft hyphen, blanks without width, a byte order mark.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def folded_width(text: str) -> str:
    """The text with letters of other widths and forms as plain ones: "ＳＬＡ" as "SLA", the ligature in "ﬁle" as "fi".

    :source: Unicode's compatibility composition, NFKC.
    """
    return unicodedata.normalize("NFKC", text.translate(_UNSEEN))


def sentences(text: str) -> list[str]:
    """The sentences of a passage; list items and table rows count as sentences."""
    return [sentence for sentence in (part.strip() for part in _SENTENCE_END.split(text)) if sentence]


def best_window(
    parts: Sequence[str], found: Sequence[AbstractSet[str]], weight: Mapping[str, float], size: int
) -> range:
    """The run of sentences, about ``size`` characters long, whose words weigh most for a query.

    :param parts: the sentences of a passage.
    :param found: the query's stems in each of them.
    :param weight: what each stem is worth; within the run each counts once.
    :return: the places of the chosen sentences; the earliest run where several weigh the same.
    """
    best, best_score = range(0), -1.0
    for start in range(len(parts)):
        # A run begins with a sentence that matches, not before it.
        if not found[start] and start > 0:
            continue
        end, length = start, 0
        while end < len(parts) and (end == start or length + len(parts[end]) <= size):
            length += len(parts[end]) + 1
            end += 1
        score = sum(weight.get(stem, 0.0) for stem in set().union(*found[start:end]))
        if score > best_score + 1e-9:
            best, best_score = range(start, end), score
    return best
