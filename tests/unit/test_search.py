"""The Retriever's rules, on a real store with an embedder whose results can be foreseen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.chunking import CHUNKER
from index.embedder import ModelSpec
from kb import pages as rules
from kb import search
from kb.indexing import Indexer
from kb.models import PageKind, Person, Space
from kb.pages import PageText, create_page, edit_page, ensure_space, trash_page
from kb.search import Filters, MatchedBy, Retriever
from kb.store import pages
from kb.store.chunks import set_index_state
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder


def slugs(retriever: Retriever, query: str, **more: object) -> list[str]:
    return [result.page.slug for result in retriever.search(query, LOCAL, **more).results]  # type: ignore[arg-type]


@pytest.fixture
def wiki(write) -> None:
    write(
        "Refund policy",
        "Refunds above 500 EUR need a second approval.\n\n## Late refunds\n\nAfter 30 days ask finance.",
    )
    write("Remote access", "The VPN token expires after 90 days. Code GSA-1234.")
    write("Time off", "Vacation is asked for two weeks ahead.", tags=("people",), keywords=("PTO",))


def test_a_saved_page_is_the_first_hit_for_its_subject_at_once(retriever: Retriever, wiki: None, write):
    assert "parking" not in slugs(retriever, "parking permit")
    write("Parking", "A parking permit is at the front desk.")
    assert slugs(retriever, "parking permit")[0] == "parking"


def test_a_result_opens_at_the_section_that_matches(retriever: Retriever, wiki: None):
    result = retriever.search("late refund after 30 days", LOCAL).results[0]
    assert (result.page.slug, result.headings, result.anchor) == ("refund-policy", ("Late refunds",), "late-refunds")
    assert result.rank == 1


def test_matched_words_are_marked_in_the_snippet(retriever: Retriever, wiki: None):
    snippet = retriever.search("token expired", LOCAL).results[0].snippet
    assert [piece for piece, marked in snippet.pieces if marked] == ["token", "expires"]
    assert snippet.text == "The VPN token expires after 90 days. Code GSA-1234."


def test_other_words_of_the_same_meaning_find_the_page(retriever: Retriever, wiki: None):
    (result, *_) = retriever.search("holiday", LOCAL).results
    assert (result.page.slug, result.matched_by) == ("time-off", MatchedBy.MEANING)


def test_a_match_by_meaning_can_show_its_nearest_sentence(retriever: Retriever, write):
    lines = [f"Rule {number} concerns desks and chairs in the large hall by the river." for number in range(12)]
    write("House rules", "\n".join([*lines[:9], "Vacation is asked for two weeks ahead.", *lines[9:]]))
    found = retriever.search("holiday", LOCAL)
    assert found.results[0].snippet.text.startswith("Rule 0")
    better = retriever.with_nearest_sentences(found).results[0]
    assert better.snippet.text.startswith("… Vacation is asked for two weeks ahead. Rule 9")
    assert better.matched_by is MatchedBy.MEANING


def test_without_the_model_passages_stay_as_they_are(retriever: Retriever, embedder: WordEmbedder, wiki: None):
    by_words, by_meaning = retriever.search("token", LOCAL), retriever.search("holiday", LOCAL)
    assert retriever.with_nearest_sentences(by_words).results[0] == by_words.results[0]
    embedder.available = False
    assert retriever.with_nearest_sentences(by_meaning) == by_meaning


def test_of_like_passages_that_of_the_page_about_the_subject_comes_first(
    retriever: Retriever, write, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "SUPPORT_WEIGHT", 0.0)  # which would help it as well, as feedback would
    monkeypatch.setattr(search, "FEEDBACK_ROUNDS", 0)
    passage = "## Permits\n\nA parking permit is at the desk.\n\n## More\n\n"
    write("Night", f"{passage}Invoices wait for finance until Monday.")
    write("Cars", f"{passage}Parking is free.")
    assert slugs(retriever, "parking permit") == ["cars", "night"]
    monkeypatch.setattr(search, "WHOLE_PAGE_WEIGHT", 0.0)
    assert slugs(retriever, "parking permit") == ["night", "cars"]


def test_a_keyword_that_the_text_lacks_finds_the_page(retriever: Retriever, wiki: None):
    assert slugs(retriever, "PTO")[0] == "time-off"


def test_an_exact_code_beats_everything(retriever: Retriever, wiki: None):
    assert slugs(retriever, "gsa-1234")[0] == "remote-access"


def test_a_page_comes_once_with_its_best_passage(retriever: Retriever, write):
    write("Rota", "\n\n".join(f"## Week {n}\n\nThe rota of week {n} is fixed." for n in range(9)))
    found = retriever.search("rota week 7", LOCAL).results
    assert [(r.page.slug, r.anchor) for r in found] == [("rota", "week-7")]


def test_without_the_model_words_alone_answer_and_it_is_said(retriever: Retriever, embedder: WordEmbedder, wiki: None):
    embedder.available = False
    response = retriever.search("vpn token", LOCAL)
    assert not response.by_meaning
    assert [(r.page.slug, r.matched_by) for r in response.results] == [("remote-access", MatchedBy.WORDS)]


def test_another_models_embeddings_are_never_compared(store: Store, retriever: Retriever, wiki: None):
    assert retriever.search("holiday", LOCAL).by_meaning
    with store.atomic() as db:
        set_index_state(db, ModelSpec("another").to_json(), CHUNKER)
    response = retriever.search("holiday", LOCAL)
    assert (response.by_meaning, response.results) == (False, ())


def test_filters_narrow_before_ranking(store: Store, indexer: Indexer, retriever: Retriever, wiki: None):
    other = ensure_space(store, LOCAL, "Globex")
    create_page(store, indexer, LOCAL, other, PageText("Refunds", "No refund at all."), kind=PageKind.GUIDE)
    assert slugs(retriever, "refund", filters=Filters(space="globex")) == ["refunds"]
    assert slugs(retriever, "refund", filters=Filters(kinds=(PageKind.GUIDE,))) == ["refunds"]
    assert slugs(retriever, "vacation", filters=Filters(tags=("people",))) == ["time-off"]
    assert slugs(retriever, "vacation", filters=Filters(space="nowhere")) == []


def test_a_private_page_is_found_by_its_owner_only(
    store: Store, indexer: Indexer, retriever: Retriever, stranger: Person, space: Space
):
    prepared = indexer.prepare("Draft note", "Secret merger of Initech.")
    with store.atomic() as db:
        from kb.indexing import write_chunks

        new = pages.NewPage(
            "draft-note", PageKind.HANDOVER, space, "Draft note", "Secret merger of Initech.", private=True
        )
        write_chunks(db, pages.add(db, new, LOCAL, "", ()), 1, prepared)
    assert slugs(retriever, "initech merger") == ["draft-note"]
    assert retriever.search("initech merger", stranger).results == ()
    with pytest.raises(rules.PageNotFound):
        rules.read_page(store, stranger, "draft-note")


def test_another_process_finds_what_was_saved_edited_and_trashed(
    store: Store, indexer: Indexer, embedder: WordEmbedder, write
):
    elsewhere = Store.open(store.path)
    other = Retriever(elsewhere, embedder)
    assert slugs(other, "parking") == []
    page = write("Parking", "Permits at the desk.")
    assert slugs(other, "parking permits") == ["parking"]
    edited = edit_page(store, indexer, LOCAL, page, PageText("Bicycles", "Racks in the yard."))
    assert slugs(other, "racks") == ["parking"]
    trash_page(store, LOCAL, edited)
    assert slugs(other, "racks") == []
    elsewhere.close()


def test_common_words_have_no_say_unless_there_is_nothing_else(retriever: Retriever, write):
    write("The who", "The who is what.")
    write("Deployment", "How to deploy: the steps are here and there, what you do is this.")
    assert slugs(retriever, "how do I deploy the thing")[0] == "deployment"
    assert slugs(retriever, "the who")[0] == "the-who"


def test_related_pages_are_near_in_meaning_and_leave_out_the_page(retriever: Retriever, store: Store, write):
    page = write("Vacation", "Vacation vacation rules.")
    write("Leave", "Leave rules.")
    write("Printer", "Toner cartridges.")
    assert [p.slug for p in retriever.related(page, LOCAL, top_k=1)] == ["leave"]


@pytest.mark.parametrize("query", ["", "   ", "!!!", "\x00", "🦄", "“”", "-", "*", "AND"])
def test_a_query_without_words_is_legal(retriever: Retriever, wiki: None, query: str):
    retriever.search(query, LOCAL)


def test_ten_thousand_characters_are_legal(retriever: Retriever, wiki: None):
    assert slugs(retriever, "refund approval " * 700)[0] == "refund-policy"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(query=st.text(max_size=60))
def test_any_text_is_a_legal_query(retriever: Retriever, query: str):
    response = retriever.search(query, LOCAL)
    assert [result.rank for result in response.results] == list(range(1, len(response.results) + 1))
