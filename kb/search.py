"""The Retriever: a query in anybody's words -> ranked pages, by words and by meaning together."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from index.embedder import Embedder
from index.encoder import EncoderUnavailable
from index.vectors import Ids, VectorIndex
from kb.answers import Answer, answer_of, is_confident, nearer_answer, passage_of
from kb.correction import Speller
from kb.expansion import Expander, Group
from kb.indexing import HEADING_SEPARATOR
from kb.lexical import LexicalQuery, lexical_query, word_shares
from kb.mirror import Mirror, Mirrored
from kb.models import Filters, Page, Person
from kb.narrowing import Known, Understood, understand
from kb.operators import ParsedQuery, parse_query
from kb.pace import Pace
from kb.passages import passage_id
from kb.query import MAX_QUERY
from kb.ranking import WHOLE_PAGES, Candidates, Hit, moved_towards_best, rank_pages, with_whole_pages
from kb.snippets import Snippet, matched_spellings, snippet_from, snippet_of
from kb.store import chunks, pages, spaces
from kb.store.db import Connection, Store
from kb.store.fulltext import tokenizer
from kb.store.scope import Scope, newest_pages
from kb.store.visible import Visible
from kb.text import folded_width, sentences

DENSE_CANDIDATES = 500  # chunks nearest to the query; after feedback they are compared again, not searched again
SENTENCE_RESULTS = 5  # results of which the nearest sentence is looked for: those that are seen first
READ_AGAIN_WITHIN_S = 0.2  # one search at a time is read again; where more than a few wait, the rest do without
# From so many searches a second nothing is read again: it takes the model three times as long as a query itself, which
# other people's searches would wait for.
MANY_SEARCHES = 5
SENTENCES = 12  # of each passage; only lists have more
SENTENCE_SIZE = 200  # characters of each
# Below this cosine no passage is near, unless its words alone reach that share: 97 of 100 judged queries that have an
# answer in the handbook are above, 5 of 15 that have none are below. The curve is in docs/search-quality.md.
NEAR = 0.335
TELLING_WORDS = 0.35
MEANING_IS_NEAR = 0.35  # cosine from which a passage is said to match by meaning
ENCODED_TOGETHER = 8  # of many texts: between two such batches other people's queries have their turn
# That wait for the model, and look for what is nearest, while their searches look up words. One waits for another only
# that was begun before it, so that some one always goes on.
ENCODING_THREADS = 8


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
    ``may_read_again``: there is a model, and it has time to read what was found (see ``with_nearest_sentences``).
    """

    results: tuple[SearchResult, ...]
    by_meaning: bool
    elapsed_ms: float
    understood: Understood
    viewer: Person
    query_vector: np.ndarray | None = field(default=None, repr=False, compare=False)  # float32 (dimensions,)
    good_match: bool = True
    corrected_query: str | None = None
    answer: Answer | None = None
    may_read_again: bool = False


