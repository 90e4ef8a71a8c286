"""Other words for the same: what is recognised, and what a search makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.acronyms import definitions, spells_out
from kb.indexing import Indexer
from kb.models import PageKind, Space
from kb.pages import PageText, create_page, edit_page
from kb.search import Retriever
from kb.store.db import Store
from kb.store.people import LOCAL
from kb.synonyms import parse_synonyms
from kb.variants import apart, other_spellings, together


@pytest.mark.parametrize(
    ("short", "text", "forms"),
    [
        ("SLA", "SLA (service level agreement): the agreed level.", ["service level agreement"]),
        ("sla", "Our service level agreement (SLA) says so.", ["service level agreement"]),
        ("O2C", "O2C (order to cash)", ["order to cash"]),
        ("KCS", "KCS (Knowledge-Centered Service)", ["Knowledge Centered Service"]),
        ("VOC", "VOC (voice of the customer)", ["voice of the customer"]),
        ("SOP", "- SOP: standard operating procedure\n- SOW: statement of work", ["standard operating procedure"]),
        ("WIP", "WIP | work in progress | items", ["work in progress"]),
        ("SLA", "SLA (see below), (SLA), SLA: 80%", []),
        ("EU", "customers elsewhere (EU)", []),
        ("", "()", []),
    ],
)
def test_full_forms_in_a_text(short: str, text: str, forms: list[str]):
    assert [name for found, name in definitions(text) if found == short.casefold()] == forms


def test_small_words_may_be_left_out_of_initials():
    assert spells_out("vc", ["voice", "of", "the", "customer"])
    assert spells_out("voc", ["voice", "of", "the", "customer"])


@given(st.text(alphabet="sla ()|:-\n\t.SLA2ü", max_size=60))
def test_any_text_may_hold_short_forms(text: str):
    assert all(spells_out(short, name.split()) for short, name in definitions(text))


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("Colour", ["color"]), ("favorite", ["favourite"]), ("organisation", ["organization"]),
        ("analyze", ["analyse"]), ("centre", ["center"]), ("catalogs", ["catalogues"]), ("travelled", ["traveled"]),
        ("cancelation", ["cancellation"]), ("programme", ["program"]), ("licensed", ["licenced"]),
        ("filled", []), ("hour", []), ("four", []), ("", []),
    ],
)  # fmt: skip
def test_british_and_american_spellings(word: str, others: list[str]):
    assert other_spellings(word) == others


def test_a_word_apart():
    assert apart("login") == ["log in"]
    assert apart("payday") == ["pay day"]
    assert apart("onward") == ["on ward", "onw ard"]
    assert apart("vpn") == apart("iso9001") == apart("often") == apart("format") == []


@pytest.mark.parametrize(
    ("first", "second", "joined"), [("on", "boarding", "onboarding"), ("E", "mail", "email"), ("people", "s", None)]
)
def test_two_words_as_one(first: str, second: str, joined: str | None):
    assert together(first, second) == joined


def test_synonyms_are_lines_of_a_list():
    page = (
        "Words that mean the same.\n\n- client, **customer** , account\n* a,b c\n- alone\n- ,,\n1. x, y\n- same, Same"
    )
    assert parse_synonyms(page) == [("client", "customer", "account"), ("a", "b c")]


@given(st.text(max_size=200))
def test_any_text_may_be_the_page_of_synonyms(text: str):
    assert all(len(group) > 1 and all(group) for group in parse_synonyms(text))


# ---- in a search ----------------------------------------------------------------------------------------------------


def slugs(retriever: Retriever, query: str) -> list[str]:
    return [result.page.slug for result in retriever.search(query, LOCAL).results]


def by_words(retriever: Retriever, query: str) -> list[str]:
    retriever.embedder = None
    return slugs(retriever, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("The color of the badge.", "colour"),
        ("Reorganisation plan.", "reorganization"),
        ("Log in with the token.", "login"),
        ("The login page.", "log in"),
        ("Onboarding takes a week.", "on-boarding"),
        ("Onboarding takes a week.", "on boarding"),
        ("Send an e-mail.", "email"),
        ("The email address.", "e-mail"),
    ],
)
def test_another_spelling_is_found_by_words_alone(retriever: Retriever, write, text: str, query: str):
    write("Target", text)
    write("Other", "Nothing of the kind.")
    response = retriever.search(query, LOCAL)
    assert (response.corrected_query, by_words(retriever, query)) == (None, ["target"])


def test_short_and_full_form_find_each_other(retriever: Retriever, store: Store, indexer: Indexer, space: Space, write):
    glossary = PageText("Terms", "- **SLA** (service level agreement): the agreed level.")
    create_page(store, indexer, LOCAL, space, glossary, kind=PageKind.GLOSSARY)
    write("Full", "Penalties follow from the service level agreement.")
    write("Short", "Penalties follow from the SLA.")
    assert set(by_words(retriever, "sla penalties")[:2]) == {"short", "full"}
    assert set(by_words(retriever, "service level agreement penalties")) == {"short", "full", "terms"}
    assert [piece for piece, marked in retriever.search("SLA", LOCAL).results[-1].snippet.pieces if marked] == [
        "service level agreement"
    ]


def test_alternatives_are_marked(retriever: Retriever, write):
    write("Target", "The color of the badge.")
    snippet = retriever.search("colour", LOCAL).results[0].snippet
    assert [piece for piece, marked in snippet.pieces if marked] == ["color"]


def test_the_word_itself_beats_its_synonym_and_the_page_acts_at_once_everywhere(
    retriever: Retriever, store: Store, indexer: Indexer, write
):
    write("Clients", "Every client has a lead.")
    write("Accounts", "Every key account has a lead.")
    assert by_words(retriever, "client") == ["clients"]
    page = write("Synonyms", "- client, key account\n- broken\n- ,")
    elsewhere = Retriever(store, None)
    for one in (retriever, elsewhere):
        assert [slug for slug in by_words(one, "client") if slug != "synonyms"] == ["clients", "accounts"]
    edit_page(store, indexer, LOCAL, page, PageText("Synonyms", "Nothing."))
    for one in (retriever, elsewhere):
        assert by_words(one, "client") == ["clients"]
