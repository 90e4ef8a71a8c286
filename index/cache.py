"""Embeddings kept on disk by content, so that a repeated evaluation costs seconds."""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.embedder import Embedder, Embeddings


def cache_folder(path: str) -> Path:
    """What a script takes for its cache: a folder, or one that can be made there.

    :raises argparse.ArgumentTypeError: when a file is in its place.
    """
    if Path(path).is_file():
        raise argparse.ArgumentTypeError(f"{path} is a file; give a folder")
    return Path(path)


class CachingEmbedder:
    """An embedder that asks another one only for texts it has not seen.

    :param folder: holds one file; embeddings of several models do not meet in it.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.spec = embedder.spec
        self._embedder = embedder
        self._db = sqlite3.connect(folder / "embeddings.db", isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS embeddings (key TEXT PRIMARY KEY, embedding BLOB)")

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._embedder.encode_queries(texts)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        keys = [
            hashlib.sha256(f"{self.spec.to_json()}\n{text}".encode("utf-8", "replace")).hexdigest() for text in texts
        ]
        known = {key: vector for key in keys if (vector := self._get(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            self._keep(known, missing, self._embedder.encode_documents)
        return np.stack([known[key] for key in keys])

    def close(self) -> None:
        """Close the cache's file."""
        self._db.close()

    def _get(self, key: str) -> Embeddings | None:
        row = self._db.execute("SELECT embedding FROM embeddings WHERE key = ?", [key]).fetchone()
        return np.frombuffer(row[0], dtype="<f4").astype(np.float32) if row else None

    def _keep(
        self, known: dict[str, Embeddings], missing: dict[str, str], encode: Callable[[Sequence[str]], Embeddings]
    ) -> None:
        vectors = encode(list(missing.values()))
        known.update(zip(missing, vectors, strict=True))
        self._db.execute("BEGIN")
        rows = [(key, np.ascontiguousarray(known[key], dtype="<f4").tobytes()) for key in missing]
        self._db.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)
        self._db.execute("COMMIT")
