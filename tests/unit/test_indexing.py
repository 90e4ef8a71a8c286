"""A saved page keeps its index in step, and embeds no more than it must."""

from pathlib import Path

import pytest

from index.chunking import CHUNKER
from index.embedder import ModelSpec, ModelUnavailable
from kb.indexing import EMBED_AT_SAVE, Indexer, active_model, follow_model
from kb.models import Page
from kb.pages import PageText, edit_page
from kb.settings import Settings
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder

SECTIONS = "\n\n".join(f"## Part {n}\n\nText of part {n}." for n in range(5))


def ids_of(store: Store, page: Page) -> list[int]:
    with store.reading() as db:
        return [chunk.id for chunk in chunks.of_page(db, page.id)]


def pending(store: Store) -> int:
    with store.reading() as db:
        return chunks.count_pending(db)


def test_an_edit_embeds_only_the_chunks_that_changed(store: Store, indexer: Indexer, embedder: WordEmbedder, write):
    page = write("Handbook", SECTIONS)
    before = ids_of(store, page)
    embedder.encoded.clear()
    edit_page(store, indexer, LOCAL, page, PageText("Handbook", SECTIONS.replace("part 3.", "part three.")))
    assert embedder.encoded == ["Handbook > Part 3\nText of part three."]
    after = ids_of(store, page)
    assert [i for i in after if i in before] == [before[0], before[1], before[2], before[4]]


def test_a_tag_changes_full_text_and_embeds_nothing(store: Store, indexer: Indexer, embedder: WordEmbedder, write):
    page = write("Handbook", SECTIONS)
    before = ids_of(store, page)
    embedder.encoded.clear()
    edit_page(store, indexer, LOCAL, page, PageText("Handbook", SECTIONS, tags=("onboarding",)))
    assert (embedder.encoded, ids_of(store, page)) == ([], before)
    with store.reading() as db:
        assert chunks.document_frequencies(db, ["onboard"]) == {"onboard": 1}


def test_a_page_without_text_is_found_by_its_title(store: Store, write):
    page = write("Only a title", "")
    with store.reading() as db:
        (chunk,) = chunks.of_page(db, page.id)
    assert (chunk.title, chunk.text) == ("Only a title", "")


def test_what_is_saved_while_the_model_is_away_is_embedded_later(
    store: Store, indexer: Indexer, embedder: WordEmbedder, write
):
    embedder.available = False
    write("Handbook", SECTIONS)
    assert pending(store) == 5
    embedder.available = True
    assert [indexer.embed_pending(batch=4) for _ in range(3)] == [4, 1, 0]
    assert pending(store) == 0


def test_a_very_long_page_does_not_keep_its_writer_waiting(store: Store, embedder: WordEmbedder, write):
    write("Long", "\n\n".join(f"## S{n}\n\nText {n}." for n in range(EMBED_AT_SAVE + 1)))
    assert (embedder.encoded, pending(store)) == ([], EMBED_AT_SAVE + 1)


def test_embeddings_of_another_model_are_not_stored(store: Store, indexer: Indexer):
    prepared = indexer.prepare("Title", "Text.")
    assert prepared.chunks[0].embedding is not None
    with store.atomic() as db:
        chunks.set_index_state(db, ModelSpec("another").to_json(), CHUNKER)
    assert indexer.prepare("Title", "Text.").chunks[0].embedding is None
    assert indexer.embed_pending() == 0


def test_the_same_text_on_two_pages_is_embedded_once(store: Store, embedder: WordEmbedder, write):
    write("Twin", "Same text.")
    embedder.encoded.clear()
    write("Twin", "Same text.")
    assert (embedder.encoded, pending(store)) == ([], 0)


def test_a_running_process_follows_a_rebuild_to_another_model(store: Store):
    class Switchable(WordEmbedder):
        def use(self, spec: ModelSpec) -> None:
            self.spec = spec

    embedder = Switchable()
    assert follow_model(store, embedder) is False
    with store.atomic() as db:
        chunks.set_index_state(db, ModelSpec("another").to_json(), CHUNKER)
    assert follow_model(store, embedder) is True
    assert embedder.spec == ModelSpec("another")


def test_a_new_index_takes_no_model_that_is_not_there(tmp_path: Path):
    store = Store.open(tmp_path / "baton.db")
    with pytest.raises(ModelUnavailable, match="there is no such folder"):
        active_model(store, Settings(data=tmp_path, model=str(tmp_path / "none")))
    # Nothing was recorded: the next start, with a model that is there, needs no rebuild.
    assert active_model(store, Settings(data=tmp_path)) == ModelSpec()
    store.close()
