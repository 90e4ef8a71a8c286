"""The measures, on rankings whose values can be worked out by hand, and a whole run on a tiny corpus."""

import json
import math
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kb.evaluation import CorpusError, evaluate, measure, trec_lines
from kb.typos import SEED, misspelt
from tests.conftest import WordEmbedder


def test_measures_of_a_ranking():
    ranked = [("a", 3.0), ("b", 2.0), ("c", 1.0)]
    found = measure(ranked, {"b": 2, "c": 1, "z": 1})
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["nDCG@10"] == pytest.approx((2 / math.log2(3) + 1 / math.log2(4)) / ideal)
    assert found["recall@10"] == pytest.approx(2 / 3)
    assert found["MRR@10"] == pytest.approx(1 / 2)
    assert found["hit@1"] == 0.0


def test_a_relevant_document_below_10_counts_for_recall_at_100_only():
    ranked = [(f"d{n}", -float(n)) for n in range(20)]
    assert measure(ranked, {"d15": 1}) == {
        "nDCG@10": 0.0, "recall@10": 0.0, "recall@100": 1.0, "MRR@10": 0.0, "hit@1": 0.0,
    }  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "qrels").mkdir(parents=True)
    rows = [
        {"_id": "x/1.md", "title": "Refunds", "text": "Refunds need an approval."},
        {"_id": "x/2.md", "title": "", "text": "The VPN token expires."},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    queries = [
        {"_id": "q1", "text": "approval of refund", "metadata": {"style": "keyword"}},
        {"_id": "q2", "text": "token"},
        {"_id": "q3", "text": "cafeteria menu", "metadata": {"style": "no-answer"}},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tx/1.md\t2\nq2\tx/2.md\t1\n")
    return folder


def test_a_corpus_is_searched_as_pages_and_unanswerable_queries_are_left_out(corpus: Path, tmp_path: Path):
    found = evaluate(corpus, tmp_path / "data", WordEmbedder(), lambda *_: None)
    assert (found.documents, found.chunks, found.queries) == (2, 2, 2)
    assert found.measures == {"nDCG@10": 1.0, "recall@10": 1.0, "recall@100": 1.0, "MRR@10": 1.0, "hit@1": 1.0}
    assert list(found.by_style) == ["keyword"]
    second = next(line for line in trec_lines(found.run) if line.startswith("q2"))
    assert second.split()[:4] == ["q2", "Q0", "x/2.md", "1"]
    assert all(len(line.split()) == 6 for line in trec_lines(found.run))


@given(st.text(max_size=80), st.integers(0, 99))
def test_a_misspelt_query_differs_in_one_place(text: str, seed: int):
    changed = misspelt(text, random.Random(seed))
    assert OSA.distance(text, changed) == (1 if re.search(r"[^\W\d_]{5}", text) else 0)


def test_typing_errors_are_the_same_in_every_run():
    chance = random.Random(SEED)
    assert [misspelt("refund approval", chance) for _ in range(4)] == [
        "refund avproval",
        "reufnd approval",
        "refud approval",
        "nefund approval",
    ]


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(corpus: Path, tmp_path: Path, missing: str):
    (corpus / missing).unlink()
    with pytest.raises(CorpusError, match=missing):
        evaluate(corpus, tmp_path / "data", WordEmbedder(), lambda *_: None)
