"""The vector index: stable ids, exact results, filters before top-k."""

from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import vectors
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


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes that have next to no room, so that their vectors move often."""
    monkeypatch.setattr(vectors, "FREE_PLACES", 2)


IDS = st.integers(1, 40)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["replace", "remove"]), st.sets(IDS, min_size=1, max_size=12)), max_size=12
)


@pytest.mark.usefixtures("crowded")
@given(changes=CHANGES, allowed=st.none() | st.sets(IDS), top_k=st.integers(1, 50), seed=st.integers(0, 9))
def test_whatever_came_and_went_a_search_finds_what_comparing_one_by_one_finds(
    changes: list[tuple[str, set[int]]], allowed: set[int] | None, top_k: int, seed: int
):
    random = np.random.default_rng(seed)
    index, held = VectorIndex(16), {}
    for change, ids in changes:
        named = np.array(sorted(ids))
        if change == "remove":
            index.remove(named)
            held = {one: vector for one, vector in held.items() if one not in ids}
        else:
            embeddings = unit(*random.normal(size=(len(ids), 16)).tolist())
            index.replace(named, embeddings)
            held |= dict(zip(named.tolist(), embeddings, strict=True))
    query = unit(random.normal(size=16).tolist())[0]
    mask = None if allowed is None else np.isin(np.arange(30), list(allowed))
    wanted = [one for one in held if mask is None or (one < len(mask) and mask[one])]

    ids, cosines = index.search(query, top_k, mask)

    assert len(index) == len(held)
    assert index.ids() == held.keys()
    assert len(ids) == min(top_k, len(wanted))
    assert set(ids.tolist()) <= set(wanted)
    assert cosines.tolist() == pytest.approx(
        sorted((held[one] @ query for one in wanted), reverse=True)[:top_k], abs=1e-6
    )
    assert cosines.tolist() == pytest.approx([held[one] @ query for one in ids.tolist()], abs=1e-6)
    embeddings, known = index.embeddings(np.array([*held, 41]))
    assert known.tolist() == [True] * len(held) + [False]
    assert embeddings[:-1].tolist() == [vector.tolist() for vector in held.values()]


def test_the_nearest_of_many_are_exact():
    random = np.random.default_rng(7)
    embeddings = unit(*random.normal(size=(5_000, 64)).tolist())
    index = VectorIndex(64)
    index.replace(np.arange(1, 5_001), embeddings)
    for query in embeddings[:20]:
        exact = np.argsort(-(embeddings @ query))[:100] + 1
        assert set(index.search(query, 100)[0].tolist()) == set(exact.tolist())


def test_vectors_with_larger_numbers_than_those_before_are_found_as_exactly():
    small = unit(*np.random.default_rng(1).normal(size=(2_000, 64)).tolist())
    index = VectorIndex(64)
    index.replace(np.arange(1, 2_001), small)
    large = np.zeros((2, 64), dtype=np.float32)
    large[0, 3] = large[1, 5] = 1.0
    index.replace(np.array([3_000, 3_001]), large)
    ids, cosines = index.search(large[0], 2)
    assert ids[0] == 3_000
    assert cosines[0] == 1.0


def test_a_query_with_larger_numbers_than_any_vector_finds_the_nearest():
    embeddings = unit(*np.random.default_rng(2).normal(size=(2_000, 64)).tolist())
    index = VectorIndex(64)
    index.replace(np.arange(1, 2_001), embeddings)
    query = np.eye(64, dtype=np.float32)[5]
    assert index.search(query, 10)[0].tolist() == (np.argsort(-embeddings[:, 5])[:10] + 1).tolist()