class Retriever:
    """Searches the store. One per process: it holds the vectors of all chunks. Safe to use from several threads.

    :param embedder: None, or one that is not ready: searches answer by words alone.
    """

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        self._store = store
        self.embedder = embedder
        self._mirror = Mirror()
        self._speller = Speller(store)
        self._expander = Expander()
        self._reading_again = threading.Lock()
        self._searches = Pace(MANY_SEARCHES, seconds=1.0)
        self._encoding = ThreadPoolExecutor(ENCODING_THREADS, thread_name_prefix="encoding")

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
        self._searches.count()
        understood = self._understand(folded_width(query[:MAX_QUERY]).strip(), viewer)
        query = understood.text
        scope = Scope(viewer, (filters or Filters(), understood.filters))
        if not query:
            return self._newest(scope, top_k, understood, started)
        encoding = self._encoding.submit(self._encode, query)
        with self._store.reading() as db:
            mirrored = self._mirror.caught_up(db, chunks.index_state(db))
            seen = mirrored.seen(db, scope)
            allowed = mirrored.allowed(db, scope, seen)
            corrected, groups = self._as_meant(db, query, viewer, seen, correct=correct)
            if corrected:
                encoding = self._encoding.submit(self._encode, corrected)
            finding = self._encoding.submit(_nearest, encoding, mirrored, allowed)
            parsed = lexical_query(db, corrected or query, seen, groups)
            words = word_shares(db, parsed, allowed)
            vector, near = finding.result()
            ranked, nearness = _best(db, words, mirrored, vector, near, top_k)
            results = _results(db, ranked[:top_k], parsed, viewer)
        return SearchResponse(
            tuple(results),
            by_meaning=vector is not None,
            elapsed_ms=_elapsed_ms(started),
            understood=understood,
            viewer=viewer,
            query_vector=vector,
            good_match=_is_good(nearness, words),
            corrected_query=corrected,
            answer=_answer(results, parsed, by_meaning=vector is not None),
            may_read_again=vector is not None and not self._searches.is_high(),
        )

    def best_pages(
        self, texts: Sequence[str], viewer: Person, filters: Filters | None = None, top_k: int = 1
    ) -> list[SearchResponse]:
        """The best pages for each of several texts, in their order, as :meth:`search` would rank them.

        The texts are taken as they are: nothing in them is an operator, and nothing is corrected. They are embedded
        together, a few at a time, so that nobody's search waits for all of them.
        """
        started = time.perf_counter()
        queries = [folded_width(text[:MAX_QUERY]).strip() for text in texts]
        vectors, model = self._encode_all(queries)
        scope = Scope(viewer, (filters or Filters(),))
        found = []
        with self._store.reading() as db:
            mirrored = self._mirror.caught_up(db, chunks.index_state(db))
            seen = mirrored.seen(db, scope)
            allowed = mirrored.allowed(db, scope, seen)
            comparable = mirrored.vectors is None or model == mirrored.model
            for query, vector in zip(queries, vectors if comparable else [None] * len(queries), strict=True):
                _, groups = self._as_meant(db, query, viewer, seen, correct=False)
                parsed = lexical_query(db, query, seen, groups)
                words = word_shares(db, parsed, allowed)
                ranked, nearness = _best(db, words, mirrored, vector, _near(vector, mirrored, allowed), top_k)
                results = _results(db, ranked[:top_k], parsed, viewer) if query else []
                found.append(
                    SearchResponse(
                        tuple(results),
                        by_meaning=vector is not None,
                        elapsed_ms=_elapsed_ms(started),
                        understood=Understood(ParsedQuery((query,))),
                        viewer=viewer,
                        good_match=bool(results) and _is_good(nearness, words),
                    )
                )
        return found

    def with_nearest_sentences(self, response: SearchResponse) -> SearchResponse:
        """The same results, now that the model has read what they show.

        The answer may be a nearer sentence of its passage; the best of the results that match by meaning alone show
        their sentence nearest to the query.

        Apart from :meth:`search`, because the model has to read those sentences first, and whoever waits for results
        should not wait for this. Without the model, and where many search at once, the response stays as it is.
        """
        embedder, query = self.embedder, response.query_vector
        if embedder is None or query is None or not response.may_read_again:
            return response
        if not self._reading_again.acquire(timeout=READ_AGAIN_WITHIN_S):
            return response
        try:
            return self._read_again(response, embedder, query)
        finally:
            self._reading_again.release()

    def _read_again(self, response: SearchResponse, embedder: Embedder, query: np.ndarray) -> SearchResponse:
        response = _with_nearest_answer(response, embedder, query)
        seen_first = response.results[:SENTENCE_RESULTS]
        by_meaning = [result.chunk_id for result in seen_first if result.matched_by is MatchedBy.MEANING]
        if not by_meaning:
            return response
        with self._store.reading() as db:
            # Looked up anew: a page may have gone out of sight since.
            seen = pages.seen_by_ids(db, [result.page.id for result in seen_first], response.viewer)
            passages = {i: chunk for i, chunk in chunks.by_ids(db, by_meaning).items() if chunk.page_id in seen}
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
            if mirrored.vectors is None or not pages.may_be_seen(db, page.id, viewer):
                return []
            own_ids = np.array([chunk.id for chunk in chunks.of_page(db, page.id)], dtype=np.int64)
            embeddings, known = mirrored.vectors.embeddings(own_ids)
            if not known.any():
                return []
            mean = embeddings[known].mean(axis=0)
            mean = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
            others = mirrored.seen(db, Scope(viewer)).without(own_ids)
            near, _ = mirrored.vectors.search(mean, top_k * 8, others.mask)
            page_of = chunks.pages_of(db, near.tolist())
            order = list(dict.fromkeys(page_of[chunk] for chunk in near.tolist() if chunk in page_of))[:top_k]
            found = pages.seen_by_ids(db, order, viewer)
        return [found[page_id] for page_id in order if page_id in found]

    def warm_up(self) -> None:
        """Load the vectors and the vocabulary now, so that the first search need not."""
        with self._store.reading() as db:
            self._mirror.caught_up(db, chunks.index_state(db))
            self._speller.warm_up(db)

    def forget(self) -> None:
        """Let go of the vectors; a later search loads them again."""
        self._mirror = Mirror()

    def _as_meant(
        self, db: Connection, query: str, viewer: Person, seen: Visible, *, correct: bool
    ) -> tuple[str | None, list[Group]]:
        """The corrected query, if words are misspelt, and what else says the same as its words."""
        written = self._speller.vocabulary(db)
        groups = self._expander.groups(db, query, viewer, seen, written)
        known = {term.word.casefold() for group in groups for term in group.terms}
        corrected = self._speller.corrected(db, query, seen, known) if correct else None
        return corrected, self._expander.groups(db, corrected, viewer, seen, written) if corrected else groups

    def _understand(self, query: str, viewer: Person) -> Understood:
        parsed = parse_query(query)
        if not parsed.operators:
            return Understood(parsed)
        with self._store.reading() as db:
            known = Known(spaces.all_spaces(db, viewer), pages.tags_in_use(db, viewer), pages.owners(db, viewer))
        return understand(parsed, known)

    def _newest(self, scope: Scope, top_k: int, understood: Understood, started: float) -> SearchResponse:
        """What fits the filters, the last changed first; nothing where there are none."""
        if not scope.narrowed:
            return SearchResponse((), by_meaning=True, elapsed_ms=0.0, understood=understood, viewer=scope.viewer)
        with self._store.reading() as db:
            ids = newest_pages(db, scope, top_k)
            first = chunks.first_of_pages(db, ids)
            hits = [Hit(page, first[page], 0.0) for page in ids if page in first]
            results = _results(db, hits, LexicalQuery(), scope.viewer, MatchedBy.FILTERS)
        return SearchResponse(tuple(results), True, _elapsed_ms(started), understood, scope.viewer)

    def _encode(self, query: str) -> tuple[np.ndarray | None, str]:
        embedder = self.embedder
        if embedder is None:
            return None, ""
        try:
            return embedder.encode_queries([query])[0], embedder.spec.to_json()
        except EncoderUnavailable:
            return None, ""  # words alone answer meanwhile; the response says so

    def _encode_all(self, queries: Sequence[str]) -> tuple[Sequence[np.ndarray | None], str]:
        embedder = self.embedder
        if embedder is None:
            return [None] * len(queries), ""
        vectors: list[np.ndarray | None] = []
        try:
            model = embedder.spec.to_json()
            for first in range(0, len(queries), ENCODED_TOGETHER):
                vectors += [*embedder.encode_queries(queries[first : first + ENCODED_TOGETHER])]
        except EncoderUnavailable:
            return [None] * len(queries), ""
        return vectors, model


