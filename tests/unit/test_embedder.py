"""The packaged model, for real: the published weights, the right shape, meaning that can be measured."""

import hashlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedder import (
    BATCH_TOKENS,
    PACKAGED_MODEL,
    PACKAGED_WEIGHTS_SHA256,
    Embedder,
    ModelSpec,
    ModelUnavailable,
    SentenceTransformerEmbedder,
    _traced,
    batches_of_like_length,
    model_location,
    token_counter,
)
from index.encoder import EncoderProcess, EncoderUnavailable
from tests.waiting import wait_until

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def encoder() -> Iterator[EncoderProcess]:
    process = EncoderProcess(ModelSpec()).start()
    assert process.wait_until_ready(300), process.failure
    yield process
    process.stop()


def test_the_packaged_weights_are_the_published_ones():
    weights = Path(model_location(PACKAGED_MODEL)) / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == PACKAGED_WEIGHTS_SHA256


def test_embeddings_are_float32_of_unit_length_in_input_order(encoder: Embedder):
    texts = ["a much longer sentence about the refund policy of a client", "short", "a sentence"]
    vectors = encoder.encode_documents(texts)
    assert (vectors.shape, vectors.dtype) == ((3, 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(texts, vectors, strict=True):
        assert float(encoder.encode_documents([text])[0] @ vector) > 0.999
    assert encoder.encode_documents([]).shape == (0, 384)


def test_a_query_does_not_wait_until_documents_are_embedded(encoder: EncoderProcess):
    documents = ["The upload of the batch stopped at noon; restart it, then tell the client. " * 12] * 120
    with ThreadPoolExecutor(1) as pool:
        embedding = pool.submit(encoder.encode_documents, documents)  # takes seconds
        for _ in range(3):
            encoder.encode_queries(["who restarts the upload?"])
        assert not embedding.done()
        assert embedding.result().shape == (120, 384)


@given(st.lists(st.integers(min_value=0, max_value=256), max_size=200))
def test_batches_hold_every_text_once_within_their_tokens(tokens: list[int]):
    batches = batches_of_like_length(tokens)
    assert sorted(place for batch in batches for place in batch) == list(range(len(tokens)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(tokens[place] for place in batch) <= BATCH_TOKENS


def test_meaning_is_nearer_than_shared_words(encoder: Embedder):
    query = encoder.encode_queries(["My father passed away, may I stay at home?"])[0]
    bereavement, father = encoder.encode_documents(
        ["Bereavement leave: up to 13 days.", "Father of the modern computer."]
    )
    assert query @ bereavement > query @ father


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(ModelSpec(query_prompt="query: "), threads=1)


def test_a_recorded_query_is_embedded_as_the_model_embeds_it(embedder: SentenceTransformerEmbedder):
    assert embedder._encode_query != embedder._model.encode_query  # so it was recorded
    queries = [" ".join(["parental", "leave", "for", "the", "night", "shift"] * n) for n in (1, 2, 5, 9, 60)]
    for texts in (*([query] for query in queries), queries):
        exact = embedder._encode(texts, embedder._model.encode_query, "query: ")
        assert (exact * embedder.encode_queries(texts)).sum(axis=1).min() > 0.9999


def test_a_model_that_cannot_be_recorded_is_used_as_it_is(
    embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
):
    assert _traced(object(), "") is None
    monkeypatch.setattr("index.embedder.MIN_TRACED_AGREEMENT", 1.1)
    assert _traced(embedder._model, "") is None


def test_a_killed_encoder_comes_back_and_says_so_meanwhile(encoder: EncoderProcess):
    before = encoder.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not encoder.ready)
    with pytest.raises(EncoderUnavailable):
        encoder.encode_queries(["anybody there?"])
    assert encoder.wait_until_ready(300)
    assert encoder.pid != before
    assert encoder.encode_queries(["anybody there?"]).shape == (1, 384)


def test_a_stopped_encoder_leaves_no_process(encoder: EncoderProcess):
    pid = encoder.pid
    encoder.stop()
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()


def test_a_model_that_is_not_there_is_named_with_the_remedy(tmp_path: Path):
    with pytest.raises(ModelUnavailable, match=r"no-model.*BATON_MODEL"):
        SentenceTransformerEmbedder(ModelSpec(str(tmp_path / "no-model")))


def test_a_folder_without_a_model_is_said_at_once_and_another_model_is_tried_at_once(tmp_path: Path):
    process = EncoderProcess(ModelSpec(str(tmp_path))).start()
    wait_until(lambda: process.failure is not None)
    assert process.failure is not None
    assert "the folder holds no model" in process.failure
    process.use(ModelSpec(str(tmp_path / "elsewhere")))
    wait_until(lambda: "elsewhere" in (process.failure or ""))
    assert "there is no such folder" in process.failure
    process.stop()


def test_tokens_are_counted_as_the_model_does():
    assert token_counter(PACKAGED_MODEL)("Bereavement leave") == 5


@pytest.mark.parametrize(
    ("tokenizer", "why"), [(None, "the folder has no tokenizer.json"), ("{}", "its tokenizer.json cannot be read")]
)
def test_a_folder_without_a_usable_tokenizer_is_said_before_anything_is_cut(
    tmp_path: Path, tokenizer: str | None, why: str
):
    (tmp_path / "config.json").write_text("{}")
    if tokenizer:
        (tmp_path / "tokenizer.json").write_text(tokenizer)
    with pytest.raises(ModelUnavailable, match=rf"{why}.*Set BATON_MODEL to a folder"):
        token_counter(str(tmp_path))


def test_a_relative_folder_that_is_not_there_is_no_model():
    with pytest.raises(ModelUnavailable, match=r"'\./my/model' cannot be loaded \(there is no such folder"):
        token_counter("./my/model")
