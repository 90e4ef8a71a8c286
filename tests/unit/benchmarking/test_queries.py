"""Queries drawn from a corpus: of every shape, and the same ones each time."""

import random

import pytest

from benchmarking.queries import Passage, draw_queries, misspelled
from kb.text import STOP_WORDS

SUBJECTS = ["token", "invoice", "refund", "printer", "calendar", "password", "escalation", "contract"]
PASSAGES = [
    Passage(
        f"Reset the {subject} {word}",
        f"The {subject} of client{n} is kept in safe_{n}. Ask whoever is on call to renew the {subject} before it "
        f"expires on Friday evening. The {word} waits in the queue, beside the {subject}list.",
    )
    for n, (subject, word) in enumerate((s, w) for s in SUBJECTS for w in ("archive", "backup", "ledger"))
]


def shapes(queries):
    return {shape: [q.text for q in queries if q.shape == shape] for shape in sorted({q.shape for q in queries})}


def test_every_shape_has_as_many_queries_as_asked_for_and_none_twice():
    drawn = shapes(draw_queries(PASSAGES, 5))
    assert {shape: len(set(texts)) for shape, texts in drawn.items()} == {
        "code": 5, "heading": 5, "long question": 5, "three rare words": 5, "typo": 5, "very common words": 5,
    }  # fmt: skip


def test_the_same_passages_give_the_same_queries():
    assert draw_queries(PASSAGES, 3) == draw_queries(PASSAGES, 3)
    assert draw_queries(PASSAGES, 3) != draw_queries(PASSAGES, 3, seed=1)


def test_a_query_is_what_its_shape_says():
    drawn = shapes(draw_queries(PASSAGES, 4))
    headings = {passage.heading for passage in PASSAGES}
    assert set(drawn["heading"]) <= headings
    assert all(text not in headings for text in drawn["typo"])
    assert all(text.startswith(("client", "safe_")) for text in drawn["code"])
    assert all(text.endswith("?") and len(text.split()) > 10 for text in drawn["long question"])
    assert not {word for text in drawn["very common words"] for word in text.split()} & STOP_WORDS


def test_a_shape_that_the_passages_cannot_give_is_left_out():
    assert list(shapes(draw_queries([Passage("Leave rules", "short")], 2))) == ["heading", "typo"]


@pytest.mark.parametrize("seed", range(20))
def test_a_misspelled_text_differs_by_one_slip(seed: int):
    wrong = misspelled("Escalation matrix", random.Random(seed))
    assert wrong != "Escalation matrix"
    assert wrong.endswith(" matrix")
    assert sorted(wrong) == sorted("Escalation matrix")


def test_equal_neighbours_lose_one():
    assert {misspelled("aabb aabbbbbb"[5:], random.Random(seed)) for seed in range(9)} <= {
        "ababbbbb", "aabbbbb", "baabbbbb",
    }  # fmt: skip
