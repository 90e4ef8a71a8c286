"""Embedding gives way to searches; what is done with the embeddings does not."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.embedder import ModelSpec, ModelUnavailable
from kb.background import LEAST_NICE, BackgroundEmbedder
from tests.conftest import WordEmbedder


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


class WatchedEmbedder(WordEmbedder):
    """Notes how nice the threads are that load it and that embed."""

    def __init__(self, spec: ModelSpec | None = None) -> None:
        super().__init__(spec)
        self.niceness = [niceness()]

    def encode_documents(self, texts):
        with ThreadPoolExecutor(1) as pool:  # as the real one does
            self.niceness += [niceness(), pool.submit(niceness).result()]
        return super().encode_documents(texts)


def test_loading_and_embedding_come_last_and_the_caller_stays_as_it_was():
    before, made = niceness(), []

    def load(spec: ModelSpec) -> WatchedEmbedder:
        made.append(WatchedEmbedder(spec))
        return made[0]

    embedder = BackgroundEmbedder(ModelSpec(name="test-words"), load)
    vectors = embedder.encode_documents(["refund", "token"])
    assert made[0].niceness == [LEAST_NICE] * 3
    assert niceness() == before
    assert embedder.spec == ModelSpec(name="test-words")
    np.testing.assert_array_equal(vectors, WordEmbedder().encode_documents(["refund", "token"]))
    np.testing.assert_array_equal(embedder.encode_queries(["token"]), vectors[1:])


def test_a_model_that_cannot_be_loaded_is_told():
    with pytest.raises(ModelUnavailable, match="/no/such/model"):
        BackgroundEmbedder(ModelSpec(name="/no/such/model"))
