"""Small rules about English text that search needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# Words that say nothing about a subject. They have no say in full text unless a query has nothing else.
STOP_WORDS = frozenset(
    """a about after again all also am an and any anybody anyone are aren as at be because been before being between
    both but by can cannot could couldn d did didn do does doesn doing don done down each either else ever every few
    for from further get gets getting go goes going got had hadn has hasn have haven having he her here hers herself
    him himself his how i if in into is isn it its itself just ll let m may me might more most much must my myself
    need needs no nor not now of off on once one only or other our ours ourselves out over own please re s same say
    she should shouldn so some somebody someone something such t than that the their theirs them themselves then there
    these they thing things this those through to too under until up us ve very want wants was wasn way we were weren
    what when where which while who whom whose why will with won would wouldn you your yours yourself yourselves""".split()
)

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a passage; list items and table rows count as sentences."""
    return [sentence for sentence in (part.strip() for part in _SENTENCE_END.split(text)) if sentence]


def best_window(text: str, weight: Mapping[str, float], stems: Callable[[str], list[str]], characters: int) -> str:
    """The run of whole sentences, about ``characters`` long, whose words weigh most for a query.

    :param weight: what each stem of the query is worth; each counts once.
    :param stems: how a sentence's words are stemmed.
    """
    parts = sentences(text)
    if not parts:
        return ""
    found = [{stem for stem in stems(part) if stem in weight} for part in parts]
    best, best_score = (0, 1), -1.0
    for start in range(len(parts)):
        end, length = start, 0
        while end < len(parts) and (end == start or length + len(parts[end]) <= characters):
            length += len(parts[end]) + 1
            end += 1
        score = sum(weight[stem] for stem in set().union(*found[start:end]))
        if found[start] or start == 0:  # a window begins with a sentence that matches, not before it
            if score > best_score + 1e-9:
                best, best_score = (start, end), score
    window = " ".join(parts[best[0] : best[1]])
    if len(window) > characters * 2:
        window = window[: characters * 2].rsplit(" ", 1)[0] + " …"
    return ("… " if best[0] else "") + window + (" …" if best[1] < len(parts) and not window.endswith("…") else "")
