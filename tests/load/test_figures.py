"""The figures of a run under load: percentiles, sentences, and queries enough for everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarking.queries import Passage
from tests.load.figures import Percentiles, Phase, Used, missed, phase_of, phases_table, wrong
from tests.load.people import Asked
from tests.load.queries import TooFewQueries, distinct_queries
from tests.load.visitor import Answer

GOOD = Phase(
    name="by 50 people",
    seconds=60.0,
    searches=1500,
    shown=Percentiles(41.6, 120.2, 180.0, 250.0),
    finished=Percentiles(50.0, 140.0, 200.0, 300.0),
    words_only=0,
    errors={},
    cores=Used(0.5, 0.25, 0.0, 0.04),
    server_mb=210.0,
    search_mb=740.4,
    load=0.9,
)
PASSAGES = [
    Passage(f"Reset the {word} token", f"The {word} of client{n} is kept in safe_{n}. tag:{word} says -no more.")
    for n, word in enumerate(("archive", "backup", "ledger", "printer"))
]


def test_a_phase_counts_answers_and_errors() -> None:
    answers = [Answer(("Leave",), float(n), float(n) + 5, by_meaning=n != 7) for n in range(1, 101)]
    found = phase_of("x", Asked(answers, ["gone", "gone"]), 4.0, GOOD.cores, (1.0, 2.0), 0.5)
    assert found.searches == 102
    assert found.shown == Percentiles(50.0, 95.0, 99.0, 100.0)
    assert found.finished == Percentiles(55.0, 100.0, 104.0, 105.0)
    assert (found.words_only, found.errors) == (1, {"gone": 2})
    assert wrong([found]) == ["x: 2 times: gone"]


def test_nothing_answered_is_no_percentile() -> None:
    assert Percentiles.of([]) == Percentiles(0.0, 0.0, 0.0, 0.0)


def test_one_row_a_phase() -> None:
    assert phases_table([GOOD]).splitlines()[2] == (
        "| 1,500 by 50 people | 25.0 | 42, 120, 180, 250 | 50, 140 | 0 | 0.50, 0.25, 0.00, 0.04 | 210, 740 | 0.9 |"
    )


def test_what_is_not_as_wanted_is_said() -> None:
    slow = Percentiles(90.0, 400.0, 500.0, 600.0)
    assert missed([GOOD]) == []
    assert missed([replace(GOOD, shown=slow, words_only=2)]) == [
        "by 50 people: p50 is 90 ms; wanted is less than 80.",
        "by 50 people: p95 is 400 ms; wanted is less than 200.",
        "by 50 people: 2 answers came by words alone; wanted is none.",
    ]
    assert missed([replace(GOOD, searches=6000, shown=slow)]) == []


def test_less_is_wanted_while_the_index_is_rebuilt() -> None:
    slow = Percentiles(200.0, 599.0, 700.0, 800.0)
    assert missed([replace(GOOD, shown=slow, rebuilding=True, rebuilds=1)]) == []
    assert missed([replace(GOOD, shown=replace(slow, p95=600.0), rebuilding=True)]) == [
        "by 50 people: p95 is 600 ms; wanted is less than 600.",
        "by 50 people: no rebuild was done in that time; give more --seconds.",
    ]


def test_queries_are_distinct_and_the_same_each_time() -> None:
    judged = ["where is the token", "where is the token", 'only "these words"']
    found = distinct_queries(PASSAGES, judged, 12)
    assert len(set(found)) == 12
    assert found.count("where is the token") == 1
    assert found == distinct_queries(PASSAGES, judged, 12)


def test_a_query_holds_no_operator() -> None:
    assert 'only "these words"' not in distinct_queries(PASSAGES, ['only "these words"'], 5)


def test_too_few_queries_are_an_error() -> None:
    with pytest.raises(TooFewQueries, match="of 1000"):
        distinct_queries(PASSAGES, [], 1000)
