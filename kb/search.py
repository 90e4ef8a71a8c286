"""The Retriever: a query in anybody's words -> ranked pages, by words and by meaning together."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from index.embedder import Embedder
from index.encoder import EncoderUnavailable
from index.vectors import Ids
from kb.answers import Answer, answer_of, is_confident, nearer_answer, passage_of
from kb.correction import Speller
from kb.expansion import Expander, Group
from kb.indexing import HEADING_SEPARATOR
from kb.mirror import Mirrored, VectorMirror
from kb.models import Filters, Page, Person
from kb.narrowing import Known, Understood, understand
from kb.operators import parse_query
from kb.passages import passage_id
from kb.query import MAX_QUERY, telling_terms
from kb.snippets import Snippet, matched_spellings, snippet_from, snippet_of
from kb.store import chunks, pages, spaces
from kb.store.chunks import StoredChunk
from kb.store.db import Connection, Store
from kb.store.fulltext import Term, match_any, tokenizer
from kb.store.scope import Scope, newest_pages
from kb.text import sentences

MAX_TERMS = 64  # different words that are looked up
POSTING_BUDGET = 10_000  # rows that full text may score for one query: bounds its cost whatever the corpus holds
LEXICAL_CANDIDATES = 1_000  # chunks; nearly free, since BM25 has scored all that match anyway
DENSE_CANDIDATES = 300  # chunks; several of one page collapse into one result
FIELD_WEIGHTS = (2.0, 1.5, 1.0, 1.5)  # title, headings, text, keywords in BM25
LEXICAL_WEIGHT = 0.65  # of BM25 as a share of its bound, beside the cosine as it is
SUPPORT_WEIGHT = 0.3  # of a page's next two chunks: a page about the subject beats a page that mentions it
SUPPORT_CHUNKS = 2
# A further chunk supports its page by what it has over the chunk of this rank, so that long pages, which always have
# further chunks, gain nothing over short ones (without it nDCG@10 on Cranfield falls from 0.441 to 0.383).
BACKGROUND_RANK = 20
FEEDBACK_CHUNKS = 3  # the best passages that the query moves towards before it is asked again
FEEDBACK_WEIGHT = 0.5  # of their mean beside the query itself
FEEDBACK_ROUNDS = 2
WHOLE_PAGE_WEIGHT = 0.1  # of the mean cosine of a page's chunks: what the page is about as a whole
WHOLE_PAGES = 30  # best pages that are looked at as a whole
WHOLE_PAGE_CHUNKS = 50  # of each, from its beginning: bounds the cost of very long pages
SENTENCE_RESULTS = 5  # results of which the nearest sentence is looked for: those that are seen first
SENTENCES = 12  # of each passage; only lists have more
SENTENCE_SIZE = 200  # characters of each
# Below this cosine no passage is near, unless its words alone reach that share: 97 of 100 judged queries that have an
# answer in the handbook are above, 5 of 15 that have none are below. The curve is in docs/search-quality.md.
NEAR = 0.335
TELLING_WORDS = 0.35
BM25_K1 = 1.2  # as in SQLite's bm25()


class MatchedBy(StrEnum):
    """Which side found a result; FILTERS where nothing was asked but to fit them."""

    WORDS = "words"
    MEANING = "meaning"
    BOTH = "both"
    FILTERS = "filters"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page that was found, and its best passage. ``rank`` counts from 1; a higher ``score`` is better.

    ``cosine`` is that of the query as it was asked, before feedback, with the passage, in [-1, 1]; 0.0 without the
    model. ``words`` is the passage's share of the query's words in [0, 1], and ``matched`` those words as title,
    headings and passage spell them. ``passage_id`` names the passage within its page as long as its text stays.
    """

    rank: int
    page: Page
    headings: tuple[str, ...]
    anchor: str
    snippet: Snippet
    score: float
    matched_by: MatchedBy
    chunk_id: int
    cosine: float = 0.0
    words: float = 0.0
    matched: tuple[str, ...] = ()
    passage_id: str = ""
    marked: str = field(default="", repr=False, compare=False)  # the passage, matched words between marks


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """What a search found, whether meaning had a say in it, and what its query was understood to be.

    ``good_match`` is False where probably no page answers: the results are the nearest there are, but not near.
    ``corrected_query`` is what was searched for instead, where words of the query were misspelt; without operators.
    ``answer`` is from the first result's passage; None where that is not good enough to be called one.
    """

    results: tuple[SearchResult, ...]
    by_meaning: bool
    elapsed_ms: float
    understood: Understood
    query_vector: np.ndarray | None = field(default=None, repr=False, compare=False)  # float32 (dimensions,)
    good_match: bool = True
    corrected_query: str | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Other:
    """What else says the same as words of a query: where it stands without them, and what its BM25 score counts."""

    phrase: str
    match: str
    scale: float


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as full text sees it: distinct terms, their weight, and those within the posting budget."""

    terms: tuple[Term, ...]
    idf: dict[str, float]  # stem -> inverse document frequency
    match: str
    others: tuple[_Other, ...] = ()
    others_weight: dict[str, float] = field(default_factory=dict)  # stem -> what it is worth in a snippet

    @property
    def marks(self) -> str:
        """What to mark in a passage: the words themselves and what says the same."""
        return " OR ".join([part for part in (self.match, *(other.phrase for other in self.others)) if part])

    @property
    def bound(self) -> float:
        """The BM25 score of a passage that holds every term to saturation."""
        return sum(self.idf.values()) * (BM25_K1 + 1)


class Retriever:
    """Searches the store. One per process: it holds the vectors of all chunks. Safe to use from several threads.

    :param embedder: None, or one that is not ready: searches answer by words alone.
    """

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        self._store = store
        self.embedder = embedder
        self._mirror = VectorMirror()
        self._speller = Speller(store)
        self._expander = Expander()

    def search(
        self,
        query: str,
        viewer: Person,
        filters: Filters | None = None,
        top_k: int = 10,
        *,
        correct: bool = True,
    ) -> SearchResponse:
        """The best pages for a query. Any text is a legal query; one without a word or meaning finds nothing.

        :param query: may hold operators (see :mod:`kb.operators`); if nothing else, what fits is listed, newest first.
        :param filters: apply beside the operators.
        :param top_k: how many pages at most.
        :param correct: search for the corrected query where words are misspelt; False takes every word as it is.
        """
        started = time.perf_counter()
        understood = self._understand(query[:MAX_QUERY].strip(), viewer)
        query = understood.text
        scope = Scope(viewer, (filters or Filters(), understood.filters))
        if not query:
            return self._newest(scope, top_k, understood, started)
        corrected, groups = self._as_meant(query, viewer, correct=correct)
        query = corrected or query
        vector, model = self._encode(query)
        with self._store.reading() as db:
            mirrored = self._mirror.caught_up(db, chunks.index_state(db))
            if mirrored is not None and model != mirrored.model:
                vector = None  # the vectors are another model's: never compare the two
            parsed = _parse(db, query, groups)
            lexical = _lexical(db, parsed, scope)
            words = _word_shares(lexical, parsed.bound)
            dense = _dense(db, mirrored, vector, scope, words)
            hits = _fuse(db, lexical, words, dense.cosines)
            ranked = _as_asked(_with_whole_pages(db, hits, mirrored, dense.query)[:top_k], mirrored, vector)
            found_chunks = chunks.by_ids(db, [hit.chunk_id for hit in ranked])
            found_pages = pages.by_ids(db, [hit.page_id for hit in ranked])
        results = _results(ranked, found_pages, found_chunks, parsed)
        return SearchResponse(
            tuple(results),
            by_meaning=vector is not None,
            elapsed_ms=_elapsed_ms(started),
            understood=understood,
            query_vector=vector,
            good_match=dense.query is None or _is_good(dense.nearness, words),
            corrected_query=corrected,
            answer=_answer(results, parsed, by_meaning=vector is not None),
        )

    def with_nearest_sentences(self, response: SearchResponse) -> SearchResponse:
        """The same results, now that the model has read what they show.

        The answer may be a nearer sentence of its passage; the best of the results that match by meaning alone show
        their sentence nearest to the query.

        Apart from :meth:`search`, because the model has to read those sentences first, and whoever waits for results
        should not wait for this. Without the model the response stays as it is.
        """
        embedder, query = self.embedder, response.query_vector
        if embedder is None or query is None:
            return response
        response = _with_nearest_answer(response, embedder, query)
        seen_first = response.results[:SENTENCE_RESULTS]
        by_meaning = [result.chunk_id for result in seen_first if result.matched_by is MatchedBy.MEANING]
        if not by_meaning:
            return response
        with self._store.reading() as db:
            passages = chunks.by_ids(db, by_meaning)
        snippets: dict[int, Snippet] = {}
        for chunk, passage in passages.items():  # one by one: a page that is saved meanwhile need not wait for all
            parts = sentences(passage.text)
            try:
                nearness = embedder.encode_documents([part[:SENTENCE_SIZE] for part in parts[:SENTENCES]]) @ query
            except EncoderUnavailable:
                break
            if parts:
                snippets[chunk] = snippet_from(parts, int(nearness.argmax()))
        results = (replace(r, snippet=snippets.get(r.chunk_id, r.snippet)) for r in response.results)
        return replace(response, results=tuple(results))

    def related(self, page: Page, viewer: Person, top_k: int = 5) -> list[Page]:
        """The pages nearest in meaning to a page, itself left out; empty while it has no embeddings."""
        with self._store.reading() as db:
            mirrored = self._mirror.caught_up(db, chunks.index_state(db))
            own = chunks.of_page(db, page.id)
            if mirrored is None:
                return []
            embedded = [v for chunk in own if (v := mirrored.vectors.embedding(chunk.id)) is not None]
            if not embedded:
                return []
            mean = np.mean(embedded, axis=0)
            mean = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
            hidden = np.concatenate([chunks.ids_hidden_from(db, viewer), np.array([c.id for c in own], dtype=np.int64)])
            near = mirrored.vectors.search(mean, top_k * 8, excluded=hidden)
            page_of = chunks.pages_of(db, [chunk for chunk, _ in near])
            order = list(dict.fromkeys(page_of[chunk] for chunk, _ in near if chunk in page_of))[:top_k]
            found = pages.by_ids(db, order)
        return [found[page_id] for page_id in order if page_id in found]

    def warm_up(self) -> None:
        """Load the vectors and the vocabulary now, so that the first search need not."""
        with self._store.reading() as db:
            self._mirror.caught_up(db, chunks.index_state(db))
            self._speller.warm_up(db)

    def _as_meant(self, query: str, viewer: Person, *, correct: bool) -> tuple[str | None, list[Group]]:
        """The corrected query, if words are misspelt, and what else says the same as its words."""
        with self._store.reading() as db:
            written = self._speller.vocabulary(db)
            groups = self._expander.groups(db, query, viewer, written)
            known = {term.word.casefold() for group in groups for term in group.terms}
            corrected = self._speller.corrected(db, query, viewer, known) if correct else None
            return corrected, self._expander.groups(db, corrected, viewer, written) if corrected else groups

    def _understand(self, query: str, viewer: Person) -> Understood:
        parsed = parse_query(query)
        if not parsed.operators:
            return Understood(parsed)
        with self._store.reading() as db:
            known = Known(spaces.all_spaces(db), pages.tags_in_use(db, viewer), pages.owners(db, viewer))
        return understand(parsed, known)

    def _newest(self, scope: Scope, top_k: int, understood: Understood, started: float) -> SearchResponse:
        """What fits the filters, the last changed first; nothing where there are none."""
        if not scope.narrowed:
            return SearchResponse((), by_meaning=True, elapsed_ms=0.0, understood=understood)
        with self._store.reading() as db:
            ids = newest_pages(db, scope, top_k)
            first = {page: chunk for chunk, page in chunks.first_of_pages(db, ids, 1).items()}
            hits = [_Hit(page, first[page], 0.0, MatchedBy.FILTERS) for page in ids if page in first]
            found_chunks = chunks.by_ids(db, list(first.values()))
            found_pages = pages.by_ids(db, ids)
        results = _results(hits, found_pages, found_chunks, _Query((), {}, ""))
        return SearchResponse(tuple(results), True, _elapsed_ms(started), understood)

    def _encode(self, query: str) -> tuple[np.ndarray | None, str]:
        embedder = self.embedder
        if embedder is None:
            return None, ""
        try:
            return embedder.encode_queries([query])[0], embedder.spec.to_json()
        except EncoderUnavailable:
            return None, ""  # words alone answer meanwhile; the response says so


def _elapsed_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _lexical(db: Connection, query: _Query, scope: Scope) -> list[tuple[int, int, float]]:
    if not query.marks:
        return []
    found = chunks.search_text(db, query.match, scope, FIELD_WEIGHTS, LEXICAL_CANDIDATES) if query.match else []
    if not query.others:
        return found
    # A chunk gets the score of the words themselves, or of one alternative where they are missing: one term, one score.
    scores = {chunk: (page, score) for chunk, page, score in found}
    for other in query.others:
        for chunk, page, score in chunks.search_text(db, other.match, scope, FIELD_WEIGHTS, LEXICAL_CANDIDATES):
            total = scores.get(chunk, (page, 0.0))[1] + score * other.scale
            scores[chunk] = (page, min(total, query.bound))  # words of a phrase may stand beside its short form
    return [(chunk, page, score) for chunk, (page, score) in scores.items()]


@dataclass(frozen=True, slots=True)
class _Dense:
    """What meaning says: the cosine of chunks, the query after feedback that they were compared with, and the cosine
    of the query as it was asked with its nearest chunk."""

    cosines: dict[int, float]
    query: np.ndarray | None
    nearness: float


def _dense(
    db: Connection,
    mirrored: Mirrored | None,
    query: np.ndarray | None,
    scope: Scope,
    words: Mapping[int, float],
) -> _Dense:
    """The cosine of the nearest chunks and of those that words found, after feedback.

    The query moves towards its three best passages, each by what it has over the background, and is asked again, so
    that what they say in other words is found.

    :source: Rocchio's feedback on dense vectors: Li et al. 2021, "Pseudo Relevance Feedback with Deep Language Models
        and Dense Retrievers". What each round brings is in docs/search-quality.md.
    """
    if mirrored is None or query is None:
        return _Dense({}, None, 0.0)
    allowed: Ids | None = chunks.ids_in_scope(db, scope) if scope.narrowed else None
    hidden = chunks.ids_hidden_from(db, scope.viewer) if allowed is None else None
    moved, cosines = query, _cosines(mirrored, query, allowed, hidden, words)
    nearness = max(cosines.values(), default=0.0)
    for _ in range(FEEDBACK_ROUNDS):
        together = {chunk: _together(chunk, words, cosines) for chunk in cosines}
        best = sorted(together, key=lambda chunk: (-together[chunk], chunk))[:FEEDBACK_CHUNKS]
        background = _background(together)
        weights = [max(together[chunk] - background, 0.0) for chunk in best]
        vectors = [mirrored.vectors.embedding(chunk) for chunk in best]
        if sum(weights) <= 0 or any(vector is None for vector in vectors):
            break
        moved = query + FEEDBACK_WEIGHT * np.average(np.array(vectors), axis=0, weights=weights)
        moved = (moved / np.linalg.norm(moved)).astype(np.float32)
        cosines = _cosines(mirrored, moved, allowed, hidden, words)
    return _Dense(cosines, moved, nearness)


def _cosines(
    mirrored: Mirrored, query: np.ndarray, allowed: Ids | None, hidden: Ids | None, also: Iterable[int]
) -> dict[int, float]:
    found = dict(mirrored.vectors.search(query, DENSE_CANDIDATES, allowed, hidden))
    return mirrored.vectors.scores(query, [chunk for chunk in also if chunk not in found]) | found


def _word_shares(lexical: Sequence[tuple[int, int, float]], bound: float) -> dict[int, float]:
    """Each chunk's BM25 score as a share of what a passage with every term would reach."""
    return {chunk: score / bound for chunk, _, score in lexical} if bound else {}


