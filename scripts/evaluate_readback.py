"""Measure the read-back coverage on judged cases: scripts/evaluate_readback.py FILE (docs/read-back.md)."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

import _here  # noqa: F401  makes the project importable from any folder
from index.cache import CachingEmbedder, cache_folder
from index.embedder import ModelUnavailable, SentenceTransformerEmbedder
from kb.handover.readback import ItemState
from kb.indexing import configured_model
from kb.readback_cases import CasesError, load_cases
from kb.readback_evaluation import Figures, Measured, Report, evaluate
from kb.settings import Settings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="judged cases, a note per line")
    parser.add_argument(
        "--cross-validate", action="store_true", help="also choose the thresholds anew on folds of notes"
    )
    parser.add_argument("--wrong", action="store_true", help="list the cases that are judged otherwise")
    parser.add_argument("--cache", type=cache_folder, help="keep embeddings in this folder, for the next time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        cases = load_cases(options.file)
        model = SentenceTransformerEmbedder(configured_model(Settings.from_env()), record_queries=False)
        embedder = CachingEmbedder(model, options.cache) if options.cache else model
        found = evaluate(cases, embedder, cross_validate=options.cross_validate)
    except (CasesError, ModelUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(_as_json(found), indent=2) if options.json else _as_table(found))
    if options.wrong and not options.json:
        print(_wrong(found))
    return 0


def _rows(found: Report) -> dict[str, Measured]:
    rows = {"as shipped": found.shipped}
    if found.cross_validated:
        rows["cross-validated"] = found.cross_validated
    for setting, result in found.folds:
        name = f"  {setting.mentioned} {setting.action} {setting.word_weight} {setting.title_margin}"
        rows[f"fold {len(rows) - 1}{name}"] = result
    return rows | found.baselines


def _as_table(found: Report) -> str:
    lines = [f"{'':30}{'pairs':>6}{'missing P/R/F1':>20}{'not covered P/R/F1':>22}{'facts P/R/F1':>20}"]
    for name, result in _rows(found).items():
        lines.append(
            f"{name:<30}{result.pairs:>6}{_shares(result.missing):>20}{_shares(result.not_covered):>22}"
            f"{_shares(result.facts):>20}"
        )
    shown = found.cross_validated or found.shipped
    lines += ["", *(f"{change.value:<10}{_shares(figures):>20}" for change, figures in shown.by_change.items())]
    lines += ["", f"{'judged, said:':<14}" + "".join(f"{state.value:>10}" for state in ItemState)]
    for judged in ItemState:
        counts = [shown.confusion.get((judged, said), 0) for said in ItemState]
        lines.append(f"{judged.value:<14}" + "".join(f"{count:>10}" for count in counts))
    return "\n".join(lines)


def _shares(figures: Figures) -> str:
    return " ".join("   -" if math.isnan(v) else f"{v:.2f}" for v in (figures.precision, figures.recall, figures.f1))


def _wrong(found: Report) -> str:
    lines = []
    for case, place, one in found.wrong:
        label = case.judgements[place]
        lines.append(f"\n{case.note}, {case.kind}: “{case.items[place].title}”\n  {case.text}")
        lines.append(
            f"  judged {label.state}, changed {label.changed}, lacking {label.lacking}, negated {label.negated}"
        )
        said = ", ".join(f"{d.change} {d.item!r} {d.summary!r}" for d in one.differences)
        lines.append(f"  said   {one.state} at {one.similarity:.2f}: {said}")
    return "\n".join(lines)


def _as_json(found: Report) -> dict[str, object]:
    return {"notes": found.notes, "results": {name: _measured(result) for name, result in _rows(found).items()}}


def _measured(result: Measured) -> dict[str, object]:
    return {
        "pairs": result.pairs,
        "missing": _figures(result.missing),
        "not_covered": _figures(result.not_covered),
        "facts": _figures(result.facts),
        "by_change": {change.value: _figures(figures) for change, figures in result.by_change.items()},
        "confusion": {f"{a.value} as {b.value}": count for (a, b), count in sorted(result.confusion.items())},
        "macro_f1": round(result.macro_f1, 4),
    }


def _figures(figures: Figures) -> dict[str, float | int | None]:
    shares = {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1}
    return {name: None if math.isnan(value) else round(value, 4) for name, value in shares.items()} | {
        "hits": figures.hits,
        "false_alarms": figures.false_alarms,
        "misses": figures.misses,
    }


if __name__ == "__main__":
    sys.exit(main())
