"""Texts -> embeddings with ONNX Runtime instead of torch: an extra. The only module that touches onnxruntime.

An export of a model, which :mod:`index.onnx_export` writes once, is there in a second, needs some 360 MB less than
torch, and embeds a query on one core in half the time of torch in float32; figures are in docs/benchmark.md.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embedder import (
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
SPEC = "spec.json"  # the model, with the prompts that it brings itself where its spec names none
EXPECTED = "expected.npz"
PADDING = ("direction", "pad_id", "pad_type_id", "pad_token")  # what a tokenizer knows of it
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


class OnnxEmbedder:
    """An :class:`~index.embedder.Embedder` on one core, from an export. Safe to use from several threads.

    :param export: the folder that :func:`index.onnx_export.export` made.
    :raises ExportUnusable: when ONNX Runtime cannot be loaded, when a part of the export is missing or damaged, or when
        it embeds the samples otherwise here.
    """

    def __init__(self, spec: ModelSpec, export: Path) -> None:
        self.spec = spec
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                str(export / GRAPH), options, providers=["CPUExecutionProvider"]
            )
            self._inputs = [entry.name for entry in self._session.get_inputs()]
            self._prompts = ModelSpec.from_json((export / SPEC).read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(export / TOKENIZER))
            # Texts are put together by length first, and padded then.
            padding = self._tokenizer.padding or {}
            self._padding = {name: padding[name] for name in PADDING}
            self._tokenizer.no_padding()
            with np.load(export / EXPECTED) as expected:
                queries, documents = expected["queries"], expected["documents"]
            self._dimensions = queries.shape[1]
            agreement = self._agreement(queries, documents)
        except Exception as error:  # the libraries raise nothing narrower
            raise ExportUnusable(f"{type(error).__name__}: {error}") from error
        if not agreement >= MIN_AGREEMENT:  # nor when it is no number
            raise ExportUnusable(f"it embeds the samples otherwise (least cosine {agreement:.5f})")

    def encode_queries(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._encode([self._prompts.query_prompt + text for text in texts])

    def encode_documents(self, texts: Sequence[str]) -> Embeddings:
        """:return: float32 (n, dimensions), unit length, in input order."""
        return self._encode([self._prompts.document_prompt + text for text in texts])

    def _encode(self, texts: Sequence[str]) -> Embeddings:
        result = np.empty((len(texts), self._dimensions), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(texts)
        for batch in batches_of_like_length([len(one) for one in encoded]):  # each begins with its longest
            longest = len(encoded[batch[0]])
            for place in batch:
                encoded[place].pad(longest, **self._padding)
            result[batch] = self._run([encoded[place] for place in batch])
        return result

    def _run(self, encoded: Sequence[Any]) -> Embeddings:
        parts = {
            "input_ids": [one.ids for one in encoded],
            "attention_mask": [one.attention_mask for one in encoded],
            "token_type_ids": [one.type_ids for one in encoded],
        }
        inputs = {name: np.array(parts[name], dtype=np.int64) for name in self._inputs}
        (embeddings,) = self._session.run(None, inputs)
        return unit_length(embeddings)

    def _agreement(self, queries: Embeddings, documents: Embeddings) -> float:
        """The least cosine with what sentence-transformers made of the samples, together and one by one."""
        alone = np.vstack([self.encode_queries([text]) for text in SAMPLES])
        found = np.vstack([self.encode_queries(SAMPLES), self.encode_documents(SAMPLES), alone])
        return float((found * np.vstack([queries, documents, queries])).sum(axis=1).min())


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
    states = [
        (path.relative_to(model).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files_of(model)
    ]
    known = json.dumps([FORMAT, spec.to_json(), SAMPLES, states])
    return exports / hashlib.sha256(known.encode()).hexdigest()[:20]


def files_of(model: Path) -> list[Path]:
    """The files of a model that lies in a folder."""
    return sorted(path for path in model.rglob("*") if path.is_file())


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
    if export is None or not export.is_dir():
        log.warning("ONNX Runtime is not used: no export of the model is there; a start by scripts/start.sh makes it.")
        return None
    try:
        return OnnxEmbedder(spec, export)
    except ExportUnusable as error:
        log.warning("ONNX Runtime is not used (%s). Delete %s, then start Baton by scripts/start.sh.", error, export)
        return None
