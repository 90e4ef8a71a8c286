"""Texts -> embeddings with ONNX Runtime instead of torch: an extra. The only module that touches onnxruntime.

An export of a model, which :mod:`index.onnx_export` writes once, is there in a second, needs a fifth of the memory, and
embeds a query on one core in half the time; figures are in docs/benchmark.md.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.embedder import (
    MAX_TOKENS,
    Embedder,
    Embeddings,
    ModelSpec,
    SentenceTransformerEmbedder,
    batches_of_like_length,
    model_location,
    unit_length,
)

log = logging.getLogger(__name__)

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
FACTS = "facts.json"
EXPECTED = "expected.npz"
FORMAT = 1  # of an export: another one is made anew
MIN_AGREEMENT = 0.9999  # cosine with what sentence-transformers made of the samples in float32
_LONG = " ".join(["Escalate the disputed invoice to the shift lead."] * 60)  # no packaged model reads all of it
SAMPLES = (
    "Where is the escalation matrix?",
    "RFC-003",
    "Client onboarding > Access\nAsk the service desk for the token; it expires after 30 days.",
    "Übergabe der Schicht: 引き継ぎ、التسليم 🙂",
    _LONG,
)


class ExportUnusable(RuntimeError):
    """An export cannot be used on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model beside its graph; the prompts are its own, where the spec names none."""

    inputs: tuple[str, ...]
    max_tokens: int
    pad_id: int
    pad_token: str
    query_prompt: str
    document_prompt: str

    def to_json(self) -> str:
        """The facts as an export keeps them."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """The facts that :meth:`to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "inputs": tuple(found["inputs"])})


class OnnxEmbedder:
    """An :class:`~index.embedder.Embedder` on one core, from an export. Safe to use from several threads.

    :param export: the folder that :func:`index.onnx_export.export` made.
    :raises ExportUnusable: when a part of it is missing or damaged, or when it embeds the samples otherwise here.
    """

    def __init__(self, spec: ModelSpec, export: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.spec = spec
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._facts = Facts.from_json((export / FACTS).read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(export / TOKENIZER))
            self._tokenizer.enable_truncation(self._facts.max_tokens)
            self._tokenizer.enable_padding(pad_id=self._facts.pad_id, pad_token=self._facts.pad_token)
            self._session = onnxruntime.InferenceSession(
                str(export / GRAPH), options, providers=["CPUExecutionProvider"]
            )
            self._dimensions = int(self._session.get_outputs()[0].shape[-1])
            agreement = self._agreement(export)
        except Exception as error:  # the libraries raise nothing narrower
            raise ExportUnusable(f"{type(error).__name__}: {error}") from error
        if not agreement >= MIN_AGREEMENT:  # nor when it is no number
            raise ExportUnusable(f"it embeds the samples otherwise (least cosine {agreement:.5f})")

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._encode(texts, self._facts.query_prompt)

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._encode(texts, self._facts.document_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Embeddings:
        result = np.empty((len(texts), self._dimensions), dtype=np.float32)
        # A text of n characters has at most n tokens; that is near enough to put those of like length together.
        for batch in batches_of_like_length([min(len(text), MAX_TOKENS) for text in texts]):
            result[batch] = self._run([prompt + texts[place] for place in batch])
        return result

    def _run(self, texts: Sequence[str]) -> Embeddings:
        encoded = self._tokenizer.encode_batch(list(texts))
        parts: dict[str, Any] = {
            "input_ids": [one.ids for one in encoded],
            "attention_mask": [one.attention_mask for one in encoded],
            "token_type_ids": [one.type_ids for one in encoded],
        }
        inputs = {name: np.array(parts[name], dtype=np.int64) for name in self._facts.inputs}
        (embeddings,) = self._session.run(None, inputs)
        return unit_length(embeddings)

    def _agreement(self, export: Path) -> float:
        with np.load(export / EXPECTED) as expected:
            queries, documents = expected["queries"], expected["documents"]
        together = np.vstack([self.encode_queries(SAMPLES), self.encode_documents(SAMPLES)])
        alone = np.vstack([self.encode_queries([text]) for text in SAMPLES])
        return float(
            min((together * np.vstack([queries, documents])).sum(axis=1).min(), (alone * queries).sum(axis=1).min())
        )


def installed() -> bool:
    """Whether the packages of the extra are there (scripts/onnx.txt)."""
    return all(importlib.util.find_spec(name) is not None for name in ("onnx", "onnxruntime"))


def export_of(spec: ModelSpec, exports: Path) -> Path | None:
    """The folder for this model's export, whether it is there yet or not; another one once the model's files change.

    :param exports: the folder of all exports.
    :return: None for a model that does not lie in a folder: what a hub's name stands for may change.
    :raises ModelUnavailable: when there is no such model.
    """
    model = Path(model_location(spec.name))
    if not model.is_dir():
        return None
    files = sorted(path for path in model.rglob("*") if path.is_file())
    states = [(path.relative_to(model).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    known = json.dumps([FORMAT, spec.to_json(), SAMPLES, states])
    return exports / hashlib.sha256(known.encode()).hexdigest()[:20]


def query_embedder(spec: ModelSpec, exports: Path | None, *, record_queries: bool = True) -> Embedder:
    """The quickest embedder of single texts that there is here: from an export where one works, else torch's.

    :param exports: the folder of all exports; None where torch is wanted.
    :param record_queries: as :class:`~index.embedder.SentenceTransformerEmbedder` takes it.
    :raises ModelUnavailable: when the model cannot be loaded.
    """
    exported = _from_export(spec, exports) if exports else None
    return exported or SentenceTransformerEmbedder(spec, threads=1, record_queries=record_queries)


def _from_export(spec: ModelSpec, exports: Path) -> OnnxEmbedder | None:
    export = export_of(spec, exports)
    if export is None or not installed() or not export.is_dir():
        log.warning("ONNX Runtime is not used: start Baton with scripts/start.sh, which says what is missing.")
        return None
    try:
        return OnnxEmbedder(spec, export)
    except ExportUnusable as error:
        shutil.rmtree(export, ignore_errors=True)  # so that the next start makes it anew
        log.warning("ONNX Runtime is not used before the next start: the export was unusable: %s", error)
        return None
