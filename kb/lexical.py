"""A query as full text sees it: the words that tell most, and what else says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kb.expansion import Group
from kb.query import telling_terms
from kb.store import chunks
from kb.store.db import Connection
from kb.store.fulltext import Term, match_any, tokenizer
from kb.store.visible import Ids, Visible, all_matches, search_text

MAX_TERMS = 64  # different words that are looked up
POSTING_BUDGET = 10_000  # rows that full text may score for one query: bounds its cost whatever the corpus holds
WALK_BUDGET = 10 * POSTING_BUDGET  # rows of which most are hidden: passing over one costs a tenth of scoring one
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
class Postings:
    """The visible chunks that hold a term, and the BM25 score of each, as if there were no other chunks."""

    ids: Ids  # (n,)
    scores: np.ndarray  # float64 (n,)


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The distinct terms of a query within the posting budget, what each is worth, and what else says the same.

    Where something is hidden, ``postings`` are what full text found of each term; None where nothing is.
    """

    terms: tuple[Term, ...] = ()
    idf: dict[str, float] = field(default_factory=dict)  # stem -> inverse document frequency
    match: str = ""
    others: tuple[Other, ...] = ()
    others_weight: dict[str, float] = field(default_factory=dict)  # stem -> what it is worth in a snippet
    postings: tuple[Postings, ...] | None = None

    @property
    def marks(self) -> list[str]:
        """What to mark in a passage: the words themselves and what says the same."""
        return [term.word for term in self.terms] + [other.phrase for other in self.others]

    @property
    def bound(self) -> float:
        """The BM25 score of a passage that holds every term to saturation."""
        return sum(self.idf.values()) * (BM25_K1 + 1)


def lexical_query(db: Connection, query: str, seen: Visible, groups: Sequence[Group] = ()) -> LexicalQuery:
    """Choose the words that full text looks up: the rarest, within the posting budget.

    What a word is worth follows from the chunks in ``seen`` alone, so that results tell nothing of the others.

    :param groups: what else says the same as words of the query.
    """
    terms = telling_terms(query)[:MAX_TERMS]
    # Of all chunks: so many rows full text has to pass.
    rows = chunks.document_frequencies(db, [term.stem for term in terms])
    total = everything = chunks.count(db)
    chosen = _affordable([term for term in terms if term.stem in rows], rows, seen.total / max(total, 1))
    if seen.everything:
        postings, frequencies = None, rows
    else:
        found = {term.stem: _postings(db, term, rows[term.stem], total, seen) for term in chosen}
        postings = tuple(found.values())
        # Of words too common to be looked up only about how common they are is known.
        common = {stem: round(count * seen.total / total) for stem, count in rows.items() if stem not in found}
        frequencies = common | {stem: len(held.ids) for stem, held in found.items()}
        frequencies = {stem: count for stem, count in frequencies.items() if count}
        total = seen.total
    idf = {term.stem: _idf(total, frequencies.get(term.stem, 0)) for term in terms}
    others, weight = _others(groups, idf, frequencies, total, everything)
    return LexicalQuery(tuple(chosen), idf, match_any(term.word for term in chosen), others, weight, postings)


def word_shares(db: Connection, query: LexicalQuery, allowed: Visible) -> dict[int, float]:
    """The chunks that full text finds, and the BM25 score of each as a share of the query's bound, in [0, 1]."""
    bound = query.bound
    if not bound:
        return {}
    if query.postings is not None:
        scores = _best(query.postings, allowed)
    else:
        scores = dict(_found(db, query.match, allowed)) if query.match else {}
    # A chunk gets the score of the words themselves, or of one alternative where they are missing: one term, one score.
    for other in query.others:
        for chunk, score in _found(db, other.match, allowed):
            # Words of a phrase may stand beside its short form.
            scores[chunk] = min(scores.get(chunk, 0.0) + score * other.scale, bound)
    return {chunk: score / bound for chunk, score in scores.items()}


def _affordable(terms: Sequence[Term], rows: Mapping[str, int], share: float) -> list[Term]:
    """The rarest terms within both budgets, at least one.

    :param rows: by stem, visible or not.
    :param share: of the chunks that is visible.
    """
    chosen: list[Term] = []
    passed = 0
    for term in sorted(terms, key=lambda t: rows[t.stem]):
        passed += rows[term.stem]
        if chosen and (passed * share > POSTING_BUDGET or passed > WALK_BUDGET):
            break
        chosen.append(term)
    return chosen


def _postings(db: Connection, term: Term, rows: int, total: int, seen: Visible) -> Postings:
    ids, scores = all_matches(db, match_any([term.word]), seen, FIELD_WEIGHTS)
    # SQLite's score is by all chunks; its idf is a factor.
    return Postings(ids, scores * (_idf(seen.total, len(ids)) / _idf(total, rows)))


def _best(postings: Sequence[Postings], allowed: Visible) -> dict[int, float]:
    """The allowed chunks with the highest sums of scores, as many as are candidates."""
    ids = np.concatenate([held.ids for held in postings]) if postings else np.zeros(0, dtype=np.int64)
    inside = ids < len(allowed.mask)
    inside[inside] = allowed.mask[ids[inside]]
    found, places = np.unique(ids[inside], return_inverse=True)
    scores = np.bincount(places, np.concatenate([held.scores for held in postings])[inside]) if len(found) else found
    best = np.lexsort((found, -scores))[:LEXICAL_CANDIDATES]
    return dict(zip(found[best].tolist(), scores[best].tolist(), strict=True))


def _found(db: Connection, match: str, allowed: Visible) -> list[tuple[int, float]]:
    return search_text(db, match, allowed, FIELD_WEIGHTS, LEXICAL_CANDIDATES)


def _others(
    groups: Sequence[Group], idf: dict[str, float], frequencies: Mapping[str, int], total: int, everything: int
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
            # SQLite's score is by all chunks, visible or not.
            scale = alternative.weight * min(1.0, worth / alone) * alone / _idf(everything, alternative.rows)
            others.append(Other(alternative.phrase, match, scale))
            weight[tokenizer().stem(alternative.phrase)] = alternative.weight * min(alone, worth)
            before.append(alternative.phrase)
    return tuple(others), weight


def _idf(total: int, frequency: int) -> float:
    # As SQLite's bm25() has it, floor included.
    return max(math.log((total - frequency + 0.5) / (frequency + 0.5)), 1e-6)