def _together(chunk: int, words: Mapping[int, float], dense: Mapping[int, float]) -> float:
    return dense.get(chunk, 0.0) + LEXICAL_WEIGHT * words.get(chunk, 0.0)


@dataclass(frozen=True, slots=True)
class _Hit:
    page_id: int
    chunk_id: int
    score: float
    matched_by: MatchedBy
    cosine: float = 0.0
    words: float = 0.0


def _parse(db: Connection, query: str, groups: Sequence[Group] = ()) -> _Query:
    """Choose the words that full text looks up: the rarest, within the posting budget."""
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
    return _Query(tuple(chosen), idf, match_any(term.word for term in chosen), others, weight)


def _others(
    groups: Sequence[Group], idf: dict[str, float], frequencies: Mapping[str, int], total: int
) -> tuple[tuple[_Other, ...], dict[str, float]]:
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
            others.append(_Other(phrase, match, alternative.weight * min(1.0, worth / alone)))
            weight[tokenizer().stem(alternative.phrase)] = alternative.weight * min(alone, worth)
            before.append(alternative.phrase)
    return tuple(others), weight


def _idf(total: int, frequency: int) -> float:
    # As SQLite's bm25() has it, floor included.
    return max(math.log((total - frequency + 0.5) / (frequency + 0.5)), 1e-6)


