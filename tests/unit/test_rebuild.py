"""A rebuild is safe at any moment, does no more than it must, and repairs what --check finds."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.chunking import CHUNKER
from index.embedder import Embedder, Embeddings, ModelSpec, ModelUnavailable
from kb import rebuild as rules
from kb.indexing import Indexer
from kb.locks import Busy, only_one
from kb.pages import PageText, create_page, edit_page, trash_page
from kb.rebuild import Mode, RebuildReport, check, rebuild
from kb.search import Retriever
from kb.store import chunks
from kb.store.db import Connection, Store
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder

OTHER = ModelSpec("another-model")


class Killed(BaseException):
    """Stands for kill -9: nothing that catches errors catches it."""


class KilledAfter(WordEmbedder):
    """Is killed when it has embedded so many batches."""

    def __init__(self, batches: int, spec: ModelSpec | None = None) -> None:
        super().__init__(spec)
        self.batches = batches

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        if self.batches == 0:
            raise Killed
        self.batches -= 1
        return super().encode_documents(texts)


def quiet(what: str, done: int, total: int) -> None:
    assert 0 < done <= total, (what, done, total)


def run(store: Store, embedder: Embedder, *, full: bool = False) -> RebuildReport:
    return rebuild(store, embedder.spec, lambda spec: embedder, quiet, full=full)


@pytest.fixture
def wiki(write) -> None:
    for n in range(6):
        write(f"Page {n}", "\n\n".join(f"## Part {m}\n\nText {m} of page {n}." for m in range(30)))


def embed_all(store: Store, embedder: WordEmbedder) -> None:
    while Indexer(store, embedder).embed_pending(batch=500):
        pass
    embedder.encoded.clear()


def vectors(store: Store) -> dict[str, bytes]:
    with store.reading() as db:
        return {f"{r[0]}.{r[1]}": r[2] for r in db.execute("SELECT page_id, position, embedding FROM chunks")}


def test_an_index_in_step_needs_nothing(store: Store, embedder: WordEmbedder, wiki: None):
    embed_all(store, embedder)
    report = run(store, embedder)
    assert (report.mode, report.pages_chunked, report.embedded, report.chunks) == (Mode.INCREMENTAL, 0, 0, 180)
    assert (embedder.encoded, check(store)) == ([], [])


def test_of_one_changed_page_only_the_changed_chunks_are_embedded(
    store: Store, embedder: WordEmbedder, wiki: None, write
):
    page = write("Changing", "\n\n".join(f"## Part {m}\n\nText {m}." for m in range(10)))
    embed_all(store, embedder)
    edit_page(
        store, Indexer(store, None), LOCAL, page, PageText("Changing", page.body.replace("Text 4.", "Text four."))
    )
    assert run(store, embedder).embedded == 1
    assert embedder.encoded == ["Changing > Part 4\nText four."]


@pytest.mark.parametrize("full", [False, True])
def test_a_killed_rebuild_goes_on_where_it_was(store: Store, embedder: WordEmbedder, wiki: None, full: bool):
    if full:
        embed_all(store, embedder)
    with pytest.raises(Killed):
        run(store, KilledAfter(2), full=full)
    again = WordEmbedder()
    report = run(store, again)
    assert len(again.encoded) == 180 - 2 * rules.BATCH == report.embedded
    assert report.mode is (Mode.FULL if full else Mode.INCREMENTAL)
    assert report.resumed == (2 * rules.BATCH if full else 0)
    assert check(store) == []


def test_readers_see_the_old_index_until_the_switch(store: Store, embedder: WordEmbedder, wiki: None):
    embed_all(store, embedder)
    before = vectors(store)
    with pytest.raises(Killed):
        run(store, KilledAfter(2, OTHER))
    assert vectors(store) == before
    response = Retriever(store, embedder).search("text of page 3", LOCAL)
    assert (response.by_meaning, response.results[0].page.slug) == (True, "page-3")


def test_a_changed_model_is_noticed_and_rebuilt_fully(store: Store, embedder: WordEmbedder, wiki: None):
    embed_all(store, embedder)
    other = WordEmbedder(OTHER)
    report = run(store, other)
    assert (report.mode, report.reason) == (Mode.FULL, "the model changed from test-words to another-model")
    assert report.embedded == 180
    with store.reading() as db:
        assert chunks.index_state(db).model == OTHER.to_json()
    assert check(store) == []
    assert Retriever(store, other).search("text of page 3", LOCAL).by_meaning
    assert not Retriever(store, embedder).search("text of page 3", LOCAL).by_meaning


def test_a_changed_chunker_is_noticed_and_rebuilt_fully(store: Store, embedder: WordEmbedder, wiki: None):
    with store.atomic() as db:
        chunks.set_index_state(db, embedder.spec.to_json(), "chunker-0")
    assert check(store)[0] == f"The chunks were made by chunker chunker-0; this version has {CHUNKER}."
    assert run(store, embedder).reason == f"the chunker changed from chunker-0 to {CHUNKER}"
    assert check(store) == []


def test_a_running_retriever_follows_the_switch(store: Store, embedder: WordEmbedder, wiki: None):
    embed_all(store, embedder)
    retriever = Retriever(store, embedder)
    retriever.warm_up()
    run(store, embedder, full=True)
    response = retriever.search("text 7 of page 3", LOCAL)
    assert (response.by_meaning, response.results[0].page.slug) == (True, "page-3")


def test_what_is_saved_and_trashed_during_a_full_rebuild_is_right_after_it(
    store: Store, indexer: Indexer, embedder: WordEmbedder, wiki: None, write, space
):
    embed_all(store, embedder)
    victim = write("Victim", "To be trashed.")
    edited = write("Edited", "Before.")

    class Meanwhile(WordEmbedder):
        def encode_documents(self, texts: Sequence[str]) -> Embeddings:
            if not self.encoded:
                create_page(store, indexer, LOCAL, space, PageText("Newcomer", "Parking permits."))
                edit_page(store, indexer, LOCAL, edited, PageText("Edited", "After."))
                trash_page(store, LOCAL, victim)
            return super().encode_documents(texts)

    run(store, Meanwhile(), full=True)
    assert check(store) == []
    found = Retriever(store, embedder).search("parking permits", LOCAL).results
    assert found[0].page.slug == "newcomer"
    with store.reading() as db:
        assert chunks.of_page(db, victim.id) == []
        assert [c.text for c in chunks.of_page(db, edited.id)] == ["After."]


def test_a_model_that_is_not_there_is_not_recorded(tmp_path: Path):
    empty = Store.open(tmp_path / "baton.db")
    try:
        with pytest.raises(ModelUnavailable, match="there is no such folder"):
            run(empty, WordEmbedder(ModelSpec("/nowhere/a-model")))
        with empty.reading() as db:
            assert chunks.index_state(db).model == ""
    finally:
        empty.close()


def test_two_rebuilds_do_not_run_at_once(store: Store, embedder: WordEmbedder):
    with only_one(store.path.with_name("rebuild.lock"), "A rebuild"), pytest.raises(Busy, match="running already"):
        run(store, embedder)


def break_full_text(db: Connection) -> None:
    db.execute(
        "INSERT INTO chunks_fts(chunks_fts, rowid, title, headings, text, keywords) "
        "SELECT 'delete', id, title, headings, text, keywords FROM chunks LIMIT 1"
    )


def break_norm(db: Connection) -> None:
    long = np.full(1024, 3, dtype="<f4").tobytes()
    db.execute("UPDATE chunks SET embedding = ? WHERE id = 3", [long])


def break_size(db: Connection) -> None:
    db.execute("UPDATE chunks SET embedding = x'00000000' WHERE id = 4")


def break_text(db: Connection) -> None:
    db.execute("UPDATE chunks SET text = 'something else' WHERE id = 5")


def lose_chunk(db: Connection) -> None:
    db.execute("DELETE FROM chunks WHERE id = 6")


def lose_all_chunks_of_a_page(db: Connection) -> None:
    db.execute("DELETE FROM chunks WHERE page_id = 2")


def leave_chunks_in_trash(db: Connection) -> None:
    db.execute("UPDATE pages SET trashed_at = '2026-01-01T00:00:00Z' WHERE id = 2")


def lose_embedding(db: Connection) -> None:
    db.execute("UPDATE chunks SET embedding = NULL WHERE id = 7")


def fall_behind(db: Connection) -> None:
    db.execute("UPDATE pages SET revision = 2 WHERE id = 1")


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (break_full_text, "The full text differs from the chunks"),
        (break_norm, "1 embeddings do not have unit length"),
        (break_size, "1 embeddings do not have unit length"),
        (break_text, "1 pages have chunks that are incomplete or not of their text."),
        (lose_chunk, "1 pages have chunks that are incomplete or not of their text."),
        (lose_all_chunks_of_a_page, "1 pages have chunks that are incomplete or not of their text."),
        (leave_chunks_in_trash, "1 pages in the trash still have chunks."),
        (lose_embedding, "1 chunks wait for their embedding."),
        (fall_behind, "1 pages have chunks of an earlier revision."),
    ],
)
def test_check_says_what_is_wrong_and_a_rebuild_repairs_it(
    store: Store, embedder: WordEmbedder, wiki: None, harm: Callable[[Connection], None], complaint: str
):
    embed_all(store, embedder)
    assert check(store) == []
    with store.atomic() as db:
        harm(db)
    assert any(complaint in fault for fault in check(store)), check(store)
    run(store, embedder)
    assert check(store) == []
