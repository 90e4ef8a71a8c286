"""Queries enough that nobody asks what somebody has asked before. Pure; a seed decides."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarking.queries import SEED, Passage, draw_queries
from kb.operators import parse_query


class TooFewQueries(ValueError):
    """The documents do not give as many distinct queries as are wanted."""


def distinct_queries(passages: Sequence[Passage], judged: Sequence[str], count: int) -> list[str]:
    """``count`` queries in mixed order, none twice: the judged ones, and such as are drawn from the passages.

    :raises TooFewQueries: when there are not as many.
    """
    drawn = [query.text for query in draw_queries(passages, count)]
    # An operator narrows, and then nothing may be found, which would look like a fault.
    found = [text for text in dict.fromkeys([*judged, *drawn]) if text.strip() and not parse_query(text).operators]
    if len(found) < count:
        raise TooFewQueries(f"The documents give {len(found)} distinct queries of {count}: take more, or ask less.")
    chosen = found[:count]
    random.Random(SEED).shuffle(chosen)
    return chosen