def _is_good(nearness: float, words: Mapping[int, float]) -> bool:
    """Whether some passage is near in meaning, or holds the words that tell most about the query."""
    return nearness >= NEAR or max(words.values(), default=0.0) >= TELLING_WORDS


def _background(together: Mapping[int, float]) -> float:
    """What a chunk scores that merely belongs to the same wiki."""
    scores = sorted(together.values(), reverse=True)
    return scores[min(BACKGROUND_RANK, len(scores) - 1)] if scores else 0.0


def _fuse(
    db: Connection,
    lexical: Sequence[tuple[int, int, float]],
    words: Mapping[int, float],
    dense: Mapping[int, float],
) -> list[_Hit]:
    """Rank pages by the best chunk of each side, both on absolute scales.

    Meaning counts as the cosine itself; words count as the share of the BM25 score that a passage holding every
    term would reach. A paraphrase shares few rare words, so meaning decides; a code matches wholly, so words decide.
    """
    page_of = {chunk: page for chunk, page, _ in lexical}
    page_of |= chunks.pages_of(db, [chunk for chunk in dense if chunk not in page_of])
    by_page: dict[int, list[int]] = defaultdict(list)
    for chunk, page in page_of.items():
        by_page[page].append(chunk)
    together = {chunk: _together(chunk, words, dense) for chunk in page_of}
    background = _background(together)
    hits = []
    for page, members in by_page.items():
        best, *others = sorted(members, key=lambda chunk: (-together[chunk], chunk))
        score = max(dense.get(c, 0.0) for c in members) + LEXICAL_WEIGHT * max(words.get(c, 0.0) for c in members)
        support = (together[chunk] - background for chunk in others[:SUPPORT_CHUNKS])
        score += SUPPORT_WEIGHT * sum(gain for gain in support if gain > 0)
        matched_by = _matched_by(best, words, dense)
        hits.append(_Hit(page, best, score, matched_by, dense.get(best, 0.0), words.get(best, 0.0)))
    return sorted(hits, key=lambda hit: (-hit.score, hit.page_id))


