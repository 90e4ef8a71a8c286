"""Measure search on judged queries: scripts/evaluate_search.py FOLDER, a folder in BEIR layout."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import _here  # noqa: F401  makes the project importable from any folder
from index.cache import CachingEmbedder, cache_folder
from index.embedder import ModelUnavailable, SentenceTransformerEmbedder
from kb.evaluation import CorpusError, Evaluation, evaluate, load_queries, trec_lines
from kb.indexing import configured_model
from kb.progress import ProgressBars
from kb.settings import Settings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds corpus.jsonl, queries.jsonl and qrels/test.tsv")
    parser.add_argument("--run-file", type=Path, help="write the run in TREC's six columns")
    parser.add_argument("--cache", type=cache_folder, help="keep embeddings in this folder, for the next time")
    parser.add_argument("--typos", action="store_true", help="put one typing error into each query")
    parser.add_argument("--no-correction", action="store_true", help="let search take every word as it is typed")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baton-evaluation-") as data, ProgressBars() as progress:
        try:
            load_queries(options.folder)  # before the model: that takes seconds
            model = SentenceTransformerEmbedder(configured_model(Settings.from_env()))
            embedder = CachingEmbedder(model, options.cache) if options.cache else model
            found = evaluate(
                options.folder,
                Path(data),
                embedder,
                progress,
                typos=options.typos,
                correct=not options.no_correction,
            )
        except (CorpusError, ModelUnavailable) as error:
            print(error, file=sys.stderr)
            return 2
    if options.run_file:
        options.run_file.write_text("\n".join(trec_lines(found.run)) + "\n", encoding="utf-8")
    print(json.dumps(_as_json(found), indent=2) if options.json else _as_table(found))
    return 0


def _as_json(found: Evaluation) -> dict[str, object]:
    return {
        "documents": found.documents,
        "chunks": found.chunks,
        "queries": found.queries,
        **{name: round(value, 4) for name, value in found.measures.items()},
        "by_style": {s: {n: round(v, 4) for n, v in m.items()} for s, m in found.by_style.items()},
        "kept": round(found.kept, 4),
        "flagged": None if found.flagged is None else round(found.flagged, 4),
        "answered": round(found.answered, 4),
        "answered_well": None if found.answered_well is None else round(found.answered_well, 4),
        "answered_in_vain": None if found.answered_in_vain is None else round(found.answered_in_vain, 4),
        "p50_ms": round(found.p50_ms, 1),
        "p95_ms": round(found.p95_ms, 1),
        "documents_per_s": round(found.documents_per_s, 1),
    }


def _as_table(found: Evaluation) -> str:
    rows = {"all": found.measures, **found.by_style}
    width = max(len(name) for name in rows) + 2
    lines = [" " * width + "  ".join(f"{name:>10}" for name in found.measures)]
    lines += [f"{name:<{width}}" + "  ".join(f"{v:>10.4f}" for v in row.values()) for name, row in rows.items()]
    lines.append(
        f"{found.documents} documents, {found.chunks} chunks, {found.queries} judged queries; "
        f"p50 {found.p50_ms:.1f} ms, p95 {found.p95_ms:.1f} ms a query; {found.documents_per_s:.1f} documents/s"
    )
    if found.flagged is not None:
        lines.append(
            f"No good match: said for {found.flagged:.0%} of the queries without an answer, "
            f"not said for {found.kept:.0%} of the others"
        )
    lines.append(_answers(found))
    return "\n".join(lines)


def _answers(found: Evaluation) -> str:
    told = f"Answer shown for {found.answered:.0%} of the queries with an answer"
    if found.answered_well is not None:
        told += f", {found.answered_well:.0%} of them from a relevant document"
    if found.answered_in_vain is not None:
        told += f"; for {found.answered_in_vain:.0%} of the others"
    return told


if __name__ == "__main__":
    sys.exit(main())
