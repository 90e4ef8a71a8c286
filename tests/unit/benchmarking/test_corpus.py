"""A wiki of a wanted size out of a folder of documents."""

from pathlib import Path

import pytest

from benchmarking.corpus import CorpusTooSmall, GrowingWiki, KeptPages, documents, page_texts
from benchmarking.sizes import passages_of
from kb.pages import PageText
from kb.store import chunks, pages
from kb.store.people import LOCAL
from tests.conftest import WordEmbedder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "documents"
    for name in ("a", "b", "c", "d", "e", "f"):
        (root / name).mkdir(parents=True)
        (root / name / f"{name}.md").write_text(f"# Page {name}\n\n## First\n\nOne {name}.\n\n## Second\n\nTwo {name}.")
    (root / "_sources").mkdir()
    (root / "_sources" / "a.txt").write_text("The source of a page.")
    (root / "genindex.html").write_text("<p>Every word</p>")
    (root / "picture.png").write_bytes(b"")
    (root / "empty.md").write_text("")
    return root


def test_documents_come_in_an_order_that_only_their_paths_decide(folder: Path, tmp_path: Path):
    found = [path.name for path in documents([folder])]
    assert sorted(found) == ["a.md", "b.md", "c.md", "d.md", "e.md", "empty.md", "f.md"]
    assert found != sorted(found)
    assert found == [path.name for path in documents([folder])]


def test_folders_may_hold_files_of_the_same_name(folder: Path):
    assert len(documents([folder, folder / "a"])) == len(documents([folder])) + 1


def test_what_cannot_be_a_page_is_left_out(folder: Path):
    texts = list(page_texts(documents([folder])))
    assert sorted(text.title for text in texts) == [f"Page {name}" for name in "abcdef"]


def test_kept_pages_are_read_again_only_when_their_file_changes(folder: Path, tmp_path: Path):
    kept = KeptPages(tmp_path / "cache")
    page, empty = folder / "a" / "a.md", folder / "empty.md"
    assert [kept.get(page), kept.get(empty)] == [PageText("Page a", kept.get(page).body), None]
    page.write_text("# Another\n\nText.")
    assert kept.get(page) == PageText("Another", "Text.")
    kept.close()


def test_a_wiki_grows_to_each_size_and_is_embedded(store, folder: Path):
    embedder = WordEmbedder()
    wiki = GrowingWiki(store, embedder, page_texts(documents([folder])), lambda *_: None)
    assert [wiki.grow(3), wiki.pages] == [4, 2]  # a page is never cut
    assert [wiki.grow(6), wiki.pages] == [6, 3]
    with store.reading() as db:
        assert chunks.count_pending(db) == 0
        assert pages.count_by_kind(db, LOCAL) == {"page": 3}
    assert {passage.heading for passage in passages_of(store)} == {"First", "Second"}


def test_too_few_documents_are_told(store, folder: Path):
    wiki = GrowingWiki(store, WordEmbedder(), page_texts(documents([folder])), lambda *_: None)
    with pytest.raises(CorpusTooSmall, match="give 12 passages; 1,000 were asked for"):
        wiki.grow(1_000)
