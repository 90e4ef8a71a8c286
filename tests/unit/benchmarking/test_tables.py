"""Figures as tables, percentiles, and the sentences about what is not as wanted."""

import os
from dataclasses import replace

from benchmarking.contenders import best_per_document
from benchmarking.encoding import EncodeRate
from benchmarking.measuring import Latency, latency, processor_ms, resident_mb
from benchmarking.permission import AtShare
from benchmarking.quality import Quality, texts_of
from benchmarking.sizes import AtSize
from benchmarking.tables import encode_table, missed, parts_table, quality_table, shares_table, sizes_table

GOOD = AtSize(
    passages=100_012,
    pages=4_000,
    database_mb=512.3,
    first_answer_s=9.8,
    latency=Latency(21.4, 48.6, 90.1),
    processor=Latency(18.2, 39.7, 70.0),
    by_shape={"heading": Latency(20.0, 40.0, 50.0)},
    by_stage={"encode": Latency(6.0, 8.0, 9.0)},
    by_share={"1 %": AtShare(1_003, Latency(15.0, 24.3, 40.0), 0.998, 0.99)},
    note_found=Latency(120.0, 160.0, 170.0),
    memory_mb=410.0,
    search_memory_mb=860.0,
    load=0.4,
    queries=300,
)
RATE = EncodeRate(400, 66.0, 30.0, 2.2, 6.0, 12.0, 0.9998, 0.99995)


def test_percentiles_are_values_that_were_measured():
    assert latency([5.0, 1.0, 2.0, 4.0, 3.0]) == Latency(3.0, 5.0, 5.0)
    assert latency([float(n) for n in range(1, 101)]) == Latency(50.0, 95.0, 100.0)
    assert latency([]) == Latency(0.0, 0.0, 0.0)


def test_processor_time_grows_with_work():
    before = processor_ms(os.getpid())
    sum(range(20_000_000))  # many of the hundredths of a second that Linux counts in
    assert processor_ms(os.getpid()) > before


def test_this_process_holds_some_memory():
    assert 10 < resident_mb() < 100_000


def test_quality_has_one_row_a_contender():
    ours = Quality("handbook", "Baton", "this one", 0.788, 0.98, 41.2, 14.6, 30.2, 1234.0)
    theirs = replace(ours, contender="txtai hybrid, whole pages", version="9.14.0", ndcg_10=0.687)
    assert quality_table([ours, theirs]).splitlines() == [
        "| corpus | contender | nDCG@10 | recall@100 | documents/s | p50 ms | p95 ms | memory MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| handbook | Baton | 0.788 | 0.980 | 41 | 15 | 30 | 1,234 |",
        "| handbook | txtai hybrid, whole pages (9.14.0) | 0.687 | 0.980 | 41 | 15 | 30 | 1,234 |",
    ]


def test_who_may_see_a_part_stands_beside_who_may_see_everything():
    assert shares_table(GOOD).splitlines()[2:] == [
        "| all | 100,012 | 21.4 | 48.6 | 1 |  |  |",
        "| 1 % | 1,003 | 15.0 | 24.3 | 0.50 | 0.998 | 0.990 |",
    ]
    slow = replace(GOOD, by_share={"1 %": AtShare(1_003, Latency(15.0, 80.0, 90.0), 0.9, 0.9)})
    assert missed([slow], None, bfloat16=False) == [
        "At 100,012 passages somebody who may see 1 % waits 1.65 times as long at p95; wanted is at most 1.5.",
        "At 100,012 passages somebody who may see 1 % finds 0.900 of it; wanted is at least 0.99.",
    ]


def test_sizes_and_their_parts():
    assert sizes_table([GOOD]).splitlines()[2] == (
        "| 100,012 | 4,000 | 21 | 49 | 90 | 18, 40 | 9.8 | 120, 170 | 410 | 860 | 512 | 0.4 |"
    )
    assert parts_table(GOOD).splitlines()[2:] == ["| heading | 20.0 | 40.0 | 50.0 |", "| encode | 6.0 | 8.0 | 9.0 |"]


def test_encode_rates():
    assert encode_table(RATE).splitlines()[4] == "| ratio (median of rounds) | 2.20 | 2.00 |"


def test_what_is_as_wanted_is_not_mentioned():
    assert missed([GOOD], RATE, bfloat16=True) == []


def test_what_is_not_as_wanted_is_said():
    slow = replace(GOOD, latency=Latency(40.0, 80.0, 90.0), first_answer_s=16.0, note_found=Latency(400, 500, 600))
    assert missed([slow], replace(RATE, ratio=1.4), bfloat16=True) == [
        "Encoding is 1.40 times as fast as plain; wanted is 2.",
        "At 100,012 passages p50 takes 40 ms; wanted is less than 35.",
        "At 100,012 passages p95 takes 80 ms; wanted is less than 70.",
        "At 100,012 passages the first answer by meaning takes 16 s; wanted is less than 15.",
        "At 100,012 passages a note saved and found takes 400 ms; wanted is less than 300.",
    ]
    assert missed([], replace(RATE, ratio=1.4), bfloat16=False) == []
    assert missed([replace(slow, passages=200_000)], None, bfloat16=True) == []


def test_a_document_stands_at_the_place_of_its_best_chunk():
    assert best_per_document([("b", 0.9), ("a", 0.8), ("b", 0.7), ("c", 0.1)]) == [("b", 0.9), ("a", 0.8), ("c", 0.1)]


def test_peers_are_given_whole_pages_or_the_chunks_that_baton_embeds():
    rows = [("1", "Leave", "## Bereavement\n\nThirteen days.\n\n## Sickness\n\nCall in."), ("2", "", "Text.")]
    assert texts_of(rows, by_chunk=False) == [("1", f"Leave\n{rows[0][2]}"), ("2", "Text.")]
    assert texts_of(rows, by_chunk=True) == [
        ("1", "Leave > Bereavement\nThirteen days."),
        ("1", "Leave > Sickness\nCall in."),
        ("2", "Text."),
    ]