def _with_whole_pages(
    db: Connection, hits: Sequence[_Hit], mirrored: Mirrored | None, query: np.ndarray | None
) -> list[_Hit]:
    """The hits, the best of them ranked anew with what their pages are about as a whole."""
    if mirrored is None or query is None or not hits:
        return list(hits)
    looked_at = hits[:WHOLE_PAGES]
    page_of = chunks.first_of_pages(db, [hit.page_id for hit in looked_at], WHOLE_PAGE_CHUNKS)
    cosines: dict[int, list[float]] = defaultdict(list)
    for chunk, cosine in mirrored.vectors.scores(query, list(page_of)).items():
        cosines[page_of[chunk]].append(cosine)
    whole = {page: sum(values) / len(values) for page, values in cosines.items()}
    least = min(whole.values(), default=0.0)  # for all others, so that nobody is overtaken for not being looked at
    gained = (replace(hit, score=hit.score + WHOLE_PAGE_WEIGHT * whole.get(hit.page_id, least)) for hit in hits)
    return sorted(gained, key=lambda hit: (-hit.score, hit.page_id))


def _as_asked(hits: Sequence[_Hit], mirrored: Mirrored | None, query: np.ndarray | None) -> list[_Hit]:
    """The hits with the cosine of the query as it was asked: after feedback even what is not near has come near."""
    if mirrored is None or query is None:
        return list(hits)
    cosines = mirrored.vectors.scores(query, [hit.chunk_id for hit in hits])
    return [replace(hit, cosine=cosines.get(hit.chunk_id, 0.0)) for hit in hits]


