"""Which items a summary covers, and which facts it changes or lacks."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedder import ModelSpec, SentenceTransformerEmbedder
from kb.handover.differences import Change
from kb.handover.facts import FactKind, facts, names, same
from kb.handover.models import NoteItem
from kb.handover.readback import ItemState, clauses_of, compared, coverage, judged
from kb.readback_cases import CasesError, load_cases
from kb.readback_evaluation import evaluate
from tests.conftest import WordEmbedder

FOLDER = Path(__file__).parent.parent / "readback"
ON = date(2026, 11, 20)  # a Friday
BANK = NoteItem("Refund batch stuck", "INC-4711", "Call the bank by 14:00", "Ana", date(2026, 11, 23))
SERVER = NoteItem("Queue server slow", next_step="Do not restart the server", owner="Ravi")


def one(item: NoteItem, summary: str, receiver: str = "") -> tuple[ItemState, list[tuple[str, str, str]]]:
    found = coverage([item], summary, WordEmbedder(), on=ON, receiver=receiver)[0]
    return found.state, [(d.change.value, d.item, d.summary) for d in found.differences]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1,000 cases", "1k cases"),
        ("two agents", "2 agents"),
        ("at 2 pm", "14:00"),
        ("14:00 UTC", "19:30 IST"),
        ("3rd Dec", "2026-12-03"),
        ("Dec 3", "Thursday"),
        ("tomorrow", "Saturday"),
        ("EUR 2.4 million", "2,400,000 €"),
        ("98 percent", "98%"),
        ("within 2 weeks", "14 days"),
        ("half an hour", "30 min"),
        ("INC-4711", "inc 4711"),
        ("by noon", "12:00"),
        ("COB", "end of day"),
    ],
)
def test_the_same_fact_in_other_words(first: str, second: str) -> None:
    assert any(same(a, b) for a in facts(first, ON) for b in facts(second, ON))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("14:00", "15:00"),
        ("14:00 UTC", "14:00 IST"),
        ("3 December", "Friday"),
        ("EUR 500", "USD 500"),
        ("INC-4711", "INC-4712"),
        ("account 189000", "account 198000"),
        ("2 hours", "2 days"),
        ("1,500 units", "1,050 units"),
    ],
)
def test_facts_that_differ(first: str, second: str) -> None:
    assert not any(same(a, b) for a in facts(first, ON) for b in facts(second, ON))


def test_names_stand_inside_sentences_or_before_what_people_do() -> None:
    assert [name.text for name in names("Ravi calls Anna Kowalska. The client waits on Monday.")] == [
        "Ravi",
        "Anna Kowalska",
    ]


def test_an_item_said_in_full_is_covered() -> None:
    assert one(BANK, "INC-4711: refund batch stuck, Ana calls the bank on Monday by 2 pm.") == (ItemState.COVERED, [])


def test_an_item_that_nobody_mentions_is_missing() -> None:
    assert one(BANK, "All clear, understood everything.") == (ItemState.MISSING, [])
    assert one(BANK, "") == (ItemState.MISSING, [])


def test_a_changed_time_is_pointed_out() -> None:
    assert one(BANK, "INC-4711 refund batch stuck: Ana calls the bank on 23 Nov by 15:00.") == (
        ItemState.PARTLY,
        [("changed", "14:00", "15:00")],
    )


def test_a_lacking_owner_and_date_are_pointed_out() -> None:
    assert one(BANK, "Refund batch stuck (INC-4711), call the bank by 14:00.") == (
        ItemState.PARTLY,
        [("lacking", "2026-11-23", ""), ("lacking", "Ana", "")],
    )


def test_a_lacking_reference_is_pointed_out_and_does_not_matter() -> None:
    assert one(BANK, "Refund batch stuck, Ana calls the bank on Monday by 14:00.") == (
        ItemState.COVERED,
        [("lacking", "INC-4711", "")],
    )


def test_another_owner_is_a_change() -> None:
    said = "INC-4711, refund batch stuck: Bruno calls the bank on Monday by 14:00."
    assert one(BANK, said) == (ItemState.PARTLY, [("changed", "Ana", "Bruno")])


def test_i_is_the_receiver() -> None:
    said = "Refund batch stuck, INC-4711: I call the bank on Monday by 14:00."
    assert one(BANK, said, receiver="Ana Silva") == (ItemState.COVERED, [])
    assert one(BANK, said, receiver="Bruno") == (ItemState.PARTLY, [("lacking", "Ana", "")])


def test_a_negation_that_is_lost_is_pointed_out() -> None:
    state, found = one(SERVER, "Queue server is slow, Ravi must restart the server.")
    assert (state, [change for change, _, _ in found]) == (ItemState.PARTLY, ["negated"])
    assert one(SERVER, "Queue server slow: Ravi, don't restart the server.") == (ItemState.COVERED, [])


def test_a_condition_is_no_opposite() -> None:
    item = NoteItem("Helios invoice", next_step="Do not pay the invoice before approval", owner="Ravi")
    assert one(item, "Helios invoice: Ravi may pay the invoice only after approval.") == (ItemState.COVERED, [])


def test_items_in_one_sentence_keep_their_own_facts() -> None:
    other = NoteItem("Printer line two", next_step="Order the toner by 16:00", owner="Ravi")
    said = "Ana calls the bank by 14:00 on Monday for the refund batch, and Ravi orders the toner for printer line two."
    found = coverage([BANK, other], said, WordEmbedder(), on=ON)
    assert [(d.change.value, d.item) for d in found[1].differences] == [("lacking", "16:00")]


def test_bullets_and_long_sentences_are_parted() -> None:
    assert clauses_of("- Call the bank now, and send the file\n2) Check the queue") == [
        ("Call the bank now", True),
        ("and send the file", False),
        ("Check the queue", True),
    ]


def test_everything_is_embedded_in_one_call() -> None:
    embedder = WordEmbedder()
    calls: list[int] = []
    encode = embedder.encode_documents
    embedder.encode_documents = lambda texts: calls.append(len(texts)) or encode(texts)  # type: ignore[func-returns-value, method-assign]
    coverage([BANK, SERVER], "Ana calls the bank. Ravi waits.", embedder)
    assert len(calls) == 1


def test_twenty_items_against_thirty_sentences_take_a_moment() -> None:
    items = [NoteItem(f"Topic {n}", f"INC-{n:04}", f"Send file {n} by 14:00 on Friday", "Ana") for n in range(20)]
    found = compared(items, "\n".join(f"Ana sends file {n} of topic {n} by 14:00." for n in range(30)), WordEmbedder())
    judged(found)
    times = []
    for _ in range(3):
        started = time.process_time()
        judged(found)
        times.append(time.process_time() - started)
    assert min(times) < 0.5  # about 0.05 s by itself; generous, since tests share the machine


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_may_come(said: str, summary: str) -> None:
    item = NoteItem(said or "x", next_step=said, owner=said[:20], details={"state": summary})
    found = coverage([item], summary, WordEmbedder(), on=ON)
    assert [one.item for one in found] == [item]


def test_figures_keep_their_kind() -> None:
    said = "Pay 3,200 EUR (5 %) for 14 people within 2 days by 14:00 on 3 Dec, INC-9, a@b.example"
    assert {fact.kind for fact in facts(said, ON)} == set(FactKind) - {FactKind.NAME}


def test_a_file_that_holds_no_cases_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"note": "a", "items": [{"title": "x"}], "summaries": [{"text": "y", "labels": []}]}\n')
    with pytest.raises(CasesError, match="line 1: ValueError: 0 labels for 1 items"):
        load_cases(path)


def test_the_judged_cases_are_enough() -> None:
    cases = load_cases(FOLDER / "cases.jsonl")
    assert (len({case.note for case in cases}), sum(len(case.items) for case in cases)) == (41, 257)


@pytest.mark.model
def test_held_out_cases_with_the_real_model() -> None:
    found = evaluate(
        load_cases(FOLDER / "held_out.jsonl"),
        SentenceTransformerEmbedder(ModelSpec(), record_queries=False),
        cross_validate=False,
    )
    assert found.shipped.missing.f1 > 0.75
    assert found.shipped.not_covered.f1 > 0.85


def test_a_title_that_forbids_is_compared_as_well_as_the_next_step() -> None:
    item = NoteItem("Do not restart the export before the month is closed", next_step="Wait for the mail of finance")
    (found,) = coverage([item], "I restart the export, then wait for the mail of finance.", WordEmbedder())
    assert [(one.change, one.item) for one in found.differences] == [(Change.NEGATED, "Do not restart the")]
    assert found.state is ItemState.PARTLY
    (kept,) = coverage([item], "I do not restart the export and wait for the mail of finance.", WordEmbedder())
    assert Change.NEGATED not in [one.change for one in kept.differences]
