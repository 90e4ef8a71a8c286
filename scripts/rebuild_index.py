"""Bring the search index up to date. Safe at any moment: others go on searching, a kill loses nothing."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

import _here  # noqa: F401  makes the project importable from any folder
from index.embedder import ModelUnavailable
from kb.background import BackgroundEmbedder
from kb.indexing import configured_model
from kb.locks import Busy
from kb.progress import ProgressBars
from kb.rebuild import Mode, RebuildReport, check, rebuild
from kb.settings import Settings, SettingsError
from kb.store.db import Store, StoreError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="embed every chunk anew, then switch to the new index")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 and say what is wrong")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        settings = Settings.from_env()
        store = Store.open(settings.database)
        if options.check:
            return _print_check(check(store), as_json=options.json)
        with ProgressBars() as progress:
            report = rebuild(store, configured_model(settings), BackgroundEmbedder, progress, full=options.full)
    except (Busy, ModelUnavailable, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2) if options.json else _sentence(report))
    return 0


def _print_check(faults: list[str], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"ok": not faults, "faults": faults}, indent=2))
    elif faults:
        print("\n".join(faults))
        print("Run scripts/rebuild_index.py to repair the index.")
    else:
        print("The index is sound: pages, chunks, full text, embeddings and vectors agree.")
    return 1 if faults else 0


def _sentence(report: RebuildReport) -> str:
    lines = [f"Repaired: {fault}" for fault in report.repaired]
    if report.mode is Mode.FULL:
        lines.append(f"Full rebuild ({report.reason}).")
        if report.resumed:
            lines.append(f"{report.resumed} chunks were embedded before the interruption and did not have to be again.")
    lines.append(
        f"{report.pages_chunked} pages chunked, {report.embedded} of {report.chunks} chunks embedded "
        f"in {report.seconds:.1f} s."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