MEANING_IS_NEAR = 0.35  # cosine from which a passage is said to match by meaning


def _matched_by(chunk: int, words: Mapping[int, float], dense: Mapping[int, float]) -> MatchedBy:
    if words.get(chunk, 0.0) <= 0.0:
        return MatchedBy.MEANING
    return MatchedBy.BOTH if dense.get(chunk, 0.0) >= MEANING_IS_NEAR else MatchedBy.WORDS


def _results(
    hits: Sequence[_Hit], found_pages: dict[int, Page], found_chunks: dict[int, StoredChunk], query: _Query
) -> list[SearchResult]:
    passages = tokenizer().mark([found_chunks[hit.chunk_id].text for hit in hits], query.marks)
    above = [f"{found_chunks[hit.chunk_id].title}\n{found_chunks[hit.chunk_id].headings}" for hit in hits]
    places = tokenizer().mark(above, query.marks)
    return [
        SearchResult(
            rank=rank,
            page=found_pages[hit.page_id],
            headings=tuple(part for part in found_chunks[hit.chunk_id].headings.split(HEADING_SEPARATOR) if part),
            anchor=found_chunks[hit.chunk_id].anchor,
            snippet=snippet_of(passage, query.others_weight | query.idf),
            score=hit.score,
            matched_by=hit.matched_by,
            chunk_id=hit.chunk_id,
            cosine=hit.cosine,
            words=hit.words,
            matched=matched_spellings([passage, place]),
            passage_id=passage_id(found_chunks[hit.chunk_id]),
            marked=passage,
        )
        for rank, (hit, passage, place) in enumerate(zip(hits, passages, places, strict=True), start=1)
    ]


def _answer(results: Sequence[SearchResult], query: _Query, *, by_meaning: bool) -> Answer | None:
    if not results or not is_confident(results[0].score, by_meaning=by_meaning):
        return None
    return answer_of(passage_of(results[0].marked, results[0].page.body, query.others_weight | query.idf))


def _with_nearest_answer(response: SearchResponse, embedder: Embedder, query: np.ndarray) -> SearchResponse:
    if response.answer is None:
        return response
    try:
        nearness = embedder.encode_documents(response.answer.passage.texts) @ query
    except EncoderUnavailable:
        return response
    return replace(response, answer=nearer_answer(response.answer, nearness.tolist()))
