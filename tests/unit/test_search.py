"""The Retriever's rules, on a real store with an embedder whose results can be foreseen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.chunking import CHUNKER
from index.embedder import ModelSpec
from kb import pages as rules
from kb import ranking, search
from kb.indexing import Indexer
from kb.models import Filters, PageKind, Person, Space
from kb.pages import PageText, create_page, edit_page, ensure_space, trash_page
from kb.search import MatchedBy, Retriever
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


def test_where_many_search_at_once_the_first_passages_stay(retriever: Retriever, wiki: None, write):
    write("House rules", "\n".join(["Desks stand by the river."] * 12 + ["Vacation is asked for two weeks ahead."]))
    found = [retriever.search("holiday", LOCAL) for _ in range(search.MANY_SEARCHES)][-1]
    assert retriever.with_nearest_sentences(found) is found


def test_weak_results_are_said_to_be_weak(retriever: Retriever, wiki: None):
    assert retriever.search("vacation two weeks ahead", LOCAL).good_match
    weak = retriever.search("purple dinosaur museum opening hours", LOCAL)
    assert not weak.good_match
    assert weak.results  # they are still offered


def test_a_code_is_a_good_match_however_far_in_meaning(
    retriever: Retriever, wiki: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "NEAR", 2.0)
    assert retriever.search("the code GSA-1234", LOCAL).good_match
    assert not retriever.search("the code of the museum in town", LOCAL).good_match


def test_words_alone_are_never_said_to_be_weak(retriever: Retriever, embedder: WordEmbedder, wiki: None):
    embedder.available = False
    assert retriever.search("purple token museum", LOCAL).good_match


def test_without_the_model_passages_stay_as_they_are(retriever: Retriever, embedder: WordEmbedder, wiki: None):
    by_words, by_meaning = retriever.search("token", LOCAL), retriever.search("holiday", LOCAL)
    assert retriever.with_nearest_sentences(by_words).results[0] == by_words.results[0]
    embedder.available = False
    assert retriever.with_nearest_sentences(by_meaning) == by_meaning


def test_of_like_passages_that_of_the_page_about_the_subject_comes_first(
    retriever: Retriever, write, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranking, "SUPPORT_WEIGHT", 0.0)  # which would help it as well, as feedback would
    monkeypatch.setattr(ranking, "FEEDBACK_ROUNDS", 0)
    passage = "## Permits\n\nA parking permit is at the desk.\n\n## More\n\n"
    write("Night", f"{passage}Invoices wait for finance until Monday.")
    write("Cars", f"{passage}Parking is free.")
    assert slugs(retriever, "parking permit") == ["cars", "night"]
    monkeypatch.setattr(ranking, "WHOLE_PAGE_WEIGHT", 0.0)
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
    assert slugs(retriever, "refund", filters=Filters(spaces=("globex",))) == ["refunds"]
    assert slugs(retriever, "refund", filters=Filters(kinds=(PageKind.GUIDE,))) == ["refunds"]
    assert slugs(retriever, "vacation", filters=Filters(tags=("people",))) == ["time-off"]
    assert slugs(retriever, "vacation", filters=Filters(spaces=("nowhere",))) == []


@pytest.fixture
def clients(store: Store, indexer: Indexer, wiki: None) -> None:
    """The wiki and a second space; the pages changed in January, February and so on, as they are listed."""
    globex = ensure_space(store, LOCAL, "Globex Inc")
    guide = PageText(
        "Refunds abroad", "Refunds abroad take a second look.\n\n## Fees\n\nA token fee.", ("money", "people")
    )
    create_page(store, indexer, LOCAL, globex, guide, kind=PageKind.GUIDE)
    create_page(store, indexer, LOCAL, globex, PageText("Approval chain", "Who gives the second signature."))
    with store.atomic() as db:
        db.execute("UPDATE pages SET updated_at = printf('2026-%02d-15T12:00:00Z', id)")


def test_a_phrase_must_be_in_the_passage_or_the_title(retriever: Retriever, clients: None):
    assert slugs(retriever, '"second approval"') == ["refund-policy"]
    assert slugs(retriever, '"approval second"') == []
    assert slugs(retriever, '"REFUND policies"') == ["refund-policy"]
    (result,) = retriever.search('"ask finance" second', LOCAL).results
    assert (result.page.slug, result.anchor) == ("refund-policy", "late-refunds")


def test_a_page_holds_all_phrases_and_its_passage_one_of_them(retriever: Retriever, clients: None):
    (result,) = retriever.search('"second approval" "after 30 days" finance', LOCAL).results
    assert (result.page.slug, result.anchor) == ("refund-policy", "late-refunds")
    assert slugs(retriever, '"second approval" "vpn token"') == []


def test_a_phrase_ranks_by_meaning_as_well(retriever: Retriever, clients: None):
    assert slugs(retriever, '"second" refund')[0] == "refund-policy"
    assert slugs(retriever, '"second" signature')[0] == "approval-chain"
    assert set(slugs(retriever, '"second"')) == {"refund-policy", "refunds-abroad", "approval-chain"}


def test_an_excluded_word_leaves_out_every_page_that_holds_it(retriever: Retriever, clients: None):
    assert set(slugs(retriever, "refund")) >= {"refund-policy", "refunds-abroad"}
    assert "refund-policy" not in slugs(retriever, "refund -approvals")
    assert "refunds-abroad" not in slugs(retriever, "refund -fees")
    assert "refunds-abroad" in slugs(retriever, 'refund -"second approval"')
    assert slugs(retriever, "token")[0] == "refunds-abroad"
    assert slugs(retriever, "token -fees")[0] == "remote-access"


def test_operators_alone_list_what_fits_newest_first(retriever: Retriever, clients: None):
    assert slugs(retriever, "tag:people") == ["refunds-abroad", "time-off"]
    assert slugs(retriever, "tag:people tag:money") == ["refunds-abroad"]
    assert slugs(retriever, "-refund") == ["approval-chain", "time-off", "remote-access"]
    assert slugs(retriever, "title:refunds") == ["refunds-abroad", "refund-policy"]
    assert slugs(retriever, 'title:"refund policy"') == ["refund-policy"]
    assert slugs(retriever, "-title:refund type:page -space:acme") == ["approval-chain"]
    assert slugs(retriever, 'space:"globex inc"', top_k=1) == ["approval-chain"]
    assert slugs(retriever, "space:globex-inc space:acme -type:page") == ["refunds-abroad"]
    assert slugs(retriever, "type:guide type:handover") == ["refunds-abroad"]
    assert slugs(retriever, "-tag:people -tag:money space:acme") == ["remote-access", "refund-policy"]
    assert slugs(retriever, "updated:2026-02..2026-03") == ["time-off", "remote-access"]
    assert slugs(retriever, "updated:>2026-03") == ["approval-chain", "refunds-abroad"]
    assert slugs(retriever, "owner:local -owner:local") == []
    (result, *_) = retriever.search("tag:people", LOCAL).results
    assert (result.snippet.text, result.matched_by) == ("Refunds abroad take a second look.", MatchedBy.FILTERS)


def test_operators_and_chosen_filters_both_apply(retriever: Retriever, clients: None):
    assert slugs(retriever, "refund type:guide", filters=Filters(spaces=("acme",))) == []
    assert slugs(retriever, "tag:people", filters=Filters(spaces=("acme",))) == ["time-off"]
    assert slugs(retriever, "", filters=Filters(tags=("people",))) == ["refunds-abroad", "time-off"]


def test_operators_narrow_the_side_of_meaning_too(retriever: Retriever, clients: None):
    assert slugs(retriever, "holiday")[0] == "time-off"
    assert "time-off" not in slugs(retriever, "holiday -vacation")
    assert slugs(retriever, "holiday title:off") == ["time-off"]


def test_an_operator_that_cannot_be_used_does_not_narrow(retriever: Retriever, clients: None):
    response = retriever.search("refund type:banana", LOCAL)
    assert response.understood.notes == ("type: takes page, guide, glossary or handover, not “banana”.",)
    assert [result.page.slug for result in response.results] == slugs(retriever, "refund")
    assert slugs(retriever, "type:banana") == []


def test_names_of_what_is_hidden_are_not_told(
    store: Store, indexer: Indexer, retriever: Retriever, stranger: Person, space: Space
):
    new = pages.NewPage("draft", PageKind.HANDOVER, space, "Draft", "Merger.", ("secret-merger",), private=True)
    with store.atomic() as db:
        from kb.indexing import write_chunks

        write_chunks(db, pages.add(db, new, LOCAL, "", ()), 1, indexer.prepare("Draft", "Merger."))
    assert slugs(retriever, "tag:secret-merger") == ["draft"]
    for query in ("tag:secret-merge", "tag:secret-merger", "owner:local"):
        response = retriever.search(query, stranger)
        assert (response.results, response.understood.used) == ((), ())
        assert response.understood.notes[0].endswith("There is none yet.")
    assert retriever.search("title:draft -zzz", stranger).results == ()


def test_text_without_operators_is_searched_as_before(retriever: Retriever, embedder: WordEmbedder, clients: None):
    for query in ("vpn  token:", 'the 5" token', "token - vpn"):
        asked: list[str] = []
        encode, embedder.encode_queries = embedder.encode_queries, lambda texts: asked.extend(texts) or encode(texts)  # noqa: B023
        retriever.search(f" {query} ", LOCAL)
        embedder.encode_queries = encode
        assert asked == [query]


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


@pytest.mark.parametrize(
    "query",
    ["", "   ", "!!!", "\x00", "🦄", "“”", "-", "*", "AND", '"a OR b"', '-"NEAR(a b)"', "title:a*",
     '"a\x00b" -x\ud800y', "tag:\ud800", "-title:^ab", '"\U0001e900\U0001e901"', "-ab " * 500,
     '"ab cd" ' * 250, "tag:people " * 200],
)  # fmt: skip
def test_a_query_without_words_is_legal(retriever: Retriever, wiki: None, query: str):
    retriever.search(query, LOCAL)


def test_ten_thousand_characters_are_legal(retriever: Retriever, wiki: None):
    assert slugs(retriever, "refund approval " * 700)[0] == "refund-policy"


PIECES = [
    '"',
    "-",
    " ",
    "tag:",
    "title:",
    "space:",
    "updated:",
    "people",
    "2026",
    "*",
    "(",
    "OR ",
    "NEAR(",
    "^",
    "{text}:",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(query=st.text(max_size=60) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=20).map("".join))
def test_any_text_is_a_legal_query(retriever: Retriever, query: str):
    response = retriever.search(query, LOCAL)
    assert [result.rank for result in response.results] == list(range(1, len(response.results) + 1))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("The ＳＬＡ says so.", "SLA"),
        ("The SLA says so.", "ＳＬＡ"),
        ("Send the ﬁle.", "file"),
        ("Con\u00adfirm the batch.", "confirm"),
        ("A café is near.", "cafe"),
        ("A cafe is near.", "cafe\u0301"),
    ],
)
def test_width_ligatures_and_accents_make_no_difference(retriever: Retriever, write, text: str, query: str):
    write("Target", text)
    write("Other", "Nothing of the kind.")
    retriever.embedder = None
    assert slugs(retriever, query) == ["target"]
