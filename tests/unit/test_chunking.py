"""Chunks are passages of one section, as a reader reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunking import Chunk, Heading, anchor_of, chunk_markdown, outline, plain_text


def words(text: str) -> int:
    return len(text.split())


def test_a_chunk_never_spans_two_sections_and_knows_its_heading_path():
    body = "Above.\n\n# Leave\n\nIntro.\n\n## Sick leave\n\nThirteen days.\n\n# Travel\n\nBook early."
    assert chunk_markdown(body, words) == [
        Chunk(0, (), "", "Above."),
        Chunk(1, ("Leave",), "leave", "Intro."),
        Chunk(2, ("Leave", "Sick leave"), "sick-leave", "Thirteen days."),
        Chunk(3, ("Travel",), "travel", "Book early."),
    ]


def test_a_heading_with_nothing_below_it_is_a_passage_by_itself():
    body = "# Forms\n\n## Expenses\n\n## Travel\n\nBook early.\n\n## Parking"
    assert [(c.headings[-1], c.text) for c in chunk_markdown(body, words)] == [
        ("Expenses", "Expenses"),
        ("Travel", "Book early."),
        ("Parking", "Parking"),
    ]


def test_blocks_fill_a_chunk_up_to_the_limit_and_are_not_cut():
    body = "one two three\n\nfour five six\n\nseven eight nine"
    assert [c.text for c in chunk_markdown(body, words, max_tokens=6)] == [
        "one two three\nfour five six",
        "seven eight nine",
    ]


def test_a_block_that_is_too_long_is_split_between_sentences():
    body = "The first sentence is here. The second sentence is here. The third one."
    assert [c.text for c in chunk_markdown(body, words, max_tokens=5)] == [
        "The first sentence is here.",
        "The second sentence is here.",
        "The third one.",
    ]


@pytest.mark.parametrize(
    ("markdown", "read"),
    [
        ("**Call** the [desk](https://example.com/very/long?x=1)", "Call the desk"),
        ("See [[refund-policy#late|late refunds]] and [[Escalation]].", "See late refunds and Escalation."),
        ("| Code | Meaning |\n|---|---|\n| E42 | Disk |\n", "Code | Meaning\nE42 | Disk"),
        ("- one\n- two\n  - three", "one\ntwo\nthree"),
        ("```sh\nrm -rf /tmp/x\n```", "rm -rf /tmp/x"),
        ("<div>Hello <b>you</b></div>", "Hello you"),
        ("Use `SELECT *` now", "Use SELECT * now"),
        ("![the floor plan](plan.png)", "the floor plan"),
        ('Ask in {% slack_channel "people-ops" %} [here]({% page "/leave/" %}).', "Ask in people-ops here."),
        ("- [ ] open\n- [x] done", "open\ndone"),
        ("Press <kbd>Ctrl</kbd>", "Press Ctrl"),
    ],
)
def test_what_is_read_not_markup(markdown: str, read: str):
    assert plain_text(markdown) == read


def test_headings_of_one_name_get_different_anchors():
    assert outline("# FAQ\n## Why?\n# FAQ\n## Why?\n### `code` & *more*") == [
        Heading(1, "FAQ", "faq"),
        Heading(2, "Why?", "why"),
        Heading(1, "FAQ", "faq-1"),
        Heading(2, "Why?", "why-1"),
        Heading(3, "code & more", "code-more"),
    ]


def test_a_hash_in_code_is_no_heading():
    assert outline("```\n# not a heading\n```\n\n    # nor this") == []


@given(st.text(max_size=200))
def test_an_anchor_is_its_own_anchor(heading: str):
    assert anchor_of(anchor_of(heading)) == anchor_of(heading)
    assert anchor_of(heading)


@given(
    st.lists(st.sampled_from(["# A", "## B", "text here", "- item", "| a | b |", "```", "", "<br>", "$x$"])).map(
        "\n".join
    )
)
def test_every_text_gives_chunks_numbered_from_0_with_anchors_of_the_outline(body: str):
    chunks = chunk_markdown(body, words, max_tokens=4)
    assert [c.position for c in chunks] == list(range(len(chunks)))
    assert {c.anchor for c in chunks} <= {"", *(h.anchor for h in outline(body))}
    assert all(c.text.strip() for c in chunks)


@given(st.text(max_size=500))
def test_any_text_can_be_chunked(body: str):
    for chunk in chunk_markdown(body, words, max_tokens=5):
        assert chunk.text


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=60))
def test_no_word_of_a_paragraph_is_lost(tokens: list[str]):
    chunks = chunk_markdown(" ".join(tokens), words, max_tokens=7)
    assert " ".join(c.text for c in chunks).split() == tokens
