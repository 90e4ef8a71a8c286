"""The process that searches, for real: it answers as one would here, and here somebody answers while it is away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.chunking import CHUNKER
from index.embedder import ModelSpec
from index.encoder import EncoderUnavailable
from kb.indexing import Indexer
from kb.models import Filters, PageKind, Role, SpaceKind
from kb.pages import PageText, create_page, ensure_space, trash_page
from kb.search import Retriever, SearchResponse
from kb.search_process import RemoteRetriever, SearchProcess
from kb.sharing import share_space
from kb.store import chunks, people
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.waiting import wait_until

pytestmark = pytest.mark.model

TEXTS = {
    "Bereavement leave": "Stay at home for up to 13 days when somebody close to you dies. Tell your lead first.",
    "Travel by train": "Book the ticket in the portal. Trains below four hours go before planes. See RFC-003.",
    "Laptop repair": "Bring the machine to the service desk. Before that, back up what is on it.",
}


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("searched") / "baton.db")
    with opened.atomic() as db:
        chunks.set_index_state(db, ModelSpec().to_json(), CHUNKER)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def process(wiki: Store) -> Iterator[SearchProcess]:
    started = SearchProcess(ModelSpec(), wiki.path).start()
    assert started.wait_until_ready(180), started.failure
    yield started
    started.stop()


@pytest.fixture(scope="module")
def indexer(wiki: Store, process: SearchProcess) -> Indexer:
    indexer = Indexer(wiki, process)
    space = ensure_space(wiki, LOCAL, "ACME")
    for title, body in TEXTS.items():
        create_page(wiki, indexer, LOCAL, space, PageText(title, body))
    return indexer


@pytest.fixture
def remote(wiki: Store, process: SearchProcess, indexer: Indexer) -> RemoteRetriever:
    assert process.wait_until_ready(180), process.failure
    return RemoteRetriever(wiki, process)


@pytest.mark.parametrize("query", ["my father passed away", "RFC-003", "lapotp repair", "type:page", "nothing of that"])
def test_it_finds_what_a_search_here_finds(wiki: Store, process: SearchProcess, remote: Retriever, query: str):
    here = Retriever(wiki, process)
    assert seen_of(remote.search(query, LOCAL)) == seen_of(here.search(query, LOCAL))
    texts, only_guides = [query, "trains"], Filters(kinds=(PageKind.GUIDE,))
    assert remote.best_pages(texts, LOCAL, only_guides)[0].results == ()
    assert [*map(seen_of, remote.best_pages(texts, LOCAL))] == [*map(seen_of, here.best_pages(texts, LOCAL))]


def test_it_reads_again_and_knows_related_pages(remote: Retriever):
    found = remote.search("my father passed away", LOCAL)
    while not found.may_read_again:  # the searches of the tests before were many at once
        time.sleep(0.3)
        found = remote.search("my father passed away", LOCAL)
    better = remote.with_nearest_sentences(found)
    assert better.results[0].snippet.text.startswith("Stay at home")
    related = remote.related(found.results[0].page, LOCAL)
    assert {page.title for page in related} == TEXTS.keys() - {"Bereavement leave"}


def test_what_is_saved_and_taken_away_here_is_found_and_gone_there(wiki: Store, remote: Retriever, indexer: Indexer):
    page = create_page(wiki, indexer, LOCAL, ensure_space(wiki, LOCAL, "ACME"), PageText("Parking", "Lot KX-77."))
    assert remote.search("KX-77", LOCAL).results[0].page == page
    trash_page(wiki, LOCAL, page)
    assert page.slug not in [result.page.slug for result in remote.search("KX-77", LOCAL).results]


def test_it_shows_nobody_what_they_may_not_see(wiki: Store, remote: Retriever, indexer: Indexer):
    with wiki.atomic() as db:
        stranger = people.add(db, "Ines", "ines@example.com", Role.AUTHOR)
    vault = share_space(wiki, LOCAL, ensure_space(wiki, LOCAL, "Vault"), SpaceKind.CONFIDENTIAL, [LOCAL], []).space
    secret = create_page(wiki, indexer, LOCAL, vault, PageText("Merger", "Initech is bought in May."))
    assert remote.search("Initech", LOCAL).results[0].page.slug == secret.slug
    assert secret.slug not in slugs_of(remote.search("Initech", stranger))
    assert secret.slug not in slugs_of(remote.best_pages(["Initech"], stranger, top_k=9)[0])
    assert remote.related(secret, stranger) == []


def test_what_it_cannot_answer_is_an_error_that_names_it_and_it_goes_on(remote: Retriever, process: SearchProcess):
    with pytest.raises(EncoderUnavailable, match="could not answer: AttributeError"):
        process.ask("no_such_method")
    assert slugs_of(remote.search("RFC-003", LOCAL))[0] == "travel-by-train"


def test_while_it_is_away_words_are_searched_here_until_it_is_back(remote: RemoteRetriever, process: SearchProcess):
    before = process.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not process.ready)
    found = remote.search("RFC-003", LOCAL)  # here, or by words in the new process that loads its model
    assert (slugs_of(found), found.by_meaning) == (["travel-by-train"], False)
    assert process.wait_until_ready(180)
    assert process.pid != before
    wait_until(lambda: remote.search("my father passed away", LOCAL).by_meaning)
    assert slugs_of(remote.search("my father passed away", LOCAL))[0] == "bereavement-leave"


def test_without_a_model_it_searches_by_words(tmp_path: Path):
    store = Store.open(tmp_path / "baton.db")
    process = SearchProcess(ModelSpec(str(tmp_path / "nowhere")), store.path).start()
    remote = RemoteRetriever(store, process)
    create_page(store, Indexer(store, process), LOCAL, ensure_space(store, LOCAL, "ACME"), PageText("Parking", "KX-77"))
    wait_until(lambda: process.failure is not None)
    found = remote.search("KX-77", LOCAL)
    assert (slugs_of(found), found.by_meaning, found.may_read_again) == (["parking"], False, False)
    process.stop()
    assert slugs_of(remote.search("KX-77", LOCAL)) == ["parking"]
    store.close()


def seen_of(response: SearchResponse) -> object:
    """Everything but the time it took; cosines as far as two runs of the model agree."""
    results = [replace(r, score=round(r.score, 3), cosine=round(r.cosine, 3)) for r in response.results]
    return replace(response, elapsed_ms=0.0, results=tuple(results), may_read_again=False)


def slugs_of(response: SearchResponse) -> list[str]:
    return [result.page.slug for result in response.results]
