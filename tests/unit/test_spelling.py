"""Misspelt words are corrected with the corpus's own words, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.indexing import Indexer, write_chunks
from kb.models import PageKind, Person, Space
from kb.pages import trash_page
from kb.search import Retriever
from kb.spelling import Vocabulary, in_the_case_of
from kb.store import pages
from kb.store.chunks import full_text_faults, rebuild_full_text
from kb.store.db import Store
from kb.store.people import LOCAL

WORDS = [
    *[("refund", 40), ("refunds", 9), ("reference", 12), ("management", 30), ("payout", 5), ("cards", 7)],
    *[("find", 90), ("friend", 2), ("step", 3), ("stay", 8), ("gdpr2018", 4), ("schedule", 6)],
]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("refnud", ["refund"]),  # swapped
        ("refnd", ["refund"]),  # missing
        ("reffund", ["refund"]),  # doubled
        ("rewund", ["refund"]),  # replaced
        ("erfund", ["refund"]),  # the first two swapped
        ("chedule", ["schedule"]),  # the first one missing
        ("REFNUD", ["refund"]),
        ("managmetn", ["management"]),  # two places in a long word
        ("refnuds", ["refunds"]),
        (
            "frind",
            ["friend", "find"],
        ),
        ("layout", []),  # another word, which differs in its first letter
        ("stap", []),  # too short for a replaced letter
        ("stepp", ["step"]),
        ("gdpr2019", []),
        ("xylophone", []),
        ("ref", []),
        ("", []),
    ],
)
def test_near_words(typed: str, near: list[str]):
    assert sorted(one.word for one in Vocabulary(WORDS).near(typed)) == sorted(near)


def test_the_nearest_word_comes_first_then_one_without_a_replaced_letter_then_the_more_frequent():
    near = Vocabulary([("costs", 9), ("coast", 2), ("coats", 3), ("cost", 1)]).near("cosst")
    assert [one.word for one in near] == ["costs", "cost", "coast"]


@given(st.text(max_size=30), st.lists(st.tuples(st.text(max_size=12), st.integers(1, 9)), max_size=20))
def test_any_text_is_legal_and_only_words_of_the_corpus_are_near(typed: str, words: list[tuple[str, int]]):
    assert {one.word for one in Vocabulary(words).near(typed)} <= {word for word, _ in words} - {typed}


@pytest.mark.parametrize(("typed", "shown"), [("refnud", "refund"), ("Refnud", "Refund"), ("REFNUD", "REFUND")])
def test_a_corrected_word_keeps_its_capitals(typed: str, shown: str):
    assert in_the_case_of(typed, "refund") == shown


# ---- in a search ----------------------------------------------------------------------------------------------------


def corrected(retriever: Retriever, query: str, viewer: Person = LOCAL) -> str | None:
    return retriever.search(query, viewer).corrected_query


@pytest.fixture
def wiki(write) -> None:
    write("Refund policy", "Refunds above 500 EUR need approval. Résumé and holiday. Code QWERTZ and ABCD-1234.")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("how do I get a Refnud?", "how do I get a Refund?"),
        ("REFNUD aproval", "REFUND approval"),
        ("refunding", None),  # its stem is known
        ("resume", None),  # found without its accents
        ("QWERTZ-12", None),
        ("QWRTZ-12", None),  # part of a code
        ("refnud@acme.example refnud/x refnud.md", None),
        ("dont", None),
        ("layout", None),
        ("", None),
    ],
)
def test_a_misspelt_query_is_corrected(retriever: Retriever, wiki: None, query: str, shown: str | None):
    assert corrected(retriever, query) == shown


def test_the_corrected_query_is_what_is_searched_for(retriever: Retriever, wiki: None):
    response = retriever.search("refnud", LOCAL)
    assert [result.page.slug for result in response.results] == ["refund-policy"]
    assert [piece for piece, marked in response.results[0].snippet.pieces if marked] == ["Refunds"]


def test_a_query_is_taken_as_it_is_when_asked(retriever: Retriever, wiki: None):
    response = retriever.search("refnud", LOCAL, correct=False)
    assert (response.corrected_query, [r.snippet.pieces[0][1] for r in response.results]) == (None, [False])


def test_a_word_that_the_model_knows_is_not_corrected(retriever: Retriever, write):
    write("Gardner", "Gardner.")
    assert corrected(retriever, "gardnre") == "gardner"
    assert corrected(retriever, "gardener") is None


def test_words_are_suggested_from_their_save_on_until_they_are_gone(
    retriever: Retriever, wiki: None, store: Store, write
):
    assert corrected(retriever, "forklfit") is None
    page = write("Forklift", "The forklift is charged at night.")
    assert corrected(retriever, "forklfit") == "forklift"
    trash_page(store, LOCAL, page)
    assert corrected(retriever, "forklfit") is None


def test_a_private_pages_words_are_suggested_to_its_owner_only(
    store: Store, indexer: Indexer, retriever: Retriever, stranger: Person, space: Space
):
    prepared = indexer.prepare("Note", "Merger of Initech.")
    with store.atomic() as db:
        new = pages.NewPage("note", PageKind.HANDOVER, space, "Note", "Merger of Initech.", private=True)
        write_chunks(db, pages.add(db, new, LOCAL, "", ()), 1, prepared)
    assert corrected(retriever, "intiech") == "initech"
    assert corrected(retriever, "intiech", stranger) is None


def test_a_word_that_only_a_private_page_holds_is_unknown_to_others(
    store: Store, indexer: Indexer, retriever: Retriever, stranger: Person, space: Space, write
):
    write("Steps", "The foobars.")
    prepared = indexer.prepare("Note", "The foobras.")
    with store.atomic() as db:
        new = pages.NewPage("note", PageKind.HANDOVER, space, "Note", "The foobras.", private=True)
        write_chunks(db, pages.add(db, new, LOCAL, "", ()), 1, prepared)
    assert corrected(retriever, "foobras") is None
    assert corrected(retriever, "foobras", stranger) == "foobars"


def test_words_as_written_are_checked_and_rebuilt_with_the_full_text(store: Store, wiki: None):
    with store.atomic() as db:
        db.execute("INSERT INTO chunk_words(chunk_words) VALUES ('delete-all')")
        assert len(full_text_faults(db)) == 1
        rebuild_full_text(db)
        assert full_text_faults(db) == []


def test_an_older_database_gets_the_words_that_it_holds(store: Store, wiki: None):
    with store.atomic() as db:
        for trigger in ("inserted", "deleted", "updated"):
            db.execute(f"DROP TRIGGER chunk_words_{trigger}")
        for table in ("chunk_words_vocabulary", "chunk_words"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm009_words_as_written'")
    upgraded = Store.open(store.path)
    assert corrected(Retriever(upgraded, None), "refnud") == "refund"
    upgraded.close()
