"""The vector index: stable ids, exact results, filters before top-k."""

from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest

from index.vectors import VectorIndex


def unit(*rows: list[float]) -> np.ndarray:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def index() -> VectorIndex:
    index = VectorIndex(2)
    index.replace(np.array([10, 20, 30]), unit([1, 0], [0, 1], [1, 1]))
    return index


QUERY = unit([1, 0])[0]


def nearest(index: VectorIndex, top_k: int, *allowed: int) -> list[int]:
    mask = np.isin(np.arange(25), allowed) if allowed else None
    return index.search(QUERY, top_k, mask)[0].tolist()


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex):
    ids, cosines = index.search(QUERY, 3)
    assert ids.tolist() == [10, 30, 20]
    assert np.round(cosines, 3).tolist() == pytest.approx([1.0, 0.707, 0.0])


def test_a_search_in_a_new_thread_uses_one_core(index: VectorIndex):
    def search() -> int:
        index.search(QUERY, 3)
        return faiss.omp_get_max_threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(search).result() == 1


def test_an_id_that_is_added_again_replaces_itself(index: VectorIndex):
    index.replace(np.array([20]), unit([1, 0.1]))
    assert len(index) == 3
    assert nearest(index, 3) == [10, 20, 30]


def test_a_removed_id_is_not_found_and_an_unknown_one_is_no_error(index: VectorIndex):
    index.remove(np.array([10, 99]))
    assert nearest(index, 3) == [30, 20]
    assert index.ids() == {20, 30}


def test_more_than_there_are_gives_what_there_is(index: VectorIndex):
    assert nearest(index, 100) == [10, 30, 20]
    assert nearest(VectorIndex(2), 5) == []


def test_filters_apply_before_top_k(index: VectorIndex):
    assert nearest(index, 1, 20) == [20]
    assert nearest(index, 2, 20, 10) == [10, 20]
    assert nearest(index, 2, 7) == []
    assert index.search(QUERY, 3, np.zeros(40, dtype=np.bool_))[0].tolist() == []


def test_an_id_beyond_the_mask_is_not_found(index: VectorIndex):
    assert nearest(index, 3, 10, 20, 30) == [10, 20]


def test_embeddings_of_unknown_ids_are_zeros(index: VectorIndex):
    embeddings, known = index.embeddings(np.array([30, 77, 20]))
    assert known.tolist() == [True, False, True]
    assert (embeddings @ QUERY).tolist() == pytest.approx([0.7071, 0.0, 0.0], abs=1e-4)


def test_embeddings_of_another_size_are_refused(index: VectorIndex):
    with pytest.raises(ValueError, match=r"wanted \(1, 2\)"):
        index.replace(np.array([1]), np.ones((1, 3), dtype=np.float32))
