"""The answer that a search shows: which words of a passage it is made of."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kb.answers import (
    MAX_CHARACTERS,
    MAX_ITEMS,
    Answer,
    Passage,
    answer_of,
    is_confident,
    nearer_answer,
    passage_of,
)
from kb.snippets import plain
from kb.store.fulltext import tokenizer

STEPS = """Do not share your token.

To reset a token, follow these steps:

1. Open the portal.
2. Choose the token that you lost.
3. Press the red button.

Ask the desk if it fails.
"""


def passage(text: str, query: str, body: str = "") -> Passage:
    stems = {term.stem: 1.0 for term in tokenizer().terms(query)}
    marked = tokenizer().mark([text], query.split())[0]
    return passage_of(marked, body, stems)


def lines(answer: Answer | None) -> list[str]:
    assert answer is not None
    return answer.text.split("\n")


def test_the_sentence_with_the_words_of_the_query_answers() -> None:
    text = (
        "The desk is open all day and answers within an hour. A lost badge costs 20 euros, taken from the next salary."
    )
    answer = answer_of(passage(text, "lost badge salary"))
    assert lines(answer) == ["A lost badge costs 20 euros, taken from the next salary."]
    assert answer is not None
    assert [word for word, marked in answer.lines[0].text.pieces if marked] == ["lost", "badge", "salary"]
    assert (answer.cut_before, answer.cut_after) == (False, False)


def test_a_sentence_that_leans_on_the_one_before_comes_with_it() -> None:
    text = "Ask your team lead for a form. They approve every refund above 500 euros within two working days or so."
    assert lines(answer_of(passage(text, "approve refund"))) == text.replace(". They", ".\nThey").split("\n")


def test_a_short_sentence_comes_with_its_neighbour() -> None:
    text = "The limit is 500. Above it a second person has to approve the payment before it is made."
    assert lines(answer_of(passage(text, "limit"))) == text.replace(". Above", ".\nAbove").split("\n")


def test_a_question_comes_with_what_answers_it() -> None:
    text = (
        "Can I carry over unused vacation days into the next calendar year?\nYes, five of them, until the end of March."
    )
    assert lines(answer_of(passage(text, "carry over vacation"))) == text.split("\n")


def test_a_neighbour_is_of_the_same_paragraph() -> None:
    text = "Something quite different was said before.\nThey approve refunds above 500 euros within two working days."
    assert lines(answer_of(passage(text, "approve refunds"))) == text.split("\n")[1:]


def test_an_abbreviation_parts_no_sentence() -> None:
    text = "Bring a document, e.g. a passport or a driving licence issued in the U.S. or Canada, to the front desk."
    assert lines(answer_of(passage(text, "passport"))) == [text]


def test_a_list_is_given_whole_with_the_line_that_leads_to_it() -> None:
    steps = ["Open the portal.", "Choose the token that you lost.", "Press the red button."]
    text = "\n".join(["Do not share it.", "To reset a token, follow these steps:", *steps])
    for query in ("choose lost", "reset steps"):
        answer = answer_of(passage(text, query, STEPS))
        assert lines(answer) == text.split("\n")[1:]
        assert answer is not None
        assert [line.item.number if line.item else None for line in answer.lines] == [None, 1, 2, 3]


def test_of_a_long_list_the_part_with_the_best_item() -> None:
    items = [f"Step number {n} of many." for n in range(30)]
    body = "".join(f"- {item}\n" for item in [*items[:20], "Press the red button.", *items[20:]])
    text = "\n".join([*items[:20], "Press the red button.", *items[20:]])
    answer = answer_of(passage(text, "red button", body))
    assert lines(answer) == ["Press the red button.", *items[20:27]]
    assert answer is not None
    assert (answer.cut_before, answer.cut_after) == (True, True)
    first = answer_of(passage(text, "30 number 0", body))
    assert lines(first) == items[:MAX_ITEMS]


def test_a_table_row_is_a_sentence() -> None:
    text = "Grade | Days\nAnalyst in the first year of service | 20 days of paid leave\nLead | 25"
    assert lines(answer_of(passage(text, "analyst leave"))) == [text.split("\n")[1]]


def test_too_long_a_sentence_is_cut_around_its_words() -> None:
    text = "word " * 300 + "badge " + "word " * 300
    answer = answer_of(passage(text, "badge"))
    assert answer is not None
    assert "badge" in answer.text
    assert answer.cut_after
    assert len(answer.text.removeprefix("… ")) <= MAX_CHARACTERS


def test_a_passage_without_a_word_of_the_query_answers_nothing() -> None:
    assert answer_of(passage("See the other page.", "badge")) is None
    assert answer_of(passage("", "badge")) is None


def test_meaning_chooses_another_sentence_only_when_it_is_clearly_nearer() -> None:
    text = "A badge is worn in the office by all who work there. Whoever loses it pays 20 euros from the next salary."
    first = answer_of(passage(text, "badge"))
    assert first is not None
    assert nearer_answer(first, [0.3, 0.35]) is first
    assert nearer_answer(first, [0.1, 0.95]).best == 1
    assert nearer_answer(first, []) is first


def test_an_answer_is_for_good_results_only() -> None:
    assert [is_confident(score, by_meaning=True) for score in (1.0, 1.1)] == [False, True]
    assert [is_confident(score, by_meaning=False) for score in (0.3, 0.4)] == [False, True]


WORDS = st.sampled_from(
    ["token", "badge", "it", "This", "1.", "e.g.", "x" * 90, "<b>", "a|b", "?", "**", "\ue000", "é"]
)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=40).map(" ".join), max_size=12)


@given(LINES, st.sets(st.integers(0, 11)), st.lists(st.floats(-1, 1), max_size=16))
def test_an_answer_is_always_a_run_of_the_passages_own_words(
    texts: list[str], items: set[int], nearness: list[float]
) -> None:
    texts = [text.replace("\ue000", "") for text in texts]
    body = "\n\n".join(f"- {text}" if place in items else text for place, text in enumerate(texts))
    asked = passage("\n".join(texts), "token badge", body)
    first = answer_of(asked)
    if first is None:
        return
    for answer in (first, nearer_answer(first, nearness), answer_of(asked, nearness)):
        assert answer is not None
        assert len(answer.text.replace("\n", "").removeprefix("… ")) <= MAX_CHARACTERS
        own = " ".join(plain(unit.text) for unit in asked.units)
        shown = [re.sub(r"^… ", "", line.text.text) for line in answer.lines]
        assert " ".join(shown) in own or (shown[0] in own and " ".join(shown[1:]) in own)
        assert len(answer.lines) <= MAX_ITEMS + 1