def _elapsed_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000


class _Near(NamedTuple):
    """The chunks nearest to a query, best first, and their cosines."""

    chunks: Ids
    cosines: np.ndarray


def _nearest(
    encoding: Future[tuple[np.ndarray | None, str]], mirrored: Mirrored, allowed: Visible
) -> tuple[np.ndarray | None, _Near | None]:
    """The query's vector, once it is there, and what is nearest to it; None for both where meaning has no say."""
    vector, model = encoding.result()
    if mirrored.vectors is not None and model != mirrored.model:
        return None, None  # the vectors are another model's: never compare the two
    return vector, _near(vector, mirrored, allowed)


def _near(vector: np.ndarray | None, mirrored: Mirrored, allowed: Visible) -> _Near | None:
    if mirrored.vectors is None or vector is None:
        return None
    mask = None if allowed.everything else allowed.mask
    return _Near(*mirrored.vectors.search(vector, DENSE_CANDIDATES, mask))


def _best(
    db: Connection,
    words: Mapping[int, float],
    mirrored: Mirrored,
    vector: np.ndarray | None,
    near: _Near | None,
    top_k: int,
) -> tuple[list[Hit], float]:
    """The pages by words, and by meaning where there is a vector; and how near the nearest chunk is."""
    if mirrored.vectors is None or vector is None or near is None:
        return _ranked_by_words(db, words, top_k), 1.0
    return _ranked(words, mirrored, mirrored.vectors, vector, near, top_k)


