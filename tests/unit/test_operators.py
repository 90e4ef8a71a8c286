"""What is an operator, and what stays ordinary text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.operators import MAX_OPERATORS, Name, Operator, ParsedQuery, parse_query
from kb.query import matched_words


def operators(query: str) -> list[Operator]:
    return list(parse_query(query).operators)


@pytest.mark.parametrize(
    ("typed", "operator"),
    [
        ('"second approval"', Operator(Name.WORDS, "second approval")),
        ("“second approval”", Operator(Name.WORDS, "second approval")),
        ("-draft", Operator(Name.WORDS, "draft", negated=True)),
        ('-"first draft"', Operator(Name.WORDS, "first draft", negated=True)),
        ("-follow-up", Operator(Name.WORDS, "follow-up", negated=True)),
        ("tag:billing", Operator(Name.TAG, "billing")),
        ("Tag:Billing", Operator(Name.TAG, "Billing")),
        ("-tag:billing", Operator(Name.TAG, "billing", negated=True)),
        ('space:"Client  handbook"', Operator(Name.SPACE, "Client handbook")),
        ("-space:acme", Operator(Name.SPACE, "acme", negated=True)),
        ("type:guide", Operator(Name.TYPE, "guide")),
        ("owner:maria", Operator(Name.OWNER, "maria")),
        ("updated:>=2026-01", Operator(Name.UPDATED, ">=2026-01")),
        ("updated:2026-01..2026-03", Operator(Name.UPDATED, "2026-01..2026-03")),
        ('title:"x y"', Operator(Name.TITLE, "x y")),
    ],
)
def test_an_operator_is_told_from_the_words_around_it(typed: str, operator: Operator):
    assert operators(typed) == [operator]
    parsed = parse_query(f"refund {typed}, late")
    told = ["second approval"] if operator.name is Name.WORDS and not operator.negated else []
    assert parsed.parts == ("refund", operator, "late")
    assert parsed.text == " ".join(["refund", *told, "late"])
    assert operators(typed)[0].typed == typed


@pytest.mark.parametrize(
    "query",
    [
        "http://x.org/a?b=c", "10:30", "foo:bar", '"', "-", "--", "--flag", "tar -x file", "follow-up", "C++",
        "error -809", "tag:", "-tag:", "type: guide", 'title:"unclosed', '-"unclosed', '"!!!"', 'tag:"***"',
        '5" pipe and 6" pipe', 'say"hello"', '"foo"bar', "subtag:x", "tag :x", "tıtle:x", "ſpace:x", "  two  spaces ",
        "", "“", "a\x00b",
    ],
)  # fmt: skip
def test_what_is_not_clearly_an_operator_stays_as_it_was_typed(query: str):
    assert (operators(query), parse_query(query).text, str(parse_query(query))) == ([], query, query)


def test_an_operator_taken_out_leaves_the_rest_as_it_was_typed():
    parsed = parse_query('  late "second approval"  tag:billing fees Tag:billing, -draft')
    approval, billing, draft = parsed.operators
    assert str(parsed) == 'late "second approval" tag:billing fees Tag:billing -draft'
    assert str(parsed.without(billing)) == 'late "second approval" fees -draft'
    assert str(parsed.without(approval).without(draft)) == "late tag:billing fees Tag:billing"


def test_a_pasted_text_full_of_operators_uses_the_first_ones():
    parsed = parse_query("tag:x " * 1_000)
    assert sum(isinstance(part, Operator) for part in parsed.parts) == MAX_OPERATORS


def test_commas_after_a_word_are_the_sentences():
    assert parse_query("tag:billing;, -draft,; x").parts == (
        Operator(Name.TAG, "billing"),
        Operator(Name.WORDS, "draft", negated=True),
        "x",
    )


def test_only_a_querys_words_are_marked_on_a_page():
    assert matched_words('refund tag:billing -draft "late fees"', "Billing drafts: refunds, late, fee, tags") == [
        "fee",
        "late",
        "refunds",
    ]


ANY_TEXT = st.text(max_size=80) | st.lists(
    st.sampled_from(['"', "“", "-", ":", " ", ",", ".", "x", "ab", "tag:", "title:", "updated:", "2026", ".."]),
    max_size=30,
).map("".join)  # fmt: skip


@given(ANY_TEXT)
def test_any_text_is_legal_and_rendering_it_loses_nothing(query: str):
    parsed = parse_query(query)
    assert parse_query(str(parsed)) == parsed
    if not parsed.operators:
        assert parsed.text == str(parsed) == query


WORD = st.from_regex(r"[a-z]{2,9}", fullmatch=True)


@st.composite
def operator_parts(draw: st.DrawFn) -> Operator:
    name, negated = draw(st.sampled_from(Name)), draw(st.booleans())
    value = " ".join(draw(st.lists(WORD, min_size=1, max_size=3)))
    prefix = f"{name}:" if name else ""
    quoted = " " in value or (name is Name.WORDS and not negated) or draw(st.booleans())
    typed = ("-" if negated else "") + prefix + (f'"{value}"' if quoted else value)
    return Operator(name, value, negated, typed)


@given(st.lists(operator_parts(), max_size=8))
def test_what_is_rendered_is_read_as_the_same(parts: list[Operator]):
    assert parse_query(str(ParsedQuery(tuple(parts)))) == ParsedQuery(tuple(parts))
