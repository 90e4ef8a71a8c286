"""What a receiver would have to ask about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.handover.clarity import Unclear, short_forms, unclear, vague_words
from kb.handover.models import Answer, NoteItem, NoteText, Priority
from kb.handover.templates import SHIFT
from tests.unit.handover_samples import ITEM, shift_note


def remarks(
    *items: NoteItem, known: tuple[str, ...] = (), **answers: Answer
) -> list[tuple[Unclear, str, int, str, str]]:
    text = NoteText("shift", 1, answers=answers, items=items)
    return [(r.kind, r.place, r.row, r.field, r.words) for r in unclear(SHIFT, text, known)]


def test_a_clear_note_gets_no_remarks() -> None:
    assert unclear(SHIFT, shift_note()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Call the bank asap", ["asap"]),
        ("Send it soon, as discussed", ["soon", "as discussed"]),
        ("Do the usual checks etc.", ["the usual", "etc."]),
        ("Someone should confirm if needed", ["Someone", "if needed"]),
        ("Owner is TBD", ["TBD"]),
        ("Call back as soon as the file has arrived", []),
        ("Send the file as soon as possible", ["as soon as possible"]),
        ("As agreed with Ana on 3 December, 5 % discount", []),
        ("The page [[As usual]] says so; see `etc.`", []),
        ("The unusual sooner version", []),
    ],
)
def test_vague_words_are_few_and_precise(text: str, words: list[str]) -> None:
    assert [found for found, _ in vague_words(text)] == words


def test_an_open_item_wants_an_owner() -> None:
    assert remarks(replace(ITEM, owner="")) == [(Unclear.NO_OWNER, "items", 1, "owner", "")]
    assert remarks(replace(ITEM, owner="", done=True)) == []


def test_an_urgent_item_wants_a_date() -> None:
    late = replace(ITEM, due=None)
    assert remarks(late) == [(Unclear.NO_DATE, "items", 1, "due", "")]
    assert remarks(replace(late, next_step="Call the bank on Friday")) == []
    assert remarks(replace(late, priority=Priority.NORMAL)) == []
    assert remarks(replace(late, due=date(2026, 12, 1))) == []


def test_a_next_step_names_who_is_meant() -> None:
    assert remarks(replace(ITEM, next_step="They call back before 14:00")) == [
        (Unclear.VAGUE, "items", 1, "next_step", "They")
    ]


def test_a_short_form_is_explained_once_in_the_note_or_in_the_wiki() -> None:
    step = replace(ITEM, next_step="Ask the QMB about the PRC; the PRC is open")
    assert remarks(step) == [
        (Unclear.SHORT_FORM, "items", 1, "next_step", "QMB"),
        (Unclear.SHORT_FORM, "items", 1, "next_step", "PRC"),
    ]
    explained = Answer("The price review committee (PRC) meets on Friday.")
    assert remarks(step, known=("qmb",), big_picture=explained) == []


def test_references_addresses_and_shouting_are_no_short_forms() -> None:
    assert short_forms("INC-4711, P1, STRIKE26, KB@example.com, https://XYZ.example") == []
    assert short_forms("DO NOT TOUCH THE SERVER") == []
    assert short_forms("The ZQX and the ABCs") == ["ZQX", "ABCs"]


def test_remarks_name_row_and_field_of_a_table() -> None:
    rows = Answer(rows=({"if": "The bank calls", "then": "Do as usual"},))
    assert remarks(contingencies=rows) == [(Unclear.VAGUE, "contingencies", 1, "then", "as usual")]


def test_every_remark_has_a_remedy() -> None:
    text = NoteText("shift", 1, items=(NoteItem("XQZ soon", next_step="It asap", priority=Priority.CRITICAL),))
    found = unclear(SHIFT, text)
    assert {remark.kind for remark in found} == set(Unclear)
    assert all(remark.remedy.endswith((".", "?")) for remark in found)


@given(st.text(max_size=200))
def test_any_text_may_come(text: str) -> None:
    unclear(SHIFT, NoteText("shift", 1, answers={"big_picture": Answer(text)}, items=(NoteItem(text),)))
