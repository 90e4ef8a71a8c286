"""Candidates of both searches -> ranked pages. Pure. What each step brings is in docs/search-quality.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embeddings
from index.vectors import Ids

Scores = NDArray[np.float32]

LEXICAL_WEIGHT = 0.65  # of BM25 as a share of its bound, beside the cosine as it is
SUPPORT_WEIGHT = 0.3  # of a page's next two chunks: a page about the subject beats a page that mentions it
SUPPORT_CHUNKS = 2
# A further chunk supports its page by what it has over the chunk of this rank, so that long pages, which always have
# further chunks, gain nothing over short ones (without it nDCG@10 on Cranfield falls from 0.441 to 0.383).
BACKGROUND_RANK = 20
FEEDBACK_CHUNKS = 3  # the best passages that the query moves towards before the candidates are compared again
FEEDBACK_WEIGHT = 0.5  # of their mean beside the query itself
FEEDBACK_ROUNDS = 2
WHOLE_PAGE_WEIGHT = 0.1  # of the mean cosine of a page's chunks: what the page is about as a whole
WHOLE_PAGES = 30  # best pages that are looked at as a whole


@dataclass(frozen=True, slots=True)
class Candidates:
    """The chunks that words or meaning found: place i of each array is of one chunk."""

    chunks: Ids  # (n,), ascending
    pages: Ids  # (n,)
    words: Scores  # (n,): BM25 as a share of what a passage with every term would reach, in [0, 1]
    vectors: Embeddings  # (n, dimensions); zeros for a chunk without an embedding

    def together(self, cosines: Scores) -> Scores:
        """What words and meaning say of each chunk, on one scale."""
        return cosines + np.float32(LEXICAL_WEIGHT) * self.words


@dataclass(frozen=True, slots=True)
class Hit:
    """A page, its best chunk, and what speaks for that chunk: its cosine, and its share of the words."""

    page_id: int
    chunk_id: int
    score: float
    cosine: float = 0.0
    words: float = 0.0


def moved_towards_best(query: Embeddings, candidates: Candidates) -> Embeddings:
    """The query, moved towards its best passages, each by what it has over the background.

    So is found what says the same in other words.

    :param query: float32 (dimensions,), unit length.
    :return: the same shape and length.
    :source: Rocchio's feedback on dense vectors: Li et al. 2021, "Pseudo Relevance Feedback with Deep Language Models
        and Dense Retrievers".
    """
    moved = query
    for _ in range(FEEDBACK_ROUNDS):
        together = candidates.together(candidates.vectors @ moved)
        best = np.lexsort((candidates.chunks, -together))[:FEEDBACK_CHUNKS]
        weights = np.maximum(together[best] - _background(together), 0.0)
        vectors = candidates.vectors[best]
        if weights.sum() <= 0 or not vectors.any(axis=1).all():
            break
        moved = query + np.float32(FEEDBACK_WEIGHT) * np.average(vectors, axis=0, weights=weights)
        moved = (moved / np.linalg.norm(moved)).astype(np.float32)
    return moved


def rank_pages(candidates: Candidates, cosines: Scores, limit: int) -> list[Hit]:
    """The best pages, by the best chunk of each side, both on absolute scales; best first.

    Meaning counts as the cosine itself; words count as the share of the BM25 score that a passage holding every
    term would reach. A paraphrase shares few rare words, so meaning decides; a code matches wholly, so words decide.

    :param cosines: float32 (n,) of the candidates with the query.
    :param limit: how many pages at most.
    """
    if not len(candidates.chunks):
        return []
    together = candidates.together(cosines)
    order = np.lexsort((candidates.chunks, -together, candidates.pages))  # by page, its best chunk first
    pages, chunks = candidates.pages[order], candidates.chunks[order]
    cosines, words, together = cosines[order], candidates.words[order], together[order]
    starts = np.flatnonzero(np.r_[True, pages[1:] != pages[:-1]])
    scores = np.maximum.reduceat(cosines, starts) + LEXICAL_WEIGHT * np.maximum.reduceat(words, starts)
    scores += SUPPORT_WEIGHT * _support(together, starts)
    ranks = np.lexsort((pages[starts], -scores))[:limit]
    return [
        Hit(int(pages[at]), int(chunks[at]), float(score), float(cosines[at]), float(words[at]))
        for at, score in zip(starts[ranks], scores[ranks], strict=True)
    ]


def with_whole_pages(hits: Sequence[Hit], whole: Mapping[int, float]) -> list[Hit]:
    """The hits, ranked anew with what their pages are about as a whole.

    :param whole: the cosine of the query with the mean of a page's chunks, of the best pages.
    """
    least = min(whole.values(), default=0.0)  # for all others, so that nobody is overtaken for not being looked at
    gained = (replace(hit, score=hit.score + WHOLE_PAGE_WEIGHT * whole.get(hit.page_id, least)) for hit in hits)
    return sorted(gained, key=lambda hit: (-hit.score, hit.page_id))


def _support(together: Scores, starts: NDArray[np.int64]) -> Scores:
    """What the chunks after a page's best add."""
    gains = np.maximum(together - _background(together), 0.0)
    ends = np.r_[starts[1:], len(together)]
    support = np.zeros(len(starts), dtype=np.float32)
    for place in range(1, SUPPORT_CHUNKS + 1):
        held = starts + place < ends
        support[held] += gains[(starts + place)[held]]
    return support


def _background(together: Scores) -> float:
    """What a chunk scores that merely belongs to the same wiki."""
    rank = min(BACKGROUND_RANK, len(together) - 1)
    return float(np.partition(together, len(together) - 1 - rank)[len(together) - 1 - rank]) if len(together) else 0.0
