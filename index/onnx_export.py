"""A sentence-transformers model written down for ONNX Runtime, once: ``python -m index.onnx_export SPEC FOLDER``."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from index.embedder import ModelSpec, ModelUnavailable, sentence_transformer, unit_length
from index.onnx_embedder import (
    EXPECTED,
    FACTS,
    GRAPH,
    SAMPLES,
    TOKENIZER,
    ExportUnusable,
    Facts,
    OnnxEmbedder,
    export_of,
    installed,
)

OPSET = 17
# Prompts that a model may bring for documents, in the order in which sentence-transformers looks for them.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")


class ExportFailed(RuntimeError):
    """The model cannot be used with ONNX Runtime; the message says why, and what is used instead."""


def export(spec: ModelSpec, exports: Path) -> Path:
    """Write the model down, see that it embeds as sentence-transformers does, and forget former exports.

    One that is there stays. A process that is killed leaves no half export: it gets its name at the end.

    :param exports: the folder of all exports; made where it is missing.
    :return: the export's folder.
    :raises ExportFailed: when the packages are missing, the disk is full, or the model cannot be written down.
    :raises ModelUnavailable: when there is no such model.
    """
    if not installed():
        raise _failed("its packages are missing: start with BATON_ENCODER=onnx bash scripts/start.sh")
    target = export_of(spec, exports)
    if target is None:
        raise _failed(f"the model {spec.name!r} does not lie in a folder: set BATON_MODEL to one")
    if target.is_dir():
        return target
    try:
        exports.mkdir(parents=True, exist_ok=True)
        for former in exports.iterdir():
            shutil.rmtree(former)
        making = Path(tempfile.mkdtemp(prefix="making-", dir=exports))
        try:
            _write(spec, making)
            OnnxEmbedder(spec, making)
            making.rename(target)
        finally:
            shutil.rmtree(making, ignore_errors=True)  # it is not there any more when all went well
    except ExportUnusable as error:
        raise _failed(str(error)) from error
    except OSError as error:
        raise _failed(f"the export cannot be written to {exports}: {error.strerror or error}") from error
    return target


def _failed(why: str) -> ExportFailed:
    return ExportFailed(f"ONNX Runtime cannot be used ({why}). Searches use torch, as without BATON_ENCODER.")


def _write(spec: ModelSpec, folder: Path) -> None:
    model = sentence_transformer(spec.name)
    query_prompt = spec.query_prompt or model.prompts.get("query") or ""
    own = (model.prompts.get(name) for name in DOCUMENT_PROMPTS)
    document_prompt = spec.document_prompt or next(filter(None, own), "")
    try:
        inputs = _write_graph(model, folder / GRAPH)
        tokenizer = model.tokenizer
        (folder / TOKENIZER).write_text(tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
        facts = Facts(
            inputs=inputs,
            max_tokens=int(model.max_seq_length),
            pad_id=int(tokenizer.pad_token_id),
            pad_token=str(tokenizer.pad_token),
            query_prompt=query_prompt,
            document_prompt=document_prompt,
        )
        (folder / FACTS).write_text(facts.to_json(), encoding="utf-8")
        # What sentence-transformers makes of the samples by itself, prompts included: what the export has to equal.
        np.savez(
            folder / EXPECTED,
            queries=_expected(model.encode_query, spec.query_prompt),
            documents=_expected(model.encode_document, spec.document_prompt),
        )
    except OSError:
        raise
    except Exception as error:  # whatever a model does that the exporter does not know
        raise ExportUnusable(f"the model cannot be written down: {type(error).__name__}: {error}") from error


def _expected(encode: Any, prompt: str) -> Any:
    return unit_length(encode(list(SAMPLES), prompt=prompt or None, show_progress_bar=False))


def _write_graph(model: Any, path: Path) -> tuple[str, ...]:
    """:return: the names of its inputs, in order."""
    import torch

    recorded = model.preprocess(list(SAMPLES[:3]), prompt=None, task="query")
    inputs = {name: value for name, value in recorded.items() if isinstance(value, torch.Tensor)}

    class Graph(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *values: Any) -> Any:
            return self.model(dict(zip(inputs, values, strict=True)))["sentence_embedding"]

    axes = {name: {0: "texts", 1: "tokens"} for name in inputs} | {"embeddings": {0: "texts"}}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this exporter needs fewest packages; it says that another one is newer
        torch.onnx.export(
            Graph().eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=["embeddings"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    return tuple(inputs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", help="the model, as index.embedder.ModelSpec.to_json writes it")
    parser.add_argument("folder", type=Path, help="where exports are kept")
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    logging.disable(logging.WARNING)
    try:
        export(ModelSpec.from_json(options.spec), options.folder)
    except (ExportFailed, ModelUnavailable) as error:
        sys.stderr.write(f"Baton: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
