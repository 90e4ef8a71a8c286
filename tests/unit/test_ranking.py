"""The ranking rules, each on candidates small enough to be reckoned by hand."""

import numpy as np
import pytest

from kb import ranking
from kb.ranking import Candidates, Hit, moved_towards_best, rank_pages, with_whole_pages

QUERY = np.array([1, 0], dtype=np.float32)


def candidates(*rows: tuple[int, int, float, tuple[float, float]]) -> Candidates:
    """Rows of chunk, page, share of the words, vector."""
    chunks, pages, words, vectors = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Candidates(
        np.array(chunks, dtype=np.int64),
        np.array(pages, dtype=np.int64),
        np.array(words, dtype=np.float32),
        np.array(vectors, dtype=np.float32).reshape(-1, 2),
    )


def ranked(found: Candidates) -> list[tuple[int, int, float]]:
    hits = rank_pages(found, found.vectors @ QUERY, limit=10)
    return [(hit.page_id, hit.chunk_id, round(hit.score, 3)) for hit in hits]


def test_nothing_found_ranks_nothing():
    assert ranked(candidates()) == []
    assert moved_towards_best(QUERY, candidates()).tolist() == [1, 0]


def test_a_page_scores_its_nearest_chunk_and_its_fullest_match(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranking, "SUPPORT_WEIGHT", 0.0)
    near, worded = (1, 7, 0.0, (0.9, 0.0)), (2, 7, 1.0, (0.4, 0.0))
    # 0.9 of the one chunk + 0.65 x 1.0 of the other; shown is the chunk with more of both together.
    assert ranked(candidates(near, worded)) == [(7, 2, 1.55)]


def test_the_next_two_chunks_support_their_page_by_what_they_have_over_the_background(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ranking, "BACKGROUND_RANK", 5)
    rows = [(1, 7, 0.0, (0.8, 0)), (2, 7, 0.0, (0.6, 0)), (3, 7, 0.0, (0.5, 0)), (4, 7, 0.0, (0.5, 0))]
    rows += [(5, 8, 0.0, (0.8, 0)), (6, 8, 0.0, (0.2, 0))]
    # Page 7: 0.8 + 0.3 x ((0.6 - 0.2) + (0.5 - 0.2)); the fourth chunk has no say. Page 8: its second is background.
    assert ranked(candidates(*rows)) == [(7, 1, 1.01), (8, 5, 0.8)]


def test_of_equals_the_older_page_and_chunk_come_first():
    rows = [(3, 9, 0.0, (0.5, 0)), (4, 8, 0.0, (0.5, 0)), (5, 8, 0.0, (0.5, 0))]
    assert [(page, chunk) for page, chunk, _ in ranked(candidates(*rows))] == [(8, 4), (9, 3)]


def test_a_query_moves_towards_its_best_passages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranking, "FEEDBACK_ROUNDS", 1)
    monkeypatch.setattr(ranking, "FEEDBACK_CHUNKS", 1)
    moved = moved_towards_best(QUERY, candidates((1, 1, 0.0, (0.6, 0.8)), (2, 2, 0.0, (0.0, 1.0))))
    assert moved.tolist() == pytest.approx([0.9558, 0.2941], abs=1e-4)
    assert np.linalg.norm(moved) == pytest.approx(1)


def test_a_passage_without_an_embedding_moves_nothing():
    assert moved_towards_best(QUERY, candidates((1, 1, 1.0, (0, 0)), (2, 2, 0.0, (0.1, 0)))).tolist() == [1, 0]


def test_what_a_page_is_about_as_a_whole_adds_a_tenth_and_others_get_the_least():
    hits = [Hit(1, 10, 0.50), Hit(2, 20, 0.49), Hit(3, 30, 0.48)]
    again = with_whole_pages(hits, {1: 0.1, 2: 0.4})
    assert [(hit.page_id, round(hit.score, 3)) for hit in again] == [(2, 0.53), (1, 0.51), (3, 0.49)]
