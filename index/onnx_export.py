"""A sentence-transformers model written down for ONNX Runtime, once: ``python -m index.onnx_export SPEC FOLDER``."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import shutil
import sys
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.embedder import ModelSpec, ModelUnavailable, model_location, sentence_transformer, unit_length
from index.onnx_embedder import (
    EXPECTED,
    GRAPH,
    SAMPLES,
    SPEC,
    TOKENIZER,
    ExportUnusable,
    OnnxEmbedder,
    export_of,
    files_of,
    installed,
)

OPSET = 17
SPARE_MB = 250  # that stay free: with less, Baton would not start again


class ExportFailed(RuntimeError):
    """The model cannot be used with ONNX Runtime; the message says why, and what is used instead."""


def export(spec: ModelSpec, exports: Path) -> Path:
    """Write the model down, see that it embeds as sentence-transformers does, and forget former exports.

    One that is there stays. A process that is killed leaves no half export: it gets its name at the end. Two at once
    take turns.

    :param exports: the folder of all exports; made where it is missing.
    :return: the export's folder.
    :raises ExportFailed: when the packages are missing, the disk is full, or the model cannot be written down.
    :raises ModelUnavailable: when there is no such model.
    """
    if not installed():
        raise _failed("its packages are missing: start with BATON_ENCODER=onnx bash scripts/start.sh")
    target = export_of(spec, exports)
    if target is None:
        raise _failed(f"the index was made with {spec.name!r}, which is no folder: rebuild it with one as BATON_MODEL")
    try:
        exports.mkdir(parents=True, exist_ok=True)
        with (exports / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.is_dir():
                _make(spec, target)
            for former in exports.iterdir():
                if former != target and former.is_dir():
                    shutil.rmtree(former, ignore_errors=True)
    except ExportUnusable as error:
        raise _failed(str(error)) from error
    except OSError as error:
        raise _failed(f"the export cannot be written to {exports}: {error.strerror or error}") from error
    return target


def _make(spec: ModelSpec, target: Path) -> None:
    model = files_of(Path(model_location(spec.name)))
    needed_mb = SPARE_MB + sum(path.stat().st_size for path in model) // 2**20
    free_mb = shutil.disk_usage(target.parent).free // 2**20
    if free_mb < needed_mb:
        raise ExportUnusable(f"only {free_mb} MB are free in {target.parent}, {needed_mb} are needed")
    making = Path(tempfile.mkdtemp(prefix="making-", dir=target.parent))
    try:
        _write(spec, making)
        OnnxEmbedder(spec, making)
        making.rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)  # it is not there any more when all went well


def _failed(why: str) -> ExportFailed:
    return ExportFailed(f"ONNX Runtime cannot be used ({why}). Searches use torch, as without BATON_ENCODER.")


def _write(spec: ModelSpec, folder: Path) -> None:
    try:
        model = sentence_transformer(spec.name).float()
        _write_graph(model, folder / GRAPH)
        _write_tokenizer(model, folder / TOKENIZER)
        prompted = replace(
            spec,
            query_prompt=spec.query_prompt or model.prompts.get("query") or "",
            document_prompt=spec.document_prompt or model.prompts.get("document") or "",
        )
        (folder / SPEC).write_text(prompted.to_json(), encoding="utf-8")
        # What sentence-transformers makes of the samples by itself, prompts included: what the export has to equal.
        np.savez(
            folder / EXPECTED,
            queries=_expected(model.encode_query, spec.query_prompt),
            documents=_expected(model.encode_document, spec.document_prompt),
        )
    except (OSError, ModelUnavailable):
        raise
    except Exception as error:  # whatever a model does that the exporter does not know
        raise ExportUnusable(f"the model cannot be written down: {type(error).__name__}: {error}") from error


def _expected(encode: Any, prompt: str) -> Any:
    return unit_length(encode(list(SAMPLES), prompt=prompt or None, show_progress_bar=False))


def _write_tokenizer(model: Any, path: Path) -> None:
    """The tokenizer, with how it cuts and pads."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.enable_truncation(int(model.max_seq_length))
    tokenizer.enable_padding(pad_id=int(model.tokenizer.pad_token_id), pad_token=str(model.tokenizer.pad_token))
    tokenizer.save(str(path))


def _write_graph(model: Any, path: Path) -> None:
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
