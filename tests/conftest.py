"""What the tests share: a real store in a temporary folder, and an embedder whose results can be foreseen."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from index.chunking import CHUNKER
from index.embedder import Embeddings, ModelSpec
from index.encoder import EncoderUnavailable
from kb import passwords
from kb.indexing import Indexer
from kb.models import Page, Person, Role, Space
from kb.pages import PageText, create_page, ensure_space
from kb.search import Retriever
from kb.store import chunks, people
from kb.store.db import Store
from kb.store.fulltext import tokenizer
from kb.store.people import LOCAL

# A busy machine is slow, not wrong: no test fails for taking long.
settings.register_profile("baton", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("baton")

# A hash costs 64 MiB and 50 ms, on purpose; the hundreds of the tests cost less. Applications in processes of their own
# keep the real one, whose cost test_sessions.py knows.
REAL_HASHER = passwords._HASHER
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)

DIMENSIONS = 1024  # so many that words of the tests do not collide
# What the test embedder takes for the same thing, as a real one would.
SYNONYMS = {"holiday": "vacat", "leave": "vacat", "laptop": "comput", "fix": "repair"}  # word -> stem


class WordEmbedder:
    """A bag of words: each word, or what it is a synonym of, is one direction. Deterministic and instant."""

    def __init__(self, spec: ModelSpec | None = None) -> None:
        self.spec = spec or ModelSpec(name="test-words")
        self.available = True
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        vectors = self._encode(texts)
        self.encoded.extend(texts)
        return vectors

    def _encode(self, texts: Sequence[str]) -> Embeddings:
        if not self.available:
            raise EncoderUnavailable("The test's model is away.")
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        vectors[:, 0] = 0.05  # so that a text without words has a direction too
        for row, text in enumerate(texts):
            for term in tokenizer().terms(text):
                word = SYNONYMS.get(term.word.lower(), term.stem)
                place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
                vectors[row, 1 + place % (DIMENSIONS - 1)] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty wiki, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "baton.db"
    made = Store.open(path)
    with made.atomic() as db:
        chunks.set_index_state(db, WordEmbedder().spec.to_json(), CHUNKER)
    made.close()
    return path


@pytest.fixture
def store(empty_database: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "data" / "baton.db"
    path.parent.mkdir(exist_ok=True)
    opened = Store.open(Path(shutil.copy(empty_database, path)))
    yield opened
    opened.close()


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def indexer(store: Store, embedder: WordEmbedder) -> Indexer:
    return Indexer(store, embedder)


@pytest.fixture
def retriever(store: Store, embedder: WordEmbedder) -> Retriever:
    return Retriever(store, embedder)


@pytest.fixture
def space(store: Store) -> Space:
    return ensure_space(store, LOCAL, "ACME")


@pytest.fixture
def stranger(store: Store) -> Person:
    """Somebody else than the local person, who may write."""
    with store.atomic() as db:
        return people.add(db, "Ines", "ines@example.com", Role.AUTHOR)


@pytest.fixture
def write(store: Store, indexer: Indexer, space: Space):  # type: ignore[no-untyped-def]
    """Saves a page: write("Title", "text", tags=(...), keywords=(...))."""

    def save(title: str, body: str, **more: tuple[str, ...]) -> Page:
        return create_page(store, indexer, LOCAL, space, PageText(title, body, **more))

    return save
