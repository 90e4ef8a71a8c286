"""A query as full text sees it: the words that tell most, and what else says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.expansion import Group
from kb.query import telling_terms
from kb.store import chunks
from kb.store.db import Connection
from kb.store.fulltext import Term, match_any, tokenizer
from kb.store.scope import Scope

MAX_TERMS = 64  # different words that are looked up
POSTING_BUDGET = 10_000  # rows that full text may score for one query: bounds its cost whatever the corpus holds
LEXICAL_CANDIDATES = 500  # chunks; with 300 of either side nDCG@10 on the handbook falls by 0.001, with 200 by 0.006
FIELD_WEIGHTS = (2.0, 1.5, 1.0, 1.5)  # title, headings, text, keywords in BM25
BM25_K1 = 1.2  # as in SQLite's bm25()


@dataclass(frozen=True, slots=True)
class Other:
    """What else says the same as words of a query: where it stands without them, and what its BM25 score counts."""

    phrase: str
    match: str
    scale: float


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The distinct terms of a query within the posting budget, what each is worth, and what else says the same."""

    terms: tuple[Term, ...] = ()
    idf: dict[str, float] = field(default_factory=dict)  # stem -> inverse document frequency
    match: str = ""
    others: tuple[Other, ...] = ()
    others_weight: dict[str, float] = field(default_factory=dict)  # stem -> what it is worth in a snippet

    @property
    def marks(self) -> str:
        """What to mark in a passage: the words themselves and what says the same."""
        return " OR ".join([part for part in (self.match, *(other.phrase for other in self.others)) if part])

    @property
    def bound(self) -> float:
        """The BM25 score of a passage that holds every term to saturation."""
        return sum(self.idf.values()) * (BM25_K1 + 1)


def lexical_query(db: Connection, query: str, groups: Sequence[Group] = ()) -> LexicalQuery:
    """Choose the words that full text looks up: the rarest, within the posting budget.

    :param groups: what else says the same as words of the query.
    """
    terms = telling_terms(query)[:MAX_TERMS]
    frequencies = chunks.document_frequencies(db, [term.stem for term in terms])
    total = chunks.count(db)
    idf = {term.stem: _idf(total, frequencies.get(term.stem, 0)) for term in terms}
    chosen: list[Term] = []
    spent = 0
    for term in sorted((t for t in terms if t.stem in frequencies), key=lambda t: frequencies[t.stem]):
        spent += frequencies[term.stem]
        if chosen and spent > POSTING_BUDGET:
            break
        chosen.append(term)
    others, weight = _others(groups, idf, frequencies, total)
    return LexicalQuery(tuple(chosen), idf, match_any(term.word for term in chosen), others, weight)


def word_shares(db: Connection, query: LexicalQuery, scope: Scope) -> dict[int, float]:
    """The chunks that full text finds, and the BM25 score of each as a share of the query's bound, in [0, 1]."""
    bound = query.bound
    if not bound:
        return {}
    scores = dict(_found(db, query.match, scope)) if query.match else {}
    # A chunk gets the score of the words themselves, or of one alternative where they are missing: one term, one score.
    for other in query.others:
        for chunk, score in _found(db, other.match, scope):
            # Words of a phrase may stand beside its short form.
            scores[chunk] = min(scores.get(chunk, 0.0) + score * other.scale, bound)
    return {chunk: score / bound for chunk, score in scores.items()}


def _found(db: Connection, match: str, scope: Scope) -> list[tuple[int, float]]:
    return chunks.search_text(db, match, scope, FIELD_WEIGHTS, LEXICAL_CANDIDATES)


def _others(
    groups: Sequence[Group], idf: dict[str, float], frequencies: Mapping[str, int], total: int
) -> tuple[tuple[Other, ...], dict[str, float]]:
    """The alternatives of a query's words. Words that occur nowhere take over the idf of what says the same."""
    others = []
    weight = {}
    for group in groups:
        own = {term.stem for term in group.terms if term.stem in idf}
        best = max(_idf(total, alternative.chunks) for alternative in group.alternatives)
        for stem in own - frequencies.keys():
            idf[stem] = min(idf[stem], best / len(own))
        worth = sum(idf[stem] for stem in own)
        before = [group.phrase] if own & frequencies.keys() else []
        for alternative in group.alternatives:
            alone = _idf(total, alternative.chunks)
            phrase = match_any([alternative.phrase])
            match = f"{phrase} NOT ({match_any(before)})" if before else phrase
            others.append(Other(phrase, match, alternative.weight * min(1.0, worth / alone)))
            weight[tokenizer().stem(alternative.phrase)] = alternative.weight * min(alone, worth)
            before.append(alternative.phrase)
    return tuple(others), weight


def _idf(total: int, frequency: int) -> float:
    # As SQLite's bm25() has it, floor included.
    return max(math.log((total - frequency + 0.5) / (frequency + 0.5)), 1e-6)