def _ranked(
    words: Mapping[int, float],
    mirrored: Mirrored,
    vectors: VectorIndex,
    query: np.ndarray,
    near: _Near,
    top_k: int,
) -> tuple[list[Hit], float]:
    """The pages by words and meaning, best first, and the cosine of the query with its nearest chunk."""
    candidates = _candidates(words, near.chunks, mirrored, vectors)
    moved = moved_towards_best(query, candidates)
    hits = rank_pages(candidates, candidates.vectors @ moved, max(top_k, WHOLE_PAGES))
    whole = mirrored.page_cosines(moved, [hit.page_id for hit in hits[:WHOLE_PAGES]])
    return _as_asked(with_whole_pages(hits, whole), candidates, query), float(near.cosines.max(initial=0.0))


def _as_asked(hits: Sequence[Hit], candidates: Candidates, query: np.ndarray) -> list[Hit]:
    """The hits with the cosine of the query as it was asked: after feedback even what is not near has come near."""
    places = np.searchsorted(candidates.chunks, [hit.chunk_id for hit in hits])
    asked = candidates.vectors[places] @ query
    return [replace(hit, cosine=cosine) for hit, cosine in zip(hits, asked.tolist(), strict=True)]


def _candidates(words: Mapping[int, float], near: Ids, mirrored: Mirrored, vectors: VectorIndex) -> Candidates:
    worded = np.fromiter(words.keys(), dtype=np.int64, count=len(words))
    found = np.union1d(near, worded)
    shares = np.zeros(len(found), dtype=np.float32)
    shares[np.searchsorted(found, worded)] = np.fromiter(words.values(), dtype=np.float32, count=len(words))
    page_ids = mirrored.places.pages_of(found)
    known = page_ids > 0  # another thread may have taken some away
    embeddings, _ = vectors.embeddings(found[known])
    return Candidates(found[known], page_ids[known], shares[known], embeddings)


def _ranked_by_words(db: Connection, words: Mapping[int, float], top_k: int) -> list[Hit]:
    page_of = chunks.pages_of(db, list(words))
    found = np.array(sorted(page_of), dtype=np.int64)
    shares = np.array([words[chunk] for chunk in found.tolist()], dtype=np.float32)
    page_ids = np.array([page_of[chunk] for chunk in found.tolist()], dtype=np.int64)
    candidates = Candidates(found, page_ids, shares, np.empty((len(found), 0), dtype=np.float32))
    return rank_pages(candidates, np.zeros(len(found), dtype=np.float32), top_k)


def _is_good(nearness: float, words: Mapping[int, float]) -> bool:
    """Whether some passage is near in meaning, or holds the words that tell most about the query."""
    return nearness >= NEAR or max(words.values(), default=0.0) >= TELLING_WORDS


def _matched_by(hit: Hit) -> MatchedBy:
    if hit.words <= 0.0:
        return MatchedBy.MEANING
    return MatchedBy.BOTH if hit.cosine >= MEANING_IS_NEAR else MatchedBy.WORDS


def _results(
    db: Connection, hits: Sequence[Hit], query: LexicalQuery, viewer: Person, matched_by: MatchedBy | None = None
) -> list[SearchResult]:
    found_chunks = chunks.by_ids(db, [hit.chunk_id for hit in hits])
    found_pages = pages.seen_by_ids(db, [hit.page_id for hit in hits], viewer)
    # The vectors may be newer than this transaction, which then does not know them all.
    known = [hit for hit in hits if hit.chunk_id in found_chunks and hit.page_id in found_pages]
    texts = [found_chunks[hit.chunk_id].text for hit in known]
    above = [f"{found_chunks[hit.chunk_id].title}\n{found_chunks[hit.chunk_id].headings}" for hit in known]
    marked = tokenizer().mark([*texts, *above], query.marks)
    passages, places = marked[: len(known)], marked[len(known) :]
    return [
        SearchResult(
            rank=rank,
            page=found_pages[hit.page_id],
            headings=tuple(part for part in found_chunks[hit.chunk_id].headings.split(HEADING_SEPARATOR) if part),
            anchor=found_chunks[hit.chunk_id].anchor,
            snippet=snippet_of(passage, query.others_weight | query.idf),
            score=hit.score,
            matched_by=matched_by or _matched_by(hit),
            chunk_id=hit.chunk_id,
            cosine=hit.cosine,
            words=hit.words,
            matched=matched_spellings([passage, place]),
            passage_id=passage_id(found_chunks[hit.chunk_id]),
            marked=passage,
        )
        for rank, (hit, passage, place) in enumerate(zip(known, passages, places, strict=True), start=1)
    ]


def _answer(results: Sequence[SearchResult], query: LexicalQuery, *, by_meaning: bool) -> Answer | None:
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
