"""The model in ONNX Runtime, for real: the same embeddings, without torch; and torch, whenever that cannot be."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index import onnx_embedder, onnx_export
from index.chunking import CHUNKER
from index.embedder import ModelSpec, ModelUnavailable, SentenceTransformerEmbedder, sentence_transformer, unit_length
from index.onnx_embedder import ExportUnusable, OnnxEmbedder, export_of, query_embedder
from index.onnx_export import ExportFailed, export
from kb.indexing import Indexer
from kb.pages import PageText, create_page, ensure_space
from kb.search_process import RemoteRetriever, SearchProcess
from kb.store import chunks
from kb.store.db import Store
from kb.store.people import LOCAL
from tests.server import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.model

SPEC = ModelSpec(query_prompt="query: ")
TEXTS = [
    "",
    "RFC-003",
    "Who restarts the upload of the night batch when the shift lead is away?",
    "Straße, naïve café, 引き継ぎ, التسليم, 🙂",
    "The upload of the batch stopped at noon; restart it, then tell the client. " * 40,
]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx") / "exports"
    export(SPEC, folder)
    return folder


@pytest.fixture
def copied(exports: Path, tmp_path: Path) -> Path:
    """All exports once more, to be damaged."""
    return Path(shutil.copytree(exports, tmp_path / "exports"))


@pytest.fixture(scope="module")
def embedder(exports: Path) -> OnnxEmbedder:
    found = query_embedder(SPEC, exports)
    assert isinstance(found, OnnxEmbedder)
    return found


def of(exports: Path) -> Path:
    found = export_of(SPEC, exports)
    assert found is not None
    return found


def test_it_embeds_as_sentence_transformers_does(embedder: OnnxEmbedder):
    model = sentence_transformer(SPEC.name)
    queries = unit_length(model.encode_query(TEXTS, prompt=SPEC.query_prompt, show_progress_bar=False))
    documents = unit_length(model.encode_document(TEXTS, show_progress_bar=False))
    assert (embedder.encode_queries(TEXTS) * queries).sum(axis=1).min() > 0.99999
    assert (embedder.encode_documents(TEXTS) * documents).sum(axis=1).min() > 0.99999
    assert (queries * documents).sum(axis=1).max() < 0.999  # the prompt makes a difference


def test_embeddings_are_float32_of_unit_length_in_input_order(embedder: OnnxEmbedder):
    together = embedder.encode_documents(TEXTS)
    assert (together.shape, together.dtype) == ((len(TEXTS), 384), np.float32)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    for text, vector in zip(TEXTS, together, strict=True):
        assert float(embedder.encode_documents([text])[0] @ vector) > 0.99999
    assert embedder.encode_queries([]).shape == (0, 384)


def test_several_threads_get_what_one_gets(embedder: OnnxEmbedder):
    alone = [embedder.encode_queries([text])[0] for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        beside = list(pool.map(lambda text: embedder.encode_queries([text])[0], TEXTS * 8))
    for place, vector in enumerate(beside):
        assert np.array_equal(vector, alone[place % len(TEXTS)])


def test_an_export_that_is_there_is_not_made_again(exports: Path):
    made = (of(exports) / onnx_embedder.GRAPH).stat().st_mtime_ns
    assert export(SPEC, exports) == of(exports)
    assert (of(exports) / onnx_embedder.GRAPH).stat().st_mtime_ns == made


def test_each_model_has_an_export_of_its_own_and_changed_files_make_another(tmp_path: Path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    first = export_of(ModelSpec(str(model)), tmp_path)
    assert first == export_of(ModelSpec(str(model)), tmp_path)
    assert first != export_of(ModelSpec(str(model), query_prompt="query: "), tmp_path)
    (model / "config.json").write_text('{"hidden_size": 384}')
    assert first != export_of(ModelSpec(str(model)), tmp_path)


def test_torch_embeds_where_the_export_is_damaged(copied: Path, caplog: pytest.LogCaptureFixture):
    graph = of(copied) / onnx_embedder.GRAPH
    graph.write_bytes(graph.read_bytes()[:1_000_000])
    assert isinstance(query_embedder(SPEC, copied, record_queries=False), SentenceTransformerEmbedder)
    assert f"Delete {of(copied)}, then start Baton" in caplog.text
    shutil.rmtree(of(copied))
    assert isinstance(query_embedder(SPEC, copied, record_queries=False), SentenceTransformerEmbedder)
    assert "no export of the model is there" in caplog.text


def test_an_export_that_embeds_otherwise_is_not_used(copied: Path):
    with np.load(of(copied) / onnx_embedder.EXPECTED) as expected:
        turned = {name: np.roll(vectors, 1, axis=1) for name, vectors in expected.items()}
    np.savez(of(copied) / onnx_embedder.EXPECTED, **turned)
    with pytest.raises(ExportUnusable, match="it embeds the samples otherwise"):
        OnnxEmbedder(SPEC, of(copied))


def test_without_its_packages_torch_embeds_and_a_start_names_the_remedy(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        onnx_embedder.importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else find(name)
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # so that to import it fails
    assert isinstance(query_embedder(SPEC, exports, record_queries=False), SentenceTransformerEmbedder)
    with pytest.raises(ExportFailed, match=r"packages are missing: start with BATON_ENCODER=onnx.*Searches use torch"):
        export(SPEC, tmp_path / "exports")


def test_a_model_of_a_hub_is_not_written_down(tmp_path: Path):
    assert export_of(ModelSpec("intfloat/e5-small-v2"), tmp_path) is None
    with pytest.raises(ExportFailed, match="is no folder: rebuild it with one as BATON_MODEL"):
        export(ModelSpec("intfloat/e5-small-v2"), tmp_path)
    with pytest.raises(ModelUnavailable, match="there is no such folder"):
        export(ModelSpec(str(tmp_path / "nowhere")), tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "exports").write_text("a file")
    with pytest.raises(ExportFailed, match=r"cannot be written to .*exports: File exists"):
        export(SPEC, tmp_path / "exports")


def test_a_model_that_cannot_be_written_down_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(onnx_export, "_write_graph", fails)
    with pytest.raises(ExportFailed, match="the model cannot be written down: RuntimeError: no such operator"):
        export(SPEC, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_full_disk_is_said_before_it_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(onnx_export, "SPARE_MB", 10**9)
    with pytest.raises(ExportFailed, match=r"only \d+ MB are free in .*, \d+ are needed"):
        export(SPEC, tmp_path)


def test_an_export_that_is_killed_counts_for_nothing(tmp_path: Path):
    command = [sys.executable, "-m", "index.onnx_export", SPEC.to_json(), str(tmp_path)]
    making = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_until(lambda: any(tmp_path.glob("making-*")))
    making.send_signal(signal.SIGKILL)
    making.wait()
    assert not of(tmp_path).exists()
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([of(tmp_path).name, "lock"])


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("searched") / "baton.db")
    with opened.atomic() as db:
        chunks.set_index_state(db, SPEC.to_json(), CHUNKER)
    yield opened
    opened.close()


def test_the_process_that_searches_finds_by_meaning_without_torch(wiki: Store, exports: Path):
    process = SearchProcess(SPEC, wiki.path, exports).start()
    try:
        assert process.wait_until_ready(180), process.failure
        space = ensure_space(wiki, LOCAL, "ACME")
        text = PageText("Bereavement leave", "Stay at home for up to 13 days when somebody close to you dies.")
        create_page(wiki, Indexer(wiki, process), LOCAL, space, text)
        found = RemoteRetriever(wiki, process).search("my father passed away", LOCAL)
        assert found.by_meaning
        assert [result.page.title for result in found.results] == ["Bereavement leave"]
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        assert "onnxruntime" in maps
        assert "libtorch" not in maps
    finally:
        process.stop()
