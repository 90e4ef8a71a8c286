"""Measure Baton: quality beside its peers, encode rate, and latency as a wiki grows. docs/benchmark.md tells more."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import _here  # noqa: F401  makes the project importable from any folder
from benchmarking import quality
from benchmarking.child import ChildFailed
from benchmarking.corpus import CorpusTooSmall, KeptPages, documents, page_texts
from benchmarking.encoding import EncodeRate, encode_rate
from benchmarking.measuring import cpu_flags
from benchmarking.sizes import AtSize, measure_sizes
from benchmarking.tables import encode_table, missed, parts_table, quality_table, shares_table, sizes_table
from index.cache import CachingEmbedder, cache_folder
from index.embedder import ModelSpec, ModelUnavailable, SentenceTransformerEmbedder
from index.onnx_export import ExportFailed
from kb.evaluation import CorpusError
from kb.progress import ProgressBars
from kb.settings import Encoder

ENCODED_TEXTS = 400  # passages of the encode benchmark
BFLOAT16 = {"avx512_bf16", "amx_bf16"}
PEERS_FILE = "scripts/benchmark-peers.txt"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("beir", type=Path, nargs="*", help="folders in BEIR layout, for quality and encode rate")
    parser.add_argument("--peers", action="store_true", help=f"measure what {PEERS_FILE} names, too")
    parser.add_argument("--sizes", type=_sizes, default=[], metavar="N,N", help="numbers of passages, for latency")
    parser.add_argument(
        "--corpus", type=Path, action="append", default=[], help="a folder of documents; may be repeated"
    )
    parser.add_argument(
        "--cache", type=cache_folder, help="keep what was read and embedded in this folder, for the next time"
    )
    parser.add_argument(
        "--encoder",
        type=Encoder,
        choices=list(Encoder),
        default=Encoder.TORCH,
        help="what embeds the queries of --sizes",
    )
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the figures there (needs matplotlib)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if not options.beir and not options.sizes:
        parser.error("name a folder in BEIR layout, or --sizes with --corpus")
    if bool(options.sizes) != bool(options.corpus):
        parser.error("--sizes and --corpus belong together")
    for folder in [*options.beir, *options.corpus]:
        if not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    compared: list[quality.Quality] = []
    encoded: EncodeRate | None = None
    sizes: list[AtSize] = []
    status = 0
    if options.peers:
        for package in quality.missing_peers():
            print(f"{package} is not installed and left out: pip install -r {PEERS_FILE}", file=sys.stderr)
    try:
        with ProgressBars() as progress:
            for folder in options.beir:
                compared += quality.compare(folder, options.peers, progress)
            if options.beir:
                encoded = encode_rate(quality.passages(options.beir[0], ENCODED_TEXTS))
            if options.sizes:
                # Grows one by one: what was measured before an error stays.
                sizes.extend(
                    measure_sizes(options.sizes, _texts(options), _embedder(options), progress, options.encoder)
                )
    except (ChildFailed, CorpusError, CorpusTooSmall, ExportFailed, ModelUnavailable) as error:
        # What was measured until here took long: print it all the same.
        print(error, file=sys.stderr)
        status = 2
    sentences = missed(sizes, encoded, bfloat16=not BFLOAT16.isdisjoint(cpu_flags()))
    report = {
        "machine": machine(),
        "quality": [asdict(row) for row in compared],
        "encode": asdict(encoded) if encoded else None,
        "sizes": [asdict(row) for row in sizes],
        "missed": sentences,
    }
    print(json.dumps(report, indent=2) if options.json else _as_text(compared, encoded, sizes, sentences))
    if options.plots:
        status = status or _draw(compared, sizes, options.plots)
    return status or int(bool(sentences))


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that tells one machine of a kind from another."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu_flags": list(cpu_flags()),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
    }


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} are no numbers: write for example 10000,30000")
    return sizes


def _texts(options: argparse.Namespace) -> Any:
    return page_texts(documents(options.corpus), KeptPages(options.cache) if options.cache else None)


def _embedder(options: argparse.Namespace) -> Any:
    model = SentenceTransformerEmbedder(ModelSpec())
    return CachingEmbedder(model, options.cache) if options.cache else model


def _draw(compared: Sequence[quality.Quality], sizes: Sequence[AtSize], folder: Path) -> int:
    try:
        from benchmarking.plots import draw
    except ImportError:
        print(f"Nothing is drawn without matplotlib: pip install -r {PEERS_FILE}", file=sys.stderr)
        return 2
    draw(compared, sizes, folder)
    return 0


def _as_text(
    compared: Sequence[quality.Quality], encoded: EncodeRate | None, sizes: Sequence[AtSize], sentences: Sequence[str]
) -> str:
    held = machine()
    flags = ", ".join(held["cpu_flags"]) or "none of the model's"
    parts = [f"{held['cores']} cores ({flags}), {held['memory_gb']} GB, Python {held['python']}"]
    if compared:
        parts.append(quality_table(compared))
    if encoded:
        parts.append(encode_table(encoded))
    if sizes:
        parts += [sizes_table(sizes), *(table(found) for found in sizes for table in (parts_table, shares_table))]
    parts += sentences
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
